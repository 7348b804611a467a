"""Skills inventories: reading, looking up, links, the cache, the validator, and the bundled edition's promises."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from matcher import store
from matcher.errors import CorpusError
from matcher.taxonomy import Taxonomy, load, read_skills, validate
from matcher.taxonomy.read import skill_files, slug
from matcher.types import Skill
from matcher.words import cut


def csv_file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def skill_of(taxonomy: Taxonomy, words: str) -> str | None:
    phrase = taxonomy.find(cut(words).norm)
    return phrase.skill if phrase else None


# --- reading


def test_every_column(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "s.csv",
        "id,label,type,aliases,broader,parts,related,ambiguous,uri,note\n"
        "x1,Go,tool,golang| Go lang |golang,prog,,rust,Go,http://a/b,beware\n",
    )
    assert read_skills(path) == [
        Skill("x1", "Go", "tool", ("golang", "Go lang"), ("prog",), (), ("rust",), ("Go",), "http://a/b", "beware", "s")
    ]  # fmt: skip


def test_only_the_label_is_needed_and_ids_given_are_kept(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "s.csv", "\ufefflabel\nHealth & safety\nC++\n")
    assert [(s.id, s.label, s.type) for s in read_skills(path)] == [
        ("health-and-safety", "Health & safety", "hard"), ("c-plus-plus", "C++", "hard"),
    ]  # fmt: skip
    path = csv_file(tmp_path / "t.csv", "id,label\nESCO/17,Gluing\n")
    taxonomy = load([path])
    assert taxonomy.skill("ESCO/17").label == "Gluing"
    assert "ESCO/17" in taxonomy
    assert "gluing" not in taxonomy


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"name,type\nJava,tool\n", "no_label", "name, type"),
        (b"", "no_label", "missing"),
        (b"label,type\nJava,tool\nKafka,thing\n", "type", "line 3 (Kafka)"),
        (b"label,type\nJava,tool\n ,tool\n", "no_label", "line 3"),
        (b"label\n", "empty", "no rows"),
        ("label\nCafé\n".encode("cp1252"), "encoding", "not UTF-8"),
        (b'label,type\n"Java,tool\n', "csv", ""),
    ],
)
def test_errors_name_the_file_and_the_line(tmp_path: Path, content: bytes, code: str, says: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(CorpusError) as caught:
        load([path])
    assert caught.value.code == code
    assert str(path) in caught.value.what
    assert says in caught.value.what
    assert caught.value.expected
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


def test_a_path_that_is_no_taxonomy(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(CorpusError, match="expected") as caught:
            load([path])
        assert str(path) in caught.value.what


def test_two_inventories_the_first_stands(tmp_path: Path) -> None:
    one = csv_file(tmp_path / "1.csv", "id,label,aliases\na,Java,coffee\nb,SQL,\n")
    two = csv_file(tmp_path / "2.csv", "id,label,aliases\na,Other,\nc,Coffee,\n")
    taxonomy = load([one, two])
    assert (len(taxonomy), taxonomy.skill("a").label) == (3, "Java")
    assert taxonomy.ids() == ["a", "b", "c"]
    assert load([tmp_path]).ids() == ["a", "b", "c"]
    # a label stands before an alias
    assert skill_of(taxonomy, "coffee") == "c"


def test_bundled_and_own_together(tmp_path: Path) -> None:
    own = csv_file(tmp_path / "own.csv", "label\nZorbing instruction\n")
    taxonomy = load(["bundled", own])
    assert skill_of(taxonomy, "zorbing instruction") == "zorbing-instruction"
    assert skill_of(taxonomy, "Python") == "python"


# --- looking up


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("work rotas", "Work rota"), ("WORK ROTA", "Work rota"), ("shift plan", "Work rota"), ("shift plans", "Work rota"),
        ("organising events", "Event organization"), ("event organisation", "Event organization"),
        ("e-mail", "E-mail"), ("email", "E-mail"), ("accessories", "Accessory"), ("glasses", "Glass"),
        ("Search engine optimisation", "Search engine optimization (SEO)"), ("SEO", "Search engine optimization (SEO)"),
        ("stock control", "Stock control"), ("controlling stock", "Stock control"), ("control of stock", "Stock control"),
        ("C#", "C#"), ("c", None), ("work", None),
    ],
)  # fmt: skip
def test_aliases_plurals_spellings_and_verbs(tmp_path: Path, words: str, label: str | None) -> None:
    path = csv_file(
        tmp_path / "s.csv",
        "label,aliases\nWork rota,shift plan\nEvent organization,organizing events\nE-mail,\nAccessory,\nGlass,\n"
        "Search engine optimization (SEO),\nStock control,\nC#,\n",
    )
    taxonomy = load([path])
    found = skill_of(taxonomy, words)
    assert (taxonomy.skill(found).label if found else None) == label


def test_links(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "s.csv",
        "id,label,broader,parts,related\nweld,Welding,,mig,solder\nmig,MIG,,,\ntig,TIG,weld,,\nsolder,Soldering,,,\nmetal,Metalwork,,weld,\n",
    )
    taxonomy = load([path])
    assert taxonomy.children("weld") == ("mig", "tig")
    assert taxonomy.parents("mig") == ("weld",)
    assert taxonomy.parents("weld") == ("metal",)
    assert set(taxonomy.related("solder")) == {"weld"}
    assert set(taxonomy.related("mig")) == {"tig"}
    with pytest.raises(KeyError):
        taxonomy.skill("nothing")


def test_search(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "s.csv", "label,aliases\nJavaScript framework,\nJava,\nCoffee making,java brewing\n")
    assert [s.label for s in load([path]).search("JAVA")] == ["Java", "Coffee making", "JavaScript framework"]
    assert load([path]).search("zzz") == []


def test_it_travels_as_a_path(small: Taxonomy) -> None:
    small.skill("sql")
    data = pickle.dumps(small)
    assert len(data) < 500
    assert pickle.loads(data).skill("sql") == small.skill("sql")


# --- the cache


def test_the_cache_follows_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_CACHE", str(tmp_path / "cache"))
    path = csv_file(tmp_path / "s.csv", "label\nJava\n")
    first = load([path])
    assert first.path.parent == tmp_path / "cache"
    made = first.path.stat().st_mtime_ns
    assert load([path]).path == first.path
    assert first.path.stat().st_mtime_ns == made
    csv_file(path, "label\nPerl\n")
    second = load([path])
    assert second.path != first.path
    assert second.ids() == ["perl"]
    csv_file(path, "label\nJava\n")
    assert load([path]).path == first.path


def test_a_failed_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_CACHE", str(tmp_path / "cache"))
    with pytest.raises(CorpusError):
        load([csv_file(tmp_path / "s.csv", "name\nJava\n")])
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_broken_compiled_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"no database")
    with pytest.raises(CorpusError, match="delete it"):
        Taxonomy(tmp_path / "x.sqlite").ids()


# --- the validator


GOOD = [Skill("welding", "Welding", parts=("mig",)), Skill("mig", "MIG", ambiguous=("MIG",))]


@pytest.mark.parametrize(
    ("defect", "says"),
    [
        (Skill("mig", "Other"), "mig: the id stands twice"),
        (Skill("Bad Id", "Other"), "Bad Id: the id is no slug"),
        (Skill("x", "Welding"), "x: 'Welding' already names welding"),
        (Skill("x", "Other", aliases=("WELDING",)), "x: 'WELDING' already names welding"),
        (Skill("x", "X", broader=("none",)), "x: broader names none, which is no skill"),
        (Skill("x", "X", parts=("none",)), "x: parts names none, which is no skill"),
        (Skill("x", "X", related=("none",)), "x: related names none, which is no skill"),
        (Skill("x", "X", related=("x",)), "x: related names itself"),
        (Skill("x", "X", ambiguous=("Y",)), "x: ambiguous names 'Y'"),
        (Skill("x", "X", aliases=(" ",)), "x: ' ' holds no word"),
        (Skill("x", "X", broader=("mig",), parts=("welding",)), "cycle"),
    ],
)  # fmt: skip
def test_each_defect_is_found(defect: Skill, says: str) -> None:
    assert validate(GOOD) == []
    found = validate([*GOOD, defect])
    assert any(says in finding for finding in found), found
    assert all("\n" not in finding for finding in found)


# --- the bundled inventory


@pytest.fixture(scope="module")
def ours() -> list[Skill]:
    return [skill for file in skill_files(store.corpora() / "skills") for skill in read_skills(file)]


def test_bundled_skills_are_clean(ours: list[Skill]) -> None:
    assert validate(ours) == []


def test_bundled_skills_are_many(ours: list[Skill], bundled: Taxonomy) -> None:
    assert len(ours) >= 1500
    assert sum(len(skill.aliases) for skill in ours) >= 4000
    assert len(bundled) == len({skill.id for skill in ours})
    assert {skill.type for skill in ours} == {"tool", "knowledge", "hard", "soft", "language", "credential"}
    assert len(skill_files(store.corpora() / "skills")) >= 12


def test_most_ids_are_readable(ours: list[Skill]) -> None:
    assert all(slug(skill.id) == skill.id for skill in ours)


@pytest.mark.parametrize(
    ("words", "id"),
    [("MS Excel", "microsoft-excel"), ("Python", "python"), ("HACCP", "haccp"), ("CPR", "cpr"), ("French", "french")],
)
def test_well_known_names(bundled: Taxonomy, words: str, id: str) -> None:
    assert skill_of(bundled, words) == id


@pytest.mark.parametrize(
    "words",
    ["wound care", "bricklaying", "forklift", "payroll", "lesson planning", "food safety", "conveyancing", "SEO",
     "recruitment", "CNC", "risk assessment", "plumbing", "phlebotomy", "bookkeeping", "housekeeping", "warehousing"],
)  # fmt: skip
def test_every_field_of_work_is_there(bundled: Taxonomy, words: str) -> None:
    assert skill_of(bundled, words)
