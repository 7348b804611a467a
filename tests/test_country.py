"""The country of an ad, and what becomes of credentials that hold only elsewhere."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from matcher import Filters, extract, match
from matcher.catalogue import Catalogue
from matcher.pipeline.country import country_of
from matcher.taxonomy import Taxonomy
from matcher.types import Posting

from .conftest import ROOT

AD = "Cook wanted. You must know HACCP and food hygiene. SQL is a plus. Java is a plus."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Teaching assistant, £21,500 pro rata.", "GB"),
        ("You hold GCSE English and an enhanced DBS.", "GB"),
        ("Salary 25k GBP", "GB"),
        ("Nurse, NHS trust", "GB"),
        ("Line cook in Austin, TX. Background check.", "US"),
        ("We are an EOE. 401(k) and dental.", "US"),
        ("Pay is $50 an hour, Toronto, Ontario", "CA"),
        ("Superannuation and a Working with Children Check", "AU"),
        ("CTC 12 LPA, Pune", "IN"),
        ("Garda vetting needed; Dublin", "IE"),
        ("S$ 3,000 a month", "SG"),
        ("$50 an hour", None),
        ("€20 an hour", None),
        ("Baker wanted.", None),
        ("Offices in London and Boston", None),
        ("REQUIRED: WELDING, OR SOLDERING", None),
        ("AutoCAD 2020 user", None),
        ("Let us know. It is up to us.", None),
        ("", None),
    ],
)
def test_the_country_of_an_ad(text: str, code: str | None) -> None:
    found = country_of(text)
    assert (found and found.code) == code
    if found:
        assert all(cue in text for cue in found.cues)
        assert country_of(f"{text}\n{text}") == found


@pytest.mark.parametrize(
    "cue",
    [
        "401(k)",
        "401k",
        "U.S.",
        "W-2",
        "E-Verify",
        "B.Tech",
        "A-levels",
        "U.A.E.",
        "Associate's degree and paid time off",
    ],
)
def test_an_ad_is_read_as_its_text_is(small: Taxonomy, cue: str) -> None:
    """The words that the reading has already give the same as the text alone."""
    text = f"Cook wanted. You need: {cue}, and SQL."
    assert extract(Posting("x", text), taxonomy=small).country == country_of(text) is not None


def test_the_cue_file_is_sound() -> None:
    with (ROOT / "corpora" / "cues" / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["country"], row["kind"], row["cue"].lower()) for row in rows}) == len(rows)
    for row in rows:
        assert row["kind"] in ("any", "exact", "sign", "state")
        assert row["weight"] in ("1", "2")
        assert len(row["country"]) == 2
        assert row["cue"].strip() == row["cue"] != ""


def test_what_holds_elsewhere_stands_below_with_its_score(small: Taxonomy, small_catalogue: Catalogue) -> None:
    here = match(Posting("x", AD + " £12 an hour."), taxonomy=small, catalogue=small_catalogue)
    there = match(Posting("x", AD + " Austin, TX."), taxonomy=small, catalogue=small_catalogue)
    nowhere = match(Posting("x", AD), taxonomy=small, catalogue=small_catalogue)
    scores = [{r.credential.id: r.score for r in found.ranking} for found in (here, there, nowhere)]
    assert scores[0] == scores[1] == scores[2]
    assert [r.credential.id for r in nowhere.ranking] == ["kitchen-card", "java-exam", "sql-badge"]
    assert [r.credential.id for r in here.ranking] == ["kitchen-card", "sql-badge", "java-exam"]
    assert [r.credential.id for r in there.ranking] == ["sql-badge", "kitchen-card", "java-exam"]
    assert [r.rank for r in there.ranking] == [1, 2, 3]
    flagged = {r.credential.id for r in there.ranking if "holds_elsewhere" in r.flags}
    assert flagged == {"kitchen-card", "java-exam"}
    for found in (here, there):
        for top in (1, 2, 3):
            shown = match(found.posting, taxonomy=small, catalogue=small_catalogue, top=top).ranking
            assert [r.credential.id for r in shown] == [r.credential.id for r in found.ranking][:top]


def test_who_names_a_country_has_chosen(small: Taxonomy, small_catalogue: Catalogue) -> None:
    found = match(
        Posting("x", AD + " Austin, TX."), taxonomy=small, catalogue=small_catalogue, filters=Filters(country=("GB",))
    )
    assert [r.credential.id for r in found.ranking] == ["kitchen-card", "sql-badge"]
    assert not any("holds_elsewhere" in r.flags for r in found.ranking)


def test_a_batch_ranks_as_a_match_does(small: Taxonomy, small_catalogue: Catalogue, tmp_path: Path) -> None:
    import pandas as pd

    from matcher import batch

    (tmp_path / "ad.txt").write_text(AD + " Austin, TX.", encoding="utf-8")
    batch([tmp_path / "ad.txt"], tmp_path / "out", taxonomy=small, catalogue=small_catalogue)
    matches = pd.read_parquet(tmp_path / "out" / "matches.parquet").sort_values("rank")
    assert list(matches["credential"]) == ["sql-badge", "kitchen-card", "java-exam"]
    assert list(pd.read_parquet(tmp_path / "out" / "postings.parquet")["country"]) == ["US"]
