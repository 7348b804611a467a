"""The page of a batch: its numbers are those of the tables, and the ads behind them are there; one file, no script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from lxml import html

from matcher import batch, plan
from matcher import catalogue as catalogues
from matcher.catalogue import Catalogue
from matcher.demand import read_batch
from matcher.ranking import Filters
from matcher.runner import demand, page
from matcher.taxonomy import Taxonomy
from matcher.types import Ask, Cover, Credential, Step

from .conftest import AD

LONG = " ".join(f"In our office you will meet matter {i} and its friend {i * 7}." for i in range(40))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, small: Taxonomy, small_catalogue: Catalogue) -> Path:
    top = tmp_path_factory.mktemp("report")
    ads = top / "ads.csv"
    frame = pd.DataFrame(
        [("a1", "You must know SQL and HACCP.", "Bramble"), ("a2", f"You must know SQL. {LONG}", "Bramble"),
         ("a3", f"You must know SQL. {LONG}", "Fitch"), ("a4", f"You must know SQL. {LONG} In Leeds.", "Fitch"),
         ("a5", "Kafka <script>alert(1)</script> & SQL would be a plus in our office.", "Fitch"),
         ("a6", "Come and work by the sea with all of us, you will like it.", "Bramble"), ("a7", AD, "Bramble"),
         ("a8", "", "Fitch")],
        columns=["id", "text", "employer"],
    )  # fmt: skip
    frame.to_csv(ads, index=False)
    batch([ads], top / "out", taxonomy=small, catalogue=small_catalogue, by="employer")
    return top / "out"


@pytest.fixture(scope="module")
def tree(out: Path) -> Any:
    return html.fromstring((out / "report.html").read_text(encoding="utf-8"))


def rows(tree: Any, heading: str) -> dict[str, list[str]]:
    """The rows of the tables under a heading, by their first cell; of a number that opens, the number."""
    found = {}
    for row in tree.xpath(
        f"//h2[@id='{heading}']/following-sibling::*[1 + count(preceding-sibling::h2) > 0]//tr[th[@scope='row']]"
    ):
        before = row.xpath("preceding::h2[1]/@id")
        if before == [heading]:
            cells = [
                " ".join((cell.xpath("string(.//summary/text())") or cell.text_content()).split())
                for cell in row.xpath("td")
            ]
            found[" ".join(row.xpath("string(th)").split())] = cells
    return found


def test_demand_counts_each_vacancy_once(tree: Any, out: Path) -> None:
    tiles = [" ".join(tile.text_content().split()) for tile in tree.xpath("//ul[@class='tiles']/li")]
    assert tiles[:4] == ["5 vacancies", "7 ads read", "2 of them repeat another", "1 failed"]
    sql = rows(tree, "skills")["SQL"]
    assert sql[:3] == ["80%", "4", "6"]
    requirements = pd.read_parquet(out / "requirements.parquet")
    postings = pd.read_parquet(out / "postings.parquet")
    firsts = set(postings[postings.posting == postings.group].posting)
    for name, cells in rows(tree, "skills").items():
        asked = requirements[(requirements.label == name) & (requirements.need != "not_required")]
        assert cells[1] == str(asked[asked.posting.isin(firsts)].posting.nunique()), name
        assert cells[2] == str(asked.posting.nunique()), name


def test_by_a_column(tree: Any) -> None:
    assert rows(tree, "by")["SQL"] == ["100%", "50%"] or rows(tree, "by")["SQL"] == ["75%", "100%"]


def test_gaps_barriers_quality(tree: Any) -> None:
    gaps = rows(tree, "gaps")
    assert "Apache Kafka" in gaps or "Kafka" in gaps
    assert "SQL" not in gaps
    assert any("licence" in name or "driving" in name for name in rows(tree, "barriers"))
    quality = rows(tree, "quality")
    assert quality["Without a requirement that was found"] == ["1"]
    assert quality["The same, word for word, as an earlier one"] == ["1"]
    assert quality["Nearly the same as an earlier one"] == ["1"]
    assert quality["Failed: empty"] == ["1"]


def test_the_ads_behind_a_number(tree: Any) -> None:
    cell = tree.xpath("//h2[@id='skills']/following::tr[th='SQL'][1]/td[2]")[0]
    assert [" ".join(ad.text_content().split()) for ad in cell.xpath(".//span[@class='id']")] == [
        "a1",
        "a2",
        "a5",
        "a7",
    ]
    assert set(cell.xpath(".//mark/text()")) == {"SQL"}
    assert cell.xpath(".//summary")


def test_safe_self_contained_accessible(tree: Any, out: Path) -> None:
    text = (out / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text)
    assert "url(http" not in text
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    charts = tree.xpath("//*[local-name()='svg']")
    assert len(charts) == 3
    for chart in charts:
        assert chart.get("role") == "img"
        for id in chart.get("aria-labelledby").split():
            assert tree.xpath(f"string(//*[@id='{id}'])")
    for target in tree.xpath("//nav/a/@href"):
        assert target.removeprefix("#") in ids
    assert not re.search(r"#0[1-6]0[1-6]0[1-6]", text), "a colour that stands for the page's own"
    for table in tree.xpath("//table"):
        assert table.xpath(".//th[@scope='col']")


def test_what_credentials_cover(out: Path) -> None:
    """Recomputed by hand: SQL is all that a1 to a4 ask, but for HACCP."""
    found = demand.read(out)
    weight = {skill: d.weight for skill, d in found.skills.items()}
    badge = found.credentials["sql-badge"]
    assert badge.credit == pytest.approx({"sql": 0.7}, abs=1e-4)
    asked = sum(weight.values()) + found.unknown_weight
    assert asked == pytest.approx(4, abs=1e-6)  # the vacancies that ask for anything weigh one each
    assert badge.coverage == pytest.approx(0.7 * weight["sql"] / asked, abs=1e-4)
    assert demand.overlap(found, badge, badge) == pytest.approx(1)
    assert demand.overlap(found, badge, found.credentials["kitchen-card"]) == 0


def test_a_page_without_ads(tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue) -> None:
    (tmp_path / "x.txt").write_text("")
    batch([tmp_path / "x.txt"], tmp_path / "out", taxonomy=small, catalogue=small_catalogue)
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "No skills were found" in text
    assert "There are no ads to plan for." in text
    assert "matcher plan" not in text


def test_a_page_of_ads_that_ask_nothing(tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue) -> None:
    (tmp_path / "x.txt").write_text("Come and work by the sea with all of us, you will like it.")
    batch([tmp_path / "x.txt"], tmp_path / "out", taxonomy=small, catalogue=small_catalogue)
    tree = html.fromstring((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert rows(tree, "plan") == {}
    assert "No requirements were found; there is nothing to plan for." in tree.text_content()


def under(tree: Any, heading: str) -> str:
    """All words between a heading and the next one."""
    words = tree.xpath(f"//main/*[not(self::h2)][preceding-sibling::h2[1]/@id='{heading}']")
    return " ".join(" ".join(node.text_content() for node in words).split())


def test_the_plan_is_that_of_the_command(tree: Any, out: Path, small: Taxonomy, small_catalogue: Catalogue) -> None:
    made = plan(out, taxonomy=small, catalogue=small_catalogue)
    # a4 is nearly a2, a3 is a2: one vacancy; a6 asks nothing, and counts
    assert (made.ads, made.duplicates) == (5, 2)
    assert len(made.steps) > 1
    table = rows(tree, "plan")
    assert len(table) == len(made.steps)
    for (head, cells), step in zip(table.items(), made.steps, strict=True):
        c = step.credential
        assert head == f"{step.number}. {c.name}"
        assert cells == [
            c.issuer or "unknown",
            "unknown" if c.hours is None else f"{c.hours:g} h",
            "unknown" if c.cost is None else "free" if c.cost == 0 else f"{c.currency} {c.cost:,.0f}",
            f"{100 * step.gain:.1f}%",
            f"{100 * step.coverage:.1f}%",
        ]
    # the small catalogue has all three: a length that is known, one that is not, a price
    assert {"unknown"} < {cells[1] for cells in table.values()}
    text = under(tree, "plan")
    assert f"How it was found – {made.method.name}: {made.method.why}." in text
    assert "matcher plan FOLDER --hours 60" in text
    assert f"{len(made.steps)} credentials together cover" in text


def test_a_plan_of_what_is_left(tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue) -> None:
    """With `have` and limits the plan is of what is left and within them, and no word of a skill that is there."""
    (tmp_path / "x.txt").write_text("You must know SQL and HACCP.")
    shown = {}
    for name, options in {"all": {}, "left": {"have": "SQL"}, "short": {"filters": Filters(max_hours=0.5)}}.items():
        batch([tmp_path / "x.txt"], tmp_path / name, taxonomy=small, catalogue=small_catalogue, **options)  # type: ignore[arg-type]
        shown[name] = html.fromstring((tmp_path / name / "report.html").read_text(encoding="utf-8"))
    assert any("SQL badge" in head for head in rows(shown["all"], "plan"))
    assert rows(shown["left"], "plan")
    assert "SQL" in under(shown["all"], "plan")
    assert "SQL" not in under(shown["left"], "plan")
    assert "of what is left to you" in under(shown["left"], "plan")
    assert "of what is asked" in under(shown["all"], "plan")
    assert "--have has" in under(shown["left"], "plan")
    assert "--have has" not in under(shown["all"], "plan")
    assert rows(shown["short"], "plan") == {}
    assert "No credential within your filters" in under(shown["short"], "plan")


def test_words_of_a_catalogue_are_escaped_in_the_plan(tmp_path: Path, small: Taxonomy) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("name,issuer,skills\n<script>alert(1)</script>,<b>Fitch & Son,SQL\n", encoding="utf-8")
    (tmp_path / "x.txt").write_text("You must know SQL.")
    batch([tmp_path / "x.txt"], tmp_path / "out", taxonomy=small, catalogue=catalogues.load([path], small))
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<b>Fitch" not in text
    (cells,) = rows(html.fromstring(text), "plan").values()
    assert cells == ["<b>Fitch & Son", "unknown", "unknown", cells[3], cells[3]]


def test_a_catalogue_that_allows_no_plan(tmp_path: Path, small: Taxonomy) -> None:
    """The tables and the rest of the page are there all the same, and the reason stands where the plan would."""
    path = tmp_path / "circle.csv"
    path.write_text("id,name,skills,prerequisite\na,Alpha,SQL,b\nb,Beta,HACCP,a\n", encoding="utf-8")
    (tmp_path / "x.txt").write_text("You must know SQL and HACCP.")
    result = batch([tmp_path / "x.txt"], tmp_path / "out", taxonomy=small, catalogue=catalogues.load([path], small))
    assert result.postings == 1
    tree = html.fromstring((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert "No plan could be made: prerequisites go in a circle" in under(tree, "plan")
    assert rows(tree, "skills")


def test_a_large_folder_is_planned_from_some(
    tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps({"id": f"n{i}", "text": f"You must know SQL, we are office {i}."}) for i in range(30)]
    (tmp_path / "ads.jsonl").write_text("\n".join([*lines, lines[3].replace("n3", "again")]))
    monkeypatch.setattr(demand, "MOST_PLANNED", 8)
    batch([tmp_path / "ads.jsonl"], tmp_path / "out", taxonomy=small, catalogue=small_catalogue)
    drawn = [ad.id for ad, _ in read_batch(tmp_path / "out", 8)]
    assert len(drawn) == 8
    assert "again" not in drawn
    assert drawn == [ad.id for ad, _ in read_batch(tmp_path / "out", 8)]
    assert drawn != [f"n{i}" for i in range(8)]
    tree = html.fromstring((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    # they ask the same in the same places: one counts
    assert "of the 30 vacancies, drawn without regard" in under(tree, "plan")


def test_it_stays_small(
    out: Path, monkeypatch: pytest.MonkeyPatch, small: Taxonomy, small_catalogue: Catalogue
) -> None:
    """Its size is bounded by how many rows are shown, not by the ads: the worst that they may hold is below 5 MB."""
    made = plan(out, taxonomy=small, catalogue=small_catalogue)
    ad = demand.Ad("x" * 60, "t" * 100, "b" * 100, "w" * 60, "a" * 100)
    found = demand.Demand(ads=10_000, vacancies=10_000)
    tally = demand.Tally(10_000, [ad] * demand.EXAMPLES, ["x" * 60] * demand.IDS)
    for i in range(500):
        skill = demand.SkillDemand(f"s{i}", "l" * 40, "hard", tally, 10_000, covered=False, weight=1.0)
        skill.labels["l" * 40] = 1
        found.skills[f"s{i}"] = skill
        found.credentials[f"c{i}"] = demand.CredentialUse(f"c{i}", "n" * 60, "i" * 40, tally, 1.0, {f"s{i}": 1.0}, 0.1)
    found.barriers = {(f"k{i}", "required"): tally for i in range(30)}
    monkeypatch.setattr(demand, "read", lambda folder: found)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    covers = tuple(Cover(f"a{j}", "s", "exact", "exam", 1.0, 1.0, 0.01, None, "s") for j in range(500))
    steps = tuple(Step(i, Credential(f"c{i}", "n" * 200, "i" * 200), 0.1, 0.1 * i, covers) for i in range(1, 6))
    asks = tuple(Ask(f"a{j}", ("s",), ("l" * 100,), "hard", (("required", 1),), 1, 1.0, 1.0) for j in range(500))
    planned = replace(made, steps=steps, asks=asks)
    assert len(page.page(out, record, planned).encode()) < 2_000_000


@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium")
def test_in_a_browser(out: Path, tmp_path: Path) -> None:
    """A real one draws it, in light and dark: not blank, and not the same."""
    pictures = []
    for scheme in ("1", "0"):
        picture = tmp_path / f"{scheme}.png"
        subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,1400",
             f"--user-data-dir={tmp_path / scheme}", f"--blink-settings=preferredColorScheme={scheme}",
             f"--screenshot={picture}", (out / "report.html").as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        pictures.append(picture.read_bytes())
    assert all(len(picture) > 20_000 for picture in pictures)
    assert pictures[0] != pictures[1]
