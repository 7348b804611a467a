"""The page and the Markdown: the ad's text whole, everything anchored, sums that add up, nothing unescaped."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.api import NOTICE
from matcher.report import FORMATS, render, words
from matcher.report.markdown import to_md
from matcher.report.page import Span, cut, to_html
from matcher.types import (
    AskedFor,
    Barrier,
    Cover,
    Credential,
    Extraction,
    Mention,
    Outcome,
    Posting,
    Ranked,
    Report,
    Requirement,
    Source,
    Warning_,
)

TEXT = (
    "\n  Cook & baker <script>alert(1)</script>\r\n\tMust have a degree in baking | \"bread\" 'rolls'.\n"
    "- Python or R is a plus; </div> no Java needed.\n`code` *stars* [x](javascript:alert(1)) 😀 end"
)
VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """What a browser would make of the page, as far as the tests need it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str | None]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ad = ""
        self.shares: list[list[float]] = [[]]
        self.seen = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if values.get("id"):
            self.ids.append(values["id"] or "")
        if tag == "a":
            self.links.append(values["href"] or "")
        if tag == "data":
            self.shares[-1].append(float(values["value"] or "nan"))
        if tag not in VOID:
            self.open.append((tag, values.get("id")))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag
        if tag == "table":
            self.shares.append([])

    def handle_data(self, data: str) -> None:
        if any(id == "ad-text" for _, id in self.open):
            self.ad += data
        if not any(tag == "style" for tag, _ in self.open):
            self.seen += data


def mention(words_: str, need: str, cue: str | None = None, section: str = "requirements") -> Mention:
    start = TEXT.index(words_)
    return Mention(start, start + len(words_), words_, section, cue, "inventory", 1.0, need)  # type: ignore[arg-type]


def requirement(id: str, label: str, need: str, *mentions: Mention, **more: object) -> Requirement:
    weight = {"required": 1.0, "unstated": 0.7, "preferred": 0.4, "not_required": 0.0}[need]
    values = {"skill": label.lower(), "type": "hard", "weight": weight, **more}
    return Requirement(id=id, label=label, need=need, mentions=mentions, **values)  # type: ignore[arg-type]


@pytest.fixture
def report() -> Report:
    """An ad that wants to break the page, with overlaps, a group, barriers and an unknown skill."""
    must = mention("baking", "required", "Must have")
    degree = TEXT.index("a degree in")
    requirements = (
        requirement("r1", "Baking", "required", mention("baker", "unstated"), must, level="basic", years=1.0),
        requirement("r2", "Python", "preferred", mention("Python", "preferred", "is a plus"), group="g1"),
        requirement("r3", "R <b>", "preferred", mention("R is", "preferred", "is a plus"), group="g1"),
        requirement("r4", "Java", "not_required", mention("Java", "not_required", "no")),
        requirement('r 5"', 'baking | "bread"', "required", mention('baking | "bread"', "required"), skill=None),
        requirement("r6", "Coding", "unstated", mention("`code`", "unstated", None, "none"), gap=0.0),
    )
    total = 1.0 + 0.4 + 1.0
    first = Credential(
        id="c1", name="Bread <i>|</i> & more", issuer="Guild*", url="https://example.org/?a=1&b=\"|\"", type="award",
        hours=0.5, cost=0, currency="GBP", country=("GB",), sources=(Source("javascript:alert(2)"),),
        recognised_by=(("Ofqual", "https://example.org/o"),),
        outcomes=(Outcome("baking", "unknown", "Bake <b>bread</b>", True),),
    )  # fmt: skip
    covers = (
        Cover("r1", "baking", "exact", "unknown", 0.5, 1.0, 0.5 / total, "Bake <b>bread</b>", "baking"),
        Cover("r2", "python", "part_of", "exam", 0.51, 0.51, 0.4 * 0.51 / total, None, "python-loops"),
    )
    score, high = sum(c.share for c in covers), 1.0 / total + covers[1].share
    second = Credential(id="c2", name="Nothing known", url="javascript:alert(3)")
    ranking = (
        Ranked(1, first, score, high, 1.0, covers, ("r3",), ('r 5"',), ("holds_in:GB", "facts_undated")),
        Ranked(2, second, covers[1].share, covers[1].share, 0.1, covers[1:], (), ("r1",), ("status_unknown",)),
    )
    return Report(
        posting=Posting("p", TEXT, None, "https://example.org/ad?<x>", "en"),
        requirements=requirements,
        barriers=(
            Barrier("degree", "required", "a degree in baking", degree, degree + 18, "or equivalent"),
            Barrier("other", "preferred", "elsewhere", 5000, 5009),
        ),
        asked_for=(
            AskedFor("c1", "required", must.start, must.end, must.text),
            AskedFor(None, "preferred", 0, 0, "<gone>"),
        ),
        ranking=ranking,
        uncovered=('r 5"',),
        warnings=(Warning_("w", "Beware of <b>."),),
    )


def extraction(report: Report) -> Extraction:
    return Extraction(report.posting, report.requirements, report.barriers, (), (), report.warnings)


