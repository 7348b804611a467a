"""Two batches side by side, and skills as features for scikit-learn."""

from __future__ import annotations

import csv
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from matcher import SkillVectorizer, batch, compare
from matcher.catalogue import Catalogue
from matcher.cli import main
from matcher.errors import InputError
from matcher.report.changes import render
from matcher.runner.compare import benjamini_hochberg, newcombe, wilson
from matcher.taxonomy import Taxonomy

Make = Callable[[str, dict[str, int]], Path]


@pytest.fixture
def make(tmp_path: Path, small: Taxonomy, small_catalogue: Catalogue) -> Make:
    def made(name: str, asked: dict[str, int]) -> Path:
        """A batch of 60 ads, so many of which ask for each skill; the first is posted thrice."""
        lines = ["id,text"]
        for i in range(60):
            skills = " and ".join(skill for skill, count in asked.items() if i < count) or "nothing"
            lines.append(f'a{i},"You must know {skills} in the office number {i} of ours."')
        lines += [lines[1].replace("a0,", f"again{n},") for n in range(2)]
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        out = tmp_path / name
        batch([path], out, taxonomy=small, catalogue=small_catalogue, report=False)
        return out

    return made


def test_rising_and_falling(make: Make) -> None:
    found = compare(make("one", {"SQL": 30, "Java": 40, "Docker": 20, "Xero": 2}),
                    make("two", {"SQL": 55, "Java": 10, "Docker": 22, "Xero": 1}))  # fmt: skip
    assert (found.before, found.after, found.left_out) == (60, 60, 1)
    skills = {c.skill: c for c in found.skills}
    assert {skill: c.trend for skill, c in skills.items()} == {"sql": "rising", "java": "falling", "docker": ""}
    sql = skills["sql"]
    assert (sql.before, sql.after) == (30, 55)
    assert sql.change == pytest.approx(25 / 60)
    assert sql.low < sql.change < sql.high
    assert (sql.low, sql.high) == newcombe(55, 60, 30, 60)
    assert all(c.p <= c.q for c in found.skills)
    assert [c.p for c in found.skills] == sorted(c.p for c in found.skills)


def test_the_same_twice_shows_nothing(make: Make) -> None:
    one = make("one", {"SQL": 30, "Java": 40})
    assert not [c for c in compare(one, one).skills if c.trend]


def test_every_form(make: Make, tmp_path: Path) -> None:
    one, two = make("one", {"SQL": 30, "Java": 40}), make("two", {"SQL": 55, "Java": 10})
    found = compare(one, two)
    assert json.loads(render(found, "json"))["skills"][0]["skill"] == found.skills[0].skill
    assert [json.loads(line)["skill"] for line in render(found, "jsonl").splitlines()] == [
        c.skill for c in found.skills
    ]
    rows = list(csv.DictReader(io.StringIO(render(found, "csv"))))
    assert [float(row["low"]) for row in rows] == [c.low for c in found.skills]
    assert html.fromstring(render(found, "html")).xpath("//tbody/tr/th/text()") == ["SQL", "Java"]
    for form in ("table", "md", "html"):
        text = render(found, form, 5)
        assert text.index("Rising") < text.index("SQL") < text.index("Falling") < text.index("Java")
        assert "Benjamini-Hochberg" in text
    run = CliRunner().invoke(main, ["compare", str(one), str(two), "--format", "jsonl"])
    assert run.exit_code == 0
    assert run.output == render(found, "jsonl")
    wrong = CliRunner().invoke(main, ["compare", str(one), str(tmp_path)])
    assert wrong.exit_code == 1
    assert "matcher batch -o" in wrong.output


