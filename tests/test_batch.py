"""Many postings: every format, one bad file among good ones, running again, engines, privacy."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from matcher import batch, match
from matcher.catalogue import Catalogue
from matcher.cli import main
from matcher.errors import OutputError
from matcher.taxonomy import Taxonomy
from matcher.types import Posting

from .conftest import AD

TABLES = ("postings", "requirements", "matches")
Score = Callable[..., Any]
JOB = {
    "@context": "https://schema.org", "@type": "JobPosting", "title": "Baker",
    "description": "<p>You must know HACCP.</p><p>We need somebody who likes to work at night.</p>",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Good ads in many formats, and three that cannot be used."""
    top = tmp_path / "ads"
    (top / "deep" / "er").mkdir(parents=True)
    (top / "plain.txt").write_text(AD, encoding="utf-8")
    (top / "note.md").write_text("# Clerk\n\nYou must know SQL and the work of our office.\n", encoding="utf-8")
    (top / "page.html").write_text(
        "<html><body><h1>Coder</h1><p>You must know Java, we will train you on SAP.</p></body></html>", encoding="utf-8"
    )
    (top / "deep" / "job.json").write_text(json.dumps(JOB), encoding="utf-8")
    (top / "deep" / "er" / "rows.csv").write_text(
        'id,title,text\nr1,Clerk,"You must know Word and the work in our office."\nr2,None,\n'
        'r3,Bookkeeper,"You must know Xero or Sage 50 for our books."\n',
        encoding="utf-8",
    )
    (top / "lines.jsonl").write_text(
        json.dumps({"id": "l1", "text": "Welding is required in our shop, and you must know forklifts."})
        + "\n{broken\n",
        encoding="utf-8",
    )
    (top / "german.txt").write_text(
        "Wir suchen für unser Team in Berlin eine Pflegefachkraft, die gerne mit Menschen arbeitet und Erfahrung hat.",
        encoding="utf-8",
    )
    (top / "empty.txt").write_text("", encoding="utf-8")
    (top / "noise.txt").write_bytes(bytes(range(256)) * 8)
    return top


GOOD = {"plain", "note", "page", "job", "r1", "r3", "l1"}


@pytest.fixture
def score(small: Taxonomy, small_catalogue: Catalogue) -> Score:
    return lambda paths, out, **options: batch(
        [paths] if isinstance(paths, Path) else paths, out, taxonomy=small, catalogue=small_catalogue, **options
    )


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(out / f"{name}.parquet")


def content(out: Path) -> dict[str, pd.DataFrame]:
    keys = {"postings": ["posting"], "requirements": ["posting", "requirement"], "matches": ["posting", "rank"]}
    return {n: table(out, n).sort_values(keys[n]).reset_index(drop=True) for n in TABLES}


def errors(out: Path) -> dict[str, str]:
    with (out / "errors.csv").open(encoding="utf-8", newline="") as file:
        return {Path(row["source"]).name: row["code"] for row in csv.DictReader(file)}


