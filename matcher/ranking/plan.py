"""The set of credentials that together cover most of what ads ask: chosen, put in order, explained."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matcher.catalogue import Catalogue
from matcher.errors import CorpusError
from matcher.ranking.choose import Answer, Problem, admissible, choose, pose, requisites
from matcher.ranking.cover import EVEN, Covers, cover, gather, narrow, useful
from matcher.ranking.directness import flags_of
from matcher.ranking.filters import Filters
from matcher.ranking.fronts import make_fronts
from matcher.ranking.limits import allowed_for, check, check_possible, eligible, with_currency
from matcher.ranking.policy import DEFAULT, Policy
from matcher.ranking.recognition import count_recognition
from matcher.taxonomy import Taxonomy
from matcher.types import Ad, Ask, Barred, Cover, Credential, Limits, Method, Plan, Ranked, Stack, Step, Warning_


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
    every = eligible(catalogue, filters or Filters(), set(countries), bool(filters and filters.country), warnings)
    limits = with_currency(limits, every)
    covers = cover(asks, every, taxonomy, catalogue, policy)
    every = useful(covers)
    covers = narrow(covers, every)
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
    narrowed = narrow(covers, columns)
    problem = pose(narrowed, limits, before)
    today = today or datetime.date.today()
    steps: tuple[Step, ...] = ()
    answer = Answer((), 0.0, Method("exact", 0.0, "there is nothing to choose from"))
    if covers.total > 0 and not every:
        warnings.append(Warning_("not_covered", "No credential within your filters covers anything that is asked."))
    elif covers.total > 0:
        check_possible(covers, problem, limits)
        answer = choose(problem)
        steps = _steps(narrowed, problem, answer.chosen, catalogue, today)
        warnings += allowed_for(columns, [columns[c] for c in answer.chosen], limits)
    else:
        warnings.append(_nothing(ads, asks))
    ranking = _rank(covers, catalogue, today, top)
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
        fronts=make_fronts(covers, every, limits) if fronts and every else (),
        ranking=ranking,
        recognition=count_recognition(ads, list(shown.values()), catalogue),
        barriers=_barriers(ads),
        countries=tuple(countries.most_common()),
        warnings=tuple(warnings),
    )


def _nothing(ads: Sequence[Ad], asks: Sequence[Ask]) -> Warning_:
    if asks:
        return Warning_(
            "nothing_to_cover", "You have everything that these ads ask for; there is nothing left to cover."
        )
    what = "No requirements were found" + (f" in the {len(ads)} ads" if len(ads) > 1 else "")
    return Warning_("no_requirements", what + "; there is nothing to plan for.")


def _steps(
    covers: Covers, problem: Problem, chosen: Sequence[int], catalogue: Catalogue, today: datetime.date
) -> tuple[Step, ...]:
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
        rows, repeated = covers.explain(c, best, catalogue)
        credential = catalogue.credential(covers.columns[c].id)
        number = len(steps) + 1
        repeats = [(covers.asks[r].id, 0 if covers.weights[r] <= 0 else first_at.get(r, 0)) for r in repeated]
        added = sum(row.share for row in rows)
        steps.append(
            Step(
                number, credential, added, (steps[-1].coverage if steps else 0.0) + added, tuple(rows),
                tuple(repeats), tuple(p for p in credential.prerequisite), flags_of(credential, today),
            )
        )  # fmt: skip
        at = covers.entries(c)
        for row, credit in zip(covers.row[at].tolist(), covers.credit[at].tolist(), strict=True):
            if credit > best[row]:
                best[row] = credit
                first_at[row] = number
        left.remove(c)
    return tuple(steps)


def _rank(covers: Covers, catalogue: Catalogue, today: datetime.date, top: int) -> tuple[Ranked, ...]:
    """Single credentials by how much of all ads they cover; the order of `rank`."""
    if covers.total <= 0 or not len(covers.columns):
        return ()
    nothing = np.zeros(len(covers.asks))
    gain = covers.gains(nothing)
    covering = np.flatnonzero(gain > 0)
    if not len(covering):
        return ()
    floor = np.sort(gain[covering])[::-1][min(top, len(covering)) - 1]
    near = [c for c in covering.tolist() if gain[c] >= floor - EVEN]
    rows = []
    for c in near:
        covered, _ = covers.explain(c, nothing, catalogue)
        credential = catalogue.credential(covers.columns[c].id)
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
            flags=flags_of(credential, today),
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