def test_not_a_batch(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder that"):
        compare(tmp_path, tmp_path)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_intervals_hold_their_difference(n: int, m: int, data: st.DataObject) -> None:
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    low, high = newcombe(a, n, b, m)
    assert -1 - 1e-9 <= low <= a / n - b / m + 1e-12
    assert a / n - b / m - 1e-12 <= high <= 1 + 1e-9
    back = newcombe(b, m, a, n)
    assert back == pytest.approx((-high, -low))
    inner = wilson(a, n)
    assert -1e-12 <= inner[0] <= a / n + 1e-12 <= inner[1] + 2e-12 <= 1 + 1e-9


def test_the_interval_covers_what_it_should() -> None:
    """By simulation: 95% of the time, give or take what 4,000 draws allow."""
    random = np.random.default_rng(3)
    for p1, p2, n, m in ((0.1, 0.2, 80, 120), (0.02, 0.05, 300, 200)):
        draws = zip(random.binomial(n, p1, 4000), random.binomial(m, p2, 4000), strict=True)
        held = [low <= p1 - p2 <= high for a, b in draws for low, high in [newcombe(int(a), n, int(b), m)]]
        assert 0.935 <= np.mean(held) <= 0.975


@given(st.lists(st.floats(0, 1), max_size=30).map(sorted))
def test_adjusted_values(ps: list[float]) -> None:
    qs = benjamini_hochberg(ps)
    assert qs == sorted(qs)
    assert all(p <= q + 1e-12 and q <= 1 for p, q in zip(ps, qs, strict=True))


# --- SkillVectorizer

ADS = [
    "You must know SQL and Java. French is a plus.", "You must know SQL. No Docker knowledge needed.",
    "Wir suchen für unser Team in Berlin eine Pflegefachkraft, die gerne mit Menschen arbeitet.", "Java is required. ",
]  # fmt: skip


def test_texts_become_a_matrix(small: Taxonomy) -> None:
    made = SkillVectorizer(small)
    matrix = made.fit_transform(ADS)
    assert list(made.get_feature_names_out()) == ["french", "java", "sql"]
    assert list(made.labels_) == ["French", "Java", "SQL"]
    assert matrix.toarray().tolist() == [[1, 1, 1], [0, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert (made.fit(ADS).transform(ADS) != matrix).nnz == 0
    assert made.transform(["You must know Kafka and SQL."]).toarray().tolist() == [[0, 0, 1]]
    assert made.transform([]).shape == (0, 3)


def test_its_options(small: Taxonomy) -> None:
    assert list(SkillVectorizer(small, min_df=2).fit(ADS).vocabulary_) == ["java", "sql"]
    assert list(SkillVectorizer(small, needs=("required",)).fit(ADS).vocabulary_) == ["java", "sql"]
    assert list(SkillVectorizer(small, needs=("not_required",)).fit(ADS).vocabulary_) == ["docker"]
    weights = SkillVectorizer(small, values="weight").fit_transform(ADS).toarray()
    assert weights[0, 0] < weights[0, 1]


def test_it_is_a_good_transformer(small: Taxonomy) -> None:
    """What scikit-learn's own checks ask of a transformer; they are run too, but leave text input mostly alone."""
    from sklearn.base import clone
    from sklearn.exceptions import NotFittedError
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.utils.estimator_checks import check_estimator

    made = SkillVectorizer(small, min_df=2)
    assert clone(made).get_params()["min_df"] == 2
    with pytest.raises(NotFittedError):
        made.transform(ADS)
    with pytest.raises(ValueError, match="put it in a list"):
        made.fit(ADS[0])
    with pytest.raises(ValueError, match="int was given"):
        made.fit([1])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="binary, weight"):
        SkillVectorizer(small, values="x").fit(ADS)
    again = pickle.loads(pickle.dumps(made.fit(ADS)))
    assert (again.transform(ADS) != made.transform(ADS)).nnz == 0
    X, y = ADS * 6, [1, 0, 0, 1] * 6
    search = GridSearchCV(
        make_pipeline(SkillVectorizer(small), LogisticRegression()), {"skillvectorizer__min_df": [1, 2]}, cv=2
    )
    assert search.fit(X, y).score(X, y) == 1.0
    failed: list[Any] = [c for c in check_estimator(SkillVectorizer(small), on_skip=None) if c["status"] == "failed"]
    assert not failed
