"""The work itself: a chunk of postings -> the bytes of its parts. One module-level function that every engine runs."""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from matcher import ranking
from matcher.api import extract
from matcher.catalogue import Catalogue
from matcher.errors import MatcherError
from matcher.ranking import Filters, Policy
from matcher.report.words import sentence
from matcher.runner import tables
from matcher.taxonomy import Taxonomy
from matcher.types import Mode, Posting

_ROOM = 100
"""Characters kept around the words that ask for a skill."""


@dataclass(frozen=True)
class Job:
    """What is the same for every posting of a run; small enough to travel to each process."""

    taxonomy: Path
    catalogue: Path
    top: int = 10
    filters: Filters = field(default_factory=Filters)
    have: tuple[tuple[str, str | None], ...] = ()
    model: Mode = "fast"


@dataclass(frozen=True)
class Task:
    """One chunk to do.

    Attributes
    ----------
    rows, sign : bool
        Whether the rows of the tables are wanted, and the signatures for near-duplicates.
    limit : float, optional
        Seconds a posting may take; only where this process may be killed for it.
    skip : frozenset of int
        Places in the chunk that are left out of the rows: they brought a process down.
    """

    postings: tuple[Posting, ...]
    job: Job
    rows: bool = True
    sign: bool = True
    limit: float | None = None
    skip: frozenset[int] = frozenset()


class Fault(NamedTuple):
    """A posting that failed: its place in the chunk, and its row of ``errors.csv``."""

    place: int
    id: str
    source: str
    code: str
    message: str


class Part(NamedTuple):
    """What a chunk becomes: Parquet files as bytes, a signature a posting, and what failed."""

    tables: dict[str, bytes]
    signatures: bytes | None
    errors: list[Fault]


class Rows(NamedTuple):
    """The rows of postings, a list of plain dicts for each table."""

    postings: list[dict[str, Any]]
    requirements: list[dict[str, Any]]
    matches: list[dict[str, Any]]


class _TooLong(BaseException):
    """Not an `Exception`, so that nothing on the way takes it for its own."""


@lru_cache(maxsize=4)
def _open(taxonomy: Path, catalogue: Path, model: Mode) -> tuple[Taxonomy, Catalogue]:
    inventory = Taxonomy(taxonomy)
    inventory.preload()
    # what is loaded at first use is not the time of the first posting
    extract(Posting("first", "You must know how to work with others."), taxonomy=inventory, model=model)
    return inventory, Catalogue(catalogue)


def compute(task: Task) -> Part:
    """Read and rank the postings of a chunk; one that fails is a row in `errors`, the others go on."""
    # what a chunk makes has no cycles; looking for them takes a twentieth of the time
    collecting = gc.isenabled()
    gc.disable()
    try:
        made: dict[str, bytes] = {}
        errors: list[Fault] = []
        if task.rows:
            rows, errors = score(task.postings, task.job, limit=task.limit, skip=task.skip)
            made = {name: tables.encode(tables.from_rows(name, getattr(rows, name))) for name in tables.TABLES}
        signatures = None
        if task.sign:
            from matcher.runner.duplicates import sign

            signatures = b"".join(sign(posting.text) for posting in task.postings)
        return Part(made, signatures, errors)
    finally:
        if collecting:
            gc.enable()


def score(
    postings: Sequence[Posting],
    job: Job,
    policy: Policy = ranking.DEFAULT,
    *,
    limit: float | None = None,
    skip: frozenset[int] = frozenset(),
) -> tuple[Rows, list[Fault]]:
    """The rows of postings, and what failed."""
    taxonomy, catalogue = _open(job.taxonomy, job.catalogue, job.model)
    rows, errors = Rows([], [], []), []
    have = dict(job.have)
    for place, posting in enumerate(postings):
        if place in skip:
            continue
        try:
            with _limited(limit):
                found = _rows_of(posting, job, have, taxonomy, catalogue, policy)
        except MatcherError as error:
            errors.append(Fault(place, posting.id, posting.source, error.code, str(error)))
        except _TooLong:
            errors.append(fault(place, posting, "timeout", f"took more than {limit:g} s"))
        except Exception as error:  # one posting must not take the others with it
            what = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            errors.append(fault(place, posting, "internal", what))
        else:
            for all_rows, more in zip(rows, found, strict=True):
                all_rows.extend(more)
    return rows, errors


