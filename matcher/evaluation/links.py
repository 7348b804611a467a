"""Sentences with the skills that people linked them to: R-precision of the linker."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matcher.errors import InputError

NOT_A_SKILL = frozenset({"label not present", "underspecified"})
CUTS = (1, 5, 10)


def read_links(path: Path) -> dict[str, list[str]]:
    """Sentence -> its labels, each once, from a CSV ``sentence[,span,sub_span],label``.

    Rows without a label of the taxonomy (``LABEL NOT PRESENT``, ``UNDERSPECIFIED``) are left out, and
    so are sentences that have no other.
    """
    found: dict[str, dict[str, str]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not {"sentence", "label"} <= set(reader.fieldnames or ()):
                raise InputError(
                    "links", f"{path}: columns are {', '.join(reader.fieldnames or []) or 'missing'}",
                    "columns `sentence` and `label`", "rename the columns",
                )  # fmt: skip
            for row in reader:
                sentence, label = (row["sentence"] or "").strip(), (row["label"] or "").strip()
                if sentence and label and label.lower() not in NOT_A_SKILL:
                    found.setdefault(sentence, {}).setdefault(label.lower(), label)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            "links", f"{path}: {error}", "a UTF-8 CSV of sentences and labels", "check the file"
        ) from error
    if not found:
        raise InputError("links", f"{path}: no sentence with a label", "at least one", "check the file")
    return {sentence: list(labels.values()) for sentence, labels in found.items()}


def r_precision(ranked: Sequence[str], gold: Sequence[str], k: int) -> float:
    """The share of the labels among the first `k`, of at most `k`.

    >>> r_precision(["a", "x", "b"], ["a", "b", "c"], 2)
    0.5
    """
    return len(set(ranked[:k]) & set(gold)) / min(k, len(gold))


def evaluate_links(
    path: Path,
    rank: Callable[[Sequence[str], int], Sequence[Sequence[tuple[str, float]]]],
    labels: Mapping[str, str],
    errors: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Measure a ranking of skills for whole sentences.

    Parameters
    ----------
    path : Path
        As in `read_links`.
    rank : callable
        Texts and how many -> for each text (skill id, score), best first.
    labels : mapping
        Lower-case label -> id; a gold label that is not there can never be found, and counts.
    errors : list, optional
        Filled with each sentence, its labels and what was ranked.

    Returns
    -------
    dict
        ``rp@1``, ``rp@5``, ``rp@10``, ``mrr``; ``rp@5_interval``, 95% by bootstrap over sentences;
        ``sentences``, ``labels``, ``labels_not_in_taxonomy``; ``calibration_error`` of the first one's
        score (expected, over ten equal bins).
    """
    import numpy as np

    gold = read_links(path)
    cuts: dict[int, list[float]] = {k: [] for k in CUTS}
    reciprocal: list[float] = []
    first: list[tuple[float, bool]] = []
    unknown: set[str] = set()
    for (sentence, names), ranked in zip(gold.items(), rank(list(gold), 50), strict=True):
        wanted = []
        for name in names:
            id = labels.get(name.lower())
            if id is None:
                unknown.add(name)
            wanted.append(id if id is not None else f"?{name}")
        ids = [id for id, _ in ranked]
        for k in CUTS:
            cuts[k].append(r_precision(ids, wanted, k))
        reciprocal.append(next((1 / (at + 1) for at, id in enumerate(ids) if id in wanted), 0.0))
        first += [(ranked[0][1], ids[0] in wanted)] if ids else []
        if errors is not None:
            errors.append({"text": sentence, "labels": names, "ids": wanted, "ranked": list(ranked[:10])})
    draws = np.random.default_rng(0).integers(0, len(gold), (2000, len(gold)))
    low, high = np.quantile(np.array(cuts[5])[draws].mean(axis=1), [0.025, 0.975])
    return {
        **{f"rp@{k}": float(np.mean(cuts[k])) for k in CUTS},
        "rp@5_interval": [float(low), float(high)],
        "mrr": float(np.mean(reciprocal)),
        "calibration_error": _calibration(first),
        "sentences": len(gold),
        "labels": sum(map(len, gold.values())),
        "labels_not_in_taxonomy": sorted(unknown),
    }


def _calibration(first: Sequence[tuple[float, bool]]) -> float | None:
    """How far the scores are from the share that is right, over ten equal bins."""
    if not first:
        return None
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, right in first:
        bins.setdefault(min(9, int(score * 10)), []).append((score, right))
    gap = sum(abs(sum(s for s, _ in rows) - sum(r for _, r in rows)) for rows in bins.values())
    return float(gap / len(first))
