"""What changed between two batches: skills asked for more, and less, with intervals."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

from matcher.errors import InputError
from matcher.runner import tables

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Change:
    """One skill in two batches.

    Attributes
    ----------
    before, after : int
        Vacancies that ask for it, each group of duplicates once.
    share_before, share_after : float
        Of all vacancies.
    change : float
        The difference of the shares.
    low, high : float
        95% interval of the difference (Newcombe's hybrid score interval), each skill by itself.
    p : float
        That a difference so large comes by chance (pooled two-proportion z test).
    q : float
        The same with all skills tested looked at together (Benjamini-Hochberg): of the skills with
        a q of at most 0.05, about one in twenty is expected to be there by chance.
    trend : str
        ``rising`` or ``falling`` where q is at most the level asked for, else empty.
    """

    skill: str
    label: str
    before: int
    after: int
    share_before: float
    share_after: float
    change: float
    low: float
    high: float
    p: float
    q: float
    trend: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two batches side by side: how many vacancies each has, and the skills, the surest changes first."""

    before: int
    after: int
    skills: tuple[Change, ...]
    left_out: int


def compare(
    before: str | os.PathLike[str], after: str | os.PathLike[str], *, level: float = 0.05, least: int = 10
) -> Comparison:
    """Compare the demand for skills in two batch folders.

    Parameters
    ----------
    before, after : str or path
        Folders that `matcher.batch` wrote.
    level : float
        The share of false alarms among what is called rising or falling.
    least : int
        A skill that fewer vacancies ask for, both folders together, is left out.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If a folder is not one of a batch.
    """
    (n1, ads1, labels), (n2, ads2, more) = _count(Path(before)), _count(Path(after))
    for skill, names in more.items():
        labels.setdefault(skill, Counter()).update(names)
    rows = []
    for skill in ads1.keys() | ads2.keys():
        a, b = ads1[skill], ads2[skill]
        if a + b >= least:
            low, high = newcombe(b, n2, a, n1)
            rows.append((skill, a, b, low, high, _p(a, n1, b, n2)))
    rows.sort(key=lambda row: (row[5], row[0]))
    qs = benjamini_hochberg([row[5] for row in rows])
    changes = []
    for (skill, a, b, low, high, p), q in zip(rows, qs, strict=True):
        one, other = a / n1 if n1 else 0.0, b / n2 if n2 else 0.0
        trend = "" if q > level or one == other else "rising" if other > one else "falling"
        names = labels[skill]
        label = min(names, key=lambda name: (-names[name], name))
        changes.append(Change(skill, label, a, b, one, other, other - one, low, high, p, q, trend))
    return Comparison(n1, n2, tuple(changes), len(ads1.keys() | ads2.keys()) - len(changes))


def _count(folder: Path) -> tuple[int, Counter[str], dict[str, Counter[str]]]:
    """Vacancies in a folder, how many ask for each skill, and the skills' names."""
    missing = [name for name in ("postings", "requirements") if not (folder / f"{name}.parquet").is_dir()]
    if missing:
        raise InputError(
            "not_a_batch", f"{folder}: no {missing[0]}.parquet in it", "a folder that `matcher batch -o` wrote",
            "name such a folder",
        )  # fmt: skip
    total, asked, labels = 0, Counter[str](), dict[str, Counter[str]]()
    required = tables.parts(folder, "requirements", ["posting", "skill", "label", "need"])
    for (_, postings), (_, rows) in zip(tables.parts(folder, "postings", ["posting", "group"]), required, strict=True):
        firsts = {row["posting"] for row in postings.to_pylist() if row["posting"] == row["group"]}
        total += len(firsts)
        seen = set()
        for row in rows.to_pylist():
            key = row["posting"], row["skill"]
            if row["skill"] and row["need"] != "not_required" and row["posting"] in firsts and key not in seen:
                seen.add(key)
                asked[row["skill"]] += 1
                labels.setdefault(row["skill"], Counter())[row["label"]] += 1
    return total, asked, labels


def wilson(count: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22, 209-212).

    Examples
    --------
    >>> [round(end, 4) for end in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    if not total:
        return 0.0, 1.0
    z = _NORMAL.inv_cdf(0.5 + confidence / 2)
    share = count / total
    middle = share + z * z / (2 * total)
    reach = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return (middle - reach) / scale, (middle + reach) / scale


def newcombe(
    count: int, total: int, other_count: int, other_total: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of the difference of two independent shares, the first less the other.

    Newcombe's hybrid score interval without continuity correction: method 10 of Newcombe 1998,
    "Interval estimation for the difference between independent proportions", Statistics in
    Medicine 17, 873-890; the examples are two of its own (56/70 - 48/80, 9/10 - 3/10).

    Examples
    --------
    >>> [round(end, 4) for end in newcombe(56, 70, 48, 80)]
    [0.0524, 0.3339]
    >>> [round(end, 4) for end in newcombe(9, 10, 3, 10)]
    [0.1705, 0.809]
    """
    if not total or not other_total:
        return -1.0, 1.0
    one, other = count / total, other_count / other_total
    (l1, u1), (l2, u2) = wilson(count, total, confidence), wilson(other_count, other_total, confidence)
    change = one - other
    return change - math.hypot(one - l1, u2 - other), change + math.hypot(u1 - one, other - l2)


def _p(count: int, total: int, other_count: int, other_total: int) -> float:
    if not total or not other_total:
        return 1.0
    pooled = (count + other_count) / (total + other_total)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / total + 1 / other_total))
    if not spread:
        return 1.0
    return 2 * _NORMAL.cdf(-abs(count / total - other_count / other_total) / spread)


def benjamini_hochberg(sorted_p: Sequence[float]) -> list[float]:
    """The adjusted values of p values in rising order (Benjamini and Hochberg 1995).

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.02, 0.03])
    [0.03, 0.03, 0.03]
    """
    adjusted, least = [], 1.0
    for rank in range(len(sorted_p), 0, -1):
        least = min(least, sorted_p[rank - 1] * len(sorted_p) / rank)
        adjusted.append(least)
    return adjusted[::-1]
