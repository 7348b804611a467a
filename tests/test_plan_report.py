"""`matcher plan` from the command line, and its six forms."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from matcher import Limits, batch, plan
from matcher.catalogue import Catalogue
from matcher.cli import main
from matcher.report import FORMATS, render
from matcher.taxonomy import Taxonomy
from matcher.types import Plan

from .conftest import AD

SECOND = "Kitchen hand. You must know HACCP and hold a food hygiene certificate. SQL is a plus. A driving licence."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ads = tmp_path / "ads"
    ads.mkdir()
    (ads / "one.txt").write_text(AD, encoding="utf-8")
    (ads / "two.txt").write_text(SECOND, encoding="utf-8")
    (ads / "again.txt").write_text(SECOND + "\n", encoding="utf-8")
    return ads


@pytest.fixture
def made(folder: Path, small: Taxonomy, small_catalogue: Catalogue) -> Plan:
    return plan(folder, taxonomy=small, catalogue=small_catalogue, limits=Limits(number=3), have="Excel")


def run(small_files: tuple[Path, Path], *args: object, input: str | None = None) -> Any:
    inventories = ["--taxonomy", str(small_files[0]), "--catalogue", str(small_files[1])]
    return CliRunner().invoke(main, ["plan", *map(str, args), *inventories], input=input)


def test_from_a_folder_each_ad_once(made: Plan) -> None:
    assert (made.ads, made.duplicates) == (2, 1)
    assert "duplicates" in [w.code for w in made.warnings]
    assert {step.credential.id for step in made.steps} == {"sql-badge", "kitchen-card", "java-exam"}
    kitchen = next(r for r in made.recognition if r.credential == "kitchen-card")
    assert (kitchen.named, kitchen.issuer, kitchen.product) == (1, 0, 0)


def test_json_adds_up(made: Plan) -> None:
    table = json.loads(render(made, "json"))
    assert table["schema"] == "matcher/plan/1"
    assert table == json.loads(render(made, "jsonl"))
    total = sum(r["weight"] * r["gap"] for r in table["requirements"])
    by_id = {r["id"]: r for r in table["requirements"]}
    best: dict[str, float] = {}
    for step in table["steps"]:
        for row in step["covers"]:
            asked = by_id[row["requirement"]]
            more = row["credit"] - best.get(row["requirement"], 0.0)
            assert row["share"] == pytest.approx(asked["weight"] * asked["gap"] * more / total)
            best[row["requirement"]] = row["credit"]
        assert step["gain"] == pytest.approx(sum(row["share"] for row in step["covers"]))
    assert table["coverage"] == pytest.approx(sum(step["gain"] for step in table["steps"]))
    assert table["method"]["name"] == "exact"
    for r in table["ranking"]:
        assert r["score"] == pytest.approx(sum(row["share"] for row in r["covers"]))
        assert r["recognition"].keys() == {"named", "issuer", "product"}
    assert {b["kind"]: b["ads"] for b in table["barriers"]}["driving"] == 2


def test_csv_has_a_row_for_each_gain(made: Plan) -> None:
    rows = list(csv.DictReader(io.StringIO(render(made, "csv"))))
    assert len(rows) == sum(max(1, len(step.covers)) for step in made.steps)
    assert sum(float(row["share"]) for row in rows) == pytest.approx(made.coverage)


@pytest.mark.parametrize("form", ["table", "md", "html"])
@pytest.mark.parametrize("explain", [False, True])
def test_forms_for_people_say_what_matters(made: Plan, form: str, explain: bool) -> None:
    text = " ".join(re.sub(r"<[^>]*>", " ", render(made, form, explain=explain)).split()).replace("\\", "")
    for words in ("A plan for 2 ads", "exact", "SQL badge", "Kitchen card", "of unknown", "driving", "GBP 35"):
        assert words.lower() in text.lower(), words
    assert "named in 1 of 2 ads" in text.lower()


def test_the_page_is_whole_and_read_out(made: Plan) -> None:
    page = render(made, "html")
    assert not re.search(r"<script|<link|@import|src=|url\((?!#)", page)
    pictures = re.findall(r"<svg.*?</svg>", page, re.S)
    assert len(pictures) == sum(len(f.points) > 1 for f in made.fronts) >= 1
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for picture in pictures:
        root = ET.fromstring(picture)
        assert root.get("role") == "img"
        assert root[0].tag.endswith("title")
        assert root[1].tag.endswith("desc")
        assert set((root.get("aria-labelledby") or "").split()) <= set(ids)
        assert "var(--" in picture
        assert not re.search(r"#0[0-9]0[0-9]0[0-9]", picture)
        assert picture.count("<text") >= 4
    # each front has its table, whether or not there is anything to draw
    assert page.count("The best sets found") == len(made.fronts)
    assert render(made, "html") == page


def test_text_from_outside_is_escaped(small: Taxonomy, tmp_path: Path) -> None:
    from matcher import catalogue as catalogues

    path = tmp_path / "bad.csv"
    path.write_text("name,skills,url\n<script>alert(1)</script> | *x*,SQL,javascript:alert(1)\n", encoding="utf-8")
    found = plan("You must know SQL.\n", taxonomy=small, catalogue=catalogues.load([path], small))
    page = render(found, "html")
    assert "<script" not in page
    assert "javascript:" not in page
    assert "\\<script\\>" in render(found, "md")


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "jdx"])
def test_the_command(folder: Path, small_files: tuple[Path, Path], form: str) -> None:
    done = run(small_files, folder, "--max-credentials", 2, "--format", form)
    assert done.exit_code == 0, done.output
    assert "SQL badge" in done.stdout


def test_an_ad_that_is_pasted(small_files: tuple[Path, Path]) -> None:
    done = run(small_files, "-", "--format", "json", input=AD)
    assert json.loads(done.stdout)["limits"]["number"] == 5


def test_a_batch_folder_gives_the_same_plan(
    folder: Path, small: Taxonomy, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    batch([folder], out, taxonomy=small, catalogue=small_catalogue)
    one = plan(out, taxonomy=small, catalogue=small_catalogue)
    other = plan(folder, taxonomy=small, catalogue=small_catalogue, model="fast")
    assert (one.ads, one.duplicates) == (other.ads, other.duplicates)
    assert one.asks == other.asks
    assert one.coverage == pytest.approx(other.coverage)
    assert [s.credential.id for s in one.steps] == [s.credential.id for s in other.steps]
    assert [(b.kind, b.ads) for b in one.barriers] == [(b.kind, b.ads) for b in other.barriers]


def test_hours_a_week_until_a_date(folder: Path, small_files: tuple[Path, Path]) -> None:
    until = datetime.date.today() + datetime.timedelta(days=28)
    done = run(small_files, folder, "--hours-a-week", 2, "--until", until.isoformat(), "--format", "json")
    table = json.loads(done.stdout)
    assert table["limits"]["hours"] == 8.0
    assert [s["credential"]["id"] for s in table["steps"]] == ["sql-badge"]
    assert table["totals"]["hours"] == 6


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["--hours-a-week", 2], 2, "belong together"),
        (["--hours", 4, "--hours-a-week", 2, "--until", "2999-01-01"], 2, "not both"),
        (["--hours-a-week", 2, "--until", "2001-01-01"], 2, "not in the future"),
        (["--hours", 0], 2, "hours"),
        (["--budget", -3], 2, "budget"),
        (["--currency", "GBP"], 2, "--budget"),
        (["--hours", 1], 1, "--hours 1: no credential that covers anything fits (the shortest takes 6 h)"),
        (["--holds", "no-such"], 1, "no-such"),
        (["--budget", 50], 1, "--currency"),
    ],
)
def test_bad_limits_are_one_line(
    folder: Path, small_files: tuple[Path, Path], args: list[object], code: int, words: str
) -> None:
    done = run(small_files, folder, *args)
    assert done.exit_code == code
    assert words in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_bad_sources_are_one_line(tmp_path: Path, small_files: tuple[Path, Path], folder: Path) -> None:
    done = run(small_files, tmp_path / "none")
    assert (done.exit_code, "none" in done.stderr) == (1, True)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(small_files, empty).exit_code == 1
    (folder / "bad.pdf").write_bytes(b"no pdf")
    done = run(small_files, folder, "--format", "json")
    assert done.exit_code == 0
    assert "not_read" in [w["code"] for w in json.loads(done.stdout)["warnings"]]
    broken = tmp_path / "broken"
    (broken / "requirements.parquet").mkdir(parents=True)
    (broken / "run.json").write_text("{}", encoding="utf-8")
    done = run(small_files, broken)
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)


def test_free_and_must_include(folder: Path, small_files: tuple[Path, Path]) -> None:
    done = run(small_files, folder, "--free", "--format", "json")
    assert [s["credential"]["id"] for s in json.loads(done.stdout)["steps"]] == ["sql-badge"]
    done = run(small_files, folder, "--max-credentials", 1, "--must-include", "university", "--format", "json")
    assert [s["credential"]["id"] for s in json.loads(done.stdout)["steps"]] == ["office-new"]
