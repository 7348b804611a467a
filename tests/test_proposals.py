"""The span models: loading, offsets, the same result whatever stands beside a text, damaged files, evaluation."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import chain, pairwise, product
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from matcher.cli import main
from matcher.errors import InputError, MatcherError
from matcher.evaluation.spans import evaluate_spans, read_tagged, spans_of
from matcher.pipeline.proposals import FILES, FOLDER, SpanModel, chances, cut, decode, load

TEXTS = [
    "Good knowledge of Python, SQL and Docker is required.",
    "You will manage a team of five engineers and write clear reports for our clients.",
    "•Experience with C++ (e.g. Qt), \"REST\" APIs; CI/CD!",
    "Salary: £35,000 – £40,000 per annum",
    "",
    "   ",
    "…",
    "Ability to work under pressure\nand to explain figures to people who do not like figures",
    "Naïve Bayes, 機械学習 and 🚀 launches in São Paulo",
]  # fmt: skip


@pytest.fixture(scope="module", params=["fast", "accurate"])
def model(request: pytest.FixtureRequest) -> SpanModel:
    return load(request.param)


def test_offsets(model: SpanModel) -> None:
    found = model(TEXTS)
    assert len(found) == len(TEXTS)
    for text, spans in zip(TEXTS, found, strict=True):
        for span in spans:
            words = text[span.start : span.end]
            assert words == words.strip()
            assert words
            assert 0 <= span.score <= 1
    assert not found[4]
    assert not found[5]
    tools = {TEXTS[0][p.start : p.end] for p in found[0] if p.layer == "knowledge"}
    assert {"Python", "SQL", "Docker"} <= tools
    assert any(p.layer == "skill" for p in found[1])


def test_same_alone_and_in_company(model: SpanModel) -> None:
    together = model(TEXTS)
    alone = [model([text])[0] for text in TEXTS]
    turned = model(TEXTS[::-1] + TEXTS * 7)[: len(TEXTS)][::-1]
    for other in (alone, turned):
        assert [[(p.start, p.end, p.layer) for p in row] for row in other] == [
            [(p.start, p.end, p.layer) for p in row] for row in together
        ]
        for one, two in zip(list(chain.from_iterable(other)), list(chain.from_iterable(together)), strict=True):
            assert abs(one.score - two.score) <= 1e-4


def test_same_in_another_process(model: SpanModel) -> None:
    program = (
        "import json, sys; from matcher.pipeline.proposals import load; t = json.load(sys.stdin); "
        f"print(json.dumps([[(p.start, p.end, p.layer, p.score) for p in r] for r in load({model.mode!r})(t)]))"
    )
    run = subprocess.run([sys.executable, "-c", program], input=json.dumps(TEXTS), capture_output=True, text=True, check=True)  # fmt: skip
    there = list(chain.from_iterable(json.loads(run.stdout)))
    here = list(chain.from_iterable(model(TEXTS)))
    assert [tuple(row[:3]) for row in there] == [(p.start, p.end, p.layer) for p in here]
    assert all(abs(row[3] - p.score) <= 1e-4 for row, p in zip(there, here, strict=True))


def test_long_text_is_read_to_its_end(model: SpanModel) -> None:
    text = "You must know Java and French. " * 150 + TEXTS[0]
    last = [p for p in model([text])[0] if p.start >= len(text) - len(TEXTS[0])]
    assert "Docker" in {text[p.start : p.end] for p in last}


def test_commas_end_knowledge_only() -> None:
    words = cut("Java, Python and 10,000 users (daily).")
    assert words.words == ["Java", "Python", "and", "10,000", "users", "(", "daily", ")", "."]
    assert words.after_comma == {1}


def test_decoding_is_the_best_path_and_its_chances() -> None:
    random = np.random.default_rng(3)
    moves = random.normal(size=(2, 3, 3)).astype(np.float32)
    moves[:, 0, 2] = -1e4
    first = random.normal(size=(2, 3)).astype(np.float32)
    first[:, 2] = -1e4
    given = [2 * random.normal(size=(n, 2, 3)).astype(np.float32) for n in (1, 5, 3)]
    for e, tags, sure in zip(given, decode(given, moves, first), chances(given, moves, first), strict=True):
        for k in range(2):
            paths = list(product(range(3), repeat=len(e)))
            scores = np.array([
                first[k, p[0]] + sum(e[i, k, t] for i, t in enumerate(p)) + sum(moves[k, a, b] for a, b in pairwise(p))
                for p in paths
            ])  # fmt: skip
            assert tuple(tags[:, k]) == paths[int(scores.argmax())]
            weights = np.exp(scores - scores.max())
            for i in range(len(e)):
                expected = [sum(w for w, p in zip(weights, paths, strict=True) if p[i] == t) for t in range(3)]
                assert sure[i, k] == pytest.approx(np.array(expected) / weights.sum(), abs=1e-4)


@pytest.mark.parametrize("harm", ["gone", "short", "sums gone", "sums wrong"])
def test_damaged_model(tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "spans"
    folder.mkdir()
    for name in (*FILES["fast"], "SHA256SUMS"):
        shutil.copy(FOLDER / name, folder / name)
    target = folder / ("SHA256SUMS" if harm.startswith("sums") else "fast.npz")
    if harm.endswith("gone"):
        target.unlink()
    elif harm == "short":
        target.write_bytes(target.read_bytes()[:5000])
    else:
        target.write_text("not a checksum\n")
    with pytest.raises(MatcherError, match="matcher train spans") as caught:
        load("fast", folder)
    assert target.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unreadable_format(tmp_path: Path) -> None:
    folder = tmp_path / "spans"
    folder.mkdir()
    import hashlib

    for name in FILES["fast"]:
        shutil.copy(FOLDER / name, folder / name)
    (folder / "fast.npz").write_bytes(b"nonsense")
    rows = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in FILES["fast"]]
    (folder / "SHA256SUMS").write_text("".join(rows))
    with pytest.raises(MatcherError, match="cannot be read"):
        load("fast", folder)


ROWS = [
    {"idx": 1, "source": "x", "tokens": ["Use", "Python", " ", "and", "SQL"], "tags_skill": ["O"] * 5, "tags_knowledge": ["O", "B", "O", "O", "B"]},
    {"idx": 1, "source": "x", "tokens": ["Lead", "a", "team"], "tags_skill": ["B", "I", "I"], "tags_knowledge": ["O"] * 3},
]  # fmt: skip


def test_evaluation_counts(tmp_path: Path) -> None:
    file = tmp_path / "gold.json"
    file.write_text("\n".join(map(json.dumps, ROWS)))
    found = [[(1, 2, 1, 0.9), (2, 4, 1, 0.9)], [(0, 2, 0, 0.9)]]
    figures = evaluate_spans(file, lambda texts: found if [len(t) for t in texts] == [4, 3] else [])
    assert figures == {
        "skill": {"precision": 0.0, "recall": 0.0, "f1": 0.0},
        "knowledge": {"precision": 0.5, "recall": 0.5, "f1": 0.5},
        "sentences": 2,
    }
    as_list = tmp_path / "list.json"
    as_list.write_text(json.dumps(ROWS))
    assert read_tagged(as_list) == read_tagged(file)
    assert spans_of([0, 2, 2, 1, 0]) == [(1, 3), (3, 4)]


def test_evaluate_command(tmp_path: Path) -> None:
    file = tmp_path / "gold.json"
    file.write_text("\n".join(map(json.dumps, ROWS)))
    run = CliRunner().invoke(main, ["evaluate", "spans", str(file), "--model", "fast", "--format", "json"])
    assert run.exit_code == 0, run.output
    figures = json.loads(run.output)
    assert figures["sentences"] == 2
    assert figures["knowledge"]["recall"] == 1.0


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"tokens": 3}', '{"tokens": ["a"], "tags_skill": ["O"], "tags_knowledge": []}',
     '{"tokens": ["a"], "tags_skill": ["X"], "tags_knowledge": ["O"]}', "[1]", "[3"],
)  # fmt: skip
def test_bad_gold(tmp_path: Path, text: str) -> None:
    file = tmp_path / "gold.json"
    file.write_text(text)
    with pytest.raises(InputError, match="SkillSpan's format"):
        read_tagged(file)
