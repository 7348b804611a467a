"""Files and streams -> Posting.

A bad input is an `InputError`; a bad row of a table, or a bad file among many, is a `Failure` in its
place, and the rest go on. Nothing heavy is imported before a file needs it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from matcher.errors import InputError
from matcher.readers import archives, docx, files, objects, pdf, tables
from matcher.readers import paths as _paths
from matcher.readers.decoding import decode, repair
from matcher.readers.record import Record
from matcher.readers.text import read_stdin, read_text
from matcher.types import Posting

__all__ = ["Failure", "Names", "count", "read_file", "read_paths", "read_stdin", "read_text"]

MAX_ID = 200
MAX_TITLE = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or a row that could not be used, and why.

    Attributes
    ----------
    id : str
        What the posting would have been called.
    source : str
        The path, with ``#row`` for a row of a table.
    error : InputError
        With a code, what was given, what was expected, and what to do.
    """

    id: str
    source: str
    error: InputError


def read_file(path: str | os.PathLike[str], by: str | None = None) -> Iterator[Posting | Failure]:
    """Read the postings of one file: one of a document, one a row of a table.

    Parameters
    ----------
    path : str or path
        Text, Markdown, HTML, PDF, Word (.docx), JSON, JSON-LD, JSONL, CSV, TSV or Parquet; the text
        formats also with gzip; .zip, .tar, .tar.gz of them. A file with an unknown ending is recognised by
        how it begins.
    by : str, optional
        A column of tables, a field of objects, whose value goes along as `Posting.by`.

    Yields
    ------
    Posting or Failure
        A Failure for a row that cannot be used; the rows after it follow. Mojibake is repaired and
        line ends are ``\\n``; HTML becomes text. Ids are the file's name without its ending, a row's
        own id, or ``<name>#<row>``, and unique in the file.

    Raises
    ------
    InputError
        About the whole file, once reading begins: ``not_found``, ``is_folder``, ``not_a_file``,
        ``unreadable``, ``encrypted``, ``no_text``, ``no_text_column``, ``malformed``, and those of
        `read_text` where the file is one document.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "ads.csv")
    ...     _ = file.write_text('id,Job Description\\n7,"We need a welder, now."\\n8,\\n')
    ...     good, bad = read_file(file)
    >>> good.id, good.text
    ('7', 'We need a welder, now.')
    >>> bad.id, bad.error.code
    ('8', 'empty')
    """
    path = Path(path)
    yield from _read(path, path.name, set(), by)


class Names(Protocol):
    """What remembers names: a set, or something that holds them on disk."""

    def __contains__(self, name: object, /) -> bool: ...
    def add(self, name: str, /) -> None: ...


