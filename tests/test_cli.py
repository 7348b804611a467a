"""The commands: what goes in, what comes out where, and the exit code; every bad input in one clear line."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from matcher import __version__
from matcher.cli import main

from .conftest import AD

GERMAN = (
    "Wir suchen für unser Team in Berlin eine erfahrene Pflegefachkraft, die gerne mit Menschen arbeitet. "
    "Sie haben eine abgeschlossene Ausbildung und bringen Erfahrung in der Wundversorgung mit."
)
REPORT = {"schema", "posting", "requirements", "barriers", "asked_for", "ranking", "uncovered", "warnings", "notice"}

Run = Callable[..., Result]


@pytest.fixture
def run(small_files: tuple[Path, Path]) -> Run:
    """A command over the small inventories."""
    skills, credentials = map(str, small_files)

    def invoke(name: str, *args: object, input: str | bytes | None = None) -> Result:
        more = ["--taxonomy", skills]
        if name in ("match", "batch"):
            more += ["--catalogue", credentials]
        return CliRunner().invoke(main, [name, *map(str, args), *more], input=input)

    return invoke


def loaded(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def one_line(result: Result, code: int = 1) -> str:
    """The one line that an input which cannot be used gives."""
    assert result.exit_code == code, (result.exit_code, result.stderr[-500:], result.stdout[-500:])
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("matcher: ")
    assert "; expected " in line
    assert " Try: " in line
    assert "Traceback" not in line
    assert len(line) < 1000
    return line


# --- the main job


def test_match_from_a_file(run: Run, ad: Path) -> None:
    report = loaded(run("match", ad, "--format", "json"))
    assert set(report) >= REPORT
    assert report["schema"] == "matcher/report/1"
    assert report["posting"]["text"] == AD
    needs = {r["label"]: r["need"] for r in report["requirements"]}
    assert needs["SQL"] == "required"
    assert needs["French"] == "preferred"
    assert needs["Docker"] == "not_required"
    assert {b["kind"] for b in report["barriers"]} >= {"years", "driving"}
    assert {r["credential"]["id"] for r in report["ranking"]} == {"sql-badge", "java-exam", "office-new"}


def test_the_json_adds_up(run: Run, ad: Path) -> None:
    report = loaded(run("match", ad, "--format", "json"))
    units: dict[str, list[dict[str, Any]]] = {}
    for r in report["requirements"]:
        assert set(r) >= {
            "id",
            "skill",
            "label",
            "type",
            "need",
            "weight",
            "gap",
            "level",
            "years",
            "group",
            "mentions",
        }
        for m in r["mentions"]:
            assert set(m) >= {"start", "end", "text", "section", "cue", "source", "score"}
            assert AD[m["start"] : m["end"]] == m["text"]
        if r["need"] != "not_required":
            units.setdefault(r["group"] or r["id"], []).append(r)
    unit_of = {r["id"]: key for key, unit in units.items() for r in unit}
    heavy = {key: max(r["weight"] for r in unit) * min(r["gap"] for r in unit) for key, unit in units.items()}
    total = sum(heavy.values())
    for place, row in enumerate(report["ranking"], 1):
        assert row["rank"] == place
        assert set(row) >= {
            "rank",
            "credential",
            "score",
            "score_high",
            "focus",
            "covers",
            "related",
            "missing",
            "flags",
        }
        assert row["score"] == pytest.approx(sum(c["share"] for c in row["covers"]))
        for c in row["covers"]:
            assert set(c) >= {
                "requirement",
                "skill",
                "relation",
                "assessment",
                "credit",
                "credit_high",
                "share",
                "outcome",
            }
            assert c["share"] == pytest.approx(heavy[unit_of[c["requirement"]]] * c["credit"] / total)
    credential = report["ranking"][0]["credential"]
    assert set(credential) >= {
        "id", "name", "issuer", "issuer_kind", "url", "type", "hours", "cost", "currency", "level", "assessment",
        "language", "country", "mode", "status", "as_of",
    }  # fmt: skip
    assert set(report["uncovered"]) <= set(unit_of)
    assert "not a promise of being hired" in report["notice"]


@pytest.mark.parametrize("file", [["-"], []])
def test_match_from_standard_input(run: Run, ad: Path, file: list[str]) -> None:
    pasted = loaded(run("match", *file, "--format", "json", input=AD))
    read = loaded(run("match", ad, "--format", "json"))
    assert pasted["posting"]["text"] == AD
    assert pasted["ranking"] == read["ranking"]


def test_pasted_text_stays_as_it_is(run: Run) -> None:
    text = "\r\n You must know SQL â€™ &amp; Java.\r\n\t"
    report = loaded(run("extract", "--format", "json", input=text.encode()))
    assert report["posting"]["text"] == text
    for r in report["requirements"]:
        assert all(text[m["start"] : m["end"]] == m["text"] for m in r["mentions"])


def test_extract(run: Run, ad: Path) -> None:
    report = loaded(run("extract", ad, "--format", "json"))
    assert set(report) >= REPORT - {"ranking", "uncovered"}
    assert [r["label"] for r in report["requirements"]] == [
        r["label"] for r in loaded(run("match", ad, "--format", "json"))["requirements"]
    ]


@pytest.mark.parametrize("command", ["match", "extract"])
def test_every_format(run: Run, ad: Path, command: str) -> None:
    out = {f: run(command, ad, "--format", f) for f in ("table", "json", "jsonl", "csv", "md", "html")}
    assert all(r.exit_code == 0 for r in out.values()), {f: r.output for f, r in out.items() if r.exit_code}
    for form, result in out.items():
        assert "SQL" in result.stdout, form
        assert result.stderr == "", form
    assert json.loads(out["jsonl"].stdout) == json.loads(out["json"].stdout)
    assert out["jsonl"].stdout.count("\n") == 1
    rows = list(csv.DictReader(io.StringIO(out["csv"].stdout)))
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)
    assert out["html"].stdout.lstrip().lower().startswith("<!doctype html")
    assert "\x1b" not in out["table"].stdout
    assert max(map(len, out["table"].stdout.splitlines())) <= 80


def test_csv_rows_sum_to_the_scores(run: Run, ad: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("match", ad, "--format", "csv").stdout)))
    for rank in {row["rank"] for row in rows}:
        mine = [row for row in rows if row["rank"] == rank]
        assert float(mine[0]["score"]) == pytest.approx(sum(float(row["share"]) for row in mine))


def test_explain(run: Run, ad: Path) -> None:
    plain, told = run("match", ad).stdout, run("match", ad, "--explain").stdout
    assert "Write queries over several tables" in told
    assert "Write queries over several tables" not in plain
    assert "must" in told
    assert re.search(r"\b0\.\d{3}\b", told)
    # the rows shown sum to the score shown
    shown = [row["score"] for row in loaded(run("match", ad, "--format", "json"))["ranking"]]
    assert all(f"{score:.3f}" in told for score in shown)


def test_every_report_says_what_it_is_not(run: Run, ad: Path) -> None:
    for form in ("table", "json", "jsonl", "md", "html"):
        for input_ in (AD, "You must know Docker.", "Come and work by the sea with us all year."):
            out = " ".join(run("match", "-", "--format", form, input=input_).stdout.split())
            assert "not a promise of being hired" in re.sub(r"<[^>]*>", "", out), (form, input_)


def test_have(run: Run, ad: Path, tmp_path: Path) -> None:
    resume = {
        "skills": [{"name": "SQL", "level": "Master", "keywords": ["Word"]}],
        "languages": [{"language": "French"}],
    }
    (tmp_path / "resume.json").write_text(json.dumps(resume), encoding="utf-8")
    (tmp_path / "list.txt").write_text("SQL\nFrench", encoding="utf-8")
    for have in ("SQL, French", "SQL;French", tmp_path / "list.txt", tmp_path / "resume.json"):
        report = loaded(run("match", ad, "--format", "json", "--have", have))
        gaps = {r["label"]: r["gap"] for r in report["requirements"]}
        assert (gaps["SQL"], gaps["French"], gaps["Java"]) == (0, 0, 1)
        assert "sql-badge" not in {r["credential"]["id"] for r in report["ranking"]}
    report = loaded(run("extract", ad, "--format", "json", "--have", "SQL"))
    assert {r["label"]: r["gap"] for r in report["requirements"]}["SQL"] == 0


def test_you_have_it_all(run: Run) -> None:
    report = loaded(run("match", "-", "--format", "json", "--have", "SQL", input="You must know SQL."))
    assert report["ranking"] == []
    assert [w["code"] for w in report["warnings"]] == ["nothing_to_cover"]
    assert "nothing left to cover" in run("match", "-", "--have", "SQL", input="You must know SQL.").stdout


def test_requirements_round_trip(run: Run, ad: Path, tmp_path: Path) -> None:
    edited = tmp_path / "r.json"
    assert run("extract", ad, "--format", "json", "-o", edited).exit_code == 0
    direct = loaded(run("match", ad, "--format", "json"))
    again = loaded(run("match", "--requirements", edited, "--format", "json"))
    assert again["ranking"] == direct["ranking"]
    assert again["requirements"] == direct["requirements"]
    assert again["barriers"] == direct["barriers"]
    assert again["uncovered"] == direct["uncovered"]


def test_requirements_edited(run: Run, ad: Path, tmp_path: Path) -> None:
    table = json.loads(run("extract", ad, "--format", "json").stdout)
    for r in table["requirements"]:
        if r["label"] == "SQL":
            r["need"] = "not_required"
    table["requirements"] += [{"label": "HACCP"}, {"skill": "wound-care", "need": "preferred"}, {"label": "Juggling"}]
    edited = tmp_path / "r.json"
    edited.write_text(json.dumps(table), encoding="utf-8")
    report = loaded(run("match", "--requirements", edited, "--format", "json"))
    ids = {r["credential"]["id"] for r in report["ranking"]}
    assert "kitchen-card" in ids
    assert "sql-badge" not in ids
    added = {r["label"]: r for r in report["requirements"][-3:]}
    assert (added["HACCP"]["skill"], added["HACCP"]["need"]) == ("haccp", "required")
    assert added["Wound care"]["need"] == "preferred"
    assert added["Juggling"]["skill"] is None
    assert added["Juggling"]["id"] in report["uncovered"]
    for form in ("table", "csv", "md", "html"):
        assert run("match", "--requirements", edited, "--format", form, "--explain").exit_code == 0


def test_requirements_that_share_an_id(run: Run, tmp_path: Path) -> None:
    """Two entries added by hand with the same id would otherwise be counted as one."""
    edited = tmp_path / "r.json"
    edited.write_text(json.dumps({"requirements": [{"id": "r1", "label": "SQL"}, {"id": "r1", "label": "Docker"}]}))
    result = run("match", "--requirements", edited, "--format", "json")
    if result.exit_code == 1:
        one_line(result)
        return
    report = loaded(result)
    assert report["ranking"][0]["score"] == pytest.approx(0.75 / 2)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", "{}", '{"requirements": 3}', '{"requirements": [{}]}', '{"requirements": ["SQL"]}',
     '{"requirements": [{"skill": "none"}]}', '{"requirements": [{"label": "SQL", "need": "maybe"}]}'],
)  # fmt: skip
def test_requirements_that_cannot_be_used(run: Run, tmp_path: Path, content: str) -> None:
    edited = tmp_path / "r.json"
    edited.write_text(content, encoding="utf-8")
    assert str(edited) in one_line(run("match", "--requirements", edited))


@pytest.mark.parametrize(
    "content",
    ['{"requirements": [{"label": "SQL", "mentions": [{"start": 5, "end": 2}]}]}',
     '{"requirements": [{"label": "SQL", "mentions": [{"start": -4, "end": 999}]}]}',
     '{"requirements": [{"label": "SQL", "mentions": 7}]}', '{"requirements": [{"label": 7}]}',
     '{"requirements": [{"label": "SQL", "years": "many", "level": 3}]}', '{"requirements": [{"label": "+"}]}',
     '{"requirements": [{"label": "SQL"}], "posting": "x"}', '{"requirements": [{"label": "SQL"}], "barriers": 3}',
     '{"requirements": [{"label": "SQL"}], "barriers": [{"kind": "odd", "need": "x", "text": "t", "start": 0, "end": 1}]}',
     '{"requirements": [{"label": "Food hygiene certificate"}]}'],
)  # fmt: skip
@pytest.mark.parametrize("form", ["table", "json", "html"])
def test_requirements_edited_by_a_careless_hand(run: Run, tmp_path: Path, content: str, form: str) -> None:
    """A report, or one clear line; never a traceback."""
    edited = tmp_path / "r.json"
    edited.write_text(content, encoding="utf-8")
    result = run("match", "--requirements", edited, "--format", form)
    if result.exit_code == 0:
        assert result.stdout
    else:
        one_line(result)


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        (["--max-hours", 10], {"sql-badge"}), (["--max-cost", 0], {"sql-badge"}), (["--issuer-kind", "association"], {"java-exam"}),
        (["--issuer-kind", "association", "--issuer-kind", "university"], {"java-exam", "office-new"}),
        (["--type", "badge"], {"sql-badge"}), (["--language", "DE"], {"java-exam"}), (["--country", "gb"], {"sql-badge", "office-new"}),
        (["--online"], {"sql-badge"}), (["--practical"], set()), (["--top", 1], {"java-exam"}),
    ],
)  # fmt: skip
def test_filters(run: Run, ad: Path, limits: list[object], kept: set[str]) -> None:
    report = loaded(run("match", ad, "--format", "json", *limits))
    assert {r["credential"]["id"] for r in report["ranking"]} == kept
    if not kept:
        assert "filtered_out" in {w["code"] for w in report["warnings"]}


def test_output_to_a_file(run: Run, ad: Path, tmp_path: Path) -> None:
    result = run("match", ad, "-o", tmp_path / "out.html", "--format", "html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "SQL" in (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "-o" in one_line(run("match", ad, "-o", tmp_path / "none" / "out.txt"))


def test_many_postings_in_one_file(run: Run, tmp_path: Path) -> None:
    ads = tmp_path / "ads.csv"
    ads.write_text(
        'id,text\n7,"You must know SQL in our office."\n8,"You must know Java in our office."\n', encoding="utf-8"
    )
    assert [r["posting"]["id"] for r in loaded(run("match", ads, "--format", "json"))] == ["7", "8"]
    lines = run("match", ads, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["posting"]["id"] for line in lines] == ["7", "8"]
    rows = list(csv.DictReader(io.StringIO(run("match", ads, "--format", "csv").stdout)))
    assert [row["posting"] for row in rows] == ["7", "8"]
    assert "batch" in one_line(run("match", ads, "--format", "html"))


def test_own_and_bundled_inventories(small_files: tuple[Path, Path], tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("title,organization,skills\nMy SQL thing,Me,SQL\n", encoding="utf-8")
    args = ["match", "-", "--format", "json", "--top", "100", "--catalogue", "bundled", "--catalogue", str(own),
            "--columns", "name=title,issuer=organization"]  # fmt: skip
    ids = {r["credential"]["id"] for r in loaded(CliRunner().invoke(main, args, input="You must know SQL."))["ranking"]}
    assert "me-my-sql-thing" in ids
    assert len(ids) > 1


# --- looking things up


def test_skills_and_credentials_commands(tmp_path: Path, small_files: tuple[Path, Path]) -> None:
    def out(*args: str) -> str:
        result = CliRunner().invoke(main, list(args))
        assert result.exit_code == 0, result.output
        return result.stdout

    skills, credentials = map(str, small_files)
    assert "microsoft-excel\tMicrosoft Excel" in out("skills", "search", "excel", "--taxonomy", skills)
    assert "label: SQL" in out("skills", "show", "sql", "--taxonomy", skills)
    assert "skills: 35" in out("skills", "stats", "--taxonomy", skills)
    assert out("skills", "validate", skills) == ""
    assert "java-exam" in out("credentials", "search", "code board", "--catalogue", credentials)
    assert "covers: java [exam]" in out("credentials", "show", "java-exam", "--catalogue", credentials)
    assert "credentials: 5" in out("credentials", "stats", "--catalogue", credentials)
    assert "python" in out("skills", "search", "python")


def test_validate_lists_findings(tmp_path: Path) -> None:
    bad = tmp_path / "s.csv"
    bad.write_text("label,broader\nJava,none\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["skills", "validate", str(bad)])
    assert result.exit_code == 1
    assert result.stdout == "java: broader names none, which is no skill\n"
    assert result.stderr == "matcher: 1 finding\n"


@pytest.mark.parametrize("args", [["skills", "show", "none"], ["credentials", "show", "none"]])
def test_unknown_ids(args: list[str]) -> None:
    assert "'none'" in one_line(CliRunner().invoke(main, args))


def test_evaluate(tmp_path: Path, small_files: tuple[Path, Path]) -> None:
    text = "You must know SQL."
    gold = {"id": "1", "text": text, "occupation": "clerk",
            "skills": [{"label": "SQL", "type": "tool", "need": "required", "spans": [[14, 17]]}], "barriers": [], "traps": []}  # fmt: skip
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(gold) + "\n", encoding="utf-8")
    result = CliRunner().invoke(
        main, ["evaluate", "postings", str(path), "--format", "json", "--taxonomy", str(small_files[0])]
    )
    assert loaded(result)["all"]["label"]["f1"] == 1


# --- bad input


def encrypted(path: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    with path.open("wb") as file:
        writer.write(file)


BAD: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "empty": ("ad.txt", lambda p: p.write_bytes(b""), "no words|no text"),
    "blank": ("ad.txt", lambda p: p.write_bytes(b" \n\n\t "), "no words|no text"),
    "binary": ("ad.txt", lambda p: p.write_bytes(bytes(range(256)) * 40), ""),
    "image": ("ad.png", lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10), ""),
    "50 MB": ("ad.txt", lambda p: p.write_bytes(b"You must know SQL. " * 2_700_000), "MB|characters|large|long"),
    "encrypted PDF": ("ad.pdf", encrypted, "password|encrypted"),
    "broken PDF": ("ad.pdf", lambda p: p.write_bytes(b"%PDF-1.7\nnothing"), ""),
    "broken JSON": ("ad.json", lambda p: p.write_text('{"text": "You must know SQL.", '), "line|JSON"),
    "broken JSON Lines": ("ads.jsonl", lambda p: p.write_text('{"text": \n'), ""),
    "no text column": ("ads.csv", lambda p: p.write_text("number,colour\n1,red\n"), "number, colour|column"),
    "German": ("ad.txt", lambda p: p.write_text(GERMAN, encoding="utf-8"), "German"),
    "missing": ("none.txt", lambda p: None, "no such file"),
    "folder": ("folder", lambda p: p.mkdir(), "folder"),
    "broken Word": ("ad.docx", lambda p: p.write_bytes(b"PK\x03\x04" + bytes(200)), ""),
    "broken Parquet": ("ads.parquet", lambda p: p.write_bytes(b"PAR1" + bytes(50)), ""),
}  # fmt: skip


@pytest.mark.parametrize("command", ["match", "extract"])
@pytest.mark.parametrize("kind", BAD)
def test_input_that_cannot_be_used(run: Run, tmp_path: Path, kind: str, command: str) -> None:
    name, make, says = BAD[kind]
    make(tmp_path / name)
    line = one_line(run(command, tmp_path / name))
    assert str(tmp_path / name) in line
    assert re.search(says, line)


@pytest.mark.parametrize("kind", ["empty", "blank", "binary", "50 MB", "German"])
def test_standard_input_that_cannot_be_used(run: Run, tmp_path: Path, kind: str) -> None:
    name, make, says = BAD[kind]
    make(tmp_path / name)
    assert re.search(says, one_line(run("match", "-", input=(tmp_path / name).read_bytes())))


def test_an_ad_without_requirements_is_a_report_with_a_warning(run: Run) -> None:
    text = "Come and work with us by the sea. We are a happy lot and the coffee is good."
    report = loaded(run("match", "-", "--format", "json", input=text))
    assert (report["requirements"], report["ranking"]) == ([], [])
    assert [w["code"] for w in report["warnings"]] == ["no_requirements"]
    for form in ("table", "md", "html"):
        result = run("match", "-", "--format", form, input=text)
        assert result.exit_code == 0
        assert "No requirements found" in result.stdout


def test_corpora_and_have_that_cannot_be_used(ad: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("nothing\n1\n", encoding="utf-8")

    def line(*args: str) -> str:
        return one_line(CliRunner().invoke(main, ["match", str(ad), *args]))

    assert str(bad) in line("--taxonomy", str(bad))
    assert str(bad) in line("--catalogue", str(bad))
    assert "none.csv" in line("--catalogue", str(tmp_path / "none.csv"))
    assert "--have" in line("--have", "xyzzy")
    assert "--have" in line("--have", "")
    # a path that is not there must not be taken for words in silence
    assert "sql-resume.pdf" in line("--have", str(tmp_path / "sql-resume.pdf"))


@pytest.mark.parametrize(
    "args",
    [["match", "--format", "xml"], ["match", "--nothing"], ["nothing"], ["match", "-", "--max-hours", "many"],
     ["match", "-", "--top", "0"], ["match", "-", "--issuer-kind", "club"], ["batch", "x"], ["batch", "-o", "x"],
     ["match", "a", "b"], ["batch", "x", "-o", "y", "--backend", "none"], ["match", "-", "--columns", "title"],
     ["batch", "x", "-o", "y", "--jobs", "0"]],
)  # fmt: skip
def test_wrong_usage(args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, args, input="You must know SQL.")
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Usage:" in result.stderr or "Error" in result.stderr


def test_help_and_version() -> None:
    for args in (
        ["--help"],
        ["match", "-h"],
        ["batch", "--help"],
        ["skills", "--help"],
        ["evaluate", "postings", "--help"],
    ):
        result = CliRunner().invoke(main, args)
        assert result.exit_code == 0
        assert "Usage:" in result.stdout
    assert __version__ in CliRunner().invoke(main, ["--version"]).stdout


# --- as processes of their own


def start(command: list[str], *args: object, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*command, *map(str, args)], input=input, capture_output=True, timeout=60)


def test_a_process_reads_a_paste(command: list[str], small_files: tuple[Path, Path]) -> None:
    done = start(
        command, "match", "-", "--format", "json", "--taxonomy", small_files[0], "--catalogue", small_files[1],
        input=AD.encode(),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["posting"]["text"] == AD


def test_a_process_with_the_bundled_corpora(command: list[str]) -> None:
    done = start(command, "match", "-", input=b"You must know Excel and SQL. No Java experience needed.")
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    assert "Excel" in text
    assert "SQL" in text
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "input_", "code"),
    [(["match", "-"], b"", 1), (["match", "none.txt"], b"", 1), (["extract", "-"], GERMAN.encode(), 1),
     (["match", "--format", "xml"], b"", 2)],
)  # fmt: skip
def test_a_process_fails_in_one_line(command: list[str], args: list[str], input_: bytes, code: int) -> None:
    done = start(command, *args, input=input_)
    assert done.returncode == code
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.count(b"\n") == 1


def test_a_process_survives_a_narrow_pipe(command: list[str], small_files: tuple[Path, Path]) -> None:
    """`matcher match … | head -1` and output in a terminal's poor encoding."""
    done = subprocess.run(
        [*command, "match", "-", "--taxonomy", str(small_files[0]), "--catalogue", str(small_files[1])],
        input="You must know SQL – “today”. 🙂 naïve".encode(), capture_output=True, timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"},
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_is_told_how_to_end_the_paste(command: list[str], small_files: tuple[Path, Path]) -> None:
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*command, "extract", "--format", "json", "--taxonomy", str(small_files[0])],
        stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.write(ours, b"Clerk\nYou must know SQL.\n\x04")
    out, err = process.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert process.returncode == 0, err
    assert b"Ctrl-D" in err
    assert json.loads(out)["requirements"][0]["label"] == "SQL"
