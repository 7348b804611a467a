"""Rankings against grades: nDCG, MRR, precision, with paired-bootstrap intervals; and the pool that graders see."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.api import extract
from matcher.catalogue import Catalogue
from matcher.errors import InputError
from matcher.evaluation.systems import OURS, Field, systems
from matcher.taxonomy import Taxonomy
from matcher.types import Credential, Extraction, Posting

Floats = npt.NDArray[np.float64]
GRADES = range(5)
HALVES = ("tune", "final", "all")
METRICS = ("ndcg@5", "ndcg@10", "mrr", "precision@3")
GOOD = 3
_DRAWS = 10_000


def read_judged(path: Path, *, graded: bool = True) -> list[dict[str, Any]]:
    """Read judged ads (JSONL).

    Parameters
    ----------
    path : Path
        One object a line: ``id``, ``text``, ``grades`` (credential id -> 0 to 4), and where known
        ``occupation``, ``half`` (``tune`` or ``final``) and ``have`` (what the person has).
    graded : bool
        Whether ``grades`` must be there.

    Raises
    ------
    InputError
        With the line at fault.
    """
    needed = {"id", "text", "grades"} if graded else {"id", "text"}
    rows: list[dict[str, Any]] = []
    number = 0
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                row = json.loads(line)
                if not isinstance(row, dict) or not needed <= set(row):
                    raise _fault(path, number, f"no {', '.join(sorted(needed))}")
                grades = row.get("grades") or {}
                if graded and (
                    not isinstance(grades, dict) or any(type(g) is not int or g not in GRADES for g in grades.values())
                ):
                    raise _fault(path, number, "a grade that is not 0, 1, 2, 3 or 4")
                rows.append(row)
    except OSError as error:
        raise InputError("unreadable", f"{path}: {error.strerror}", "a file of judged ads", "check the path") from error
    except ValueError as error:
        raise _fault(path, number, str(error)) from error
    if not rows:
        raise InputError("empty", f"{path}: no lines", "one judged ad a line", "see corpora/gold/README.md")
    return rows


def _fault(path: Path, number: int, what: str) -> InputError:
    return InputError("judged", f"{path}, line {number}: {what}", "a judged ad", "mend that line")


def _read_ads(rows: Sequence[Mapping[str, Any]], taxonomy: Taxonomy) -> tuple[Extraction, ...]:
    return tuple(
        extract(Posting(str(row["id"]), row["text"], row.get("title")), taxonomy=taxonomy, have=row.get("have"))
        for row in rows
    )


def evaluate_ranking(
    path: Path, taxonomy: Taxonomy, catalogue: Catalogue, *, half: str = "tune", encoder: Path | None = None
) -> dict[str, Any]:
    """Figures of all systems on the judged ads of one half.

    Parameters
    ----------
    path : Path
        As `read_judged` reads it.
    taxonomy : Taxonomy
    catalogue : Catalogue
        What is ranked. Grades of credentials that are not in it count in the ideal all the same.
    half : {'tune', 'final', 'all'}
        A line that names no half is of the half for tuning.
    encoder : Path, optional
        A sentence-transformers model, for the cosine of embeddings.

    Returns
    -------
    dict
        ``ads``, ``half``, ``grades`` (how many of each), ``with_have`` (ads that say what a person
        has: without them "without gap" can only be the same) and ``systems``: for each the mean of
        each metric with its 95 % interval, the difference of ours to it with its paired interval, and
        ``ungraded``, the share of its first ten that nobody graded (they count 0).
    """
    rows = [row for row in read_judged(path) if half == "all" or row.get("half", "tune") == half]
    if not rows:
        raise InputError("half", f"{path}: no ad of the half {half!r}", "ads of that half", "choose another --half")
    ads = _read_ads(rows, taxonomy)
    field = Field(taxonomy, catalogue, ads)
    scores: dict[str, Floats] = {}
    ungraded: dict[str, float] = {}
    for name, system in systems(field, encoder).items():
        table, missing, shown = [], 0, 0
        for row, ad in zip(rows, ads, strict=True):
            order = system(ad)
            table.append(figures(order, row["grades"]))
            missing += sum(id not in row["grades"] for id in order[:10])
            shown += len(order[:10])
        scores[name] = np.array(table)
        ungraded[name] = missing / shown if shown else 0.0
    draws = np.random.default_rng(0).integers(0, len(rows), (_DRAWS, len(rows)))
    counts = [0] * len(GRADES)
    for row in rows:
        for grade in row["grades"].values():
            counts[grade] += 1
    return {
        "half": half,
        "ads": len(rows),
        "with_have": sum(bool(row.get("have")) for row in rows),
        "grades": counts,
        "systems": {
            name: {
                **{
                    metric: {
                        "mean": float(table[:, i].mean()),
                        "interval": _interval(table[:, i], draws),
                        "ours_minus": float((scores[OURS][:, i] - table[:, i]).mean()),
                        "ours_minus_interval": _interval(scores[OURS][:, i] - table[:, i], draws),
                    }
                    for i, metric in enumerate(METRICS)
                },
                "ungraded": ungraded[name],
            }
            for name, table in scores.items()
        },
    }


def figures(order: Sequence[str], grades: Mapping[str, int]) -> tuple[float, float, float, float]:
    """nDCG@5, nDCG@10, MRR of the first good one, precision@3 (good: a grade of 3 or 4).

    The gain is 2^g − 1, the ideal is over all that is graded, what is not graded counts 0.

    Examples
    --------
    >>> figures(["a", "b", "c"], {"a": 4, "b": 0, "c": 3})[2:]
    (1.0, 0.6666666666666666)
    >>> round(figures(["b", "a"], {"a": 4})[0], 3)
    0.631
    """
    got = [grades.get(id, 0) for id in order]
    ideal = sorted(grades.values(), reverse=True)

    def dcg(values: Sequence[int]) -> float:
        return float(sum((2**g - 1) / np.log2(place + 2) for place, g in enumerate(values)))

    def ndcg(k: int) -> float:
        best = dcg(ideal[:k])
        return dcg(got[:k]) / best if best else 0.0

    first = next((place for place, g in enumerate(got, 1) if g >= GOOD), None)
    return ndcg(5), ndcg(10), 1 / first if first else 0.0, sum(g >= GOOD for g in got[:3]) / 3


def _interval(values: Floats, draws: npt.NDArray[np.int64]) -> list[float]:
    """The middle 95 % of the mean over ads drawn again and again; the same draws for all, hence paired."""
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return [float(low), float(high)]


def pool(
    path: Path, taxonomy: Taxonomy, catalogue: Catalogue, *, top: int = 10, encoder: Path | None = None
) -> list[dict[str, Any]]:
    """What graders see: for each ad the union of every system's first `top`, in an order that tells nothing.

    Parameters
    ----------
    path : Path
        Ads, JSONL: ``id`` and ``text``, and where known ``occupation`` and ``half``.
    taxonomy : Taxonomy
    catalogue : Catalogue
    top : int
    encoder : Path, optional

    Returns
    -------
    list of dict
        ``id``, ``text``, ``occupation``, ``half``, ``candidates`` (facts of the credentials, shuffled)
        and ``grades``, still empty. Neither systems nor scores nor what matcher read in the ad are named.
    """
    rows = read_judged(path, graded=False)
    ads = _read_ads(rows, taxonomy)
    field = Field(taxonomy, catalogue, ads)
    every = systems(field, encoder)
    found = []
    for row, ad in zip(rows, ads, strict=True):
        chosen = sorted({id for system in every.values() for id in system(ad)[:top]})
        random.Random(f"pool {row['id']}").shuffle(chosen)
        known: dict[str, Any] = {key: row[key] for key in ("occupation", "half", "have") if key in row}
        candidates = [_facts(catalogue.credential(id), taxonomy) for id in chosen]
        found.append({"id": row["id"], **known, "text": row["text"], "candidates": candidates, "grades": {}})
    return found


def _facts(c: Credential, taxonomy: Taxonomy) -> dict[str, Any]:
    """What a grader needs. Skills that we inferred are not shown as ours: only the provider's words are."""
    brief = taxonomy.brief
    covers: list[str] = []
    for o in c.outcomes:
        if o.inferred:
            covers.append(o.text or "")
        else:
            label = brief[o.skill].label if o.skill in brief else o.skill
            covers.append(f"{label} [{o.assessment}]" + (f": {o.text}" if o.text and o.text != o.skill else ""))
    facts: dict[str, Any] = {
        "id": c.id, "name": c.name, "issuer": c.issuer, "type": c.type, "level": c.level, "level_note": c.level_note,
        "hours": c.hours, "assessment": list(c.assessment), "country": list(c.country), "eligibility": c.eligibility,
        "description": c.description, "covers": [text for text in dict.fromkeys(covers) if text and text != c.name],
    }  # fmt: skip
    return {key: value for key, value in facts.items() if value not in (None, [], "")}
