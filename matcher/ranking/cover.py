"""Many ads × a catalogue -> who covers what, as arrays: the same credits as `rank` gives, without its loops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.catalogue import Catalogue
from matcher.ranking.directness import by_unit, relatives
from matcher.ranking.policy import DEFAULT, Policy
from matcher.taxonomy import Taxonomy
from matcher.types import ASSESSMENTS, Ad, Ask, Cover, Credential, Need, Relation, Requirement

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]

_CHUNK = 8192
"""Credentials joined at a time: the join is the largest thing in memory."""

EVEN = 1e-12
"""Shares that differ by less are the same."""


def gather(ads: Sequence[Ad]) -> tuple[Ask, ...]:
    """What many ads ask: each skill, or each set of alternatives, once.

    The weight of a requirement is the sum of its weights in the ads that ask for it, over the number
    of all ads; so a skill that half of the ads require weighs half of one that all require. For one
    ad it is the weight in that ad.

    Parameters
    ----------
    ads : sequence of Ad
        With weighed requirements.

    Returns
    -------
    tuple of Ask
        The heaviest first.
    """
    found: dict[frozenset[str], _Gathered] = {}
    for ad in ads:
        for unit in by_unit(ad.requirements).values():
            key = frozenset(_key(r) for r in unit.members)
            row = found.get(key)
            if row is None:
                row = found[key] = _Gathered({_key(r): r for r in unit.members}, Counter(), [0.0, 0.0])
            heaviest = max(unit.members, key=lambda r: r.weight)
            row.needs[heaviest.need] += 1
            row.sums[0] += unit.weight
            row.sums[1] += unit.weight * unit.gap
    ordered = sorted(found.values(), key=lambda row: (-row.sums[0], sorted(row.members)))
    return tuple(
        Ask(
            f"a{number}",
            tuple(r.skill for r in row.members.values()),
            tuple(r.label for r in row.members.values()),
            next(iter(row.members.values())).type,
            tuple(row.needs.most_common()),
            sum(row.needs.values()),
            row.sums[0] / len(ads),
            row.sums[1] / row.sums[0] if row.sums[0] else 0.0,
        )
        for number, row in enumerate(ordered, 1)
    )


class _Gathered(NamedTuple):
    members: dict[str, Requirement]
    needs: Counter[Need]
    sums: list[float]


def _key(r: Requirement) -> str:
    return r.skill if r.skill is not None else "\0" + " ".join(r.label.casefold().split())


class Column(NamedTuple):
    """What a plan has to know of a credential before it is chosen."""

    id: str
    name: str
    hours: float | None
    cost: float | None
    currency: str | None
    prerequisite: tuple[str, ...]
    kinds: frozenset[str]
    outcomes: int


def column(c: Credential) -> Column:
    """A credential without what only a report needs."""
    kinds = {c.issuer_kind or ""}
    if {"project", "portfolio"} & set(c.assessment):
        kinds.add("project")
    if c.cost == 0:
        kinds.add("free")
    if "online" in c.mode:
        kinds.add("online")
    currency = c.currency.upper() if c.currency else None
    return Column(c.id, c.name, c.hours, c.cost, currency, c.prerequisite, frozenset(kinds), len(c.outcomes))


@dataclass(frozen=True)
class Covers:
    """Who covers what: a sparse matrix with a column a credential and a row an `Ask`, by columns.

    Attributes
    ----------
    weights : array
        ``w g`` of each row.
    start, col, row, credit : arrays
        Entry i is in column ``col[i]`` and row ``row[i]``; those of column c lie from ``start[c]`` to ``start[c + 1]``.
    pair, outcome : arrays
        Which relation and which row of the catalogue's outcomes made the entry.
    """

    asks: tuple[Ask, ...]
    columns: tuple[Column, ...]
    weights: Floats
    start: npt.NDArray[np.int64]
    col: Numbers
    row: Numbers
    credit: Floats
    pair: Numbers
    outcome: Numbers
    pairs: tuple[tuple[int, int, str, Relation], ...]
    policy: Policy
    total: float

    def gains(self, best: Floats) -> Floats:
        """What each column adds to rows that are covered as far as `best`."""
        more = np.maximum(self.credit - best[self.row], 0.0)
        more *= self.weights[self.row]
        return np.bincount(self.col, weights=more, minlength=len(self.columns)).astype(float, copy=False)

    def entries(self, c: int) -> slice:
        """Where the entries of a column lie."""
        return slice(int(self.start[c]), int(self.start[c + 1]))

    def covered(self, chosen: Sequence[int]) -> Floats:
        """How far each row is covered by the best of some columns."""
        best = np.zeros(len(self.asks))
        for c in chosen:
            at = self.entries(c)
            np.maximum.at(best, self.row[at], self.credit[at])
        return best

    def value(self, chosen: Sequence[int]) -> float:
        """``F(S) = Σ w g max a``, not yet divided by the total."""
        return float(self.weights @ self.covered(chosen))

    def explain(self, c: int, best: Floats, catalogue: Catalogue) -> tuple[list[Cover], list[int]]:
        """The rows of a column that add to `best`, the largest share first, and the rows that do not."""
        shown: list[Cover] = []
        repeated: list[int] = []
        at = self.entries(c)
        for i in range(at.start, at.stop):
            row = int(self.row[i])
            ask = self.asks[row]
            _, member, skill, relation = self.pairs[self.pair[i]]
            share = self.weights[row] * max(0.0, self.credit[i] - best[row]) / self.total if self.total else 0.0
            if share <= 0:
                repeated.append(row)
                continue
            assessment, text = catalogue.outcome(int(self.outcome[i]))
            low, high = self.policy.assessment[assessment]
            m = self.policy.relation[relation]
            shown.append(
                Cover(
                    ask.id, ask.skills[member] or skill, relation, assessment, m * low, m * high, float(share), text, skill
                )
            )  # fmt: skip
        return sorted(shown, key=lambda row: (-row.share, row.requirement)), repeated


def cover(
    asks: Sequence[Ask],
    columns: Sequence[Column],
    taxonomy: Taxonomy,
    catalogue: Catalogue,
    policy: Policy = DEFAULT,
) -> Covers:
    """Join requirements with outcomes over the relations between skills; the best way of each pair stays.

    Parameters
    ----------
    asks : sequence of Ask
    columns : sequence of Column
        The credentials that may be chosen, in their order.
    taxonomy : Taxonomy
    catalogue : Catalogue
    policy : Policy

    Returns
    -------
    Covers
    """
    pairs, number_of = _pairs(asks, taxonomy, policy)
    pair_row = np.array([p[0] for p in pairs], dtype=np.int32)
    pair_skill = np.array([number_of[p[2]] for p in pairs], dtype=np.int64)
    pair_credit = np.array([policy.relation[p[3]] for p in pairs], dtype=float)
    low = np.array([policy.assessment[a][0] for a in ASSESSMENTS])
    code = {a: n for n, a in enumerate(ASSESSMENTS)}
    place = {c.id: n for n, c in enumerate(columns)}
    # the outcomes on any of these skills, by credential
    rows = [
        (place[credential], number_of[skill], code[assessment], number)
        for number, skill, credential, assessment in catalogue.every_outcome()
        if skill in number_of and credential in place
    ]
    table = np.array(rows, dtype=np.int32).reshape(-1, 4)
    table = table[np.argsort(table[:, 0], kind="stable")]
    parts = [
        _join(part, len(number_of), pair_row, pair_skill, pair_credit, low, len(asks))
        for part in _chunks(table, len(columns))
    ]
    col, row, credit, pair, outcome = (
        np.concatenate([part[k] for part in parts]) if parts else np.empty(0, dtype=float if k == 2 else np.int32)
        for k in range(5)
    )
    weights = np.array([a.weight * a.gap for a in asks], dtype=float)
    start = np.concatenate([[0], np.cumsum(np.bincount(col, minlength=len(columns)))]).astype(np.int64)
    return Covers(
        tuple(asks), tuple(columns), weights, start, col, row, credit, pair, outcome, tuple(pairs), policy,
        float(weights.sum()),
    )  # fmt: skip


def useful(covers: Covers) -> list[Column]:
    """The columns that add anything, and what they need first."""
    gain = covers.gains(np.zeros(len(covers.asks)))
    place = {c.id: n for n, c in enumerate(covers.columns)}
    waiting = np.flatnonzero(gain > 0).tolist()
    kept = set(waiting)
    while waiting:
        for id in covers.columns[waiting.pop()].prerequisite:
            first = place.get(id)
            if first is not None and first not in kept:
                kept.add(first)
                waiting.append(first)
    return [covers.columns[c] for c in sorted(kept)]


def narrow(covers: Covers, columns: Sequence[Column]) -> Covers:
    """The same with only some of the columns, in their order."""
    place = {c.id: n for n, c in enumerate(covers.columns)}
    old = np.array([place[c.id] for c in columns], dtype=np.int64)
    new = np.full(len(covers.columns), -1, dtype=np.int32)
    new[old] = np.arange(len(old), dtype=np.int32)
    kept = np.flatnonzero(new[covers.col] >= 0)
    kept = kept[np.argsort(new[covers.col[kept]], kind="stable")]
    col = new[covers.col[kept]]
    start = np.concatenate([[0], np.cumsum(np.bincount(col, minlength=len(columns)))]).astype(np.int64)
    return replace(
        covers, columns=tuple(columns), start=start, col=col, row=covers.row[kept], credit=covers.credit[kept],
        pair=covers.pair[kept], outcome=covers.outcome[kept],
    )  # fmt: skip


def _pairs(
    asks: Sequence[Ask], taxonomy: Taxonomy, policy: Policy
) -> tuple[list[tuple[int, int, str, Relation]], dict[str, int]]:
    """(row, which alternative, skill that earns credit, how it is related), and a number for each such skill."""
    pairs: list[tuple[int, int, str, Relation]] = []
    number_of: dict[str, int] = {}
    near: dict[str, list[tuple[str, Relation]]] = {}
    for row, ask in enumerate(asks):
        for member, skill in enumerate(ask.skills):
            if skill is None:
                continue
            if skill not in near:
                named = skill in taxonomy.brief and taxonomy.brief[skill].type == "credential"
                near[skill] = list(relatives(skill, named, taxonomy, policy))
            for other, relation in near[skill]:
                if policy.relation[relation] > 0:
                    pairs.append((row, member, other, relation))
                    number_of.setdefault(other, len(number_of))
    return pairs, number_of


def _chunks(table: npt.NDArray[np.int32], size: int) -> Iterator[npt.NDArray[np.int32]]:
    for first in range(0, size, _CHUNK):
        begin, end = np.searchsorted(table[:, 0], [first, first + _CHUNK])
        if end > begin:
            yield table[begin:end]


def _join(
    table: npt.NDArray[np.int32], skills: int, pair_row: Numbers, pair_skill: npt.NDArray[np.int64],
    pair_credit: Floats, low: Floats, rows: int,
) -> tuple[Numbers, Numbers, Floats, Numbers, Numbers]:  # fmt: skip
    """The best entry for each (credential, requirement) of some credentials."""
    by_skill = table[np.argsort(table[:, 1], kind="stable")]
    first = np.concatenate([[0], np.cumsum(np.bincount(by_skill[:, 1], minlength=skills))])
    many = first[pair_skill + 1] - first[pair_skill]
    pair = np.repeat(np.arange(len(pair_row), dtype=np.int32), many)
    within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    at = np.repeat(first[pair_skill], many) + within
    credit = pair_credit[pair] * low[by_skill[at, 2]]
    key = by_skill[at, 0].astype(np.int64) * rows + pair_row[pair]
    # of equal credits the nearest relation stands first, as in `rank`
    order = np.lexsort((pair, -credit, key))
    order = order[credit[order] > 0]
    key = key[order]
    order = order[np.concatenate([[True], key[1:] != key[:-1]])] if len(order) else order
    at = at[order]
    return by_skill[at, 0], pair_row[pair[order]], credit[order], pair[order], by_skill[at, 3]
