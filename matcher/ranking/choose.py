"""Which set of credentials covers most within limits: exact by mixed-integer programming, else greedy with a bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.errors import CorpusError, InputError
from matcher.ranking.cover import Column, Covers, Floats
from matcher.taxonomy.check import cycles
from matcher.types import Limits, Method

MOST_ENTRIES = 25_000
"""Size (entries of the constraints) up to which HiGHS is asked: 18,000, which is 500 ads and 314 credentials that
cover something, took 1.3 s; from some 60,000 on it takes longer than anybody waits, and greedy's bound is near."""

MOST_ENTRIES_FRONT = 3_000
"""The same for each point of a front, of which there are two dozen."""

_SECONDS = 20.0
_EVEN = 1e-12
_NEAR = 1e-6
"""HiGHS' own tolerance: a set whose bound is nearer than this is the best."""


@dataclass(frozen=True)
class Problem:
    """Columns to choose from, what each takes of each limited quantity, and what each needs first.

    Attributes
    ----------
    use : array
        A row a limit (number, hours, budget; only those that are set), a column a credential.
    most : array
        The limits.
    before : dict
        Column -> columns that it needs first, all the way down.
    kinds : list
        For each kind of which one must be included: the columns of that kind.
    """

    covers: Covers
    use: Floats
    most: Floats
    before: dict[int, tuple[int, ...]]
    kinds: tuple[tuple[str, npt.NDArray[np.int64]], ...]

    def bundle(self, c: int, chosen: set[int]) -> list[int]:
        """A column and what it still needs first."""
        return [*(b for b in self.before.get(c, ()) if b not in chosen), c]

    def fits(self, chosen: Sequence[int]) -> bool:
        """Whether a set is within all limits."""
        return bool((self.use[:, list(chosen)].sum(axis=1) <= self.most + 1e-9).all())


class Answer(NamedTuple):
    """A set of columns, in no order, and how good it is."""

    chosen: tuple[int, ...]
    value: float
    method: Method


def admissible(columns: Sequence[Column], limits: Limits) -> tuple[list[Column], list[str]]:
    """Those that a limit does not rule out by itself, and what to tell about the others.

    A credential without known hours (or cost in the currency of the budget) is left out where hours
    (or a budget) are limited, or with ``unknown="include"`` it stays; see `measure`.
    """
    notes = []
    held = set(limits.holds)
    kept = [c for c in columns if c.id not in held]
    for name, most, word in (("hours", limits.hours, "hours"), ("cost", limits.budget, "price")):
        if most is None:
            continue
        amounts = [amount(c, name, limits.currency) for c in kept]
        unknown = sum(a is None for a in amounts)
        if unknown and limits.unknown == "leave-out":
            kept = [c for c, a in zip(kept, amounts, strict=True) if a is not None]
            where = f" in {limits.currency}" if name == "cost" and limits.currency else ""
            notes.append(
                f"{unknown} credential{'s' * (unknown != 1)} whose {word}{where} {'are' if name == 'hours' else 'is'} not "
                "known left out, because that is limited; `--unknown include` lets them in."
            )
    return kept, notes


def amount(c: Column, name: str, currency: str | None) -> float | None:
    """Hours or cost, None if not known; a cost in another currency is not known, free is free in all."""
    if name == "hours":
        return c.hours
    if c.cost is None or c.cost == 0:
        return c.cost
    return c.cost if c.currency == currency else None


def measure(columns: Sequence[Column], name: str, limits: Limits, most: float) -> Floats:
    """What each column takes of a limited quantity; what is not known takes its `allowance`."""
    amounts = [amount(c, name, limits.currency) for c in columns]
    unknown = allowance(columns, name, limits, most)
    return np.array([unknown if a is None else a for a in amounts], dtype=float)


def allowance(columns: Sequence[Column], name: str, limits: Limits, most: float) -> float:
    """What is allowed for hours or a cost that nobody states, since not known is never nothing.

    The upper quartile of what is known of the others (at most the whole limit), so that not telling
    is no advantage.
    """
    amounts = [amount(c, name, limits.currency) for c in columns]
    known = [a for a in amounts if a is not None and (name == "hours" or a > 0)]
    found = min(float(np.quantile(known, 0.75)), most) if known else most
    # nothing is allowed for what may cost something where nothing may be spent
    return found or 1.0