def test_mixed_formats_and_bad_files(folder: Path, tmp_path: Path, score: Score) -> None:
    out = tmp_path / "out"
    result = score(folder, out)
    assert set(table(out, "postings").posting) == GOOD
    assert (result.postings, result.reused, result.out) == (len(GOOD), 0, out)
    failed = errors(out)
    assert failed["german.txt"] == "language"
    assert failed["empty.txt"] == "empty"
    assert failed["noise.txt"] == "binary"
    assert {"rows.csv#2", "lines.jsonl#2"} <= set(failed)
    assert result.failed == len(failed) == 5
    with (out / "errors.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["message"]
            assert "\n" not in row["message"]


def test_the_tables_agree_with_match(
    folder: Path, tmp_path: Path, score: Score, small: Taxonomy, small_catalogue: Catalogue
) -> None:
    score(folder, tmp_path / "out")
    report = match(Posting("plain", AD), taxonomy=small, catalogue=small_catalogue, model="fast")
    postings, requirements, matches = (
        frame[frame.posting == "plain"] for frame in (table(tmp_path / "out", name) for name in TABLES)
    )
    assert postings.characters.item() == len(AD)
    assert postings.best_score.item() == report.ranking[0].score
    assert list(requirements.requirement) == [r.id for r in report.requirements]
    assert list(requirements.need) == [r.need for r in report.requirements]
    assert list(requirements.weight) == [r.weight for r in report.requirements]
    assert [AD[a:b] for a, b in zip(requirements.start, requirements.end, strict=True)] == list(requirements.text)
    assert list(matches.credential) == [r.credential.id for r in report.ranking]
    assert list(matches.score) == [r.score for r in report.ranking]
    assert [sum(row[4] for row in json.loads(c)) for c in matches.covers] == pytest.approx(
        list(matches.score), abs=1e-5
    )
    uncovered = set(report.uncovered)
    for row in requirements.itertuples():
        assert row.covered == (row.requirement not in uncovered and row.need != "not_required"), row


def test_the_run_is_recorded(folder: Path, tmp_path: Path, score: Score) -> None:
    score(folder, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {"matcher", "taxonomy", "catalogue", "options", "postings", "failed", "seconds"} <= set(record)
    assert (record["postings"], record["failed"]) == (len(GOOD), 5)


def test_the_report_page_is_there(folder: Path, tmp_path: Path, score: Score) -> None:
    """The contract lists report.html, self-contained, in the batch folder."""
    score(folder, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html")
    assert 'src="http' not in page
    assert 'rel="stylesheet"' not in page


def test_again_only_what_changed(folder: Path, tmp_path: Path, score: Score) -> None:
    out = tmp_path / "out"
    score(folder, out)
    first = content(out)
    again = score(folder, out)
    assert (again.postings, again.reused, again.failed) == (len(GOOD), len(GOOD), 5)
    assert all(first[name].equals(content(out)[name]) for name in TABLES)
    assert len(errors(out)) == 5

    (folder / "note.md").write_text("# Clerk\n\nYou must know Docker and the work of our office.\n", encoding="utf-8")
    changed = score(folder, out)
    assert changed.postings == len(GOOD)
    assert set(table(out, "requirements").query("posting == 'note'").skill) == {"docker"}
    assert len(table(out, "postings")) == len(GOOD)

    (folder / "plain.txt").unlink()
    assert score(folder, out).postings == len(GOOD) - 1
    assert "plain" not in set(table(out, "postings").posting)
    assert not set(table(out, "matches").posting) - set(table(out, "postings").posting)


def test_new_files_leave_the_old_ones_alone(tmp_path: Path, score: Score) -> None:
    """Of many files, one that comes or changes does not make the others be computed again."""
    ads, out = tmp_path / "ads", tmp_path / "out"
    ads.mkdir()
    for i in range(1000):
        (ads / f"{i:04}.txt").write_text(f"You must know SQL for our office number {i}.", encoding="utf-8")
    score(ads, out)
    (ads / "0000a.txt").write_text("You must know Docker in the new office of ours.", encoding="utf-8")
    result = score(ads, out)
    assert (result.postings, len(table(out, "postings"))) == (1001, 1001)
    assert result.reused >= 500


def test_other_options_compute_again(folder: Path, tmp_path: Path, score: Score) -> None:
    score(folder, tmp_path / "out")
    assert score(folder, tmp_path / "out", top=1).reused == 0
    assert table(tmp_path / "out", "matches")["rank"].max() == 1


ENGINES = ["loky", "threading", "dask", pytest.param("ray", marks=pytest.mark.engines),
           pytest.param("spark", marks=pytest.mark.engines)]  # fmt: skip


@pytest.mark.parametrize("backend", ENGINES)
def test_every_engine_gives_the_same(folder: Path, tmp_path: Path, score: Score, backend: str) -> None:
    """Tables equal when sorted by id, failures too; with our writer the very bytes."""
    for i in range(60):
        (folder / f"more{i}.txt").write_text(f"{AD}\nOffice number {i} needs Kafka.", encoding="utf-8")
    alone = score(folder, tmp_path / "one", chunk_size=20)
    many = score(folder, tmp_path / "many", chunk_size=20, backend=backend, jobs=2)
    assert (alone.postings, alone.failed, alone.vacancies) == (many.postings, many.failed, many.vacancies)
    one, other = content(tmp_path / "one"), content(tmp_path / "many")
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], other[name])
    assert (tmp_path / "one" / "errors.csv").read_bytes() == (tmp_path / "many" / "errors.csv").read_bytes()
    assert parts(tmp_path / "one") == parts(tmp_path / "many")


def parts(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("part-*")}


def test_every_core_but_none(folder: Path, tmp_path: Path, score: Score) -> None:
    score(folder, tmp_path / "one")
    score(folder, tmp_path / "many", jobs=-1)
    assert parts(tmp_path / "one") == parts(tmp_path / "many")


@pytest.mark.parametrize("backend", ["dask", "ray", "spark"])
def test_an_engine_that_is_not_installed(
    folder: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    from matcher.errors import InputError

    for name in ("dask", "ray", "pyspark.sql"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=rf"not installed.*\[{backend}\]"):
        score(folder, tmp_path / "out", backend=backend)


def test_options_that_do_not_go_together(folder: Path, tmp_path: Path, score: Score) -> None:
    from matcher.errors import InputError

    with pytest.raises(InputError, match="a thread cannot be stopped"):
        score(folder, tmp_path / "out", backend="threading", time_limit=1)
    with pytest.raises(InputError, match="--scheduler"):
        score(folder, tmp_path / "out", scheduler="tcp://127.0.0.1:1")
    with pytest.raises(InputError, match="xlsx"):
        score(folder, tmp_path / "out", formats=["xlsx"])


def test_an_unknown_engine_is_told_plainly(folder: Path, tmp_path: Path, score: Score) -> None:
    from matcher.errors import MatcherError

    with pytest.raises(MatcherError):
        score(folder, tmp_path / "out", backend="nonsense", jobs=2)


def test_the_same_bytes(folder: Path, tmp_path: Path, score: Score) -> None:
    for name in ("a", "b"):
        score(folder, tmp_path / name)
    for table_ in TABLES:
        parts = [sorted((tmp_path / name / f"{table_}.parquet").glob("part-*")) for name in ("a", "b")]
        assert [p.name for p in parts[0]] == [p.name for p in parts[1]]
        assert all(x.read_bytes() == y.read_bytes() for x, y in zip(*parts, strict=True))


def test_what_a_person_has_is_never_written(folder: Path, tmp_path: Path, score: Score) -> None:
    """Neither the words of the résumé nor the skills in it stand anywhere in the folder."""
    out = tmp_path / "out"
    resume = tmp_path / "resume.txt"
    resume.write_text("Jo Tester, 4 Secret Street: SQL, advanced Wound care", encoding="utf-8")
    score(folder, out, have=resume)
    everything = b"".join(p.read_bytes() for p in out.rglob("*") if p.is_file() and p.suffix != ".parquet")
    for word in (b"Secret Street", b"Tester", b"resume.txt", b"wound-care", b"Wound care"):
        assert word not in everything
    for name in TABLES:
        cells = str(table(out, name).to_dict("list"))
        assert "Secret" not in cells
        assert "wound-care" not in cells
    # nor can it be read off the gaps: they would list the skills
    assert "gap" not in table(out, "requirements").columns


def test_have_changes_the_ranking(folder: Path, tmp_path: Path, score: Score) -> None:
    score(folder, tmp_path / "out", have="SQL")
    assert "sql-badge" not in set(table(tmp_path / "out", "matches").credential)


def test_globs_files_and_folders_once(folder: Path, tmp_path: Path, score: Score) -> None:
    result = score([folder / "*.md", folder / "note.md", folder / "page.html"], tmp_path / "out")
    assert result.postings == 2


def test_nothing_but_bad_files(folder: Path, tmp_path: Path, score: Score) -> None:
    result = score([folder / "empty.txt", folder / "german.txt", tmp_path / "none.txt"], tmp_path / "out")
    assert (result.postings, result.failed) == (0, 3)
    assert set(errors(tmp_path / "out")) == {"empty.txt", "german.txt", "none.txt"}
    for name in TABLES:
        assert len(table(tmp_path / "out", name)) == 0


def test_an_ad_that_asks_nothing_is_a_row(tmp_path: Path, score: Score) -> None:
    (tmp_path / "ad.txt").write_text("Come and work with us by the sea, we are nice to all.", encoding="utf-8")
    assert score(tmp_path / "ad.txt", tmp_path / "out").postings == 1
    row = table(tmp_path / "out", "postings").iloc[0]
    assert json.loads(row.warnings) == ["no_requirements"]
    assert pd.isna(row.best_score)


def test_two_files_of_one_name(tmp_path: Path, score: Score) -> None:
    """Ids stay apart, or the tables cannot be joined."""
    for name in ("a", "b"):
        (tmp_path / "ads" / name).mkdir(parents=True)
        (tmp_path / "ads" / name / "ad.txt").write_text(f"You must know SQL in our office {name}.", encoding="utf-8")
    score(tmp_path / "ads", tmp_path / "out")
    postings = table(tmp_path / "out", "postings")
    assert postings.posting.is_unique
    assert len(postings) == 2


def test_a_place_that_cannot_be_written(folder: Path, tmp_path: Path, score: Score) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="-o"):
        score(folder, tmp_path / "file" / "out")


def test_a_part_that_was_lost_is_made_again(folder: Path, tmp_path: Path, score: Score) -> None:
    out = tmp_path / "out"
    score(folder, out)
    first = content(out)
    for part in (out / "requirements.parquet").glob("part-*"):
        part.unlink()
    score(folder, out)
    assert first["requirements"].equals(content(out)["requirements"])


# --- the command


@pytest.fixture
def run(small_files: tuple[Path, Path]) -> Callable[..., Result]:
    skills, credentials = map(str, small_files)
    return lambda *args: CliRunner().invoke(
        main, ["batch", *map(str, args), "--taxonomy", skills, "--catalogue", credentials, "--jobs", "1"]
    )


def test_the_command(folder: Path, tmp_path: Path, run: Callable[..., Result]) -> None:
    out = tmp_path / "out"
    result = run(folder, "-o", out)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "5 failed" in result.stderr
    assert "errors.csv" in result.stderr
    assert run(folder, "-o", out, "--quiet").stderr == ""
    good = run(folder / "plain.txt", folder / "note.md", "-o", tmp_path / "good")
    assert good.exit_code == 0
    assert "2 postings" in good.stderr
    assert run(folder / "plain.txt", "-o", folder / "plain.txt" / "x").exit_code == 1


def test_a_folder_that_is_not_there(tmp_path: Path, run: Callable[..., Result]) -> None:
    result = run(tmp_path / "none", "-o", tmp_path / "out")
    assert result.exit_code in (1, 3)
    assert "Traceback" not in result.stderr
    if result.exit_code == 1:
        assert "none" in result.stderr
    else:
        assert errors(tmp_path / "out") == {"none": "not_found"}


def test_a_process_with_processes(
    folder: Path, tmp_path: Path, command: list[str], small_files: tuple[Path, Path]
) -> None:
    done = subprocess.run(
        [*command, "batch", str(folder), "-o", str(tmp_path / "out"), "--jobs", "2", "--taxonomy", str(small_files[0]),
         "--catalogue", str(small_files[1])],
        capture_output=True, text=True, timeout=120, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert set(table(tmp_path / "out", "postings").posting) == GOOD


# --- progress


def on_a_terminal(command: list[str]) -> str:
    """What a command writes to standard error when that is a terminal."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    try:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, stdin=subprocess.DEVNULL) as running:
            os.close(theirs)
            pieces = []
            while True:
                try:
                    piece = os.read(ours, 4096)
                except OSError:  # the other end is closed
                    break
                if not piece:
                    break
                pieces.append(piece)
        assert running.returncode == 3, b"".join(pieces)
    finally:
        os.close(ours)
    return b"".join(pieces).decode()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_progress_on_a_terminal_and_nowhere_else(small_files: tuple[Path, Path], tmp_path: Path) -> None:
    """All that is given is counted in: copies, what cannot be read, what is known from before."""
    ads = tmp_path / "ads"
    ads.mkdir()
    for i in range(4):
        (ads / f"{i}.txt").write_text(f"You must know SQL, office {i % 3}.")
    (ads / "empty.txt").write_text("")
    (ads / "table.csv").write_text("id,text\na,You must know HACCP.\nb,\n")
    command = [sys.executable, "-m", "matcher", "batch", str(ads), "-o", str(tmp_path / "out"), "--jobs", "1",
               "--taxonomy", str(small_files[0]), "--catalogue", str(small_files[1])]  # fmt: skip
    shown = on_a_terminal(command)
    last = re.findall(r"100%\|[^|]*\| 7/7 \[[^\]]*\]", shown)
    assert last, shown
    assert re.search(r"<00:00,.*ads/s|s/ ads", last[-1])
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 3
    assert "postings scored (5 of them known" in again.stderr
    assert "ads/s" not in again.stderr
    assert "%|" not in again.stderr


def test_what_will_be_read_is_counted_where_it_can_be(folder: Path, tmp_path: Path) -> None:
    import gzip
    import zipfile

    from matcher.readers import count, read_paths

    many = tmp_path / "many"
    many.mkdir()
    rows = [{"id": i, "text": f"You must know SQL {i}."} for i in range(5)]
    (many / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n{broken\n")
    (many / "b.jsonl.gz").write_bytes(gzip.compress((many / "a.jsonl").read_bytes()))
    (many / "c.csv").write_text('id,text\n1,"Two\nlines"\n\n2,\n3,a,b\n')
    (many / "d.csv").write_text("id,colour\n1,red\n2,blue\n")  # no column of text: one failure
    (many / "e.html").write_text("<html><p>You must know SQL.</p></html>")
    (many / "f.json").write_text('{"text": "You must know SQL."}')
    pq.write_table(pa.Table.from_pylist(rows), many / "g.parquet")
    (many / "h.parquet").write_text("no table")
    (many / "i.txt").symlink_to(many / "e.html")
    (many / "j.bin").write_bytes(b"\0\1\2")
    given = [many, tmp_path / "none.txt"]
    assert count(given) == len(list(read_paths(given))) == 6 + 6 + 3 + 1 + 1 + 1 + 5 + 1 + 1 + 1
    assert count(many / "c.csv", by="town") == len(list(read_paths(many / "c.csv", by="town"))) == 1
    for name, content in {
        "list.json": '[{"text": "One."}, {"text": "Two."}]',
        "two.html": '<script type="application/ld+json">[{"@type": "JobPosting"}, {"@type": "JobPosting"}]</script>',
    }.items():
        (tmp_path / name).write_text(content)
        assert count(tmp_path / name) is None
    with zipfile.ZipFile(tmp_path / "ads.zip", "w") as archive:
        archive.writestr("a.txt", "You must know SQL.")
    assert count([many, tmp_path / "ads.zip"]) is None
