"""The set of credentials that together cover most of what ads ask: chosen, put in order, explained."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matcher.catalogue import Catalogue
from matcher.errors import CorpusError, InputError
from matcher.ranking.choose import (
    MOST_ENTRIES_FRONT,
    Answer,
    Problem,
    admissible,
    allowance,
    amount,
    choose,
    measure,
    pose,
    requisites,
)
from matcher.ranking.cover import Column, Covers, column, cover, gather
from matcher.ranking.directness import flags_of
from matcher.ranking.filters import Filters
from matcher.ranking.policy import DEFAULT, Policy
from matcher.ranking.recognition import count_recognition
from matcher.taxonomy import Taxonomy
from matcher.types import (
    Ad,
    Ask,
    Barred,
    Cover,
    Credential,
    Front,
    Limits,
    Method,
    Plan,
    Point,
    Ranked,
    Stack,
    Step,
    Warning_,
)

_POINTS = 12
"""How many limits a front is computed at."""

_EVEN = 1e-12


def make_plan(
    ads: Sequence[Ad],
    taxonomy: Taxonomy,
    catalogue: Catalogue,
    *,
    limits: Limits | None = None,
    filters: Filters | None = None,
    policy: Policy = DEFAULT,
    top: int = 10,
    today: datetime.date | None = None,
    fronts: bool = True,
) -> Plan:
    """Choose credentials for ads: ``F(S) = Σ_r w_r g_r max_{c ∈ S} a(c, r)``.

    Parameters
    ----------
    ads : sequence of Ad
        Different ones, with weighed requirements (`weigh`, `apply_have`).
    taxonomy : Taxonomy
    catalogue : Catalogue
    limits : Limits, optional
        At most five credentials if not given.
    filters : Filters, optional
        Which credentials may be chosen.
    policy : Policy
    top : int
        How many single credentials to rank beside the plan.
    today : datetime.date, optional
        For the age of facts.
    fronts : bool
        Whether to compute coverage against hours and against cost.

    Returns
    -------
    Plan

    Raises
    ------
    CorpusError
        If the catalogue is empty, or prerequisites go in a circle.
    InputError
        If nothing that covers anything fits into the limits.
    """
    limits = limits or Limits(number=5)
    check(limits)
    if len(catalogue) == 0:
        raise CorpusError(
            "empty", "the catalogue in use is empty", "at least one credential", "name another --catalogue"
        )
    asks = gather(ads) if ads else ()
    warnings: list[Warning_] = []
    countries = Counter(ad.country for ad in ads if ad.country)
    every = _columns(catalogue, filters or Filters(), set(countries), bool(filters and filters.country), warnings)
    limits = _with_currency(limits, every)
    covers = cover(asks, every, taxonomy, catalogue, policy)
    every = _useful(covers)
    covers = _narrow(covers, every)
    columns, notes = admissible(every, limits)
    warnings += [Warning_("unknown_left_out", note) for note in notes]
    before, missing, absent = requisites(columns, limits.holds)
    if missing:
        names = ", ".join(sorted(columns[c].name for c in missing)[:3])
        warnings.append(
            Warning_(
                "prerequisite_out_of_reach",
                f"{len(missing)} credential{'s' * (len(missing) != 1)} left out, because what must come first is not within "
                f"the limits or not in the catalogue ({names}).",
            )
        )  # fmt: skip
        columns = [c for n, c in enumerate(columns) if n not in missing]
        before, _, _ = requisites(columns, (*limits.holds, *absent))
    narrowed = _narrow(covers, columns)
    problem = pose(narrowed, limits, before)
    recognised = _Chosen(catalogue, today or datetime.date.today())
    steps: tuple[Step, ...] = ()
    answer = Answer((), 0.0, Method("exact", 0.0, "there is nothing to choose from"))
    if covers.total > 0 and not every:
        warnings.append(Warning_("not_covered", "No credential within your filters covers anything that is asked."))
    elif covers.total > 0:
        _check_possible(covers, problem, limits)
        answer = choose(problem)
        steps = _steps(narrowed, problem, answer.chosen, recognised)
        warnings += _allowed(columns, [columns[c] for c in answer.chosen], limits)
    else:
        warnings.append(_nothing(ads, asks))
    ranking = _rank(covers, recognised, top)
    chosen = [s.credential for s in steps]
    best = narrowed.covered(answer.chosen)
    anyone = covers.covered(range(len(every)))
    left = [n for n, ask in enumerate(asks) if covers.weights[n] > 0 and best[n] <= 0]
    shown = {c.id: c for c in (*chosen, *(r.credential for r in ranking))}
    total = covers.total or 1.0
    return Plan(
        ads=len(ads),
        duplicates=0,
        asks=asks,
        limits=limits,
        method=replace(answer.method, bound=answer.method.bound / total),
        steps=steps,
        coverage=steps[-1].coverage if steps else 0.0,
        coverage_high=_high(covers, steps) if steps else 0.0,
        hours=float(sum(c.hours for c in chosen if c.hours is not None)),
        hours_unknown=sum(c.hours is None for c in chosen),
        costs=_costs(chosen),
        costs_unknown=sum(c.cost is None for c in chosen),
        considered=len(columns),
        uncovered=tuple(asks[n].id for n in left if anyone[n] <= 0),
        not_chosen=tuple(asks[n].id for n in left if anyone[n] > 0),
        stacks=_stacks(chosen, catalogue),
        fronts=_fronts(covers, every, limits) if fronts and every else (),
        ranking=ranking,
        recognition=count_recognition(ads, list(shown.values()), catalogue),
        barriers=_barriers(ads),
        countries=tuple(countries.most_common()),
        warnings=tuple(warnings),
    )


def check(limits: Limits) -> None:
    """Refuse limits that mean nothing."""
    for name, value, least in (
        ("--max-credentials", limits.number, 1),
        ("--hours", limits.hours, 0),
        ("--budget", limits.budget, 0),
    ):
        if value is not None and (not np.isfinite(value) or value < least or (name == "--hours" and value == 0)):
            raise InputError(
                "limit", f"{name} {value:g}: nothing fits into that", "a limit that leaves room for something",
                f"a larger {name}",
            )  # fmt: skip
    if limits.unknown not in ("include", "leave-out"):
        raise InputError("limit", f"--unknown {limits.unknown}: not known", "include | leave-out", "one of the two")


def _columns(
    catalogue: Catalogue, filters: Filters, countries: set[str], asked: bool, warnings: list[Warning_]
) -> list[Column]:
    """Every credential that may be chosen; retired ones and those that hold only abroad are not."""
    found: list[Column] = []
    abroad = 0
    for c in catalogue.each():
        if c.status == "retired" or c.type == "degree" or not filters.allows(c):
            continue
        if countries and not asked and c.country and not countries & set(c.country):
            abroad += 1
            continue
        found.append(column(c))
    if abroad:
        warnings.append(
            Warning_(
                "abroad_left_out",
                f"{abroad} credential{'s' * (abroad != 1)} that hold{'s' * (abroad == 1)} only elsewhere left out: the ads "
                f"are from {', '.join(sorted(countries))}. `--country CODE` chooses otherwise.",
            )
        )  # fmt: skip
    return found


def _with_currency(limits: Limits, columns: Sequence[Column]) -> Limits:
    """A budget needs a currency; where all prices have the same, it is that one."""
    if limits.budget is None:
        return limits
    if limits.currency is not None:
        return replace(limits, currency=limits.currency.upper())
    found = sorted({c.currency or "?" for c in columns if c.cost})
    if len(found) > 1:
        raise InputError(
            "currency", f"--budget {limits.budget:g}: prices are in {', '.join(found)}", "a budget in one currency",
            "name it: --currency " + found[0],
        )  # fmt: skip
    return replace(limits, currency=found[0] if found and found[0] != "?" else None)


def _useful(covers: Covers) -> list[Column]:
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


def _narrow(covers: Covers, columns: Sequence[Column]) -> Covers:
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


def _nothing(ads: Sequence[Ad], asks: Sequence[Ask]) -> Warning_:
    if asks:
        return Warning_(
            "nothing_to_cover", "You have everything that these ads ask for; there is nothing left to cover."
        )
    what = "No requirements were found" + (f" in the {len(ads)} ads" if len(ads) > 1 else "")
    return Warning_("no_requirements", what + "; there is nothing to plan for.")


def _allowed(columns: Sequence[Column], chosen: Sequence[Column], limits: Limits) -> list[Warning_]:
    """What was allowed for in the plan because nobody states it."""
    found = []
    for name, most, unit in (("hours", limits.hours, "h"), ("cost", limits.budget, limits.currency or "")):
        count = sum(amount(c, name, limits.currency) is None for c in chosen)
        if most is not None and count:
            each = f"{allowance(columns, name, limits, most):g} {unit}".strip()
            word = "length" if name == "hours" else "price"
            found.append(
                Warning_(
                    "unknown_allowed",
                    f"{count} credential{'s' * (count != 1)} of unknown {word} in the plan: {each} allowed for each, the upper "
                    "quartile of those known. Ask before you count on it.",
                )
            )  # fmt: skip
    return found


def _check_possible(covers: Covers, problem: Problem, limits: Limits) -> None:
    """Say so if nothing fits, with what the least would be."""
    narrowed = problem.covers
    for kind, members in problem.kinds:
        if not len(members):
            raise InputError(
                "impossible", f"--must-include {kind}: no credential within the limits is that",
                "limits that leave room for one", "raise the limits, or leave that out",
            )  # fmt: skip
    gain = narrowed.gains(np.zeros(len(narrowed.asks)))
    useful = np.flatnonzero(gain > 0)
    for c in useful.tolist():
        if problem.fits(problem.bundle(c, set())):
            return
    if not len(covers.credit) or not (limits.hours is not None or limits.budget is not None):
        return
    parts = []
    # what the least would be, among all that cover anything and whose amount is known
    covering = [covers.columns[c] for c in np.flatnonzero(covers.gains(np.zeros(len(covers.asks))) > 0).tolist()]
    for name, most, unit in (("hours", limits.hours, "h"), ("cost", limits.budget, limits.currency or "")):
        known = [a for c in covering if (a := amount(c, name, limits.currency)) is not None]
        if most is not None and not known:
            parts.append(f"no {'hours' if name == 'hours' else 'price'} of any that covers something are known")
        elif most is not None and min(known) > most:
            parts.append(f"the {'shortest' if name == 'hours' else 'cheapest'} takes {min(known):g} {unit}".strip())
    what = " and ".join(
        f"--{name} {value:g}"
        for name, value in (("hours", limits.hours), ("budget", limits.budget))
        if value is not None
    )
    raise InputError(
        "impossible", f"{what}: no credential that covers anything fits" + (f" ({'; '.join(parts)})" if parts else ""),
        "limits that leave room for one", "raise them, or let in what is not known with --unknown include",
    )  # fmt: skip


class _Chosen:
    """Credentials as they are shown: with flags and words of their outcomes."""

    def __init__(self, catalogue: Catalogue, today: datetime.date) -> None:
        self.catalogue = catalogue
        self.today = today

    def credential(self, covers: Covers, c: int) -> Credential:
        return self.catalogue.credential(covers.columns[c].id)


def _steps(covers: Covers, problem: Problem, chosen: Sequence[int], shown: _Chosen) -> tuple[Step, ...]:
    """The set in its order: what adds most first, but nothing before what it needs."""
    left = set(chosen)
    best = np.zeros(len(covers.asks))
    steps: list[Step] = []
    first_at: dict[int, int] = {}
    while left:
        gain = covers.gains(best)
        ready = [c for c in sorted(left) if left.isdisjoint(problem.before.get(c, ()))]
        # of those that are ready, the one that adds most or opens the way to what adds most
        worth = {c: max([gain[c], *(gain[o] / 2 for o in left if c in problem.before.get(o, ()))]) for c in ready}
        c = min(ready, key=lambda c: (-worth[c], covers.columns[c].hours or float("inf"), covers.columns[c].name))
        rows, repeated = covers.explain(c, best, shown.catalogue)
        credential = shown.credential(covers, c)
        number = len(steps) + 1
        repeats = [(covers.asks[r].id, 0 if covers.weights[r] <= 0 else first_at.get(r, 0)) for r in repeated]
        added = sum(row.share for row in rows)
        steps.append(
            Step(
                number, credential, added, (steps[-1].coverage if steps else 0.0) + added, tuple(rows),
                tuple(repeats), tuple(p for p in credential.prerequisite), flags_of(credential, shown.today),
            )
        )  # fmt: skip
        at = covers.entries(c)
        for row, credit in zip(covers.row[at].tolist(), covers.credit[at].tolist(), strict=True):
            if credit > best[row]:
                best[row] = credit
                first_at[row] = number
        left.remove(c)
    return tuple(steps)


def _rank(covers: Covers, shown: _Chosen, top: int) -> tuple[Ranked, ...]:
    """Single credentials by how much of all ads they cover; the order of `rank`."""
    if covers.total <= 0 or not len(covers.columns):
        return ()
    nothing = np.zeros(len(covers.asks))
    gain = covers.gains(nothing)
    covering = np.flatnonzero(gain > 0)
    if not len(covering):
        return ()
    floor = np.sort(gain[covering])[::-1][min(top, len(covering)) - 1]
    near = [c for c in covering.tolist() if gain[c] >= floor - _EVEN]
    rows = []
    for c in near:
        covered, _ = covers.explain(c, nothing, shown.catalogue)
        credential = shown.credential(covers, c)
        score = sum(row.share for row in covered)
        taught = {o.skill for o in credential.outcomes}
        focus = len({row.outcome_skill for row in covered} & taught) / max(1, len(credential.outcomes))
        hours = credential.hours if credential.hours is not None else float("inf")
        cost = credential.cost if credential.cost is not None else float("inf")
        rows.append(((-score, -focus, hours, cost, credential.name, credential.id), credential, covered))
    rows.sort(key=lambda row: row[0])
    return tuple(
        Ranked(
            number, credential, -key[0], sum(_share_high(row) for row in covered), -key[1], tuple(covered),
            flags=flags_of(credential, shown.today),
        )
        for number, (key, credential, covered) in enumerate(rows[:top], 1)
    )  # fmt: skip


def _share_high(row: Cover) -> float:
    return row.share * row.credit_high / row.credit if row.credit else 0.0


def _high(covers: Covers, steps: Sequence[Step]) -> float:
    """Coverage if every outcome of which the way of assessment is not known is shown in the best way."""
    weight = {ask.id: covers.weights[n] for n, ask in enumerate(covers.asks)}
    best: dict[str, float] = {}
    for step in steps:
        for row in step.covers:
            best[row.requirement] = max(best.get(row.requirement, 0.0), row.credit_high)
    return float(sum(weight[id] * credit for id, credit in best.items())) / covers.total


def _costs(chosen: Sequence[Credential]) -> tuple[tuple[str, float], ...]:
    """Known prices by currency; free ones cost nothing in any."""
    sums: Counter[str] = Counter()
    for c in chosen:
        if c.cost:
            sums[(c.currency or "?").upper()] += c.cost  # type: ignore[assignment]
    return tuple(sorted((currency, float(value)) for currency, value in sums.items()))


def _stacks(chosen: Sequence[Credential], catalogue: Catalogue) -> tuple[Stack, ...]:
    """What members of the plan count towards, whose word that is, and from when."""
    towards: dict[tuple[str, str], list[Credential]] = {}
    for c in chosen:
        for relation in ("part_of", "leads_to"):
            for target in getattr(c, relation):
                towards.setdefault((target, relation), []).append(c)
    found = []
    mine = {c.id for c in chosen}
    for (target, relation), members in sorted(towards.items()):
        known = catalogue.credential(target) if target in catalogue else None
        others = [
            c.id
            for c in catalogue.each()
            if target in getattr(c, relation) and c.id not in mine and c.status != "retired"
        ]
        word = members[0]
        said = [s.url for s in word.sources if relation in s.facts]
        found.append(
            Stack(
                target, known.name if known else target, tuple(c.id for c in members), tuple(others),
                relation, said[0] if said else None, word.as_of,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    return tuple(found)


def _fronts(covers: Covers, every: Sequence[Column], limits: Limits) -> tuple[Front, ...]:
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
        narrowed = _narrow(covers, known)
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
        if not kept or point.coverage > kept[-1].coverage + _EVEN:
            kept.append(point)
    return tuple(kept)


def _barriers(ads: Sequence[Ad]) -> tuple[Barred, ...]:
    """Kinds of barriers by how many ads state one, with the words that are used most."""
    states: Counter[str] = Counter()
    requires: Counter[str] = Counter()
    texts: dict[str, Counter[str]] = {}
    for ad in ads:
        standing = [b for b in ad.barriers if b[1] != "not_required"]
        for kind in {b[0] for b in standing}:
            states[kind] += 1
        for kind in {b[0] for b in standing if b[1] == "required"}:
            requires[kind] += 1
        for kind, _, text in standing:
            texts.setdefault(kind, Counter())[" ".join(text.split())] += 1
    ordered = sorted(states, key=lambda kind: (-states[kind], kind))
    return tuple(
        Barred(kind, states[kind], requires[kind], min(texts[kind], key=lambda t: (-texts[kind][t], t)))  # type: ignore[arg-type]
        for kind in ordered
    )