def requisites(
    columns: Sequence[Column], holds: Sequence[str]
) -> tuple[dict[int, tuple[int, ...]], set[int], set[str]]:
    """What each column needs first (nearest last), the columns that cannot be had, and ids that nothing knows.

    Raises
    ------
    CorpusError
        If prerequisites go in a circle.
    """
    place = {c.id: n for n, c in enumerate(columns)}
    needs = {c.id: [p for p in c.prerequisite if p not in holds] for c in columns if c.prerequisite}
    circle = next(iter(cycles(needs)), None)
    if circle is not None:
        raise CorpusError(
            "cyclic", f"prerequisites go in a circle: {' -> '.join(circle)}", "an order in which they can be earned",
            "mend `prerequisite` in the catalogue; `matcher credentials validate` shows all",
        )  # fmt: skip
    before: dict[int, tuple[int, ...]] = {}
    missing: set[int] = set()
    unknown: set[str] = set()

    def walk(id: str, path: list[int]) -> bool:
        possible = True
        for first in needs.get(id, ()):
            if first not in place:
                unknown.add(first)
                possible = False
            elif walk(first, path):
                if place[first] not in path:
                    path.append(place[first])
            else:
                possible = False
        return possible

    for c in needs:
        path: list[int] = []
        if not walk(c, path):
            missing.add(place[c])
        elif path:
            before[place[c]] = tuple(path)
    return before, missing, unknown


def pose(covers: Covers, limits: Limits, before: dict[int, tuple[int, ...]]) -> Problem:
    """The problem that limits make of columns."""
    rows, most = [], []
    if limits.number is not None:
        rows.append(np.ones(len(covers.columns)))
        most.append(float(limits.number))
    for name, limit in (("hours", limits.hours), ("cost", limits.budget)):
        if limit is not None:
            rows.append(measure(covers.columns, name, limits, limit))
            most.append(limit)
    kinds = []
    for kind in limits.must_include:
        members = np.array([n for n, c in enumerate(covers.columns) if kind in c.kinds], dtype=np.int64)
        kinds.append((kind, members))
    use = np.array(rows) if rows else np.empty((0, len(covers.columns)))
    return Problem(covers, use, np.array(most), before, tuple(kinds))


def choose(problem: Problem, most: int = MOST_ENTRIES) -> Answer:
    """The best set: exact where the problem is small enough, else greedy.

    Parameters
    ----------
    problem : Problem
    most : int
        Entries of the constraints up to which it is solved exactly.

    Raises
    ------
    InputError
        If no set holds one of each kind that must be included.
    """
    if not problem.covers.columns:
        return Answer((), 0.0, Method("exact", 0.0, "there is nothing to choose from"))
    rough = greedy(problem)
    if rough.value >= rough.method.bound - _EVEN:
        return rough._replace(method=Method("exact", rough.value, "the greedy set reaches its own upper bound"))
    size = _size(problem.covers)
    if size > most:
        why = f"{rough.method.why}; too large to be solved exactly ({size:,} entries, at most {most:,})"
        return rough._replace(method=replace(rough.method, why=why))
    found = _highs(problem)
    if found is None:
        return rough
    bound = found[1]
    chosen = tuple(_without_idle(problem, found[0]))
    value = problem.covers.value(chosen)
    best = rough if rough.value >= value - _EVEN else Answer(chosen, value, rough.method)
    bound = min(bound, rough.method.bound)
    if best.value >= bound - _NEAR * max(1.0, problem.covers.total):
        why = "HiGHS proved that no other set within the limits covers more"
        return best._replace(method=Method("exact", max(bound, best.value), why))
    why = f"HiGHS was stopped after {_SECONDS:g} s; {_of_best(best.value, bound)}"
    return best._replace(method=Method("greedy", bound, why))


def _of_best(value: float, bound: float) -> str:
    return (
        f"at least {100 * value / bound:.1f}% of what any set within the limits can cover" if bound else "nothing can"
    )


# --- greedy


