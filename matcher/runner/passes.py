"""The two passes of a run: every chunk that is not known is computed; then groups and copies make the tables whole."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from matcher.runner import engines, tables
from matcher.runner.chunk import Job, Task, compute
from matcher.runner.duplicates import BYTES, Groups
from matcher.runner.state import State, Store, rows, write_whole
from matcher.runner.tables import TABLES
from matcher.types import Posting

if TYPE_CHECKING:
    import pyarrow as pa

_MOST = 10
"""A chunk has at most so many times the usual number of postings."""
_CHUNK_CHARACTERS = 8_000_000
_COPIES = 5_000


class Finished(NamedTuple):
    postings: int
    copies: int
    vacancies: int
    reused: int


class _Chunk(NamedTuple):
    number: int
    key: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True)
class Run:
    """One run: what it works with, and its two passes."""

    job: Job
    folder: Path
    store: Store
    state: State
    near: bool
    limit: float | None
    by: str | None
    size: int
    salt: str

    def compute(self, paths: Sequence[str | Path], engine: engines.Engine, bar: Callable[[int], None]) -> int:
        """First pass: every chunk that is not known is computed and put into the store; how many postings."""
        computed = 0
        for done in engines.run(engine, compute, self._tasks(paths, bar)):
            number, key, count, note = done.tag
            if done.part is not None:
                self.store.put(key, count, done.part, done.again)
            if note is None:
                errors = [rows(error) for error in done.part.errors] if done.part else []
                computed += count
            else:
                errors = [(id, source, code, message) for _, id, source, code, message in note["errors"]]
                self.state.reuse(number)
            self.state.fail(number, errors)
            bar(count)
        return computed

    def _tasks(self, paths: Sequence[str | Path], bar: Callable[[int], None]) -> Iterator[tuple[Any, Task | None]]:
        for number, key, postings in self._chunks(paths, bar):
            self.state.chunk(number, key, len(postings))
            note = self.store.known(key)
            task = Task(
                postings, self.job, rows=note is None,
                sign=self.near and not self.store.signed(key, len(postings)), limit=self.limit,
            )  # fmt: skip
            yield (number, key, len(postings), note), task if task.rows or task.sign else None

    def _chunks(self, paths: Sequence[str | Path], bar: Callable[[int], None]) -> Iterator[_Chunk]:
        """Different postings in chunks of bounded size; what cannot be read is a failure, what repeats a copy.

        A chunk ends where a posting's own checksum says so, about every `size` postings: a new file in
        the middle changes the chunk it falls into and leaves the others as they were.
        """
        from matcher.readers import Failure, read_paths

        chunk: list[Posting] = []
        number = characters = 0
        for found in read_paths([Path(path) for path in paths], by=self.by, seen=self.state):
            if isinstance(found, Failure):
                self.state.fail(-1, [(found.id, found.source, found.error.code, str(found.error))])
                bar(1)
                continue
            if self.by is None:
                found = replace(found, by=os.path.dirname(found.source.rsplit("#", 1)[0]) or None)
            text = found.text.encode("utf-8", "surrogatepass")
            hash = hashlib.blake2b(
                (found.title or "").encode("utf-8", "surrogatepass") + b"\0" + text, digest_size=16
            ).digest()
            if (original := self.state.original(hash)) is not None:
                self.state.copy(original[1], original[0], found.id, found.source, found.by)
                bar(1)
                continue
            self.state.first(hash, found.id, number)
            chunk.append(found)
            characters += len(text)
            ends = zlib.crc32(text) % self.size == 0
            if ends or len(chunk) >= _MOST * self.size or characters >= _CHUNK_CHARACTERS:
                yield _Chunk(number, self._key(chunk), tuple(chunk))
                chunk, characters, number = [], 0, number + 1
        if chunk:
            yield _Chunk(number, self._key(chunk), tuple(chunk))

    def _key(self, chunk: list[Posting]) -> str:
        digest = hashlib.sha256(self.salt.encode())
        for posting in chunk:
            for text in (posting.id, posting.source, posting.title or "", posting.by or "", posting.text):
                digest.update(text.encode("utf-8", "surrogatepass"))
                digest.update(b"\0")
        return digest.hexdigest()[:24]

    def finish(self) -> Finished:
        """Second pass, in order: the table of postings gets its groups, and copies get the rows of their originals."""
        groups = self._groups() if self.near else None
        postings = copies = vacancies = reused = place = 0
        for number, key, count, known in self.state.chunks():
            table = _read(self.store.path("postings", key))
            failed = self._failed(key)
            alive = [i for i in range(count) if i not in failed]
            ids = table["posting"].to_pylist()
            names = list(ids)
            if groups is not None:
                first = groups.first(place, place + count)
                for row, i in enumerate(alive):
                    if first[i] == place + i:
                        if groups.leads(place + i):
                            self.state.lead(place + i, ids[row])
                    else:
                        names[row] = self.state.leader(int(first[i]))
            vacancies += sum(name == id for name, id in zip(names, ids, strict=True))
            table = _with(table, "postings", {"duplicate_of": [None] * len(ids), "group": names})
            self._put("postings", f"part-{key}", table)
            postings += len(ids)
            made = self._copy(number, key, table, {error[1]: error for error in failed.values()})
            postings, copies = postings + made, copies + made
            reused += (len(ids) + made) * known
            place += count
        if groups is not None:
            groups.close()
        return Finished(postings, copies, vacancies, reused)

    def _failed(self, key: str) -> dict[int, list[Any]]:
        note = json.loads((self.store.chunks / f"{key}.json").read_bytes())
        return {error[0]: error for error in note["errors"]}

    def _groups(self) -> Groups:
        groups = Groups(self.state.folder)
        for _, key, count, _ in self.state.chunks():
            signatures = (self.store.chunks / f"{key}.signs").read_bytes()
            failed = self._failed(key)
            groups.add(None if i in failed else signatures[i * BYTES : (i + 1) * BYTES] for i in range(count))
        groups.find()
        return groups

    def _copy(self, number: int, key: str, postings: pa.Table, failed: dict[str, list[Any]]) -> int:
        """Give the copies of a chunk's postings the rows of their originals."""
        made = slices = 0
        some: list[tuple[str, str, str, str | None]] = []
        for copy in self.state.copies(number):
            if (error := failed.get(copy[0])) is not None:
                self.state.fail(number, [(copy[1], copy[2], error[3], error[4].replace(error[2], copy[2]))])
                continue
            some.append(copy)
            if len(some) == _COPIES:
                self._write_copies(f"{key}-copies-{slices}", key, postings, some)
                made, slices, some = made + len(some), slices + 1, []
        if some:
            self._write_copies(f"{key}-copies-{slices}", key, postings, some)
        return made + len(some)

    def _write_copies(
        self, name: str, key: str, postings: pa.Table, copies: list[tuple[str, str, str, str | None]]
    ) -> None:
        for table in TABLES:
            found = postings if table == "postings" else _read(self.store.path(table, key))
            rows_of: dict[str, list[int]] = {}
            for row, id in enumerate(found["posting"].to_pylist()):
                rows_of.setdefault(id, []).append(row)
            pairs = [(row, copy) for copy in copies for row in rows_of.get(copy[0], ())]
            values: dict[str, list[Any]] = {"posting": [id for _, (_, id, _, _) in pairs]}
            if table == "postings":
                values["duplicate_of"] = [original for _, (original, _, _, _) in pairs]
                values["source"] = [source for _, (_, _, source, _) in pairs]
                values["by"] = [by for _, (_, _, _, by) in pairs]
            self._put(table, f"part-{name}", _with(found.take([row for row, _ in pairs]), table, values))
        self.state.extra(name)

    def _put(self, table: str, name: str, content: pa.Table) -> None:
        """Write a part, unless it is there as it is."""
        path = self.folder / f"{table}.parquet" / f"{name}.parquet"
        data = tables.encode(content)
        if not (path.exists() and path.stat().st_size == len(data) and path.read_bytes() == data):
            write_whole(path, data)


def _read(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return file.read()


def _with(table: pa.Table, name: str, values: dict[str, list[Any]]) -> pa.Table:
    """The table with some columns replaced."""
    import pyarrow as pa

    schema = tables.schemas()[name]
    for column, cells in values.items():
        at = schema.get_field_index(column)
        table = table.set_column(at, schema.field(at), pa.array(cells, schema.field(at).type))
    return table
