"""Weights of requirements (need × salience) and the gap that is left to the person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from matcher import cues
from matcher.ranking.policy import DEFAULT, Policy
from matcher.types import Requirement, Standing

_CLOSE = 60
LITTLE, MOST = 0.25, 0.6
"""Up to which part of what is asked somebody is new to it, and from which on they have most of it."""

_LEVELS = {"basic": 1, "intermediate": 2, "advanced": 3}


def weigh(requirements: Sequence[Requirement], policy: Policy = DEFAULT) -> tuple[Requirement, ...]:
    """Give each requirement its weight ``w = t · k · c · s``; those of one skill share it.

    A skill that an ad asks for in several ways counts as one that it names again and again: each of its
    ``n`` requirements gets an ``n``-th.

    Parameters
    ----------
    requirements : sequence of Requirement
    policy : Policy

    Returns
    -------
    tuple of Requirement
        The same with `weight` set, in the same order.
    """
    times = Counter(r.skill for r in requirements if r.skill and r.need != "not_required")
    weighed = []
    for requirement in requirements:
        in_title, further = salient(requirement, policy)
        same = max(times[requirement.skill or ""], 1) if requirement.need != "not_required" else 1
        further = min(further + same - 1, policy.most_repeats)
        salience = 1 + policy.title * in_title + policy.repeat * further + policy.central * centrality(requirement)
        weighed.append(
            _weighed(requirement, policy.need[requirement.need] * salience * share_of(requirement, policy) / same)
        )
    return tuple(weighed)


def centrality(requirement: Requirement) -> float:
    """How central it is, from -1 to 1; that something is only preferred already lowers its weight."""
    return max(0.0, requirement.central) if requirement.need == "preferred" else requirement.central


def share_of(requirement: Requirement, policy: Policy = DEFAULT) -> float:
    """What is left of a requirement's weight for its type, and for being asked for in jobs of all kinds."""
    return policy.type[requirement.type] * (1 - policy.common * cues.common().get(requirement.skill or "", 0.0))


def salient(requirement: Requirement, policy: Policy = DEFAULT) -> tuple[bool, int]:
    """Whether the title names it, and how many further mentions count."""
    in_title = any(m.section == "title" for m in requirement.mentions)
    return in_title, min(max(0, _places(requirement) - 1 - in_title), policy.most_repeats)


def _weighed(r: Requirement, weight: float) -> Requirement:
    """A copy with its weight; `dataclasses.replace` takes five times as long, for every requirement of every ad."""
    return Requirement(
        r.id, r.skill, r.label, r.type, r.need, r.mentions, weight, r.gap, r.level, r.years, r.group, r.central
    )


def _places(requirement: Requirement) -> int:
    """Mentions that say something anew: not the same words again (pasted pages repeat themselves), not close by."""
    seen: set[tuple[str, str]] = set()
    count, last = 0, -_CLOSE
    for m in requirement.mentions:
        key = (m.section, m.text.lower())
        if key not in seen and m.start - last >= _CLOSE:
            count += 1
        seen.add(key)
        last = m.end
    return count


def apply_have(requirements: Sequence[Requirement], have: Mapping[str, str | None]) -> tuple[Requirement, ...]:
    """Set the gap ``g`` of each requirement: 0 where the person has the skill, else 1.

    Where both levels are known and the person's is lower, half of the gap stays.

    Parameters
    ----------
    requirements : sequence of Requirement
    have : mapping of str to (str or None)
        Skill id -> level (``basic``, ``intermediate``, ``advanced``) or None.
    """

    def gap(requirement: Requirement) -> float:
        if requirement.skill is None or requirement.skill not in have:
            return 1.0
        mine, asked = _LEVELS.get(have[requirement.skill] or ""), _LEVELS.get(requirement.level or "")
        return 0.5 if mine and asked and mine < asked else 0.0

    return tuple(replace(requirement, gap=gap(requirement)) for requirement in requirements)


def standing(parts: Iterable[tuple[float, float]]) -> Standing | None:
    """How much of what is asked a person has.

    Parameters
    ----------
    parts : iterable of (float, float)
        Weight and gap of each requirement.

    Examples
    --------
    >>> standing([(1.0, 0.0), (1.0, 0.0), (0.4, 1.0)]).case
    'experienced'
    """
    parts = list(parts)
    total = sum(weight for weight, _ in parts)
    if not total:
        return None
    share = sum(weight * (1 - gap) for weight, gap in parts) / total
    return Standing(share, "newcomer" if share < LITTLE else "experienced" if share >= MOST else "partly")
