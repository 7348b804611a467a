"""Rank credentials by directness ``D = Σ w g a / Σ w g``; the rows shown are the computation."""

from __future__ import annotations

import datetime
import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from matcher.catalogue import Catalogue
from matcher.ranking.filters import Filters
from matcher.ranking.policy import DEFAULT, Policy
from matcher.taxonomy import Taxonomy
from matcher.types import AskedFor, Assessment, Cover, Credential, Ranked, Relation, Requirement

_MOST_NAMED = 3
_YEAR = datetime.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The credentials in their order, what nobody's credential covers, and who was left out."""

    ranked: tuple[Ranked, ...]
    uncovered: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    considered: int = 0


def rank(
    requirements: Sequence[Requirement],
    taxonomy: Taxonomy,
    catalogue: Catalogue,
    *,
    policy: Policy = DEFAULT,
    filters: Filters | None = None,
    top: int | None = 10,
    today: datetime.date | None = None,
) -> Ranking:
    """Rank the credentials of a catalogue for weighed requirements.

    Parameters
    ----------
    requirements : sequence of Requirement
        With weight and gap set (`weigh`, `apply_have`). The alternatives of an "X or Y" group are one
        requirement: the weight of the heaviest, covered by the best, held if any is held.
    taxonomy : Taxonomy
    catalogue : Catalogue
    policy : Policy
    filters : Filters, optional
    top : int, optional
        How many to return; None for all that cover anything.
    today : datetime.date, optional
        For the age of facts; the current date if not given.

    Returns
    -------
    Ranking
        Ordered by score, then focus, hours, cost (unknown last), name. Credentials that cover
        nothing are not in it. With nothing left to cover, it is empty.
    """
    units = _units(requirements)
    open_units = {key: unit for key, unit in units.items() if unit.weight * unit.gap > 0}
    total = sum(unit.weight * unit.gap for unit in open_units.values())
    if total <= 0:
        return Ranking((), ())
    # credential -> unit -> (credit, share, requirement, way of covering it)
    best: dict[str, dict[str, tuple[float, float, Requirement, _Way]]] = defaultdict(dict)
    for key, unit in open_units.items():
        part = unit.weight * unit.gap / total
        for requirement in unit.members:
            if requirement.skill is None:
                continue
            for way in _ways(requirement.skill, requirement.type == "credential", taxonomy, catalogue, policy):
                held = best[way.credential].get(key)
                if held is None or way.credit > held[0]:
                    best[way.credential][key] = (way.credit, part * way.credit, requirement, way)
    filters = filters or Filters()
    left_out = [found for id in best if (found := catalogue.set_aside.get(id))]
    allowed = best.keys() - catalogue.set_aside.keys()
    if filters != Filters():
        allowed = {c.id for c in catalogue.briefs(allowed) if filters.allows(c)}
    coverable = {key for id in allowed for key in best[id]}
    scored = [(sum([share for _, share, _, _ in best[id].values()]), id) for id in allowed]
    # only those that can still be among the first need the rest of their key, and to be read at all
    floor = heapq.nlargest(top, scored)[-1][0] if top and len(scored) > top else 0.0
    rows = []
    for score, id in scored:
        if score < floor:
            continue
        credential = catalogue.credential(id)
        covers = best[id]
        asked = {way.skill for _, _, _, way in covers.values()}
        focus = len(asked & {o.skill for o in credential.outcomes}) / max(1, len(credential.outcomes))
        hours = credential.hours if credential.hours is not None else float("inf")
        cost = credential.cost if credential.cost is not None else float("inf")
        rows.append(((-score, -focus, hours, cost, credential.name, credential.id), credential))
    rows.sort(key=lambda row: row[0])
    today = today or datetime.date.today()
    ranked = []
    for number, ((_, unfocused, *_), credential) in enumerate(rows[:top], 1):
        covers = best[credential.id]
        shown = tuple(
            sorted(
                (
                    Cover(
                        r.id, r.skill or way.skill, way.relation, way.assessment, credit, way.credit_high, share,
                        way.text, way.skill,
                    )
                    for credit, share, r, way in covers.values()
                ),
                key=lambda c: (-c.share, c.requirement),
            )
        )  # fmt: skip
        rest = [member for key, unit in open_units.items() if key not in covers for member in unit.members]
        near = _related(rest, credential, taxonomy)
        ranked.append(
            Ranked(
                rank=number,
                credential=credential,
                score=sum(c.share for c in shown),
                score_high=sum(c.share * c.credit_high / c.credit if c.credit else 0.0 for c in shown),
                focus=-unfocused,
                covers=shown,
                related=near,
                missing=tuple(r.id for r in rest if r.id not in near),
                flags=_flags(credential, today),
            )
        )
    uncovered = tuple(member.id for key, unit in open_units.items() if key not in coverable for member in unit.members)
    return Ranking(tuple(ranked), uncovered, tuple(sorted(left_out)), len(scored))


