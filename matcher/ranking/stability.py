"""How much an order hangs on the numbers of the policy: they are drawn anew many times, and the order compared."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from matcher.catalogue import Catalogue
from matcher.ranking.directness import by_unit, elsewhere, relatives
from matcher.ranking.policy import DEFAULT, Policy
from matcher.ranking.weights import centrality, salient
from matcher.taxonomy import Taxonomy
from matcher.types import ASSESSMENTS, Ranked, Relation, Requirement, Stability

Floats = npt.NDArray[np.float64]

DRAWS = 1_000
ROBUST = 0.9
"""A first place is called robust if it stays in so many of the draws."""

NEEDS = ("required", "unstated", "preferred")
RELATIONS: tuple[Relation, ...] = ("exact", "part_of", "broader")
RANGES: dict[str, tuple[float, float]] = {
    # what is required is the measure of all; the others go from half as much to nearly as much
    "need unstated": (0.6, 1.0),
    "need preferred": (0.4, 0.8),
    "title": (0.0, 1.0),
    "repeat": (0.0, 0.5),
    "central": (0.0, 1.0),
    "relation part_of": (0.4, 0.8),
    "relation broader": (0.2, 0.6),
    "assessment exam": (0.7, 1.0),
    "assessment quiz": (0.5, 0.9),
    "assessment taught": (0.3, 0.7),
    "assessment mentioned": (0.1, 0.3),
    "assessment unknown": (0.3, 0.7),
}
"""What each number is drawn from, evenly, around its default; what is 1 by definition stays 1."""


def stability(
    ranked: Sequence[Ranked],
    requirements: Sequence[Requirement],
    taxonomy: Taxonomy,
    catalogue: Catalogue,
    *,
    policy: Policy = DEFAULT,
    country: str | None = None,
    draws: int = DRAWS,
) -> Stability | None:
    """Draw the policy's numbers from `RANGES` and rank again, each time.

    Need, relation and the ways of assessment keep their order (what is required never weighs less
    than what is preferred). Only the credentials of `ranked` are compared: give all, not only the
    first ten, if a rival from further down is to be found.

    Parameters
    ----------
    ranked : sequence of Ranked
        In the order of `rank`.
    requirements : sequence of Requirement
        Weighed, with their gaps.
    taxonomy : Taxonomy
    catalogue : Catalogue
    policy : Policy
        For how deep parts of a requirement count.
    country : str, optional
        As in `rank`.
    draws : int

    Returns
    -------
    Stability or None
        None where there is nothing to compare.
    """
    if not ranked:
        return None
    drawn = _draw(draws)
    scores = _scores(ranked, requirements, taxonomy, catalogue, policy, drawn)
    away = np.array([elsewhere(r.credential, country) for r in ranked])
    # equal ones stay in the order that they have; those of elsewhere stay below
    ordered = scores - 10.0 * away - 1e-9 * np.arange(len(ranked))
    first = np.bincount(np.argmax(ordered, axis=1), minlength=len(ranked)) / draws
    pairs = list(combinations(range(min(10, len(ranked))), 2))
    taus = np.ones(draws)
    if pairs:
        above, below = (np.array(side) for side in zip(*pairs, strict=True))
        taus = np.sign(ordered[:, above] - ordered[:, below]).mean(axis=1)
    shares = {r.credential.id: float(first[n]) for n, r in enumerate(ranked) if first[n] > 0}
    rivals = sorted(((share, id) for id, share in shares.items() if id != ranked[0].credential.id), reverse=True)
    robust = float(first[0]) >= ROBUST
    rival = None if robust or not rivals else rivals[0][1]
    return Stability(
        draws=draws,
        tau=float(taus.mean()),
        tau_low=float(np.quantile(taus, 0.05)),
        first=tuple(sorted(shares.items(), key=lambda item: -item[1])),
        robust=robust,
        rival=rival,
        rival_name=next((r.credential.name for r in ranked if r.credential.id == rival), None),
    )


def _draw(draws: int) -> dict[str, Floats]:
    """A column a draw; the same on every machine."""
    random = np.random.default_rng(2026)
    drawn = {name: random.uniform(low, high, draws) for name, (low, high) in RANGES.items()}
    drawn["need preferred"] = np.minimum(drawn["need preferred"], drawn["need unstated"])
    drawn["relation broader"] = np.minimum(drawn["relation broader"], drawn["relation part_of"])
    for better, worse in (("exam", "quiz"), ("quiz", "taught"), ("taught", "mentioned")):
        drawn[f"assessment {worse}"] = np.minimum(drawn[f"assessment {worse}"], drawn[f"assessment {better}"])
    one = np.ones(draws)
    return {**drawn, "need required": one, "relation exact": one, "assessment practical": one}


def _scores(
    ranked: Sequence[Ranked], requirements: Sequence[Requirement], taxonomy: Taxonomy, catalogue: Catalogue,
    policy: Policy, drawn: dict[str, Floats],
) -> Floats:  # fmt: skip
    """Coverage of each credential (columns) in each draw (rows)."""
    units = [u for u in by_unit(requirements).values() if u.weight * u.gap > 0]
    place = {r.credential.id: n for n, r in enumerate(ranked)}
    weights = np.stack([np.max([_weight(r, drawn) for r in unit.members], axis=0) * unit.gap for unit in units], axis=1)
    found: set[tuple[int, int, int, int]] = set()
    for number, unit in enumerate(units):
        for r in unit.members:
            if r.skill is None:
                continue
            for skill, relation in relatives(r.skill, r.type == "credential", taxonomy, policy):
                for row in catalogue.outcomes(skill):
                    at = place.get(row.credential)
                    if at is not None:
                        found.add((at, number, RELATIONS.index(relation), ASSESSMENTS.index(row.assessment)))
    ways = np.array(sorted(found), dtype=np.int64)
    m = np.stack([drawn[f"relation {name}"] for name in RELATIONS], axis=1)
    e = np.stack([drawn[f"assessment {name}"] for name in ASSESSMENTS], axis=1)
    credit = m[:, ways[:, 2]] * e[:, ways[:, 3]]
    # the best way of each credential to cover each requirement
    begins = np.flatnonzero(np.append(True, (ways[1:, :2] != ways[:-1, :2]).any(axis=1)))
    part = np.maximum.reduceat(credit, begins, axis=1) * weights[:, ways[begins, 1]]
    owner = ways[begins, 0]
    starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    scores = np.zeros((len(weights), len(ranked)))
    scores[:, owner[starts]] = np.add.reduceat(part, starts, axis=1)
    shares: Floats = scores / weights.sum(axis=1, keepdims=True)
    return shares


def _weight(requirement: Requirement, drawn: dict[str, Floats]) -> Floats:
    in_title, further = salient(requirement)
    # type, commonness and the sharing among requirements of one skill are as in the report
    usual = DEFAULT.need[requirement.need] * (
        1 + DEFAULT.title * in_title + DEFAULT.repeat * further + DEFAULT.central * centrality(requirement)
    )
    return (
        requirement.weight
        / usual
        * drawn[f"need {requirement.need}"]
        * (1 + drawn["title"] * in_title + drawn["repeat"] * further + drawn["central"] * centrality(requirement))
    )
