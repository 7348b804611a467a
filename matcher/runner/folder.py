"""`matcher batch`: postings in, Parquet tables out; run again, only what is new or changed is computed."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matcher
from matcher import store as inventories
from matcher.errors import InputError
from matcher.ranking import Filters
from matcher.runner import engines, tables
from matcher.runner.chunk import Job, Task, compute
from matcher.runner.duplicates import BYTES, Groups
from matcher.runner.state import State, Store, locked, no_room, prepare, rows, whole, write_whole
from matcher.runner.tables import TABLES
from matcher.types import Mode, Posting

if TYPE_CHECKING:
    import pyarrow as pa

    from matcher.catalogue import Catalogue
    from matcher.taxonomy import Taxonomy

_CHUNK = 100
_MOST = 10
"""A chunk has at most so many times the usual number of postings."""
_CHUNK_CHARACTERS = 8_000_000
_COPIES = 5_000
FORMATS = ("parquet", "csv", "jsonl")


@dataclass(frozen=True)
class BatchResult:
    """What a batch did.

    Attributes
    ----------
    postings, failed : int
        Postings in the tables, and rows of ``errors.csv``.
    reused : int
        Of the postings, those that an earlier run had computed.
    duplicates : int
        Of the postings, those with the title and text of an earlier one.
    vacancies : int
        Groups of duplicates and near-duplicates; one that stands alone is a group too.
    """

    out: Path
    postings: int
    failed: int
    reused: int
    seconds: float
    duplicates: int = 0
    vacancies: int = 0


def batch(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    taxonomy: Taxonomy | None = None,
    catalogue: Catalogue | None = None,
    have: str | Path | None = None,
    filters: Filters | None = None,
    model: Mode = "fast",
    top: int = 10,
    jobs: int = 1,
    backend: str = "loky",
    scheduler: str | None = None,
    time_limit: float | None = None,
    near_duplicates: bool = True,
    by: str | None = None,
    formats: Sequence[str] = ("parquet",),
    chunk_size: int = _CHUNK,
    report: bool = True,
    progress: bool = False,
    tell: Callable[[str], None] | None = None,
) -> BatchResult:
    """Score many postings.

    Parameters
    ----------
    paths : sequence of str or Path
        Files, folders (with all below them), globs and archives; any format that `matcher.readers` reads.
    out : str or Path
        Folder for ``postings.parquet``, ``requirements.parquet``, ``matches.parquet`` (folders of
        parts, each read as one table), ``errors.csv``, ``report.html`` and ``run.json``. Parts are
        named by their content: run again, only chunks that are new or changed are computed.
    taxonomy, catalogue : optional
        The bundled ones if not given.
    have : str or Path, optional
        What the person has; never written to `out`.
    filters : Filters, optional
    model : {'fast', 'accurate'}
        As in `matcher.extract`; here the fast one, unless said.
    top : int
        Credentials a posting.
    jobs : int
        Processes; -1 for one a core.
    backend : {'loky', 'threading', 'dask', 'ray', 'spark'}
        Where the work is done; the last three need the extra of their name.
    scheduler : str, optional
        Address of a running Dask, Ray or Spark; one on this machine is started if not given.
    time_limit : float, optional
        Seconds that one posting may take; not with threads.
    near_duplicates : bool
        Group ads that are nearly the same, not only those that are the same.
    by : str, optional
        Column of the input by which the report tells demand apart; the folder of the source if not given.
    formats : sequence of {'parquet', 'csv', 'jsonl'}
        CSV and JSON lines come beside Parquet.
    chunk_size : int
        About how many postings a chunk, and so a part, has.
    report : bool
        Write ``report.html``.
    progress : bool
        Show a bar on standard error: ads done of all (where `paths` tell without being read whole), rate, time left.
    tell : callable, optional
        Called with a line when parts of an earlier run do not hold any more.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        If an option is not possible.
    OutputError
        If `out` cannot be written, or another run is writing there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ad = Path(folder, "ad.txt")
    ...     _ = ad.write_text("Bookkeeper. You must know Xero.")
    ...     result = batch([ad], Path(folder, "out"))
    ...     sorted(path.name for path in result.out.iterdir() if path.name[0] != ".")
    ['errors.csv', 'matches.parquet', 'postings.parquet', 'report.html', 'requirements.parquet', 'run.json']
    """
    from matcher import catalogue as catalogues
    from matcher import taxonomy as taxonomies
    from matcher.have import read_have
    from matcher.runner import demand
    from matcher.runner.page import write_page

    began = time.perf_counter()
    for form in formats:
        if form not in FORMATS:
            raise InputError("format", f"format {form!r}: not known", " | ".join(FORMATS), "choose one of these")
    taxonomy = taxonomy or taxonomies.load()
    catalogue = catalogue or catalogues.load(taxonomy=taxonomy)
    mine = tuple(sorted(read_have(have, taxonomy).items())) if have is not None else ()
    job = Job(taxonomy.path, catalogue.path, top, filters or Filters(), mine, model)
    folder = prepare(Path(out))
    with (
        locked(folder),
        engines.opened(backend, jobs, scheduler, time_limit) as engine,
        _writing(folder),
        _remembering(folder) as (store, state),
    ):
        made_with = _made_with(job)
        options = {
            "top": top, "filters": asdict(job.filters), "model": model, "have": bool(mine), "jobs": jobs, "backend": backend,
            "time_limit": time_limit, "near_duplicates": near_duplicates, "by": by, "formats": sorted(formats),
            "chunk_size": chunk_size,
        }  # fmt: skip
        record: dict[str, Any] = {**made_with, "python": platform.python_version(), "options": options}
        changed = _changed(folder, record)
        write_whole(folder / "run.json", _json({"complete": False, **record}))
        run = _Run(job, folder, store, state, near_duplicates, time_limit, by, chunk_size, _salt(job, made_with))
        with _bar(progress, paths, by) as bar:
            computed = run.compute(paths, engine, bar)
        if changed and tell is not None and computed:
            tell(f"{', '.join(changed)} changed since the last run in {folder}: {computed} postings computed anew")
        state.index()
        finished = run.finish()
        store.sweep(state.belongs)
        state.write_errors(folder / "errors.csv")
        _write_formats(folder, formats)
        seconds = time.perf_counter() - began
        record |= {
            "complete": True, "postings": finished.postings, "vacancies": finished.vacancies,
            "duplicates": finished.copies, "failed": state.failed, "errors": dict(state.codes()),
            "reused": finished.reused, "seconds": round(seconds, 3),
        }  # fmt: skip
        if report:
            write_page(folder, record, demand.plan(folder, taxonomy, catalogue, job.filters, dict(mine)))
        else:
            (folder / "report.html").unlink(missing_ok=True)
        write_whole(folder / "run.json", _json(record))
        return BatchResult(
            folder, finished.postings, state.failed, finished.reused, time.perf_counter() - began, finished.copies,
            finished.vacancies,
        )  # fmt: skip


class _Finished(NamedTuple):
    postings: int
    copies: int
    vacancies: int
    reused: int


class _Chunk(NamedTuple):
    number: int
    key: str
    postings: tuple[Posting, ...]


@dataclass(frozen=True)
class _Run:
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

    def finish(self) -> _Finished:
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
        return _Finished(postings, copies, vacancies, reused)

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


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """What goes wrong with the disk is said in one way, whoever meets it."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise no_room(f"-o {folder}", error) from error


