"""What a batch is fed: archives, tables, odd names, duplicates; and what it gives: formats and documented columns."""

from __future__ import annotations

import csv
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from matcher import batch
from matcher.catalogue import Catalogue
from matcher.readers import Failure, archives, read_paths
from matcher.runner import tables
from matcher.taxonomy import Taxonomy

from .conftest import AD, ROOT

Score = Callable[..., Any]
GOOD = "You must know SQL and the work of our office."


@pytest.fixture
def score(small: Taxonomy, small_catalogue: Catalogue) -> Score:
    return lambda paths, out, **options: batch(
        [paths] if isinstance(paths, Path) else paths, out, taxonomy=small, catalogue=small_catalogue, **options
    )


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(out / f"{name}.parquet")


def failures(out: Path) -> dict[str, str]:
    with (out / "errors.csv").open(encoding="utf-8", newline="") as file:
        return {row["source"].rsplit("!", 1)[-1]: row["code"] for row in csv.DictReader(file)}


# --- archives


def add(archive: tarfile.TarFile, name: str, data: bytes = b"", **fields: Any) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    archive.addfile(info, io.BytesIO(data))


def make_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/ad.txt", GOOD)
        archive.writestr("a/rows.csv", 'id,text\nr1,"You must know Java in our office."\nr2,\n')
        archive.writestr("../out.txt", GOOD)
        archive.writestr("/abs.txt", GOOD)
        archive.writestr("c:\\win.txt", GOOD)
        archive.writestr("inner.zip", b"PK")
        archive.writestr("noise.txt", bytes(range(256)) * 8)
        archive.writestr(".hidden/x.txt", GOOD)
        archive.writestr("__MACOSX/x.txt", GOOD)
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")


