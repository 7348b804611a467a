"""`matcher batch`: a folder of postings in, Parquet tables out; run again, only what changed is computed."""

from __future__ import annotations

import csv
import gc
import hashlib
import json
import os
import platform
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matcher
from matcher.errors import InputError, OutputError
from matcher.ranking import Filters
from matcher.runner.chunk import Job, Rows, score
from matcher.types import Posting

if TYPE_CHECKING:
    import pyarrow as pa

    from matcher.catalogue import Catalogue
    from matcher.taxonomy import Taxonomy

_CHUNK = 100
_MOST = 1000
_CHUNK_CHARACTERS = 8_000_000
TABLES = ("postings", "requirements", "matches")
_BACKENDS = ("loky", "threading")


@dataclass(frozen=True)
class BatchResult:
    """What a batch did."""

    out: Path
    postings: int
    failed: int
    reused: int
    seconds: float


def schemas() -> dict[str, pa.Schema]:
    """Columns of the tables; described in ``README.md``."""
    import pyarrow as pa

    text, number, count, truth = pa.string(), pa.float64(), pa.int32(), pa.bool_()
    columns = {
        "postings": {
            "posting": text, "source": text, "title": text, "language": text, "country": text, "characters": count,
            "requirements": count, "barriers": text, "best_score": number, "warnings": text,
        },
        "requirements": {
            "posting": text, "requirement": text, "skill": text, "label": text, "type": text, "need": text,
            "weight": number, "level": text, "years": number, "group": text, "covered": truth,
            "start": count, "end": count, "text": text, "cue": text, "mentions": count,
        },
        "matches": {
            "posting": text, "rank": count, "credential": text, "name": text, "issuer": text, "score": number,
            "score_high": number, "focus": number, "covers": text,
        },
    }  # fmt: skip
    return {name: pa.schema(list(fields.items())) for name, fields in columns.items()}


