"""The work itself: postings -> rows. One module-level function that every engine runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from matcher import ranking
from matcher.api import extract
from matcher.catalogue import Catalogue
from matcher.errors import MatcherError
from matcher.ranking import Filters, Policy
from matcher.taxonomy import Taxonomy
from matcher.types import Mode, Posting


@dataclass(frozen=True)
class Job:
    """What is the same for every posting of a run; small enough to travel to each process."""

    taxonomy: Path
    catalogue: Path
    top: int = 10
    filters: Filters = field(default_factory=Filters)
    have: tuple[tuple[str, str | None], ...] = ()
    model: Mode = "fast"


class Rows(NamedTuple):
    """The rows of a chunk, a list of plain dicts for each table; `errors` as (id, source, code, message)."""

    postings: list[dict[str, Any]]
    requirements: list[dict[str, Any]]
    matches: list[dict[str, Any]]
    errors: list[tuple[str, str, str, str]]


@lru_cache(maxsize=4)
def _open(taxonomy: Path, catalogue: Path) -> tuple[Taxonomy, Catalogue]:
    inventory = Taxonomy(taxonomy)
    inventory.preload()
    return inventory, Catalogue(catalogue)


def score(postings: Sequence[Posting], job: Job, policy: Policy = ranking.DEFAULT) -> Rows:
    """Read and rank each posting; one that fails is a row in `errors`, the others go on."""
    # threads must not share one SQLite connection's cursors; a process keeps its own
    taxonomy, catalogue = _open(job.taxonomy, job.catalogue)
    rows = Rows([], [], [], [])
    have = dict(job.have)
    for posting in postings:
        try:
            _score_one(posting, job, have, taxonomy, catalogue, policy, rows)
        except MatcherError as error:
            rows.errors.append((posting.id, posting.source, error.code, str(error)))
    return rows


def _score_one(
    posting: Posting, job: Job, have: dict[str, str | None], taxonomy: Taxonomy, catalogue: Catalogue,
    policy: Policy, rows: Rows,
) -> None:  # fmt: skip
    found = extract(posting, taxonomy=taxonomy, have=have or None, policy=policy, model=job.model)
    country = found.country.code if found.country else None
    result = ranking.rank(
        found.requirements, taxonomy, catalogue, policy=policy, filters=job.filters, top=job.top, country=country
    )
    uncovered = set(result.uncovered)
    rows.postings.append(
        {
            "posting": posting.id, "source": posting.source, "title": posting.title, "language": posting.language,
            "country": country, "characters": len(posting.text),
            "requirements": sum(r.need != "not_required" for r in found.requirements),
            "barriers": json.dumps([[b.kind, b.need, b.text] for b in found.barriers], ensure_ascii=False),
            "best_score": result.ranked[0].score if result.ranked else None,
            "warnings": json.dumps([w.code for w in found.warnings]),
        }
    )  # fmt: skip
    for r in found.requirements:
        rows.requirements.append(
            {
                "posting": posting.id, "requirement": r.id, "skill": r.skill, "label": r.label, "type": r.type,
                "need": r.need, "weight": r.weight, "level": r.level, "years": r.years,
                "group": r.group, "covered": r.need != "not_required" and r.id not in uncovered, "start": r.mentions[0].start,
                "end": r.mentions[0].end, "text": r.mentions[0].text, "cue": r.mentions[0].cue,
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