@dataclass(slots=True)
class _Unit:
    """One requirement, or the alternatives of one group."""

    members: list[Requirement]
    weight: float
    gap: float


def _units(requirements: Sequence[Requirement]) -> dict[str, _Unit]:
    units: dict[str, _Unit] = {}
    for requirement in requirements:
        if requirement.need == "not_required":
            continue
        key = f"group:{requirement.group}" if requirement.group else requirement.id
        unit = units.get(key)
        if unit is None:
            units[key] = _Unit([requirement], requirement.weight, requirement.gap)
        else:
            unit.members.append(requirement)
            unit.weight = max(unit.weight, requirement.weight)
            unit.gap = min(unit.gap, requirement.gap)
    return units


class _Way(NamedTuple):
    """How one credential covers a skill best."""

    credential: str
    skill: str
    relation: Relation
    assessment: Assessment
    text: str | None
    credit: float
    credit_high: float


@lru_cache(maxsize=50_000)
def _ways(skill: str, named: bool, taxonomy: Taxonomy, catalogue: Catalogue, policy: Policy) -> tuple[_Way, ...]:
    """For each credential that covers `skill` at all, its best way; `named` for a certificate asked for by name."""
    best: dict[str, _Way] = {}
    for other, relation in _relatives(skill, named, taxonomy, policy):
        m = policy.relation[relation]
        for row in catalogue.outcomes(other):
            low, high = policy.assessment[row.assessment]
            held = best.get(row.credential)
            if held is None or m * low > held.credit:
                best[row.credential] = _Way(
                    row.credential, other, relation, row.assessment, row.text, m * low, m * high
                )
    return tuple(best.values())


def _relatives(skill: str, named: bool, taxonomy: Taxonomy, policy: Policy) -> Iterator[tuple[str, Relation]]:
    """Skills whose outcomes earn credit for a requirement, each once, the closest relation first."""
    yield skill, "exact"
    if named:
        # a certificate asked for by name is got by that certificate, not by something near it
        return
    seen = {skill}
    level = [skill]
    for _ in range(policy.parts_deep):
        level = [child for parent in level for child in taxonomy.children(parent) if child not in seen]
        for child in level:
            if child not in seen:
                seen.add(child)
                yield child, "part_of"
    for parent in taxonomy.parents(skill):
        if parent not in seen:
            seen.add(parent)
            yield parent, "broader"


def _related(rest: Sequence[Requirement], credential: Credential, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Requirements to which the credential has only a sibling; they earn nothing."""
    covered = {outcome.skill for outcome in credential.outcomes}
    return tuple(r.id for r in rest if r.skill and not covered.isdisjoint(taxonomy.related(r.skill)))


def _flags(credential: Credential, today: datetime.date) -> tuple[str, ...]:
    flags = []
    if credential.country:
        flags.append("holds_in:" + ",".join(credential.country))
    if credential.as_of is None:
        flags.append("facts_undated")
    elif _date(credential.as_of) < today - _YEAR:
        flags.append("facts_over_a_year_old")
    if credential.status == "unknown":
        flags.append("status_unknown")
    if any(cover.inferred for cover in credential.outcomes):
        flags.append("skills_inferred")
    return tuple(flags)


def _date(text: str) -> datetime.date:
    """The last day that a date of year, month or day precision can mean."""
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return datetime.date(*parts)
    if len(parts) == 2:
        year, month = parts
        return datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)
    return datetime.date(parts[0], 12, 31)


def asked_for(requirements: Sequence[Requirement], catalogue: Catalogue) -> tuple[AskedFor, ...]:
    """Credentials that the ad itself names, with those of the catalogue that are meant.

    Those that bear the ad's own words in name or issuer stand for them; without such, those that
    have the named certificate itself as an assessed outcome.
    """
    named: list[AskedFor] = []
    for requirement in requirements:
        if requirement.type != "credential" or requirement.skill is None or requirement.need == "not_required":
            continue
        mention = requirement.mentions[0] if requirement.mentions else None
        words = mention.text if mention else requirement.label
        place = (requirement.need, mention.start if mention else 0, mention.end if mention else 0, words)
        rows = [row for row in catalogue.outcomes(requirement.skill) if row.assessment not in ("mentioned", "taught")]
        found = [c for c in (catalogue.credential(row.credential) for row in rows) if c.status != "retired"]
        literal = [c for c in found if words.lower() in f"{c.name} {c.issuer or ''}".lower()]
        chosen = (literal or found)[:_MOST_NAMED]
        named.extend(AskedFor(c.id, *place, c.name, c.url) for c in chosen)
        if not chosen:
            named.append(AskedFor(None, *place))
    return tuple(named)
