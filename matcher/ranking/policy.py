"""Every number of the default policy, in one place; ``README.md`` explains them in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcher.types import Assessment, Need, Relation, SkillType


def _needs() -> dict[Need, float]:
    return {"required": 1.0, "unstated": 0.8, "preferred": 0.7, "not_required": 0.0}


def _types() -> dict[SkillType, float]:
    return {"tool": 1.0, "knowledge": 1.0, "hard": 1.0, "soft": 0.4, "language": 1.0, "credential": 2.5}


def _relations() -> dict[Relation, float]:
    return {"exact": 1.0, "part_of": 0.6, "broader": 0.4}


def _assessments() -> dict[Assessment, tuple[float, float]]:
    return {
        "practical": (1.0, 1.0),
        "exam": (0.9, 0.9),
        "quiz": (0.7, 0.7),
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
    type : dict
        Weight ``k`` of each type of skill: a course says little about a trait, and a
        certificate that the ad names is what it is about.
    common : float
        ``c = 1 - common·(share of the other occupation groups whose ads ask for the skill, too)``: Excel is
        asked for everywhere, so that it says less about this job (``corpora/cues/common.csv``).
    title, repeat, most_repeats, central : float, float, int, float
        Salience ``s = 1 + title·[in the title] + repeat·min(further mentions, most_repeats) + central·c``
        with ``c`` from -1 (marginal) to 1 (central to the job), as a model reads the ad; a plain mention is 1.
    relation : dict
        ``m``: the credential teaches exactly the skill, a part of a broad one, or something broader.
    assessment : dict
        ``e``: how the outcome is shown, as (lower end, upper end).
    parts_deep : int
        How many steps below a requirement still count as a part of it.
    """

    need: dict[Need, float] = field(default_factory=_needs)
    common: float = 0.8
    type: dict[SkillType, float] = field(default_factory=_types)
    title: float = 0.5
    repeat: float = 0.25
    most_repeats: int = 2
    central: float = 0.5
    relation: dict[Relation, float] = field(default_factory=_relations)
    assessment: dict[Assessment, tuple[float, float]] = field(default_factory=_assessments)
    parts_deep: int = 2


DEFAULT = Policy()
