"""Every number of the default policy, in one place; ``README.md`` explains them in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcher.types import Assessment, Need, Relation


def _needs() -> dict[Need, float]:
    return {"required": 1.0, "unstated": 0.7, "preferred": 0.4, "not_required": 0.0}


def _relations() -> dict[Relation, float]:
    return {"exact": 1.0, "part_of": 0.6, "broader": 0.3}


def _assessments() -> dict[Assessment, tuple[float, float]]:
    return {
        "practical": (1.0, 1.0),
        "exam": (0.85, 0.85),
        "quiz": (0.75, 0.75),
        "taught": (0.5, 0.5),
        "mentioned": (0.2, 0.2),
        "unknown": (0.5, 1.0),
    }


@dataclass(frozen=True, eq=False)
class Policy:
    """How requirements are weighed and credentials credited.

    Attributes
    ----------
    need : dict
        Weight ``t`` of each need.
    title, repeat, most_repeats : float, float, int
        Salience ``s = 1 + title·[in the title] + repeat·min(further mentions, most_repeats)``; a plain
        mention is 1.
    relation : dict
        ``m``: the credential teaches exactly the skill, a part of a broad one, or something broader.
    assessment : dict
        ``e``: how the outcome is shown, as (lower end, upper end).
    parts_deep : int
        How many steps below a requirement still count as a part of it.
    """

    need: dict[Need, float] = field(default_factory=_needs)
    title: float = 0.5
    repeat: float = 0.25
    most_repeats: int = 2
    relation: dict[Relation, float] = field(default_factory=_relations)
    assessment: dict[Assessment, tuple[float, float]] = field(default_factory=_assessments)
    parts_deep: int = 2


DEFAULT = Policy()
