"""Coverage against hours, and against cost: what a plan could be within smaller limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matcher.ranking.choose import MOST_ENTRIES_FRONT, admissible, amount, choose, measure, pose, requisites
from matcher.ranking.cover import EVEN, Column, Covers, narrow
from matcher.types import Front, Limits, Point

_POINTS = 12
"""How many limits a front is computed at."""


def make_fronts(covers: Covers, every: Sequence[Column], limits: Limits) -> tuple[Front, ...]:
    """Coverage against hours, and against cost in one currency: the best found within ever smaller limits."""
    fronts = []
    priced = Counter(c.currency for c in every if c.cost and c.currency)
    currency = limits.currency or (min(priced, key=lambda code: (-priced[code], code)) if priced else None)
    for name, unit in (("hours", "h"), ("cost", currency)):
        if unit is None:
            continue
        free = replace(
            limits, unknown="leave-out", must_include=(), currency=currency,
            hours=None if name == "hours" else limits.hours, budget=None if name == "cost" else limits.budget,
        )  # fmt: skip
        kept, _ = admissible(every, free)
        known = [c for c in kept if amount(c, name, currency) is not None]
        before, missing, absent = requisites(known, free.holds)
        known = [c for n, c in enumerate(known) if n not in missing]
        before, _, _ = requisites(known, (*free.holds, *absent))
        narrowed = narrow(covers, known)
        points = _front(narrowed, free, before, name, limits.hours if name == "hours" else limits.budget)
        if points:
            fronts.append(Front(unit, points, len(kept) - len(known)))
    return tuple(fronts)


def _front(
    covers: Covers, limits: Limits, before: dict[int, tuple[int, ...]], name: str, most: float | None
) -> tuple[Point, ...]:
    use = measure(covers.columns, name, limits, 0.0)

    def solve(limit: float | None) -> Point | None:
        tight = replace(limits, hours=limit) if name == "hours" else replace(limits, budget=limit)
        answer = choose(pose(covers, tight, before), MOST_ENTRIES_FRONT)
        if not answer.chosen:
            return None
        chosen = list(answer.chosen)
        share = answer.value / covers.total if covers.total else 0.0
        columns = [covers.columns[c] for c in chosen]
        return Point(
            float(use[chosen].sum()), share, tuple(c.id for c in columns), answer.method.name == "exact",
            tuple(c.name for c in columns),
        )  # fmt: skip

    last = solve(most)
    if last is None:
        return ()
    found = [last]
    for limit in np.linspace(last.effort, 0, _POINTS, endpoint=False)[1:].tolist():
        point = solve(limit)
        if point is None:
            break
        found.append(point)
    if name == "cost" and (none := solve(0.0)) is not None:
        found.append(none)
    return front_of(found)


def front_of(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points that no other beats in both, the least effort first.

    Examples
    --------
    >>> a, b, c = Point(5, 0.3, ("x",), True), Point(9, 0.2, ("y",), True), Point(9, 0.5, ("z",), True)
    >>> [p.credentials for p in front_of([c, b, a])]
    [('x',), ('z',)]
    """
    kept: list[Point] = []
    for point in sorted(points, key=lambda p: (p.effort, -p.coverage)):
        if not kept or point.coverage > kept[-1].coverage + EVEN:
            kept.append(point)
    return tuple(kept)