def greedy(problem: Problem) -> Answer:
    """Take what adds most, again and again; and what adds most for its hours or cost; the better of them.

    With a number alone this covers at least 1 − 1/e of the best. With one limit on hours or cost, the
    better of the ratio rule and the best single one covers at least half of that; with several limits
    no such constant holds. The bound that is returned holds always and is nearly always far nearer:
    whatever was chosen so far, no set can add more than the gains that fit into the limits as fractions.
    """
    covers = problem.covers
    prices = [np.zeros(len(covers.columns))]
    share = problem.use / np.maximum(problem.most, _EVEN)[:, None]
    prices += [row for row in share if np.ptp(row) > 0] if len(share) else []
    if len(prices) > 2:
        prices.append(sum(prices[1:], start=np.zeros(len(covers.columns))))
    bound = covers.value(range(len(covers.columns)))
    best: tuple[float, list[int]] = (-1.0, [])
    for price in prices:
        chosen, least = _one_greedy(problem, price)
        bound = min(bound, least)
        value = covers.value(chosen)
        if value > best[0] + _EVEN:
            best = value, chosen
    alone = _best_alone(problem)
    if alone is not None and covers.value(alone) > best[0] + _EVEN:
        best = covers.value(alone), alone
    chosen = _without_idle(problem, best[1])
    value = covers.value(chosen)
    bound = max(bound, value)
    return Answer(tuple(chosen), value, Method("greedy", bound, _of_best(value, bound)))


def _one_greedy(problem: Problem, price: Floats, begin: Sequence[int] = ()) -> tuple[list[int], float]:
    covers = problem.covers
    chosen = list(begin)
    bound = float("inf")
    while True:
        best = covers.covered(chosen)
        gain = covers.gains(best)
        gain[chosen] = 0.0
        bound = min(bound, float(covers.weights @ best) + _fractional(problem, gain))
        # what must be in comes first, while there is room for it
        wanted = next((set(m.tolist()) for _, m in problem.kinds if set(m.tolist()).isdisjoint(chosen)), None)
        picked = _pick(problem, gain, price, set(chosen), best, wanted)
        if picked is None and wanted is not None:
            return _one_greedy(problem, price, _kinds_alone(problem))
        if picked is None:
            return chosen, bound
        chosen += picked


def _pick(
    problem: Problem, gain: Floats, price: Floats, chosen: set[int], best: Floats, allowed: set[int] | None
) -> list[int] | None:  # fmt: skip
    """The best column that fits, with what it needs first; None if nothing adds anything."""
    room = problem.most - problem.use[:, list(chosen)].sum(axis=1) + 1e-9
    fits = (problem.use <= room[:, None]).all(axis=0)
    worth = np.where(fits, gain / np.maximum(price, 1e-6) if price.any() else gain, -1.0)
    if allowed is not None:
        # one must be in even if it adds nothing
        worth = np.where(np.isin(np.arange(len(worth)), list(allowed)) & fits, worth + 1e-15, -1.0)
    else:
        worth = np.where(gain > _EVEN, worth, -1.0)
    worth[list(chosen)] = -1.0
    found: tuple[float, list[int]] | None = None
    bundled = [c for c in problem.before if c not in chosen and worth[c] > -1]
    for c in bundled:
        bundle = problem.bundle(c, chosen)
        if len(bundle) > 1:
            worth_alone, worth[c] = worth[c], -1.0
            if (problem.use[:, bundle].sum(axis=1) <= room).all():
                together = np.maximum(best, problem.covers.covered(bundle))
                added = float(problem.covers.weights @ (together - best))
                paid = price[bundle].sum()
                value = (added / max(paid, 1e-6) if price.any() else added / len(bundle)) + (worth_alone > -1) * 1e-15
                if (allowed is not None or added > _EVEN) and (found is None or value > found[0]):
                    found = value, bundle
    single = int(np.argmax(worth)) if len(worth) else -1
    if single >= 0 and worth[single] > -1 and (found is None or worth[single] >= found[0]):
        return [single]
    return found[1] if found else None


def _kinds_alone(problem: Problem) -> list[int]:
    """One of each kind that must be in, where taking the best of each in turn does not fit: HiGHS finds out."""
    found = _highs(replace(problem, covers=replace(problem.covers, weights=np.zeros_like(problem.covers.weights))))
    if found is None:
        kinds = " and ".join(kind for kind, _ in problem.kinds)
        raise InputError(
            "impossible", f"--must-include: no set of credentials within the limits holds {kinds}",
            "limits that leave room for it", "raise the limits, or leave out what must be included",
        )  # fmt: skip
    return found[0]


def _best_alone(problem: Problem) -> list[int] | None:
    if problem.kinds or not len(problem.covers.columns):
        return None
    gain = problem.covers.gains(np.zeros(len(problem.covers.asks)))
    fits = (problem.use <= problem.most[:, None] + 1e-9).all(axis=0)
    gain = np.where(fits, gain, -1.0)
    gain[list(problem.before)] = -1.0
    best = int(np.argmax(gain))
    return [best] if gain[best] > 0 else None


