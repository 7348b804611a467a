"""How firm an order is, where a person stands, and what must not change a ranking."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from matcher import extract, match, plan
from matcher.catalogue import Catalogue
from matcher.cli import main
from matcher.errors import MatcherError
from matcher.ranking import DEFAULT, apply_have, rank, weigh
from matcher.ranking import stability as module
from matcher.ranking.stability import NEEDS, RANGES, RELATIONS, _draw, _scores, stability
from matcher.report import render
from matcher.taxonomy import Taxonomy
from matcher.types import ASSESSMENTS, Posting, Report

from .conftest import AD, ROOT
from .test_ranking import RANDOM, TODAY, Small, catalogue_of, taxonomy_of, want, worlds

FEWER = settings(RANDOM, max_examples=30)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("stability"))


def default_numbers() -> dict[str, np.ndarray]:
    numbers = {
        **{f"need {name}": DEFAULT.need[name] for name in NEEDS},  # type: ignore[index]
        **{f"relation {name}": DEFAULT.relation[name] for name in RELATIONS},
        **{f"assessment {name}": DEFAULT.assessment[name][0] for name in ASSESSMENTS},
        "title": DEFAULT.title,
        "repeat": DEFAULT.repeat,
        "central": DEFAULT.central,
    }
    return {name: np.array([value]) for name, value in numbers.items()}


@FEWER
@given(world=worlds())
def test_with_the_policys_own_numbers_the_scores_are_those_shown(here: Small, world: Any) -> None:
    links, credentials, requirements = world
    taxonomy = taxonomy_of(here.folder, links)
    catalogue = catalogue_of(here.folder, taxonomy, credentials)
    wanted = weigh(requirements)
    ranked = rank(wanted, taxonomy, catalogue, top=None, today=TODAY).ranked
    if not ranked:
        assert stability(ranked, wanted, taxonomy, catalogue) is None
        return
    scores = _scores(ranked, wanted, taxonomy, catalogue, DEFAULT, default_numbers())
    assert scores[0] == pytest.approx([r.score for r in ranked])
    found = stability(ranked, wanted, taxonomy, catalogue, draws=50)
    assert found is not None
    assert sum(share for _, share in found.first) == pytest.approx(1)
    assert -1 <= found.tau <= 1
    assert -1 <= found.tau_low <= 1
    assert found.robust == (found.rival is None) or len(found.first) == 1
    assert found == stability(ranked, wanted, taxonomy, catalogue, draws=50)


def test_draws_stay_in_their_ranges_and_keep_their_order() -> None:
    drawn = _draw(2000)
    for name, (low, high) in RANGES.items():
        default = default_numbers()[name][0]
        assert low <= default <= high, name
        assert drawn[name].min() >= min(low, 0.1)
        assert drawn[name].max() <= high
    for names in (
        ("need required", "need unstated", "need preferred"),
        ("relation exact", "relation part_of", "relation broader"),
        tuple(f"assessment {a}" for a in ("practical", "exam", "quiz", "taught", "mentioned")),
    ):
        for one, other in itertools.pairwise(names):
            assert (drawn[one] >= drawn[other]).all()


def test_who_leads_by_far_is_robust_and_who_leads_by_a_hair_is_not(here: Small) -> None:
    def found(credentials: dict[str, dict[str, Any]]) -> Any:
        catalogue = catalogue_of(here.folder, here.taxonomy, credentials)
        wanted = weigh([want("a"), want("b"), want("c", "preferred")])
        ranked = rank(wanted, here.taxonomy, catalogue, top=None, today=TODAY).ranked
        return ranked[0].credential.id, stability(ranked, wanted, here.taxonomy, catalogue)

    first, firm = found({"x": {"covers": {"a": "practical", "b": "practical"}}, "y": {"covers": {"c": "taught"}}})
    assert (first, firm.robust, firm.rival, dict(firm.first)) == ("x", True, None, {"x": 1.0})
    assert (firm.tau, firm.tau_low) == (1.0, 1.0)
    first, close = found({"x": {"covers": {"a": "exam"}}, "y": {"covers": {"b": "quiz", "c": "mentioned"}}})
    assert (first, close.robust, close.rival, close.rival_name) == ("x", False, "y", "Y")
    assert dict(close.first)["x"] < 0.9


def test_it_is_quick_for_one_ad(bundled: Taxonomy, bundled_catalogue: Catalogue) -> None:
    text = (ROOT / "corpora" / "postings" / "data-analyst.txt").read_text(encoding="utf-8")
    asked = extract(text, taxonomy=bundled).requirements
    ranked = rank(asked, bundled, bundled_catalogue, top=None).ranked
    stability(ranked, asked, bundled, bundled_catalogue)
    began = time.process_time()
    assert stability(ranked, asked, bundled, bundled_catalogue) is not None
    assert time.process_time() - began < 0.3


def test_reports_say_it_where_it_is_asked_for(small: Taxonomy, small_catalogue: Catalogue, tmp_path: Path) -> None:
    plain = match(AD, taxonomy=small, catalogue=small_catalogue)
    assert plain.stability is None
    firm = match(AD, taxonomy=small, catalogue=small_catalogue, stability=True)
    assert [r.credential.id for r in firm.ranking] == [r.credential.id for r in plain.ranking]
    assert json.loads(render(firm, "json"))["stability"]["draws"] == module.DRAWS
    assert json.loads(render(plain, "json"))["stability"] is None
    for form in ("table", "md", "html"):
        assert "Kendall" in render(firm, form)
        assert "Kendall" not in render(plain, form)
    (tmp_path / "ad.txt").write_text(AD, encoding="utf-8")
    run = CliRunner().invoke(main, ["match", str(tmp_path / "ad.txt"), "--explain", "--top", "1"])
    assert "draws" in run.output


# --- what a person has


@pytest.mark.parametrize(
    ("have", "case"),
    [("Welding", "newcomer"), ("SQL", "newcomer"), ("SQL, Excel, payroll", "partly"), ("SQL, Java, SAP, Excel, payroll", "experienced")],
)  # fmt: skip
def test_which_case_it_is(small: Taxonomy, small_catalogue: Catalogue, have: str, case: str) -> None:
    report = match(AD, taxonomy=small, catalogue=small_catalogue, have=have)
    assert report.standing is not None
    assert report.standing.case == case
    asked = {r.label for r in report.requirements if r.weight and r.gap}
    for form in ("table", "md", "html"):
        text = " ".join(render(report, form).split())
        assert "By what you say you have" in text
        assert ("targeted proof" in text) == (case == "experienced")
        assert ("rarely tells the story" in text) == (case == "newcomer")
    assert json.loads(render(report, "json"))["standing"]["case"] == case
    assert asked


def test_nothing_is_said_of_somebody_who_says_nothing(small: Taxonomy, small_catalogue: Catalogue) -> None:
    report = match(AD, taxonomy=small, catalogue=small_catalogue)
    assert report.standing is None
    assert not any(r.repeats for r in report.ranking)
    assert "By what you say" not in render(report, "table")


def test_what_a_credential_repeats(small: Taxonomy, small_catalogue: Catalogue) -> None:
    text = "You must know HACCP, SQL and food hygiene. A food safety certificate is needed."
    report = match(Posting("x", text), taxonomy=small, catalogue=small_catalogue, have="HACCP")
    kitchen = next(r for r in report.ranking if r.credential.id == "kitchen-card")
    labels = {r.id: r.label for r in report.requirements}
    assert [labels[id] for id in kitchen.repeats] == ["HACCP"]
    assert not set(kitchen.repeats) & {c.requirement for c in kitchen.covers}
    for form in ("table", "md", "html"):
        assert "epeats what you have" in render(report, form)
    assert next(r for r in report.ranking if r.credential.id == "sql-badge").repeats == ()


def test_resumes_as_files(small: Taxonomy, small_catalogue: Catalogue, tmp_path: Path) -> None:
    from fpdf import FPDF

    full, empty = FPDF(), FPDF()
    for paper in (full, empty):
        paper.add_page()
        paper.set_font("helvetica", size=11)
    full.multi_cell(
        0, 6, "Jo Doe, analyst at Hill and Moor. I wrote SQL queries and reports in Excel for the finance team."
    )
    full.output(str(tmp_path / "cv.pdf"))
    empty.output(str(tmp_path / "empty.pdf"))
    report = match(AD, taxonomy=small, catalogue=small_catalogue, have=tmp_path / "cv.pdf")
    assert {r.skill for r in report.requirements if r.gap == 0} == {"sql", "microsoft-excel"}
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    (tmp_path / "other.txt").write_text("I like long walks.", encoding="utf-8")
    for name in ("empty.pdf", "empty.txt", "other.txt"):
        with pytest.raises(MatcherError) as error:
            match(AD, taxonomy=small, catalogue=small_catalogue, have=tmp_path / name)
        assert name in str(error.value)
        assert "\n" not in str(error.value)


# --- what must not change a ranking


def outcome(report: Report) -> list[tuple[str, float]]:
    return [(r.credential.id, round(r.score, 9)) for r in report.ranking]


@pytest.fixture(params=["conftest", *sorted(p.stem for p in (ROOT / "corpora" / "postings").glob("*.txt"))])
def text(request: pytest.FixtureRequest) -> str:
    if request.param == "conftest":
        return AD
    return (ROOT / "corpora" / "postings" / f"{request.param}.txt").read_text(encoding="utf-8")


def test_benefits_change_nothing(text: str) -> None:
    more = "\n\nBenefits\n- Free French and Photoshop lessons\n- A gym, and Python classes on Fridays\n- Pension\n"
    assert outcome(match(text.rstrip() + more, model="fast")) == outcome(match(text.rstrip() + "\n", model="fast"))


def test_benefits_ask_nothing_of_a_model_that_reads_the_whole_ad(text: str) -> None:
    """The encoder reads neighbouring lines together: what stands below may move a score a little, not what is asked."""
    more = "\n\nBenefits\n- Free French and Photoshop lessons\n- A gym, and Python classes on Fridays\n- Pension\n"
    if text == AD:
        pytest.skip("a list of oddities, not an ad that a model could read as one")
    long, short = (
        {r.label for r in match(given).requirements} for given in (text.rstrip() + more, text.rstrip() + "\n")
    )
    assert len(long ^ short) <= 0.1 * len(short)


def test_upper_case_headings_change_nothing(text: str) -> None:
    heads = {"Requirements", "Nice to have", "What you'll do", "About us", "Benefits", "About you", "Responsibilities"}
    lines = [
        line.upper() if line.strip().rstrip(":") in heads else line
        for line in text.splitlines()
    ]  # fmt: skip
    same = "\n".join(text.splitlines())
    assert outcome(match("\n".join(lines), model="fast")) == outcome(match(same, model="fast"))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_lines_changes_nothing(seed: int) -> None:
    """Lines of one list, each a requirement of its own."""
    head, tail = "Baker\n\nRequirements\n", "\n\nNice to have\n- French\n- First aid\n"
    lines = ["- SQL", "- Microsoft Excel", "- You must know HACCP", "- Java or Python", "- Bookkeeping", "- Welding"]
    mixed = random.Random(seed).sample(lines, len(lines))
    one, other = head + "\n".join(mixed) + tail, head + "\n".join(lines) + tail
    assert dict(outcome(match(one, model="fast"))) == dict(outcome(match(other, model="fast")))
    # a model that reads lines together finds the same, though what stands beside a line may move its need
    asked = [{r.skill for r in match(given).requirements} for given in (one, other)]
    assert asked[0] == asked[1]


def test_an_ad_given_twice_changes_nothing(text: str, small: Taxonomy, small_catalogue: Catalogue) -> None:
    other = "You must know SQL.\nFrench is a plus.\n"
    once, twice = (
        plan(ads, taxonomy=small, catalogue=small_catalogue, fronts=False)
        for ads in ([text, other], [text, other, text + "\n"])
    )
    assert (twice.ads, twice.duplicates) == (2, 1)
    assert (once.asks, once.steps, once.ranking) == (twice.asks, twice.steps, twice.ranking)


def test_held_skills_leave_order_of_the_rest(here: Small) -> None:
    """A skill that is held adds nothing to anybody: the rest are ranked as if it were not asked."""
    shop = {
        "x": {"covers": {"a": "practical", "b": "quiz"}},
        "y": {"covers": {"b": "exam"}},
        "z": {"covers": {"a": "exam"}},
    }
    catalogue = catalogue_of(here.folder, here.taxonomy, shop)
    wanted = weigh([want("a"), want("b"), want("c")])
    held = apply_have(wanted, {"a": None})
    one = rank(held, here.taxonomy, catalogue, top=None, today=TODAY).ranked
    other = rank(wanted[1:], here.taxonomy, catalogue, top=None, today=TODAY).ranked
    assert [(r.credential.id, r.score) for r in one] == [(r.credential.id, pytest.approx(r.score)) for r in other]
    assert [dataclasses.replace(r, repeats=()).covers for r in one] == [r.covers for r in other]
