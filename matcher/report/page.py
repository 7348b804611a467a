"""The report as one HTML page: the ad with its requirements marked, beside the ranked credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from jinja2 import Template
from markupsafe import Markup, escape

from matcher.api import NOTICE
from matcher.report import words
from matcher.report.templates import environment
from matcher.types import AskedFor, Cover, Extraction, Ranked, Report, Requirement

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the ad that is to be marked.

    Attributes
    ----------
    id : str
        Anchor of the place.
    target : str
        Anchor of the requirement or barrier that it belongs to.
    look : str
        Class of the mark: a need, or ``barrier``.
    """

    start: int
    end: int
    id: str
    target: str
    look: str
    title: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the ad that is marked in one way, or not at all."""

    text: str
    target: str = ""
    look: str = ""
    title: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Words of the ad: before, at and after a place, and the anchor of it, if it has one."""

    before: str
    hit: str
    after: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the sum that makes a score."""

    cover: Cover
    asked: Requirement
    place: Place | None
    high: float
    inferred: bool


def to_html(report: Report | Extraction, *, explain: bool = False) -> str:
    """The report as a page that needs no other file, no network and no script.

    Parameters
    ----------
    report : Report or Extraction
        Without a ranking, the page ends after the requirements.
    explain : bool
        Open all explanations, not only that of the first credential.

    Returns
    -------
    str
        HTML. The text content of the element ``ad-text`` is the posting's text, character for character.
    """
    posting = report.posting
    ranking = report.ranking if isinstance(report, Report) else ()
    marked = spans(report)
    numbers = {r.id: n for n, r in enumerate(report.requirements, 1)}
    language = posting.language if posting.language and _LANGUAGE.fullmatch(posting.language) else None
    return _template().render(
        report=report,
        ranking=ranking,
        ranked_as={r.credential.id: r for r in ranking},
        ranked=isinstance(report, Report),
        uncovered=report.uncovered if isinstance(report, Report) else (),
        pieces=cut(posting.text, marked),
        labels={r.id: r.label for r in report.requirements},
        numbers=numbers,
        rows={r.rank: _rows(r, report) for r in ranking},
        places={r.id: _place(report, r) for r in report.requirements},
        asked_for=_asked_for(report),
        place_of=lambda start, end, anchor: _around(report, start, end, anchor),
        looks=sorted({s.look for s in marked}, key=_LOOKS.index),
        language=language,
        explain=explain,
        words=words,
        notice=NOTICE,
    )


_LOOKS = ("required", "unstated", "preferred", "not_required", "barrier")


def spans(report: Report | Extraction) -> list[Span]:
    """All places of an ad that are to be marked, those outside of the text left out."""
    found = []
    for number, r in enumerate(report.requirements, 1):
        decider = words.deciding(r)
        for nth, m in enumerate(r.mentions, 1):
            why = words.reason(decider or m) + (" elsewhere in the ad" if m is not decider else "")
            title = f"{r.label} – {words.NEEDS[r.need]} – {why}"
            found.append(Span(m.start, m.end, f"at-{number}-{nth}", f"req-{number}", r.need, title))
    for number, b in enumerate(report.barriers, 1):
        title = f"barrier: {words.BARRIERS[b.kind]} – {words.NEEDS[b.need]}"
        found.append(Span(b.start, b.end, f"bar-at-{number}", f"bar-{number}", "barrier", title))
    return [s for s in found if _inside(s.start, s.end, report.posting.text)]


def cut(text: str, marked: Iterable[Span]) -> list[Piece]:
    """Cut a text where marks begin and end; joined, the pieces are the text.

    Where marks overlap, the piece links to the shortest of them and its title names them all.

    Examples
    --------
    >>> spans = [Span(0, 8, "a", "x", "required", "X"), Span(4, 12, "b", "y", "barrier", "Y")]
    >>> [(p.text, p.target, p.look) for p in cut("good SQL now!", spans)]
    [('good', 'x', 'required'), (' SQL', 'x', 'required barrier'), (' now', 'y', 'barrier'), ('!', '', '')]
    """
    waiting = sorted(marked, key=lambda s: (s.start, s.end))
    edges = sorted({0, len(text), *(s.start for s in waiting), *(s.end for s in waiting)})
    pieces: list[Piece] = []
    active: list[Span] = []
    following = 0
    for start, end in pairwise(edges):
        active = [s for s in active if s.end > start]
        begun = []
        while following < len(waiting) and waiting[following].start == start:
            begun.append(waiting[following])
            following += 1
        active += begun
        if not active:
            pieces.append(Piece(text[start:end]))
            continue
        first, *rest = sorted(active, key=lambda s: (s.end - s.start, s.look == "barrier", s.start))
        barrier = " barrier" if first.look != "barrier" and any(s.look == "barrier" for s in rest) else ""
        titles = dict.fromkeys(s.title for s in (first, *rest))
        pieces.append(
            Piece(text[start:end], first.target, first.look + barrier, "; ".join(titles), tuple(s.id for s in begun))
        )
    return pieces


def _inside(start: int, end: int, text: str) -> bool:
    return 0 <= start < end <= len(text)


def _around(report: Report | Extraction, start: int, end: int, anchor: str) -> Place | None:
    text = report.posting.text
    if not _inside(start, end, text):
        return None
    return Place(*words.sentence(text, start, end), anchor)


def _place(report: Report | Extraction, r: Requirement) -> Place | None:
    """The words of the ad that decided a requirement."""
    m = words.deciding(r)
    if m is None:
        return None
    number = next(n for n, other in enumerate(report.requirements, 1) if other is r)
    anchor = f"at-{number}-{r.mentions.index(m) + 1}"
    return _around(report, m.start, m.end, anchor) or Place("", " ".join(m.text.split()), "", None)


def _rows(ranked: Ranked, report: Report | Extraction) -> list[Row]:
    asked = {r.id: r for r in report.requirements}
    inferred = {(o.skill, o.text) for o in ranked.credential.outcomes if o.inferred}
    return [
        Row(
            c, asked[c.requirement], _place(report, asked[c.requirement]),
            c.share * c.credit_high / c.credit if c.credit else c.share,
            (c.outcome_skill, c.outcome) in inferred,
        )
        for c in ranked.covers
    ]  # fmt: skip


def _asked_for(report: Report | Extraction) -> list[tuple[str, str, list[AskedFor], Place | None]]:
    """Credentials named in the ad: the words, the need, those of the catalogue, the place; each words once."""
    anchors = {(s.start, s.end): s.id for s in reversed(spans(report))}
    found: dict[tuple[int, int], tuple[str, str, list[AskedFor], Place | None]] = {}
    for a in report.asked_for:
        place = _around(report, a.start, a.end, anchors.get((a.start, a.end), ""))
        row = found.setdefault((a.start, a.end), (a.text, words.NEEDS[a.need], [], place))
        if a.credential and all(a.credential != known.credential for known in row[2]):
            row[2].append(a)
    return list(found.values())


def _exactly(text: str) -> Markup:
    """Escaped so that a browser gives back the same characters: a raw carriage return would become a line feed."""
    return Markup(str(escape(text)).replace("\r", "&#13;"))


@lru_cache(maxsize=1)
def _template() -> Template:
    pages = environment("matcher.report")
    pages.filters["exactly"] = _exactly
    return pages.get_template("page.html.j2")
