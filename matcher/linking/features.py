"""Which skills come into question for a text, and what speaks for each: one row of figures a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.linking.embed import Embedder, unit
from matcher.linking.index import Index
from matcher.linking.lexicon import Floats, Ints

SIZES = (1, 2, 3, 4, 5, 6, 8, 10)
"""Lengths in words of the windows of a text that are compared with names."""

FEATURES = (
    "text_label", "text_centre", "window_label", "window_centre", "window_name", "window_names3",
    "dice", "dice_label", "covered", "covered_label", "exact", "exact_mass", "mass", "label_words", "names",
    "words", "window_words", "window_mass", "prior", "name_gap", "dice_gap", "text_gap",
    "name_rank", "dice_rank", "text_rank", "rivals", "rival_gap", "repeated",
)  # fmt: skip


class Candidates(NamedTuple):
    """Skills by number in the index, a row of `FEATURES` each, and the words (first, last + 1) that speak for it."""

    skills: Ints
    rows: Floats
    windows: Ints


def candidates(words: Sequence[str], index: Index, embedder: Embedder) -> Candidates | None:
    """The skills that may be meant by some words; None if nothing is known about any of them."""
    lexicon = index.lexicon
    matched = lexicon.match(words)
    shared = lexicon.names(matched)
    window_vectors, windows = embedder.windows(words, SIZES)
    known = bool(np.abs(window_vectors).max(initial=0.0) > 0)
    if not known and not shared.any():
        return None

    # rough scores of all skills, by words and by meaning
    by_words = np.maximum.reduceat(shared * lexicon.damping, lexicon.skill_at[:-1])
    text = embedder.embed(words)
    text_centre = index.centres @ text
    near = np.full(len(index.ids), -1.0, np.float32)
    short = unit(window_vectors[:, : index.coarse.shape[1]])
    for start in range(0, len(short), 256):
        np.maximum(near, (index.coarse @ short[start : start + 256].T).max(axis=1), out=near)
    skills = np.unique(np.concatenate([_first(by_words, 60), _first(text_centre, 40), _first(near, 90)]))

    # windows × names of the candidates
    start, end = lexicon.skill_at[skills], lexicon.skill_at[skills + 1]
    lengths = end - start
    names = np.concatenate([np.arange(s, e) for s, e in zip(start.tolist(), end.tolist(), strict=True)])
    owner = np.repeat(np.arange(len(skills)), lengths)
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    name_vectors = index.names[names].astype(np.float32) * index.name_scale
    alike = name_vectors @ window_vectors.T
    name_near = alike.max(axis=1)
    name_window = alike.argmax(axis=1)
    best_name = _best_of(name_near, owner, first)
    window_label = (index.labels[skills] @ window_vectors.T).max(axis=1)
    window_centre = (index.centres[skills] @ window_vectors.T).max(axis=1)

    # the same by words: the best window's Dice with each name that shares enough
    mass = lexicon.mass[names]
    weights = np.array([lexicon.weight(word) for word in words], np.float32)
    total = np.concatenate([np.zeros(1, np.float32), np.cumsum(weights)])
    part = shared[names] / np.maximum(mass, 1e-6)
    some = np.flatnonzero(part > 0.2)
    dice = np.zeros(len(names), np.float32)
    dice_window = np.zeros(len(names), np.int64)
    if len(some):
        places = lexicon.places(names[some].astype(np.int32), matched)
        sums = np.concatenate([np.zeros((len(some), 1), np.float32), np.cumsum(places, axis=1)], axis=1)
        hit = np.minimum(sums[:, windows[:, 1]] - sums[:, windows[:, 0]], mass[some][:, None])
        scores = 2 * hit / (mass[some][:, None] + (total[windows[:, 1]] - total[windows[:, 0]])[None, :])
        dice_window[some] = scores.argmax(axis=1)
        dice[some] = scores.max(axis=1)
    best_dice = _best_of(dice, owner, first)

    exact = dice >= 0.999
    exact_mass = np.maximum.reduceat(np.where(exact, mass, 0.0), first)
    by_name, by_dice = name_near[best_name], dice[best_dice]
    # what both agree on says where in the text the skill is named
    window = np.where(by_dice >= 0.6, dice_window[best_dice], name_window[best_name])
    place = windows[window]
    top3 = _mean_of_best(name_near, owner, first, lengths)
    whole = by_name + 0.5 * by_dice + 0.3 * text_centre[skills]
    rivals, rival_gap = _rivals(place, whole)
    rows = np.stack([
        index.labels[skills] @ text, text_centre[skills], window_label, window_centre, by_name, top3,
        by_dice, dice[first], np.maximum.reduceat(part, first), part[first], exact_mass > 0, exact_mass,
        mass[best_dice], np.diff(lexicon.name_at)[names[first]], np.log1p(lengths),
        np.full(len(skills), np.log1p(len(words))), place[:, 1] - place[:, 0],
        total[place[:, 1]] - total[place[:, 0]], index.prior[skills],
        by_name - by_name.max(), by_dice - by_dice.max(), text_centre[skills] - text_centre.max(),
        _rank(by_name), _rank(by_dice), _rank(text_centre[skills]), rivals, rival_gap,
        np.add.reduceat((dice > 0.8).astype(np.float32), first),
    ], axis=1).astype(np.float32)  # fmt: skip
    return Candidates(skills.astype(np.int32), rows, place)


BEST = (
    "window_name", "dice", "text_label", "window_names3", "covered", "exact", "exact_mass", "words", "window_words",
    "prior", "dice_label", "window_label", "text_centre", "covered_label", "mass",
)  # fmt: skip
"""What decides, beside the score and its lead, whether the first skill of a phrase may be taken for it."""


def best_row(found: Candidates, raw: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For the candidate with the highest of the raw scores: that score, its lead over the second and third, `BEST`."""
    ordered = np.sort(raw)[::-1]
    row = found.rows[raw.argmax()]
    leads = [ordered[0] - ordered[min(place, len(ordered) - 1)] for place in (1, 2)]
    return np.array([ordered[0], *leads, *(row[FEATURES.index(name)] for name in BEST)], np.float64)