def make_tar(path: Path, mode: str) -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        add(archive, "a/ad.txt", GOOD.encode())
        add(archive, "a/rows.csv", b'id,text\nr1,"You must know Java in our office."\nr2,\n')
        add(archive, "../out.txt", GOOD.encode())
        add(archive, "/abs.txt", GOOD.encode())
        add(archive, "c:\\win.txt", GOOD.encode())
        add(archive, "inner.zip", b"PK")
        add(archive, "noise.txt", bytes(range(256)) * 8)
        add(archive, ".hidden/x.txt", GOOD.encode())
        add(archive, "link.txt", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        add(archive, "hard.txt", type=tarfile.LNKTYPE, linkname="a/ad.txt")
        add(archive, "pipe.txt", type=tarfile.FIFOTYPE)


@pytest.mark.parametrize("name", ["ads.zip", "ads.tar", "ads.tar.gz", "ads.tgz", "ads.tar.bz2", "ads.tar.xz"])
def test_archives(tmp_path: Path, score: Score, name: str) -> None:
    """What is good in them is read; each of the rest is a row that says why; nothing is left behind."""
    path, out = tmp_path / name, tmp_path / "out"
    if name.endswith(".zip"):
        make_zip(path)
    else:
        make_tar(path, "w:" + {"gz": "gz", "tgz": "gz", "bz2": "bz2", "xz": "xz"}.get(name.split(".")[-1], ""))
    score(path, out)
    postings = table(out, "postings")
    assert set(postings.posting) == {"ad", "r1"}
    assert set(postings.source) == {f"{path}!a/ad.txt", f"{path}!a/rows.csv#1"}
    found = failures(out)
    assert found.pop("link.txt") == "link"
    if not name.endswith(".zip"):
        assert (found.pop("hard.txt"), found.pop("pipe.txt")) == ("link", "not_a_file")
    assert found == {
        "../out.txt": "unsafe_path", "/abs.txt": "unsafe_path", "c:\\win.txt": "unsafe_path",
        "inner.zip": "nested_archive", "noise.txt": "binary", "a/rows.csv#2": "empty",
    }, found  # fmt: skip
    text = (out / "errors.csv").read_text(encoding="utf-8")
    assert "matcher-" not in text, "the name of a temporary file"
    assert not (tmp_path / "out.txt").exists()


def test_bombs_and_broken_archives(tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "RATIO_FROM", 100_000)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    ads = tmp_path / "ads"
    ads.mkdir()
    with zipfile.ZipFile(ads / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", GOOD)
        archive.writestr("b.txt", b"0" * 20_000_000)
        archive.writestr("c.txt", GOOD + " Never read.")
    with tarfile.open(ads / "bomb.tar.gz", "w:gz") as packed:
        add(packed, "t.txt", GOOD.encode() + b" In a tar.")
        add(packed, "u.txt", b"0" * 20_000_000)
    with zipfile.ZipFile(ads / "many.zip", "w") as archive:
        for i in range(4):
            archive.writestr(f"{i}.txt", f"{GOOD} {i}")
    whole = (ads / "bomb.zip").read_bytes()
    (ads / "broken.zip").write_bytes(whole[: len(whole) // 2])
    (ads / "cut.tar.gz").write_bytes((ads / "bomb.tar.gz").read_bytes()[:100])
    (ads / "no.zip").write_text("no archive at all")
    with zipfile.ZipFile(ads / "none.zip", "w"):
        pass
    out = tmp_path / "out"
    score(ads, out)
    assert set(table(out, "postings").posting) == {"a", "t"}
    with (out / "errors.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["source"].removeprefix(f"{ads}{os.sep}"): row["code"] for row in csv.DictReader(file)}
    assert codes == {
        "bomb.zip!b.txt": "archive_bomb", "bomb.tar.gz!u.txt": "archive_bomb", "many.zip": "too_many",
        "broken.zip": "unreadable", "cut.tar.gz": "unreadable", "no.zip": "unreadable", "none.zip": "empty",
    }  # fmt: skip


def test_a_locked_zip(tmp_path: Path) -> None:
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ad.txt", GOOD)
    data = bytearray(path.read_bytes())
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + at] |= 1
    path.write_bytes(bytes(data))
    (found,) = read_paths([path])
    assert isinstance(found, Failure)
    assert found.error.code == "encrypted"


# --- names, links, tables


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_odd_names_and_links_that_loop(tmp_path: Path, score: Score) -> None:
    ads = tmp_path / "ads"
    (ads / "deep").mkdir(parents=True)
    (ads / "two\nlines.txt").write_text(GOOD)
    Path(os.fsdecode(os.fsencode(ads) + b"/caf\xe9.txt")).write_text(GOOD + " By the sea.")
    (ads / "deep" / "up").symlink_to(ads)
    (ads / "deep" / "round").symlink_to("round")
    (ads / "deep" / "same.txt").symlink_to(ads / "two\nlines.txt")
    out = tmp_path / "out"
    score(ads, out, formats=["parquet", "csv", "jsonl"])
    assert set(table(out, "postings").posting) == {"two\\nlines", "caf\\xe9"}
    assert failures(out) == {str(ads / "deep" / "round"): "not_found"}


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_column_to_group_by(tmp_path: Path, score: Score, form: str) -> None:
    frame = pd.DataFrame({"text": [f"{GOOD} {i}" for i in range(4)], "employer": ["Bramble", "Fitch", "Bramble", None]})
    path = tmp_path / f"ads.{form}"
    {"csv": lambda: frame.to_csv(path, index=False), "parquet": lambda: frame.to_parquet(path),
     "jsonl": lambda: frame.to_json(path, orient="records", lines=True)}[form]()  # fmt: skip
    out = tmp_path / "out"
    score(path, out, by="employer")
    assert sorted(table(out, "postings").by.fillna("")) == ["", "Bramble", "Bramble", "Fitch"]
    score(path, out)
    assert set(table(out, "postings").by) == {str(tmp_path)}
    if form != "jsonl":
        score(path, out, by="emploier")
        assert failures(out) == {str(path): "no_such_column"}


def test_large_tables_are_read_in_pieces(tmp_path: Path) -> None:
    """The first rows come before the last are read."""
    path = tmp_path / "ads.parquet"
    writer = pq.ParquetWriter(path, pa.schema([("text", pa.string())]))
    for i in range(20):
        writer.write_table(pa.table({"text": [f"{GOOD} {i} {j}" for j in range(500)]}))
    writer.close()
    found = read_paths([path])
    assert next(found).id == "ads#1"
    before = pa.total_allocated_bytes()
    assert sum(1 for _ in found) == 9_999
    assert pa.total_allocated_bytes() - before < 5_000_000


# --- duplicates

LONG = " ".join(f"In our office you will meet matter {i} and its friend {i * 7}." for i in range(40))


@pytest.fixture
def doubles(tmp_path: Path) -> Path:
    ads = tmp_path / "doubles"
    ads.mkdir()
    (ads / "a.txt").write_text(f"{GOOD} {LONG}")
    (ads / "b.txt").write_text(f"{GOOD} {LONG}")
    (ads / "c.txt").write_text(f"{GOOD} {LONG} Our town is Leeds.")
    (ads / "d.txt").write_text(f"{AD} This one stands alone.")
    (ads / "e.txt").write_text(f"{GOOD} {LONG}")
    return ads


def test_the_same_ad_is_computed_once(
    doubles: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matcher.runner import chunk

    seen = []
    real = chunk._rows_of
    monkeypatch.setattr(chunk, "_rows_of", lambda posting, *args: (seen.append(posting.id), real(posting, *args))[1])
    out = tmp_path / "out"
    result = score(doubles, out)
    assert seen == ["a", "c", "d"]
    assert (result.postings, result.duplicates, result.vacancies) == (5, 2, 2)
    postings = table(out, "postings").set_index("posting")
    assert postings.duplicate_of.dropna().to_dict() == {"b": "a", "e": "a"}
    assert postings.group.to_dict() == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "a"}
    assert postings.source["b"] == str(doubles / "b.txt")
    assert postings.requirements["b"] == postings.requirements["a"] == 1
    for name in ("requirements", "matches"):
        rows = table(out, name)
        one, other = (rows[rows.posting == id].drop(columns="posting").reset_index(drop=True) for id in "ae")
        pd.testing.assert_frame_equal(one, other)
        assert len(one)
    assert score(doubles, out).reused == 5


def test_near_duplicates_can_be_switched_off(doubles: Path, tmp_path: Path, score: Score) -> None:
    out = tmp_path / "out"
    assert score(doubles, out, near_duplicates=False).vacancies == 3
    assert table(out, "postings").set_index("posting").group["c"] == "c"
    again = score(doubles, out)
    assert (again.vacancies, again.reused) == (2, 5)
    assert table(out, "postings").set_index("posting").group["c"] == "a"
    assert score(doubles, out, near_duplicates=False).vacancies == 3


def test_when_the_original_goes(doubles: Path, tmp_path: Path, score: Score) -> None:
    out = tmp_path / "out"
    score(doubles, out)
    (doubles / "a.txt").unlink()
    score(doubles, out)
    postings = table(out, "postings").set_index("posting")
    assert postings.duplicate_of.dropna().to_dict() == {"e": "b"}
    assert postings.group.to_dict() == {"b": "b", "c": "b", "d": "d", "e": "b"}


def test_short_ads_are_no_near_duplicates(tmp_path: Path, score: Score) -> None:
    for i in range(20):
        (tmp_path / f"{i}.txt").write_text(f"You must know SQL for our office and its many people, number {i}.")
    assert score(tmp_path, tmp_path / "out").vacancies == 20


# --- what comes out


def test_the_columns_are_those_that_are_documented(doubles: Path, tmp_path: Path, score: Score) -> None:
    text = (ROOT / "matcher" / "runner" / "README.md").read_text(encoding="utf-8")
    assert tables.dictionary().strip() in text, (
        "python -c 'from matcher.runner import tables; print(tables.dictionary())'"
    )
    out = tmp_path / "out"
    score([doubles, ROOT / "corpora" / "postings"], out)
    for name, columns in tables.COLUMNS.items():
        for path in (out / f"{name}.parquet").iterdir():
            read = pq.read_table(path)
            assert read.schema.names == list(columns)
            assert [str(field.type) for field in read.schema] == [column.type for column in columns.values()]
            for key, column in columns.items():
                assert column.nullable or read[key].null_count == 0, (name, key)


def test_formats_beside_parquet(doubles: Path, tmp_path: Path, score: Score) -> None:
    out = tmp_path / "out"
    score(doubles, out, formats=["parquet", "csv", "jsonl"])
    for name in tables.TABLES:
        expected = table(out, name).astype(object).where(lambda frame: frame.notna(), None)
        rows = [json.loads(line) for line in (out / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        assert rows == expected.to_dict("records")
        frame = pd.read_csv(out / f"{name}.csv", dtype=str, keep_default_na=False)
        assert list(frame.columns) == list(tables.COLUMNS[name])
        assert list(frame.posting) == list(expected.posting)
    score(doubles, out)
    assert not list(out.glob("*.jsonl"))
    assert [p.name for p in out.glob("*.csv")] == ["errors.csv"]


def test_other_tools_read_it(doubles: Path, tmp_path: Path, score: Score) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    out = tmp_path / "out"
    score(doubles, out)
    for name in tables.TABLES:
        count = len(table(out, name))
        pattern = str(out / f"{name}.parquet" / "*.parquet")
        assert duckdb.connect().execute(f"SELECT count(*) FROM read_parquet('{pattern}')").fetchall() == [(count,)]
        assert len(polars.read_parquet(pattern)) == count
