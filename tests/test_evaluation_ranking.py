"""`matcher evaluate ranking`: the figures by hand, the systems, the pool that graders see, bad lines."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from matcher import MatcherError, extract
from matcher.catalogue import Catalogue
from matcher.cli import main
from matcher.evaluation.ranking import evaluate_ranking, figures, pool, read_judged
from matcher.evaluation.systems import Field, systems
from matcher.taxonomy import Taxonomy
from matcher.types import Posting

KITCHEN = "Kitchen assistant. You must know HACCP principles and food hygiene. A food safety certificate is required."
TABLES = "Report writer. You must know SQL: queries over several tables. Java is a plus."


def lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


JUDGED = [
    {
        "id": "k",
        "text": KITCHEN,
        "occupation": "kitchen",
        "half": "tune",
        "grades": {"kitchen-card": 4, "sql-badge": 0},
    },
    {"id": "t", "text": TABLES, "occupation": "data", "half": "final", "grades": {"sql-badge": 4, "java-exam": 2}},
]


def test_figures_by_hand() -> None:
    grades = {"a": 4, "b": 3, "c": 0}
    ideal = 15 + 7 / math.log2(3)
    five, ten, mrr, precision = figures(["x", "b", "a"], grades)
    assert five == ten == pytest.approx((7 / math.log2(3) + 15 / 2) / ideal)
    assert (mrr, precision) == (1 / 2, pytest.approx(2 / 3))
    assert figures([], grades) == (0, 0, 0, 0)
    # the ideal is over all that is graded, not over what was returned
    assert figures(["b"], grades)[1] == pytest.approx(7 / ideal)
    assert figures(["c"] * 5 + ["a"], grades)[0] == 0 < figures(["c"] * 5 + ["a"], grades)[1]
    assert figures(["a"], {"a": 2})[2] == 0


def test_the_comparison(tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue) -> None:
    path = lines(tmp_path / "judged.jsonl", JUDGED)
    found = evaluate_ranking(path, small, small_catalogue, half="all")
    assert (found["ads"], found["grades"], found["with_have"]) == (2, [1, 0, 1, 0, 2], 0)
    ours = found["systems"]["ours"]
    assert ours["ndcg@10"]["mean"] == pytest.approx(1.0)
    for name, row in found["systems"].items():
        for metric in ("ndcg@5", "ndcg@10", "mrr", "precision@3"):
            low, high = row[metric]["interval"]
            assert 0 <= low <= row[metric]["mean"] <= high <= 1
            assert row[metric]["ours_minus"] == pytest.approx(ours[metric]["mean"] - row[metric]["mean"]), name
    assert found["systems"]["ours without gap"]["ndcg@10"] == {**ours["ndcg@10"]}
    assert found["systems"]["random"]["ungraded"] > 0
    assert evaluate_ranking(path, small, small_catalogue)["ads"] == 1
    assert evaluate_ranking(path, small, small_catalogue, half="final")["ads"] == 1


def test_what_a_person_has_makes_the_gap_matter(tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue) -> None:
    row = {"id": "t", "text": TABLES, "have": "SQL", "grades": {"java-exam": 4, "sql-badge": 0}}
    found = evaluate_ranking(lines(tmp_path / "judged.jsonl", [row]), small, small_catalogue)
    assert found["with_have"] == 1
    assert found["systems"]["ours"]["mrr"]["mean"] == 1.0
    assert found["systems"]["ours without gap"]["mrr"]["mean"] == 0.5


def test_systems_rank_what_is_on_offer(small: Taxonomy, small_catalogue: Catalogue) -> None:
    ads = tuple(extract(Posting(str(i), text), taxonomy=small) for i, text in enumerate((KITCHEN, TABLES)))
    every = systems(Field(small, small_catalogue, ads))
    for name, system in every.items():
        order = system(ads[0])
        assert len(order) == len(set(order)), name
        assert "office-old" not in order, f"{name} ranks what is retired"
    for name in ("ours", "TF-IDF", "BM25", "overlap of skills"):
        assert every[name](ads[0])[0] == "kitchen-card", name
        # SQL and Java overlap by one skill each: only who weighs knows which is asked for more
        assert every[name](ads[1])[0] == "sql-badge" or name == "overlap of skills"
    assert every["popularity"](ads[0]) == every["popularity"](ads[1])
    assert every["random"](ads[0]) == every["random"](ads[0]) != every["random"](ads[1])


def test_bm25_is_the_formula(small: Taxonomy, small_catalogue: Catalogue) -> None:
    """Okapi's formula, counted by hand over the documents, gives the same order."""
    from sklearn.feature_extraction.text import CountVectorizer

    ad = extract(Posting("t", "queries tables java programs sheets"), taxonomy=small)
    field = Field(small, small_catalogue, (ad,))
    cut = CountVectorizer(stop_words="english").build_analyzer()
    documents = [cut(text) for text in field.documents]
    mean = sum(map(len, documents)) / len(documents)
    scores = {}
    for credential, words in zip(field.credentials, documents, strict=True):
        score = 0.0
        for word in set(cut(ad.posting.text)):
            n = sum(word in other for other in documents)
            f = words.count(word)
            rarity = math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))
            score += rarity * f * 2.5 / (f + 1.5 * (0.25 + 0.75 * len(words) / mean))
        if score:
            scores[credential.id] = score
    assert len(scores) >= 3
    assert systems(field)["BM25"](ad) == sorted(scores, key=lambda id: -scores[id])