def read_paths(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
    *,
    by: str | None = None,
    seen: Names | None = None,
) -> Iterator[Posting | Failure]:
    """Read files, folders and globs, one posting after the other.

    Parameters
    ----------
    paths : iterable of str or path, or one of them
        Folders are read with the folders in them, sorted, without hidden files; a file that is
        reached twice is read once.
    by : str, optional
        As in `read_file`.
    seen : Names, optional
        Where to remember the ids given and the files read; in memory if not given.

    Yields
    ------
    Posting or Failure
        As `read_file`; a path that cannot be used at all is a Failure too. Ids are unique over
        the whole run: a name that was used before gives way to the file's path in its folder.

    Examples
    --------
    >>> [item.error.code for item in read_paths(["no-such-folder/*.txt"])]
    ['not_found']
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    if seen is None:
        seen = set()
    for path, name, error in _paths.walk(paths, seen):
        try:
            if error is not None:
                raise error
            yield from _read(path, name, seen, by)
        except InputError as failed:
            id = _unique(files.stem(path) or files.shown(name), files.shown(name), seen)
            yield Failure(id, files.shown(path), failed)


_COUNTED = 1_000_000_000
"""Bytes that are looked at for a count: at some 100 MB a second that is little beside what comes after it."""


def count(paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str], *, by: str | None = None) -> int | None:
    """How many items `read_paths` will give, without making postings of them; None where only reading would tell.

    That is so with archives, with pages and JSON that may hold several ads, and with more than a gigabyte of
    tables and pages. A file that breaks off midway, or changes meanwhile, gives another number than was counted.

    Examples
    --------
    >>> count(["no-such-folder/*.txt"])
    1
    """
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    total, room = 0, _COUNTED
    for path, _, error in _paths.walk(paths, _Hashes()):
        if error is not None:
            total += 1
            continue
        try:
            files.check(path)
            if archives.is_archive(path):
                return None
            kind = files.kind_of(path)
            if kind in _COUNTERS:
                room -= path.stat().st_size
                if room < 0:
                    return None
                found = _COUNTERS[kind](path, by)
                if found is None:
                    return None
                total += found
            else:
                total += 1
        except InputError:
            total += 1  # read_paths gives a Failure
        except OSError:
            return None
    return total


class _Hashes:
    """Names of which only a number is kept: for a million files a fifth of what the names would take."""

    def __init__(self) -> None:
        self.known: set[int] = set()

    def __contains__(self, name: object) -> bool:
        return hash(name) in self.known

    def add(self, name: str) -> None:
        self.known.add(hash(name))


def _read(path: Path, name: str, seen: Names, by: str | None) -> Iterator[Posting | Failure]:
    """The postings of a file that is called `name` in this run; `seen` are the ids already given."""
    files.check(path)
    if archives.is_archive(path):
        yield from _read_archive(path, name, seen, by)
    else:
        yield from _read_as(path, name, files.shown(path), files.stem(path), seen, by)


def _read_archive(path: Path, name: str, seen: Names, by: str | None) -> Iterator[Posting | Failure]:
    empty = True
    for member, here, error in archives.members(path):
        empty = False
        inner = files.shown_text(member)
        place, stem = f"{files.shown(path)}!{inner}", files.stem(Path(inner))
        try:
            if here is None:
                raise error or InputError("unreadable", f"{place}: nothing in it", files.FORMATS, "leave it out")
            for found in _read_as(here, f"{files.shown(name)}!{inner}", place, stem, seen, by):
                if isinstance(found, Failure):
                    found = replace(found, error=archives.rename(found.error, here, place))
                yield found
        except InputError as failed:
            failed = archives.rename(failed, here, place) if here is not None else failed
            yield Failure(_unique(stem or place, place, seen), place, failed)
    if empty:
        raise InputError("empty", f"{files.shown(path)}: no files in it", files.FORMATS, "pack the ads into it")


def _read_as(path: Path, name: str, source: str, stem: str, seen: Names, by: str | None) -> Iterator[Posting | Failure]:
    kind, name = files.kind_of(path), files.shown(name)
    for record in _WITH_COLUMNS[kind](path, by) if kind in _WITH_COLUMNS else _READERS[kind](path):
        if record.row is None:
            if record.error is not None:
                raise record.error
            posting = _posting(record, source, _id(record.id) or stem)
            yield replace(posting, id=_unique(posting.id, name, seen))
            continue
        place, numbered = f"{source}#{record.row}", f"{name}#{record.row}"
        id = _unique(_id(record.id) or f"{stem}#{record.row}", numbered, seen)
        try:
            if record.error is not None:
                raise record.error
            yield _posting(record, place, id)
        except InputError as error:
            yield Failure(id, place, error)


def _posting(record: Record, source: str, id: str) -> Posting:
    title = " ".join(repair(record.title or "").split())[:MAX_TITLE] or None
    posting = read_text(repair(record.text), id=id, source=source, title=title)
    return posting if record.by is None else replace(posting, by=_label(record.by))


def _label(given: str) -> str | None:
    return files.shown_text(" ".join(given.split()))[:MAX_ID] or None


def _id(given: str | None) -> str | None:
    return files.shown_text(given.strip())[:MAX_ID] or None if given else None


def _unique(id: str, instead: str, seen: Names) -> str:
    """`id`, or `instead` if that is taken, or `instead` with a number; noted as taken."""
    number = 1
    while id in seen:
        id = instead if number == 1 else f"{instead}~{number}"
        number += 1
    seen.add(id)
    return id


def _read_plain(path: Path) -> Iterator[Record]:
    yield Record(text=decode(files.read_whole(path)))


_READERS: dict[str, Callable[[Path], Iterator[Record]]] = {
    "text": _read_plain,
    "pdf": pdf.read_pdf,
    "docx": docx.read_docx,
}
_WITH_COLUMNS: dict[str, Callable[[Path, str | None], Iterator[Record]]] = {
    "html": objects.read_html,
    "json": objects.read_json,
    "jsonl": objects.read_jsonl,
    "csv": tables.read_csv,
    "parquet": tables.read_parquet,
}
_COUNTERS: dict[str, Callable[[Path, str | None], int | None]] = {
    "html": objects.count_html,
    "json": objects.count_json,
    "jsonl": objects.count_jsonl,
    "csv": tables.count_csv,
    "parquet": tables.count_parquet,
}
