"""METRICS' definitions on gold small enough to count by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from matcher.errors import InputError
from matcher.evaluation import evaluate_postings, evaluate_sections
from matcher.evaluation.postings import overlaps, same_label
from matcher.evaluation.sections import PARAPHRASES
from matcher.types import Barrier, Extraction, Mention, Posting, Requirement

TEXT = "Must know Excel and SQL. Python a plus. You run payroll. Degree needed. We sell Java mugs."


def place(words: str, text: str = TEXT) -> list[int]:
    at = text.index(words)
    return [at, at + len(words)]


def gold(label: str, need: str, *words: str, **more: Any) -> dict[str, Any]:
    return {"label": label, "type": "tool", "need": need, "spans": [place(w) for w in words], **more}


def found(label: str, need: str, words: str) -> Requirement:
    start, end = place(words)
    return Requirement(
        f"r-{label}", label.lower(), label, "tool", need, (Mention(start, end, words, "none", None, "x"),)
    )  # type: ignore[arg-type]


def figures(
    tmp_path: Path, skills: Sequence[dict[str, Any]], requirements: Sequence[Requirement], **more: Any
) -> dict[str, Any]:
    path = tmp_path / "gold.jsonl"
    barriers = more.pop("found_barriers", ())
    row = {"id": "1", "text": TEXT, "occupation": "clerk", "skills": list(skills), "barriers": [], "traps": [], **more}
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    result = evaluate_postings(path, lambda posting: Extraction(posting, tuple(requirements), tuple(barriers)))
    assert result["occupations"] == {"clerk": result["all"]}
    return result["all"]


# --- when a label says the same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Excel", "excel", True), ("Spreadsheets", "spreadsheet", True), ("Search engines (SEO)", "search engine", True),
        ("Problem-solving", "problem solving", True), ("Microsoft Excel", "Excel", False), ("data", "data analysis", False),
        ("management", "stock management", False), ("stock management", "warehouse stock management", True),
        ("stock management", "management of stock", False), ("C", "C++", False), ("C++", "C++", True), ("C#", "C", False),
        ("customer service", "customer service skills", True), ("business", "business", True),
    ],
)  # fmt: skip
def test_same_label(one: str, other: str, same: bool) -> None:
    assert same_label(one, [other]) is same
    assert same_label(other, [one]) is same
    assert same_label(one, ["nothing like it", other]) is same


@pytest.mark.parametrize(
    ("a", "b", "yes"),
    [((0, 10), (0, 10), True), ((0, 10), (5, 15), True), ((0, 10), (6, 16), False), ((0, 10), (10, 20), False),
     ((0, 4), (0, 16), True), ((0, 4), (0, 17), False), ((0, 0), (0, 5), False), ((2, 4), (0, 6), True)],
)  # fmt: skip
def test_overlap(a: tuple[int, int], b: tuple[int, int], yes: bool) -> None:
    assert overlaps(a, b) is yes
    assert overlaps(b, a) is yes


# --- whole ads


def test_precision_recall_and_f1(tmp_path: Path) -> None:
    result = figures(
        tmp_path,
        [gold("Excel", "required", "Excel"), gold("SQL", "required", "SQL"), gold("Python", "preferred", "Python"),
         gold("Payroll", "unstated", "run payroll")],
        [found("Excel", "required", "Excel"), found("SQL", "required", "SQL"), found("Mugs", "unstated", "mugs")],
    )  # fmt: skip
    assert result["label"] == pytest.approx({"precision": 2 / 3, "recall": 1 / 2, "f1": 4 / 7})
    assert result["evidence"] == pytest.approx(result["label"])


def test_by_evidence_the_place_is_enough(tmp_path: Path) -> None:
    result = figures(tmp_path, [gold("Spreadsheets", "required", "Excel")], [found("Excel", "required", "Excel")])
    assert result["label"]["f1"] == 0
    assert result["evidence"]["f1"] == 1
    also = figures(
        tmp_path, [gold("Spreadsheets", "required", "Excel", also=["excel"])], [found("Excel", "required", "Excel")]
    )
    assert also["label"]["f1"] == 1


def test_not_required_is_left_out_on_both_sides(tmp_path: Path) -> None:
    result = figures(
        tmp_path,
        [gold("Excel", "required", "Excel"), gold("Java", "not_required", "Java")],
        [found("Excel", "required", "Excel"), found("SQL", "not_required", "SQL")],
    )
    assert result["label"] == pytest.approx({"precision": 1, "recall": 1, "f1": 1})
    missed = figures(tmp_path, [gold("Excel", "required", "Excel")], [found("Excel", "not_required", "Excel")])
    assert missed["label"]["recall"] == 0


def test_salient_recall(tmp_path: Path) -> None:
    wanted = [gold("Excel", "required", "Excel", salience=2), gold("SQL", "required", "SQL", salience=1),
              gold("Python", "preferred", "Python", salience=0)]  # fmt: skip
    assert figures(tmp_path, wanted, [found("Excel", "required", "Excel")])["salient_recall"] == pytest.approx(2 / 3)
    assert figures(tmp_path, wanted, [found("Python", "required", "Python")])["salient_recall"] == 0


def test_need_is_macro_f1_over_the_matched(tmp_path: Path) -> None:
    wanted = [gold("Excel", "required", "Excel"), gold("SQL", "required", "SQL"), gold("Python", "preferred", "Python"),
              gold("Payroll", "unstated", "run payroll")]  # fmt: skip
    got = [
        found("Excel", "required", "Excel"),
        found("SQL", "preferred", "SQL"),
        found("Python", "preferred", "Python"),
    ]
    # required: 1 of 2 gold, 1 found; preferred: 1 of 1 gold, 2 found; unstated: not matched
    assert figures(tmp_path, wanted, got)["need"] == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert figures(tmp_path, wanted, got[:1])["need"] == 1


def test_barriers_and_traps(tmp_path: Path) -> None:
    start, end = place("Degree needed")
    result = figures(
        tmp_path, [], [found("Java", "unstated", "Java")],
        found_barriers=[Barrier("degree", "required", "Degree", start, start + 6), Barrier("years", "required", "We", 72, 74)],
        barriers=[{"kind": "degree", "need": "required", "spans": [[start, end]]},
                  {"kind": "other", "need": "required", "spans": [place("payroll")]}],
        traps=[{"spans": [place("Java")], "why": "mugs"}, {"spans": [place("mugs")], "why": "goods"}],
    )  # fmt: skip
    assert (result["barrier_recall"], result["barrier_precision"]) == (0.5, 0.5)
    assert (result["traps"], result["traps_taken"]) == (2, 1)


def test_nothing_found_and_nothing_there(tmp_path: Path) -> None:
    assert figures(tmp_path, [gold("Excel", "required", "Excel")], [])["label"] == {
        "precision": 0,
        "recall": 0,
        "f1": 0,
    }
    empty = figures(tmp_path, [], [])
    assert (empty["need"], empty["barrier_recall"]) == (None, None)


@pytest.mark.parametrize("content", ["{", '{"id": 1}', "[]"])
def test_gold_that_cannot_be_used(tmp_path: Path, content: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(f"\n{content}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        evaluate_postings(path, lambda posting: Extraction(posting, (), ()))
    with pytest.raises(InputError):
        evaluate_postings(tmp_path / "none.jsonl", lambda posting: Extraction(posting, (), ()))


# --- minimum and preferred lists


def sayer(rule: Callable[[str], str]) -> Callable[[Posting], Extraction]:
    """An extractor that finds SQL everywhere and asks `rule` (of the text before) for the need."""

    def extract(posting: Posting) -> Extraction:
        text, mentions, at = posting.text, [], -1
        while (at := text.find("SQL", at + 1)) >= 0:
            mentions.append(Mention(at, at + 3, "SQL", "none", None, "x", 1.0, rule(text[:at])))  # type: ignore[arg-type]
        return Extraction(posting, (Requirement("r1", "sql", "SQL", "tool", "required", tuple(mentions)),), ())

    return extract


def test_sections(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    row = {"id": 1, "title": "Clerk", "responsibilities": "Run SQL", "minimum": "SQL\nSQL", "preferred": "More SQL"}
    path.write_text(json.dumps(row) + "\n" + json.dumps({**row, "preferred": ""}) + "\n", encoding="utf-8")
    right = evaluate_sections(path, sayer(lambda before: "preferred" if "Preferred qual" in before else "required"))
    assert right == {"ads": 1, "mentions": 3, "accuracy": 1, "required": 1, "preferred": 1}
    always = evaluate_sections(path, sayer(lambda before: "required"))
    assert always["accuracy"] == pytest.approx(2 / 3)
    assert always["preferred"] == 0


def test_twenty_paraphrases() -> None:
    assert len(PARAPHRASES) == len(set(PARAPHRASES)) == 20
    bonus = {preferred for _, preferred in PARAPHRASES}
    assert {"Bonus points", "You might also have"} <= bonus
    assert "What you'll bring" in {minimum for minimum, _ in PARAPHRASES}