def batch(
    paths: Sequence[str | Path],
    out: str | Path,
    *,
    taxonomy: Taxonomy | None = None,
    catalogue: Catalogue | None = None,
    have: str | Path | None = None,
    filters: Filters | None = None,
    top: int = 10,
    jobs: int = 1,
    backend: str = "loky",
    progress: bool = False,
) -> BatchResult:
    """Score many postings.

    Parameters
    ----------
    paths : sequence of str or Path
        Files, folders (with all below them) and globs; any format that `matcher.readers` reads.
    out : str or Path
        Folder for ``postings.parquet``, ``requirements.parquet``, ``matches.parquet`` (folders of
        parts, each read as one table), ``errors.csv``, ``report.html`` and ``run.json``. Parts are named by their
        content: run again, only chunks that are new or changed are computed.
    taxonomy, catalogue : optional
        The bundled ones if not given.
    have : str or Path, optional
        What the person has; never written to `out`.
    filters : Filters, optional
    top : int
        Credentials a posting.
    jobs : int
        Processes; -1 for one a core.
    backend : {'loky', 'threading'}
        joblib's backend.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        If a path does not exist.
    OutputError
        If `out` cannot be written.
    """
    from matcher import catalogue as catalogues
    from matcher import taxonomy as taxonomies
    from matcher.have import read_have

    began = time.perf_counter()
    if backend not in _BACKENDS:
        raise InputError("backend", f"backend {backend!r}: not known", " | ".join(_BACKENDS), "choose one of these")
    taxonomy = taxonomy or taxonomies.load()
    catalogue = catalogue or catalogues.load(taxonomy=taxonomy)
    mine = tuple(sorted(read_have(have, taxonomy).items())) if have is not None else ()
    job = Job(taxonomy.path, catalogue.path, top, filters or Filters(), mine)
    folder = _prepare(Path(out))
    salt = _salt(job)
    failures: list[tuple[str, str, str, str]] = []
    used: set[str] = set()
    total = reused = 0
    work = _chunks(paths, failures)
    with _bar(progress) as bar:
        for key, count, errors, was_there in _run(work, job, folder, salt, jobs, backend):
            used.add(key)
            total += count
            reused += count if was_there else 0
            failures.extend(errors)
            bar(count)
    _drop_stale(folder, used)
    _write_errors(folder / "errors.csv", failures)
    seconds = time.perf_counter() - began
    options = {"top": top, "filters": asdict(job.filters), "have": bool(mine), "jobs": jobs, "backend": backend}
    record = {
        "matcher": matcher.__version__, "python": platform.python_version(),
        "taxonomy": taxonomy.path.stem, "catalogue": catalogue.path.stem, "options": options,
        "postings": total, "failed": len(failures), "reused": reused, "seconds": round(seconds, 3),
    }  # fmt: skip
    from matcher.runner.page import write_page

    write_page(folder, record)
    (folder / "run.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return BatchResult(folder, total, len(failures), reused, seconds)


def _prepare(out: Path) -> Path:
    try:
        for table in TABLES:
            (out / f"{table}.parquet").mkdir(parents=True, exist_ok=True)
        probe = out / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OutputError(
            "output", f"-o {out}: {error.strerror or error}", "a folder that can be written to", "name another folder"
        ) from error
    return out


def _salt(job: Job) -> str:
    plain = [
        matcher.__version__, job.taxonomy.name, job.catalogue.name, job.top, asdict(job.filters), job.have,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _chunks(paths: Sequence[str | Path], failures: list[tuple[str, str, str, str]]) -> Iterator[list[Posting]]:
    """Postings in chunks of bounded size; what cannot be read goes to `failures`.

    A chunk ends where a posting's own checksum says so, about every `_CHUNK` postings: a new file in
    the middle changes the chunk it falls into and leaves the others as they were.
    """
    from matcher.readers import Failure, read_paths

    chunk: list[Posting] = []
    size = 0
    for found in read_paths([Path(path) for path in paths]):
        if isinstance(found, Failure):
            failures.append((found.id, found.source, found.error.code, str(found.error)))
            continue
        chunk.append(found)
        size += len(found.text)
        ends = zlib.crc32(found.text.encode("utf-8", "surrogatepass")) % _CHUNK == 0
        if ends or len(chunk) >= _MOST or size >= _CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


Done = tuple[str, int, list[tuple[str, str, str, str]], bool]


def _run(work: Iterator[list[Posting]], job: Job, folder: Path, salt: str, jobs: int, backend: str) -> Iterator[Done]:
    if jobs == 1:
        for chunk in work:
            yield score_to_parts(chunk, job, folder, salt)
        return
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=jobs, backend=backend, return_as="generator", pre_dispatch="2*n_jobs", batch_size=1)
    yield from parallel(delayed(score_to_parts)(chunk, job, folder, salt) for chunk in work)


def score_to_parts(chunk: list[Posting], job: Job, folder: Path, salt: str) -> Done:
    """Score a chunk and write its part of each table, unless it is there already."""
    digest = hashlib.sha256(salt.encode())
    for posting in chunk:
        for text in (posting.id, posting.source, posting.title or "", posting.text):
            digest.update(text.encode("utf-8", "surrogatepass"))
            digest.update(b"\0")
    key = digest.hexdigest()[:24]
    errors_path = folder / "matches.parquet" / f".errors-{key}.json"
    parts = [folder / f"{name}.parquet" / f"part-{key}.parquet" for name in TABLES]
    if errors_path.exists() and all(part.exists() for part in parts):
        known = [tuple(row) for row in json.loads(errors_path.read_text(encoding="utf-8"))]
        return key, len(chunk) - len(known), known, True
    # what a chunk makes has no cycles; looking for them takes a twentieth of the time
    collecting = gc.isenabled()
    gc.disable()
    try:
        rows = score(chunk, job)
    finally:
        if collecting:
            gc.enable()
    _write_parts(rows, folder, key)
    # written last: it says that all parts of this chunk are there
    _write_whole(errors_path, json.dumps(rows.errors).encode())
    return key, len(chunk) - len(rows.errors), rows.errors, False


def _write_parts(rows: Rows, folder: Path, key: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, schema in schemas().items():
        table = pa.Table.from_pylist(getattr(rows, name), schema=schema)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        _write_whole(folder / f"{name}.parquet" / f"part-{key}.parquet", sink.getvalue().to_pybytes())


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(
            "output", f"{path}: {error.strerror or error}", "room to write", "free some space, then run it again"
        ) from error


def _drop_stale(folder: Path, used: set[str]) -> None:
    """Remove parts of postings that are no longer there or were read by other rules."""
    for table in TABLES:
        for path in (folder / f"{table}.parquet").iterdir():
            key = path.stem.removeprefix(".errors-").removeprefix("part-")
            if key not in used:
                path.unlink(missing_ok=True)


def _write_errors(path: Path, failures: list[tuple[str, str, str, str]]) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["posting", "source", "code", "message"])
        writer.writerows(failures)


class _bar:
    """A progress bar on standard error, or nothing."""

    def __init__(self, shown: bool) -> None:
        self.shown = shown

    def __enter__(self) -> Any:
        if not self.shown:
            return lambda count: None
        from tqdm import tqdm

        self._tqdm = tqdm(unit=" postings", file=sys.stderr, smoothing=0.1, dynamic_ncols=True)
        return self._tqdm.update

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self._tqdm.close()