def test_the_pool_is_blind(tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue) -> None:
    ads = [{"id": "k", "text": KITCHEN, "occupation": "kitchen", "half": "final"}, {"id": "t", "text": TABLES}]
    path = lines(tmp_path / "ads.jsonl", ads)
    rows = pool(path, small, small_catalogue, top=2)
    assert [row["id"] for row in rows] == ["k", "t"]
    assert rows[0]["half"] == "final"
    assert "half" not in rows[1]
    for row in rows:
        ids = [c["id"] for c in row["candidates"]]
        assert len(ids) == len(set(ids)) >= 2
        assert row["grades"] == {}
        assert set(row) <= {"id", "text", "occupation", "half", "have", "candidates", "grades"}
        for candidate in row["candidates"]:
            assert not {"score", "rank", "system", "systems"} & set(candidate)
            assert candidate["covers"]
    assert "kitchen-card" in {c["id"] for c in rows[0]["candidates"]}
    assert rows == pool(path, small, small_catalogue, top=2)
    # skills that matcher inferred are not shown: the provider's words are
    csv = tmp_path / "courses.csv"
    csv.write_text("name,skills\nTables in a week,SQL queries|Made-up word\n", encoding="utf-8")
    from matcher import catalogue as catalogues

    (row,) = pool(lines(tmp_path / "one.jsonl", ads[1:]), small, catalogues.load([csv], small))
    assert row["candidates"][0]["covers"] == ["SQL queries"]


def test_the_command(tmp_path: Path, small_files: tuple[Path, Path]) -> None:
    inventories = ["--taxonomy", str(small_files[0]), "--catalogue", str(small_files[1])]
    judged = lines(tmp_path / "judged.jsonl", JUDGED)
    run = CliRunner().invoke(main, ["evaluate", "ranking", str(judged), "--half", "all", *inventories])
    assert run.exit_code == 0
    assert "TF-IDF" in run.output
    assert "2 ads" in run.output
    run = CliRunner().invoke(main, ["evaluate", "ranking", str(judged), "--format", "json", *inventories])
    assert json.loads(run.stdout)["half"] == "tune"
    out = tmp_path / "pool.jsonl"
    run = CliRunner().invoke(main, ["evaluate", "ranking", "--pool", "3", str(judged), "-o", str(out), *inventories])
    assert run.exit_code == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), ("{\n", "judged"), ('{"id": 1}\n', "judged"), ('{"id": 1, "text": "x", "grades": {"a": 5}}\n', "judged"),
     ('{"id": 1, "text": "x", "grades": {"a": true}}\n', "judged"), ('[1]\n', "judged")],
)  # fmt: skip
def test_bad_lines_are_named(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "judged.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MatcherError) as error:
        read_judged(path)
    assert error.value.code == code
    assert str(path) in str(error.value)


def test_no_such_file_half_or_encoder(tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue) -> None:
    with pytest.raises(MatcherError, match="No such file"):
        read_judged(tmp_path / "none.jsonl")
    path = lines(tmp_path / "judged.jsonl", JUDGED[:1])
    with pytest.raises(MatcherError, match="half"):
        evaluate_ranking(path, small, small_catalogue, half="final")
    with pytest.raises(MatcherError, match="encoder"):
        evaluate_ranking(path, small, small_catalogue, encoder=tmp_path / "none")