@pytest.fixture
def page(report: Report) -> Page:
    return Page(to_html(report))


def test_the_ad_is_whole(page: Page) -> None:
    assert page.ad == TEXT


def test_everything_is_anchored(report: Report, page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = [link.removeprefix("#") for link in page.links if link.startswith("#")]
    assert set(inside) <= set(page.ids)
    for number, r in enumerate(report.requirements, 1):
        assert f"req-{number}" in inside
        for nth in range(1, len(r.mentions) + 1):
            assert f"at-{number}-{nth}" in page.ids
    assert {"bar-1", "bar-2", "bar-at-1", "cred-1"} <= set(page.ids)
    assert {"bar-1", "cred-1"} <= set(inside)


def test_marks_say_why(page: Page) -> None:
    titles = [values["title"] for _, values in page.tags if (values.get("class") or "").startswith("mark")]
    assert "Python – preferred – because “is a plus”" in titles
    assert "Baking – required – because “Must have” elsewhere in the ad" in titles
    assert any("barrier: degree or schooling" in t and "Baking – required" in t for t in titles if t)


def test_shares_add_up(report: Report, page: Page) -> None:
    tables = [values for values in page.shares if values]
    assert len(tables) == len(report.ranking)
    for (*shares, total), ranked in zip(tables, report.ranking, strict=True):
        assert sum(shares) == pytest.approx(total, abs=1e-12)
        assert total == ranked.score
    assert "29–50%" in page.seen
    assert "41.7% of the ad × 50–100% credit" in page.seen


def test_hostile_words_stay_words(report: Report) -> None:
    for html in (to_html(report), to_html(extraction(report))):
        page = Page(html)
        assert not {"script", "iframe", "img", "object", "form"} & {tag for tag, _ in page.tags}
        assert "javascript:" not in " ".join(page.links)
        assert not any(name.startswith("on") for _, values in page.tags for name in values)
        assert "R <b>" in page.seen
    assert "Bread <i>|</i> & more" in Page(to_html(report)).seen
    assert 'https://example.org/?a=1&b="|"' in Page(to_html(report)).links


def test_nothing_is_fetched(report: Report) -> None:
    html = to_html(report, explain=True)
    for tag, values in Page(html).tags:
        assert tag not in ("link", "script", "base")
        assert not {"src", "srcset", "poster", "action"} & values.keys()
        assert "href" not in values or tag == "a"
    assert not re.search(r"url\(|@import", html)


def test_unknown_is_said(page: Page) -> None:
    second = page.seen[page.seen.index("2. Nothing known") :]
    names = ("Learning", "Price", "Level", "Assessed by", "Where", "Language", "Valid for", "Status", "Facts as of")
    assert [name for name in names if f"{name}unknown" not in second] == []
    assert "Pricefree" in page.seen


def test_explain_opens_everything(report: Report) -> None:
    def opened(html: str) -> list[bool]:
        return ["open" in values for tag, values in Page(html).tags if tag == "details"]

    assert opened(to_html(report)) == [True, False, False, False]
    assert all(opened(to_html(report, explain=True)))


@pytest.mark.parametrize("form", [f for f in FORMATS if f in ("html", "md")])
def test_an_extraction_and_an_empty_ranking(report: Report, form: str) -> None:
    alone = render(extraction(report), form)
    empty = render(replace(report, ranking=(), uncovered=()), form)
    nothing = render(Report(Posting("p", ""), (), (), (), (), ()), form, explain=True)
    assert words.RANKING_TITLE not in alone
    assert "No credential is ranked." in empty
    assert "Baking" in alone
    assert "Baking" in empty
    assert "No skills found" in nothing
    if form == "html":
        assert Page(alone).ad == Page(empty).ad == TEXT
        assert Page(nothing).ad == ""


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60), st.data())
def test_any_cut_keeps_the_text(text: str, data: st.DataObject) -> None:
    place = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda p: p[0] < p[1])
    places = data.draw(st.lists(place, max_size=6)) if text else []
    spans = [Span(a, b, f"i{n}", f"t{n}", "required", str(n)) for n, (a, b) in enumerate(places)]
    pieces = cut(text, spans)
    assert "".join(p.text for p in pieces) == text
    assert sorted(id for p in pieces for id in p.ids) == sorted(s.id for s in spans)
    mentions = tuple(Mention(a, b, text[a:b], "none", None, "x") for a, b in places)
    asked = (Requirement("r1", "x", "X", "hard", "unstated", mentions),)
    assert Page(to_html(Extraction(Posting("p", text), asked, ()))).ad == text


def test_markdown_is_escaped_and_adds_up(report: Report) -> None:
    short, long = to_md(report), to_md(report, explain=True)
    assert "Covers: Baking" in short
    assert "Sum: covered" not in short
    assert "**29.3–50.2%**" in long
    for text in (short, long):
        assert NOTICE.split(".")[0] in text
        assert "](<javascript:" not in text
        assert not re.search(r"(?<!\\)<(?!https?://)", text)
        assert "| *either* Python | preferred |" in text
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
