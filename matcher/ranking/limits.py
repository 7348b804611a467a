"""What the limits of a plan let in: which credentials may be chosen, and what to say where they let in too little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matcher.catalogue import Catalogue
from matcher.errors import InputError
from matcher.ranking.choose import Problem, allowance, amount
from matcher.ranking.cover import Column, Covers, column
from matcher.ranking.filters import Filters
from matcher.types import Limits, Warning_


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


def eligible(
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


def with_currency(limits: Limits, columns: Sequence[Column]) -> Limits:
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


def allowed_for(columns: Sequence[Column], chosen: Sequence[Column], limits: Limits) -> list[Warning_]:
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


def check_possible(covers: Covers, problem: Problem, limits: Limits) -> None:
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
