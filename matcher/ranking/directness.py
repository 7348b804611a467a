"""Rank credentials by directness ``D = Σ w g a / Σ w g``; the rows shown are the computation."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from matcher.catalogue import Catalogue
from matcher.catalogue.stale import last_day
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
    country: str | None = None,
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
    country : str, optional
        Where the ad is from. Credentials that hold only elsewhere stand, flagged, below all others;
        no score changes.

    Returns
    -------
    Ranking
        Ordered by score, then focus, hours, cost (unknown last), name, those of elsewhere below. Credentials that cover
        nothing are not in it. With nothing left to cover, it is empty.
    """
    units = by_unit(requirements)
    open_units = {key: unit for key, unit in units.items() if unit.weight * unit.gap > 0}
    total = sum(unit.weight * unit.gap for unit in open_units.values())
    if total <= 0:
        return Ranking((), ())
    # unit -> credential -> its best way of covering it; many credentials share one and the same way
    best: dict[str, dict[str, _Way]] = {}
    for key, unit in open_units.items():
        part = unit.weight * unit.gap / total
        best[key] = {}
        for requirement in unit.members:
            if requirement.skill is not None:
                _best_ways(best[key], requirement, part, taxonomy, catalogue, policy)
    filters = filters or Filters()
    scores: dict[str, float] = {}
    for ways in best.values():
        for id, way in ways.items():
            scores[id] = scores.get(id, 0.0) + way.share
    left_out = [found for id in catalogue.set_aside.keys() & scores.keys() if (found := catalogue.set_aside[id])]
    allowed: Collection[str] = scores.keys() - catalogue.set_aside.keys()
    asked_country = country if not filters.country else None
    away: Collection[str] = frozenset()
    if filters != Filters() or asked_country:
        facts = [c for c in catalogue.briefs(allowed) if filters.allows(c)]
        allowed = {c.id for c in facts}
        away = {c.id for c in facts if elsewhere(c, asked_country)}
    coverable = {key for key, ways in best.items() if not ways.keys().isdisjoint(allowed)}
    # only those that can still be among the first need the rest of their key, and to be read at all
    at_home = sorted((scores[id] for id in allowed if id not in away), reverse=True)
    abroad = sorted((scores[id] for id in away), reverse=True)
    floors = _floor(at_home, top), _floor(abroad, top - len(at_home) if top else None)
    rows = []
    for id in allowed:
        score = scores[id]
        if score < floors[id in away]:
            continue
        credential = catalogue.credential(id)
        asked = {ways[id].skill for ways in best.values() if id in ways}
        focus = len(asked & {o.skill for o in credential.outcomes}) / max(1, len(credential.outcomes))
        hours = credential.hours if credential.hours is not None else float("inf")
        cost = credential.cost if credential.cost is not None else float("inf")
        rows.append(((id in away, -score, -focus, hours, cost, credential.name, credential.id), credential))
    rows.sort(key=lambda row: row[0])
    today = today or datetime.date.today()
    again = _held(units, taxonomy, catalogue, policy)
    ranked = []
    for number, ((_, _, unfocused, *_), credential) in enumerate(rows[:top], 1):
        covers = {key: ways[credential.id] for key, ways in best.items() if credential.id in ways}
        shown = tuple(
            sorted(
                (
                    Cover(
                        way.requirement, way.asked, way.relation, way.assessment, way.credit, way.credit_high, way.share,
                        _words(credential, way), way.skill,
                    )
                    for way in covers.values()
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
                repeats=tuple(id for id, by in again if credential.id in by),
                flags=(("holds_elsewhere",) * (credential.id in away) + flags_of(credential, today)),
            )
        )
    uncovered = tuple(member.id for key, unit in open_units.items() if key not in coverable for member in unit.members)
    return Ranking(tuple(ranked), uncovered, tuple(sorted(left_out)), len(allowed))


def _held(
    units: Mapping[str, Unit], taxonomy: Taxonomy, catalogue: Catalogue, policy: Policy
) -> list[tuple[str, set[str]]]:
    """Requirements that the person has, and the credentials that would cover them all the same."""
    found = []
    for unit in units.values():
        if unit.gap == 0 and unit.weight > 0:
            for r in unit.members:
                if r.skill is not None and r.gap == 0:
                    best: dict[str, _Way] = {}
                    _best_ways(best, r, 0.0, taxonomy, catalogue, policy)
                    found.append((r.id, set(best)))
    return found


def _floor(scores: Sequence[float], top: int | None) -> float:
    """The least score, of some falling ones, that can still be among the first."""
    if top is None or len(scores) <= top:
        return 0.0
    return scores[top - 1] if top > 0 else float("inf")


def elsewhere(credential: Credential, country: str | None) -> bool:
    """Whether a credential holds only in other countries than this one."""
    return country is not None and bool(credential.country) and country not in credential.country


@dataclass(slots=True)
class Unit:
    """One requirement, or the alternatives of one group."""

    members: list[Requirement]
    weight: float
    gap: float


def by_unit(requirements: Sequence[Requirement]) -> dict[str, Unit]:
    """The requirements of one ad, the alternatives of a group as one; without what is not required."""
    units: dict[str, Unit] = {}
    for requirement in requirements:
        if requirement.need == "not_required":
            continue
        key = f"group:{requirement.group}" if requirement.group else requirement.id
        unit = units.get(key)
        if unit is None:
            units[key] = Unit([requirement], requirement.weight, requirement.gap)
        else:
            unit.members.append(requirement)
            unit.weight = max(unit.weight, requirement.weight)
            unit.gap = min(unit.gap, requirement.gap)
    return units


class _Way(NamedTuple):
    """A way of covering a requirement: by which skill, how it is shown, and what that earns."""

    requirement: str
    asked: str
    skill: str
    relation: Relation
    assessment: Assessment
    credit: float
    credit_high: float
    share: float


def _best_ways(
    best: dict[str, _Way],
    requirement: Requirement,
    part: float,
    taxonomy: Taxonomy,
    catalogue: Catalogue,
    policy: Policy,
) -> None:
    """Enter, for each credential that covers a requirement at all, its best way of doing so.

    A way is made once for a skill and a kind of assessment, not once a credential: a common skill
    stands in thousands of a large catalogue.
    """
    asked = requirement.skill or ""
    for skill, relation in relatives(asked, requirement.type == "credential", taxonomy, policy):
        made: dict[Assessment, _Way] = {}
        for id, how in catalogue.ways(skill):
            way = made.get(how)
            if way is None:
                m, (low, high) = policy.relation[relation], policy.assessment[how]
                way = made[how] = _Way(requirement.id, asked, skill, relation, how, m * low, m * high, part * (m * low))
            held = best.get(id)
            if held is None or way.credit > held.credit:
                best[id] = way


def _words(credential: Credential, way: _Way) -> str | None:
    """What the credential says of the outcome that counts."""
    return next((o.text for o in credential.outcomes if o.skill == way.skill and o.assessment == way.assessment), None)


@lru_cache(maxsize=50_000)
def relatives(skill: str, named: bool, taxonomy: Taxonomy, policy: Policy) -> tuple[tuple[str, Relation], ...]:
    """Skills whose outcomes earn credit for a requirement, each once, the closest relation first."""
    return tuple(_each_relative(skill, named, taxonomy, policy))


def _each_relative(skill: str, named: bool, taxonomy: Taxonomy, policy: Policy) -> Iterator[tuple[str, Relation]]:
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


def flags_of(credential: Credential, today: datetime.date) -> tuple[str, ...]:
    """What a reader should know of a credential's facts."""
    flags = []
    if credential.country:
        flags.append("holds_in:" + ",".join(credential.country))
    if credential.as_of is None:
        flags.append("facts_undated")
    elif last_day(credential.as_of) < today - _YEAR:
        flags.append("facts_over_a_year_old")
    if credential.status == "unknown":
        flags.append("status_unknown")
    if any(cover.inferred for cover in credential.outcomes):
        flags.append("skills_inferred")
    return tuple(flags)


def asked_for(
    requirements: Sequence[Requirement], catalogue: Catalogue, country: str | None = None
) -> tuple[AskedFor, ...]:
    """Credentials that the ad itself names, with those of the catalogue that are meant and hold in its country."""
    named: list[AskedFor] = []
    for requirement in requirements:
        if not _is_named(requirement):
            continue
        mention = requirement.mentions[0] if requirement.mentions else None
        words = mention.text if mention else requirement.label
        place = (requirement.need, mention.start if mention else 0, mention.end if mention else 0, words)
        meant = (catalogue.credential(id) for id in named_in(requirement, catalogue))
        chosen = [c for c in meant if not elsewhere(c, country)][:_MOST_NAMED]
        named.extend(AskedFor(c.id, *place, c.name, c.url) for c in chosen)
        if not chosen:
            named.append(AskedFor(None, *place))
    return tuple(named)


def _is_named(requirement: Requirement) -> bool:
    return requirement.type == "credential" and requirement.skill is not None and requirement.need != "not_required"


def named_in(requirement: Requirement, catalogue: Catalogue) -> list[str]:
    """The credentials that a certificate asked for by name can mean.

    Those that bear the ad's own words in name or issuer stand for it; without such, those that
    have the named certificate itself as an assessed outcome.
    """
    if not _is_named(requirement) or requirement.skill is None:
        return []
    words = requirement.mentions[0].text if requirement.mentions else requirement.label
    rows = [row for row in catalogue.outcomes(requirement.skill) if row.assessment not in ("mentioned", "taught")]
    found = [c for c in (catalogue.credential(row.credential) for row in rows) if c.status != "retired"]
    literal = [c for c in found if words.lower() in f"{c.name} {c.issuer or ''}".lower()]
    return [c.id for c in literal or found]