def is_phrase(rows: Floats) -> bool:
    """Whether the text of these rows is as short as a name."""
    return bool(rows[0, FEATURES.index("words")] < np.log1p(7.5))


def _first(scores: Floats, count: int) -> npt.NDArray[np.int64]:
    """The places of the highest scores; of equal ones the first, so that nothing depends on the machine."""
    if len(scores) <= count:
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    above = np.flatnonzero(scores > least)
    return np.concatenate([above, np.flatnonzero(scores == least)[: count - len(above)]])


def _best_of(scores: Floats, owner: npt.NDArray[np.int64], first: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each owner the place of its highest score."""
    order = np.lexsort((-scores, owner))
    return order[first]


def _mean_of_best(
    scores: Floats, owner: npt.NDArray[np.int64], first: npt.NDArray[np.int64], lengths: npt.NDArray[np.int32]
) -> Floats:
    """For each owner the mean of its three highest scores (of all, if it has fewer)."""
    ordered = scores[np.lexsort((-scores, owner))]
    kept = np.arange(len(scores)) - np.repeat(first, lengths) < 3
    sums = np.add.reduceat(np.where(kept, ordered, 0.0), first)
    result: Floats = (sums / np.minimum(lengths, 3)).astype(np.float32)
    return result


def _rank(scores: Floats) -> Floats:
    """How many candidates score higher, as a logarithm."""
    ordered = np.sort(scores)
    higher = len(scores) - np.searchsorted(ordered, scores, side="right")
    result: Floats = np.log1p(higher).astype(np.float32)
    return result


def _rivals(place: Ints, scores: Floats) -> tuple[Floats, Floats]:
    """How many better candidates claim (half of) the same words, as a logarithm, and how much better the best is."""
    start, end = place[:, 0], place[:, 1]
    common = np.minimum(end[:, None], end[None, :]) - np.maximum(start[:, None], start[None, :])
    shorter = np.minimum((end - start)[:, None], (end - start)[None, :])
    better = (2 * common >= shorter) & (scores[None, :] > scores[:, None])
    gap = np.where(better, scores[None, :] - scores[:, None], 0.0).max(axis=1)
    return np.log1p(better.sum(axis=1)).astype(np.float32), gap.astype(np.float32)