_REMEDIES = {
    "timeout": ("one within the limit", "look at the posting, or raise --time-limit"),
    "worker_died": ("one that can be worked on", "look at the posting; with little memory, use fewer --jobs"),
    "internal": ("one that can be worked on", "report it with the posting: this is a fault of matcher"),
}


def fault(place: int, posting: Posting, code: str, what: str) -> Fault:
    """The row of a posting that matcher itself could not get through."""
    expected, remedy = _REMEDIES[code]
    return Fault(
        place, posting.id, posting.source, code, str(MatcherError(code, f"{posting.source}: {what}", expected, remedy))
    )


def hard_limit(limit: float) -> float:
    """Seconds after which a process that does not heed the limit is ended."""
    return 2 * limit + 2


@contextmanager
def _limited(seconds: float | None) -> Iterator[None]:
    """Stop what takes longer: by a signal where there is one, else, and if that is not heeded, by ending the process."""
    if seconds is None:
        yield
        return
    # a thread of C that no endless loop keeps from its work; whoever gave us the task sees the process die
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(hard_limit(seconds), exit=True, file=nowhere)
        heeds = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        before: Any = signal.signal(signal.SIGALRM, _too_long) if heeds else None
        try:
            if heeds:
                signal.setitimer(signal.ITIMER_REAL, seconds)
            yield
        finally:
            if heeds:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
            faulthandler.cancel_dump_traceback_later()


def _too_long(*_: object) -> None:
    raise _TooLong


def _rows_of(
    posting: Posting, job: Job, have: dict[str, str | None], taxonomy: Taxonomy, catalogue: Catalogue, policy: Policy
) -> Rows:
    found = extract(posting, taxonomy=taxonomy, have=have or None, policy=policy, model=job.model)
    country = found.country.code if found.country else None
    result = ranking.rank(
        found.requirements, taxonomy, catalogue, policy=policy, filters=job.filters, top=job.top, country=country
    )
    uncovered = set(result.uncovered)
    rows = Rows([], [], [])
    rows.postings.append(
        {
            "posting": posting.id, "source": posting.source, "title": posting.title, "language": posting.language,
            "country": country, "characters": len(posting.text),
            "requirements": sum(r.need != "not_required" for r in found.requirements),
            "barriers": json.dumps([[b.kind, b.need, b.text] for b in found.barriers], ensure_ascii=False),
            "best_score": result.ranked[0].score if result.ranked else None,
            "warnings": json.dumps([w.code for w in found.warnings]),
            "by": posting.by,
        }
    )  # fmt: skip
    for r in found.requirements:
        first = r.mentions[0]
        before, _, after = sentence(posting.text, first.start, first.end, 2 * _ROOM)
        rows.requirements.append(
            {
                "posting": posting.id, "requirement": r.id, "skill": r.skill, "label": r.label, "type": r.type,
                "need": r.need, "weight": r.weight, "level": r.level, "years": r.years,
                "group": r.group, "covered": r.need != "not_required" and r.id not in uncovered, "start": first.start,
                "end": first.end, "text": first.text, "before": before, "after": after, "cue": first.cue,
                "mentions": len(r.mentions),
            }
        )  # fmt: skip
    for m in result.ranked:
        rows.matches.append(
            {
                "posting": posting.id, "rank": m.rank, "credential": m.credential.id, "name": m.credential.name,
                "issuer": m.credential.issuer, "score": m.score, "score_high": m.score_high, "focus": m.focus,
                "covers": json.dumps(
                    [[c.requirement, c.skill, c.relation, c.assessment, round(c.share, 6)] for c in m.covers],
                    ensure_ascii=False,
                ),
            }
        )  # fmt: skip
    return rows
