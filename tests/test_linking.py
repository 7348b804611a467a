"""The linker: names, meanings, none of these, the same scores whatever the company; the command; broken files."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from matcher import CorpusError, InputError, taxonomy
from matcher.cli import main
from matcher.evaluation import evaluate_links
from matcher.evaluation.links import r_precision, read_links
from matcher.linking import Linker
from matcher.linking.embed import Embedder
from matcher.linking.index import build_index
from matcher.linking.lexicon import Lexicon, words_of
from matcher.linking.model import FILES, FOLDER, LinkModel, Trees
from matcher.taxonomy import Taxonomy
from matcher.types import Skill


@pytest.fixture(scope="module")
def linker(small: Taxonomy) -> Linker:
    return Linker(small)


def labels(linker: Linker, text: str, top: int = 3) -> list[str]:
    return [link.label for link in linker.link([text], top=top, always=True)[0]]


# --- what is found


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("MS Excel", "Microsoft Excel"),
        ("dressing wounds", "Wound care"),
        ("able to work well in a team", "Teamwork"),
        ("drive a forklift", "Forklift driving"),
        ("keeping the books", "Bookkeeping"),
        ("writing Python programs", "Python"),
    ],
)
def test_the_skill_that_is_meant_is_among_the_first(linker: Linker, text: str, label: str) -> None:
    assert label in labels(linker, text)


def test_a_sentence_holds_several_skills(linker: Linker) -> None:
    text = "You will drive forklift trucks, enter orders into SAP and speak French with our drivers."
    assert {"Forklift driving", "SAP", "French"} <= set(labels(linker, text, 5))


def test_none_of_these(linker: Linker) -> None:
    texts = ["", "   ", "***", "<ORGANIZATION>", "We offer free parking and a friendly office by the sea."]
    assert linker.link(texts) == [[], [], [], [], []]
    assert linker.link(texts, always=True)[:4] == [[], [], [], []]
    assert linker.link(texts, always=True)[4]


def test_always_and_top(linker: Linker) -> None:
    [some] = linker.link(["Java and SQL"], top=2)
    assert {link.id for link in some} == {"java", "sql"}
    [more] = linker.link(["Java and SQL"], top=10, always=True)
    assert len(more) == 10
    scores = [link.score for link in more]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_best_takes_a_skill_only_where_one_is_near(linker: Linker) -> None:
    found = linker.best("payroll processing")
    assert found is not None
    assert found.id == "payroll"
    assert found.score >= linker.model.best_threshold
    for phrase in ("", "a lovely view of the harbour", "our values"):
        assert linker.best(phrase) is None


def test_the_same_scores_whatever_the_company_and_order(linker: Linker, small: Taxonomy) -> None:
    texts = ["Java", "wound care and French", "team player", "x", "SQL " * 40, "Excel, Word, Outlook and payroll"]
    together = linker.link(texts, always=True)
    alone = [Linker(small).link([text], always=True)[0] for text in reversed(texts)][::-1]
    for one, other in zip(together, alone, strict=True):
        assert [link.id for link in one] == [link.id for link in other]
        assert [link.score for link in one] == pytest.approx([link.score for link in other], abs=1e-4)


def test_a_taxonomy_without_aliases(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("label\nWelding\nHouse painting\n", encoding="utf-8")
    linker = Linker(taxonomy.load([path]))
    assert labels(linker, "painting houses", 1) == ["House painting"]
    path.write_text("label\nWelding\n", encoding="utf-8")
    assert labels(Linker(taxonomy.load([path])), "welders wanted") == ["Welding"]


def test_a_very_long_line_and_unknown_letters(linker: Linker) -> None:
    assert "SQL" in labels(linker, "lorem ipsum " * 1500 + " SQL", 30)
    assert linker.link(["база данных"], always=True) == linker.link(["база данных"], always=True)


# --- parts


def test_lexicon_counts_each_word_once() -> None:
    lexicon = Lexicon(Lexicon.build([[["stock", "control"], ["control", "of", "stock"]], [["quality", "control"]]]))
    shared = lexicon.names(lexicon.match(words_of("control the stocks, control")))
    part = shared / lexicon.mass
    assert part[0] > 0.8
    assert 0 < part[2] < 0.6
    assert (part <= 1).all()


def test_short_words_and_signs_have_no_other_form() -> None:
    lexicon = Lexicon(Lexicon.build([[["c"]], [["c++"]], [["sql"]], [["mysql"]]]))
    assert [lexicon.vocabulary[n] for n in lexicon.near("c++")[0]] == ["c++"]
    assert [lexicon.vocabulary[n] for n in lexicon.near("sql")[0]] == ["sql"]


def test_windows_are_the_texts_own_runs(linker: Linker) -> None:
    embedder: Embedder = linker.model.embedder
    words = words_of("plan the work of a small team")
    vectors, places = embedder.windows(words, (1, 3, 20))
    assert len(vectors) == len(places) == len(words) + len(words) - 2
    for vector, (start, end) in zip(vectors, places.tolist(), strict=True):
        assert vector == pytest.approx(embedder.embed(words[start:end]), abs=1e-5)
    assert embedder.embed_all([words, [], words[:2]])[2] == pytest.approx(embedder.embed(words[:2]), abs=1e-6)


def test_trees_without_an_end_are_refused() -> None:
    one = np.array([[0, 0]])
    arrays = {"feature": one, "threshold": one, "left": one, "right": one, "value": one, "base": np.zeros(1)}
    with pytest.raises(ValueError, match="end"):
        Trees(arrays)


def test_index_keeps_the_order_of_the_skills(linker: Linker) -> None:
    skills = [Skill("b", "Welding", aliases=("welding", "arc welding")), Skill("a", "Python")]
    arrays = build_index(skills, linker.model)
    assert bytes(arrays["ids"]).decode() == "b\na"
    assert arrays["skill_at"].tolist() == [0, 2, 3]


# --- broken files


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_or_missing_model_is_one_clear_error(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "linker"
    shutil.copytree(FOLDER, folder)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(CorpusError, match=f"{name} has another checksum"):
        LinkModel(folder)
    (folder / name).unlink()
    with pytest.raises(CorpusError, match=name):
        LinkModel(folder)


def test_a_damaged_index_is_one_clear_error(
    small: Taxonomy, linker: Linker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHER_CACHE", str(tmp_path))
    Linker(small)
    [path] = tmp_path.glob("links-*.npz")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CorpusError, match="not an index"):
        Linker(small)


def test_the_model_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 10_000_000


# --- the command


def run(small_files: tuple[Path, Path], *args: str, input: str | bytes = "") -> str:
    result = CliRunner().invoke(main, ["link", *args, "--taxonomy", str(small_files[0])], input=input)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_line_of_input_is_a_line_of_output(small_files: tuple[Path, Path]) -> None:
    text = "MS Excel\n\nfree parking\r\nwound care"
    lines = [json.loads(line) for line in run(small_files, "--format", "jsonl", input=text).splitlines()]
    assert [line["text"] for line in lines] == ["MS Excel", "", "free parking", "wound care"]
    assert [bool(line["skills"]) for line in lines] == [True, False, False, True]
    assert set(lines[0]["skills"][0]) == {"id", "label", "uri", "score"}
    assert lines[0]["skills"][0]["id"] == "microsoft-excel"
    assert json.loads(run(small_files, "--format", "json", input=text)) == lines
    rows = list(csv.DictReader(io.StringIO(run(small_files, "--format", "csv", "--top", "1", input=text))))
    assert [row["line"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[1]["id"] == ""
    assert run(small_files, "--top", "1", input=text).splitlines()[1].endswith("–")
    assert run(small_files) == ""


def test_a_file_and_lines_that_cannot_be_read(small_files: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("\ufeffSQL\n", encoding="utf-8")
    assert json.loads(run(small_files, str(path), "--format", "jsonl"))["text"] == "SQL"
    for bad in (str(tmp_path / "none.txt"), str(tmp_path)):
        result = CliRunner().invoke(main, ["link", bad, "--taxonomy", str(small_files[0])])
        assert result.exit_code == 1
        assert result.stderr.startswith(f"matcher: {bad}: ")
        assert len(result.stderr.splitlines()) == 1
    result = CliRunner().invoke(main, ["link", "-", "--taxonomy", str(small_files[0])], input=b"\xff\xfe\x00")
    assert result.exit_code == 1
    assert "not UTF-8" in result.stderr


# --- evaluation

GOLD = """sentence,span,sub_span,label
Know Java and SQL,Java,,Java
Know Java and SQL,SQL,,sql
Know Java and SQL,and,,LABEL NOT PRESENT
Only this,this,,UNDERSPECIFIED
Bake bread,bread,,Baking
"""


def test_evaluate_link(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text(GOLD, encoding="utf-8")
    assert read_links(path) == {"Know Java and SQL": ["Java", "sql"], "Bake bread": ["Baking"]}
    ranked = {"Know Java and SQL": [("x", 0.9), ("java", 0.8), ("sql", 0.7)], "Bake bread": [("java", 0.1)]}
    figures = evaluate_links(path, lambda texts, top: [ranked[t] for t in texts], {"java": "java", "sql": "sql"})
    assert figures["rp@1"] == 0
    assert figures["rp@5"] == 0.5
    assert figures["mrr"] == 0.25
    assert figures["labels_not_in_taxonomy"] == ["Baking"]
    assert (figures["sentences"], figures["labels"]) == (2, 3)
    assert figures["calibration_error"] == pytest.approx((0.9 + 0.1) / 2)
    low, high = figures["rp@5_interval"]
    assert low <= 0.5 <= high
    assert r_precision(["a", "b", "c", "d", "e"], list("abcdefg"), 5) == 1


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "sentence,label\nx,UNDERSPECIFIED\n", 'sentence,label\n"x,y\n'])
def test_gold_that_cannot_be_used(tmp_path: Path, content: str) -> None:
    path = tmp_path / "gold.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError):
        evaluate_links(path, lambda texts, top: [], {})


def test_evaluate_link_command(small_files: tuple[Path, Path], tmp_path: Path) -> None:
    path, errors = tmp_path / "gold.csv", tmp_path / "errors.jsonl"
    path.write_text(GOLD, encoding="utf-8")
    args = ["evaluate", "link", str(path), "--taxonomy", str(small_files[0])]
    result = CliRunner().invoke(main, [*args, "--format", "json", "--errors", str(errors)])
    figures = json.loads(result.stdout)
    assert figures["rp@5"] == 0.5
    assert len(errors.read_text(encoding="utf-8").splitlines()) == 2
    assert "RP@5 0.500" in CliRunner().invoke(main, args).stdout


def test_training_without_its_data(tmp_path: Path) -> None:
    from matcher.training.linker import read_sources

    with pytest.raises(InputError, match="esco"):
        read_sources(tmp_path)
