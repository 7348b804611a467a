"""A batch folder on disk: who may write there, files that are whole or not there, and what is known so far.

What a run has to remember of each posting (ids given, texts seen, the order of chunks, what failed)
lies in an SQLite file that is thrown away with the run; what outlives it are the parts, named by
their content.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matcher.errors import OutputError
from matcher.runner.chunk import Fault, Part
from matcher.runner.tables import TABLES

HIDDEN = ".matcher"


def no_room(what: str, error: BaseException) -> OutputError:
    return OutputError(
        "output", f"{what}: {getattr(error, 'strerror', None) or error}", "room to write",
        "free some space, then run the same command again: what is done is kept",
    )  # fmt: skip


def prepare(out: Path) -> Path:
    """Make the folder and see that it can be written to."""
    try:
        for name in (f"{HIDDEN}/chunks", *(f"{table}.parquet" for table in TABLES)):
            (out / name).mkdir(parents=True, exist_ok=True)
        probe = out / HIDDEN / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutputError(
            "output", f"-o {out}: {error.strerror or error}", "a folder that can be written to", "name another folder"
        ) from error
    return out


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """One run at a time; the lock of a process that died is no lock."""
    from filelock import FileLock, Timeout

    # the system lets go of it with the process, however that ends
    lock = FileLock(out / HIDDEN / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputError(
            "locked", f"-o {out}: another run is writing there", "one run at a time", "wait for it, or name another folder"
        ) from error  # fmt: skip
    try:
        yield
    finally:
        lock.release()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with whole(path) as file:
        file.write(content)


@contextmanager
def whole(path: Path) -> Iterator[io.BufferedWriter]:
    """A file that takes its name when all of it is on the disk; what was there stays until then."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise no_room(str(path), error) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """The name too must outlive a power cut; a system that cannot do that (Windows) has its own ways."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Store:
    """The parts in a folder: put there by key, found again by key."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.hidden = out / HIDDEN
        self.chunks = self.hidden / "chunks"

    def path(self, table: str, key: str) -> Path:
        """Where the part of a chunk lies; that of the postings, without its groups, lies hidden."""
        if table == "postings":
            return self.chunks / f"{key}.parquet"
        return self.out / f"{table}.parquet" / f"part-{key}.parquet"

    def known(self, key: str) -> dict[str, Any] | None:
        """The note on a chunk, if all its files are there as they were written."""
        try:
            note: dict[str, Any] = json.loads((self.chunks / f"{key}.json").read_bytes())
            sizes = {table: self.path(table, key).stat().st_size for table in TABLES}
        except (OSError, ValueError):
            return None
        return note if note.get("sizes") == sizes and not note.get("again") else None

    def signed(self, key: str, count: int) -> bool:
        from matcher.runner.duplicates import BYTES

        try:
            return (self.chunks / f"{key}.signs").stat().st_size == count * BYTES
        except OSError:
            return False

    def put(self, key: str, count: int, part: Part, again: bool) -> None:
        """Write what a chunk became; the note comes last, and says that the rest is there."""
        if part.signatures is not None:
            write_whole(self.chunks / f"{key}.signs", part.signatures)
        if part.tables:
            for table in TABLES:
                write_whole(self.path(table, key), part.tables[table])
            sizes = {table: len(part.tables[table]) for table in TABLES}
            note = {"count": count, "errors": part.errors, "again": again, "sizes": sizes}
            write_whole(self.chunks / f"{key}.json", json.dumps(note).encode())

    def sweep(self, belongs: Callable[[str], bool]) -> None:
        """Remove parts of postings that are no longer there, and what a killed run left half written.

        Parameters
        ----------
        belongs : callable
            Whether the part of this name (a key, with an ending for copies) is one of this run.
        """
        for folder in (*(self.out / f"{table}.parquet" for table in TABLES), self.chunks):
            with os.scandir(folder) as entries:
                for entry in entries:
                    if not belongs(entry.name.removeprefix("part-").rsplit(".", 1)[0]):
                        os.unlink(entry.path)
        for path in (*self.out.glob(".*.tmp"), *self.hidden.glob(".*")):
            if path.is_file():
                path.unlink(missing_ok=True)

    def start(self) -> State:
        """What this run has to remember; what an earlier one left is thrown away."""
        work = self.hidden / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        return State(work)


class State:
    """What one run remembers, on disk. Only the process that holds the lock writes here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # thrown away with the run: nothing need be safe, and little is kept in memory
        self.db = sqlite3.connect(folder / "run.sqlite", isolation_level=None, check_same_thread=False)
        for line in (
            "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA locking_mode=EXCLUSIVE",
            "PRAGMA cache_size=-32000", "PRAGMA temp_store=FILE",
            "CREATE TABLE names (hash INTEGER PRIMARY KEY)",
            "CREATE TABLE texts (hash BLOB PRIMARY KEY, id TEXT, chunk INTEGER) WITHOUT ROWID",
            "CREATE TABLE copies (n INTEGER PRIMARY KEY, chunk INTEGER, original TEXT, id TEXT, source TEXT, by TEXT)",
            "CREATE TABLE chunks (n INTEGER PRIMARY KEY, key TEXT, count INTEGER, known INTEGER)",
            "CREATE INDEX chunk_keys ON chunks (key)",
            "CREATE TABLE extra (name TEXT PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE leaders (place INTEGER PRIMARY KEY, id TEXT)",
            "CREATE TABLE errors (chunk INTEGER, n INTEGER, id TEXT, source TEXT, code TEXT, message TEXT)",
            "BEGIN",
        ):  # fmt: skip
            self.db.execute(line)
        self.failed = 0
        self.copied = 0

    # --- the names that were given; what readers take in place of a set

    def __contains__(self, name: object) -> bool:
        return self.db.execute("SELECT 1 FROM names WHERE hash = ?", (_number(str(name)),)).fetchone() is not None

    def add(self, name: str) -> None:
        self.db.execute("INSERT OR IGNORE INTO names VALUES (?)", (_number(name),))

    # --- texts seen before

    def original(self, hash: bytes) -> tuple[str, int] | None:
        """Id and chunk of the posting that had this text first."""
        found: tuple[str, int] | None = self.db.execute(
            "SELECT id, chunk FROM texts WHERE hash = ?", (hash,)
        ).fetchone()
        return found

    def first(self, hash: bytes, id: str, chunk: int) -> None:
        self.db.execute("INSERT INTO texts VALUES (?, ?, ?)", (hash, id, chunk))

    def copy(self, chunk: int, original: str, id: str, source: str, by: str | None) -> None:
        self.copied += 1
        self.db.execute(
            "INSERT INTO copies (chunk, original, id, source, by) VALUES (?, ?, ?, ?, ?)",
            (chunk, original, id, source, by),
        )

    def copies(self, chunk: int) -> Iterator[tuple[str, str, str, str | None]]:
        """Original, id, source and group of the postings that repeat one of a chunk, in the order they came."""
        yield from self.db.execute("SELECT original, id, source, by FROM copies WHERE chunk = ? ORDER BY n", (chunk,))

    def index(self) -> None:
        """Say that all copies are known."""
        self.db.execute("CREATE INDEX copies_of ON copies (chunk, n)")

    # --- chunks, in their order

    def chunk(self, number: int, key: str, count: int) -> None:
        self.db.execute("INSERT INTO chunks VALUES (?, ?, ?, 0)", (number, key, count))

    def reuse(self, number: int) -> None:
        """Say that an earlier run had computed a chunk."""
        self.db.execute("UPDATE chunks SET known = 1 WHERE n = ?", (number,))

    def chunks(self) -> Iterator[tuple[int, str, int, int]]:
        """Number, key, count, and whether it was known from before."""
        yield from self.db.execute("SELECT n, key, count, known FROM chunks ORDER BY n")

    def extra(self, name: str) -> None:
        self.db.execute("INSERT OR IGNORE INTO extra VALUES (?)", (name,))

    def belongs(self, name: str) -> bool:
        """Whether a part is one of this run: a chunk's key, or the name of one with copies."""
        sql = "SELECT 1 FROM chunks WHERE key = ?1 UNION ALL SELECT 1 FROM extra WHERE name = ?1"
        return self.db.execute(sql, (name,)).fetchone() is not None

    # --- the first of each group of near-duplicates

    def lead(self, place: int, id: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO leaders VALUES (?, ?)", (place, id))

    def leader(self, place: int) -> str:
        return str(self.db.execute("SELECT id FROM leaders WHERE place = ?", (place,)).fetchone()[0])

    # --- what failed

    def fail(self, chunk: int, errors: Iterable[tuple[str, str, str, str]]) -> None:
        """Note failures: of reading under chunk -1, of the work under the number of its chunk."""
        for error in errors:
            self.failed += 1
            self.db.execute("INSERT INTO errors VALUES (?, ?, ?, ?, ?, ?)", (chunk, self.failed, *map(_plain, error)))

    def write_errors(self, path: Path) -> None:
        with whole(path) as raw:
            file = io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", newline="")
            writer = csv.writer(file)
            writer.writerow(["posting", "source", "code", "message"])
            writer.writerows(self.db.execute("SELECT id, source, code, message FROM errors ORDER BY chunk, n"))
            file.flush()
            file.detach()

    def codes(self) -> list[tuple[str, int]]:
        """How many failures of each kind, the most frequent first."""
        return list(self.db.execute("SELECT code, count(*) FROM errors GROUP BY code ORDER BY 2 DESC, 1"))

    def close(self) -> None:
        self.db.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _plain(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _number(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def rows(fault: Fault) -> tuple[str, str, str, str]:
    return fault.id, fault.source, fault.code, fault.message