def _fractional(problem: Problem, gain: Floats) -> float:
    """The most that any set within the limits can add: gains add up at best, and fractions fit best."""
    most = float(gain.sum())
    for use, limit in zip(problem.use, problem.most, strict=True):
        # what does not fit by itself is in no set
        worth = np.where(use <= limit + 1e-9, gain, 0.0)
        free = worth[use <= 0].sum()
        paid = use > 0
        order = np.argsort(-(worth[paid] / use[paid]), kind="stable")
        taken, value = np.cumsum(use[paid][order]), worth[paid][order]
        whole = int(np.searchsorted(taken, limit, side="right"))
        total = value[:whole].sum()
        if whole < len(value):
            left = limit - (taken[whole - 1] if whole else 0.0)
            total += value[whole] * max(left, 0.0) / use[paid][order][whole]
        most = min(most, float(free + total))
    return most


def _without_idle(problem: Problem, chosen: Sequence[int]) -> list[int]:
    """A set without members that add nothing, unless something in it needs them; the longest go first."""
    kept = sorted(chosen)
    covers = problem.covers

    def needed(c: int) -> bool:
        if any(c in problem.before.get(other, ()) for other in kept if other != c):
            return True
        return any(c in m and not set(m.tolist()) & (set(kept) - {c}) for _, m in problem.kinds)

    def length(c: int) -> tuple[float, float]:
        column = covers.columns[c]
        return -(column.hours or 0.0), -(column.cost or 0.0)

    value = covers.value(kept)
    for c in sorted(kept, key=length):
        rest = [other for other in kept if other != c]
        if not needed(c) and covers.value(rest) >= value - _EVEN:
            kept = rest
    return kept


# --- exact


def _levels(covers: Covers) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.int64]]:
    """The distinct (row, credit) pairs: row and step of each, falling by credit in a row; and which one each entry is."""
    key = covers.row.astype(np.int64) * (1 << 24) + np.rint((2 - covers.credit) * (1 << 22)).astype(np.int64)
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    row = covers.row[first].astype(np.int64)
    credit = covers.credit[first]
    following = np.append(credit[1:], 0.0)
    following[np.append(row[1:] != row[:-1], True)] = 0.0
    return row, credit - following, which.astype(np.int64)


def _size(covers: Covers) -> int:
    """How many entries the constraints would have."""
    row, _, which = _levels(covers)
    last = np.searchsorted(row, row, side="right")
    return int((last[which] - which).sum())


def _highs(problem: Problem) -> tuple[list[int], float] | None:
    """Maximise ``Σ_r w_r Σ_l step_l z_rl``: level l of a row is reached if a chosen column gives that credit or more."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

    covers = problem.covers
    n = len(covers.columns)
    if n == 0:
        return [], 0.0
    row, step, which = _levels(covers)
    levels = len(row)
    last = np.searchsorted(row, row, side="right")
    many = last[which] - which
    level = np.repeat(which, many) + np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    reach = coo_array((np.ones(len(level)), (level, np.repeat(covers.col, many))), shape=(levels, n)).tocsr()
    blocks = [hstack([-reach, eye_array(levels)])]
    upper = [np.zeros(levels)]
    lower = [np.full(levels, -np.inf)]
    pad = csr_array((1, levels))

    def add(coefficients: Floats, least: float, most: float) -> None:
        blocks.append(hstack([csr_array(coefficients[None, :]), pad]))
        lower.append(np.array([least]))
        upper.append(np.array([most]))

    for use, most in zip(problem.use, problem.most, strict=True):
        add(use, -np.inf, most + 1e-9)
    for c, firsts in problem.before.items():
        for first in firsts:
            line = np.zeros(n)
            line[c], line[first] = 1.0, -1.0
            add(line, -np.inf, 0.0)
    for _, members in problem.kinds:
        line = np.zeros(n)
        line[members] = 1.0
        add(line, 1.0, np.inf)
    aim = np.concatenate([np.zeros(n), -covers.weights[row] * step])
    result = milp(
        aim,
        integrality=np.concatenate([np.ones(n), np.zeros(levels)]),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(vstack(blocks).tocsc(), np.concatenate(lower), np.concatenate(upper)),
        options={"time_limit": _SECONDS, "mip_rel_gap": 0.0},
    )
    if result.x is None:
        return None
    chosen = np.flatnonzero(result.x[:n] > 0.5).tolist()
    bound = -result.mip_dual_bound if result.mip_dual_bound is not None else float("inf")
    return (chosen, bound) if problem.fits(chosen) else None
