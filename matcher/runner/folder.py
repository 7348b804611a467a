"""`matcher batch`: postings in, Parquet tables out; run again, only what is new or changed is computed."""

from __future__ import annotations

import hashlib
import json
import platform
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matcher
from matcher import store as inventories
from matcher.errors import InputError
from matcher.ranking import Filters
from matcher.runner import engines, tables
from matcher.runner.chunk import Job
from matcher.runner.passes import Run
from matcher.runner.state import State, Store, locked, no_room, prepare, whole, write_whole
from matcher.runner.tables import TABLES
from matcher.types import Mode

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue
    from matcher.taxonomy import Taxonomy

_CHUNK = 100
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
        run = Run(job, folder, store, state, near_duplicates, time_limit, by, chunk_size, _salt(job, made_with))
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