@contextmanager
def _remembering(folder: Path) -> Iterator[tuple[Store, State]]:
    store = Store(folder)
    state = store.start()
    try:
        yield store, state
    finally:
        state.close()


def _json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _made_with(job: Job) -> dict[str, str]:
    """All that decides what an ad becomes, beside the options."""
    package = inventories.PACKAGE
    aside = {"cli", "report", "evaluation", "training"}
    program = sorted(
        path for path in package.rglob("*.py")
        if path.parts[len(package.parts)] not in aside and path.parent.name != "runner"
    )  # fmt: skip
    program += [package / "runner" / name for name in ("chunk.py", "duplicates.py", "tables.py")]
    data = [inventories.corpora() / "cues", inventories.corpora() / "models", package / "models"]
    cues, *models = (sorted(path for path in folder.rglob("*") if path.is_file()) for folder in data)
    return {
        "matcher": matcher.__version__,
        "program": inventories.checksum(program)[:24],
        "taxonomy": job.taxonomy.stem,
        "catalogue": job.catalogue.stem,
        "cues": inventories.checksum(cues)[:24],
        "models": inventories.checksum([path for found in models for path in found])[:24],
    }


def _salt(job: Job, made_with: dict[str, str]) -> str:
    plain = [made_with, job.top, asdict(job.filters), job.have, job.model]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


_DECIDE = ("top", "filters", "model", "have", "by", "chunk_size")


def _changed(folder: Path, record: dict[str, Any]) -> list[str]:
    """What is not as it was in the last run in this folder, of all that makes parts be computed again."""
    try:
        before = json.loads((folder / "run.json").read_bytes())
        names = ("matcher", "program", "taxonomy", "catalogue", "cues", "models")
        changed = [name for name in names if before.get(name) != record[name]]
        now = json.loads(json.dumps(record["options"]))
        return changed + [f"option {name}" for name in _DECIDE if before["options"].get(name) != now[name]]
    except (OSError, ValueError, KeyError, AttributeError):
        return []


def _write_formats(folder: Path, formats: Sequence[str]) -> None:
    """The tables once more for people without Parquet; those of an earlier run would be of other postings."""
    writers = {"csv": tables.as_csv, "jsonl": tables.as_jsonl}
    for form, write in writers.items():
        for name in TABLES:
            path = folder / f"{name}.{form}"
            if form in formats:
                with whole(path) as file:
                    write((part for _, part in tables.parts(folder, name)), name, file)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def _bar(shown: bool, paths: Sequence[str | Path], by: str | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, or nothing: ads done, of all where that is known, a second, and time left."""
    if not shown:
        yield lambda count: None
        return
    from tqdm import tqdm

    from matcher.readers import count

    with tqdm(desc="counting", unit=" ads", file=sys.stderr, smoothing=0.1, dynamic_ncols=True) as bar:
        total = count(paths, by=by)
        bar.set_description_str(refresh=False)
        bar.reset(total)  # the time of counting is none of the work's

        def update(count: int) -> None:
            bar.update(count)

        yield update
