"""Which of the names found in an ad are asked of the applicant: a learnt judgement over the rules.

The rules of `skills` and `needs` say what speaks against a name (the section, the words beside it, the
company it keeps). Each is right most of the time only; a logistic regression over all of them, the words
around and the shape of the ad weighs them against each other. A score is the sum of the weights of what
is seen, so every judgement can be taken apart.
"""

from __future__ import annotations

import math
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from matcher import cues
from matcher.errors import ModelError
from matcher.pipeline.reading import Hit, Reading
from matcher.taxonomy import Taxonomy
from matcher.types import ASKS_NOTHING, Mode

SIZE = 1 << 16
"""Number of weights; features are hashed into them."""

FOLDER = Path(__file__).parent.parent / "models" / "asked"
MEANS_ELSE = frozenset({"words beside it", "no word for it"})
"""Rules that have the last word on what a word means."""
_VETOES = MEANS_ELSE | {"soft duty"}
"""Rules that no judgement overrules; besides, traits count only where they are asked for."""
_EXPLICIT = 0.1
_REACH = 6
_NEAREST = 3

Feature = tuple[str, float]


def segment_features(reading: Reading, number: int) -> list[Feature]:
    """What the line, its neighbours and its heading say; the same for all names in it."""
    norm = reading.words.norm
    part = reading.segments[number]
    line = norm[part.first : part.last]
    verb = line[0] in cues.task_verbs()
    found = [(f"s:{word}", 0.3) for word in set(line)]
    found += [(f"b:{word}", 1.0) for word in set(line[:2])]
    found += [
        (f"sec={part.section}", 1.0),
        (f"seglen={min((part.last - part.first) // 5, 8)}", 1.0),
        (f"pos={_fifth(reading, number)}", 1.0),
        (f"h:{(part.heading or '').lower()}", 0.7),
        (f"sv={verb}", 1.0),
        (f"sv|sec={verb}|{part.section}", 1.0),
        (f"you={not cues.words('of the applicant').isdisjoint(line)}", 1.0),
        (f"we={not cues.words('of the firm').isdisjoint(line)}", 1.0),
    ]
    if number:
        before = reading.segments[number - 1]
        found.append((f"prev={before.section}", 1.0))
        found += [(f"p:{word}", 0.15) for word in set(norm[before.first : before.last])]
    return found


def _fifth(reading: Reading, number: int) -> int:
    """In which fifth of the ad a line stands; what asks for nothing does not count."""
    counted = [n for n, part in enumerate(reading.segments) if part.section not in ASKS_NOTHING]
    return 5 * bisect_left(counted, number) // max(len(counted), 1)


def hit_features(reading: Reading, hits: list[Hit], taxonomy: Taxonomy) -> Iterator[list[Feature]]:
    """What each name itself, the words beside it and the rest of the ad say."""
    norm, text = reading.words.norm, reading.text
    sure = [hit for hit in hits if hit.against is None]
    in_segment = Counter(hit.segment for hit in sure)
    by_skill = Counter(hit.skill for hit in sure)
    by_field = Counter(taxonomy.brief[hit.skill].field for hit in sure if hit.skill)
    total = sum(by_field.values()) or 1
    for hit in hits:
        part = reading.segments[hit.segment]
        written = text[hit.start : hit.end]
        own = int(hit.against is None)
        cue = "none" if not hit.cue else "section" if hit.cue.startswith("section") else "explicit"
        found: list[Feature] = [
            ("bias", 1.0),
            (f"type={hit.type}", 1.0),
            (f"src={hit.source}", 1.0),
            (f"need={hit.need}", 1.0),
            (f"against={hit.against}", 1.0),
            (f"ag|type={hit.against}|{hit.type}", 1.0),
            (f"ag|sec={hit.against}|{part.section}", 1.0),
            (f"sec|type={part.section}|{hit.type}", 1.0),
            (f"sec|need={part.section}|{hit.need}", 1.0),
            (f"cue={cue}", 1.0),
            (f"len={min(hit.last - hit.first, 4)}", 1.0),
            (f"cap={written[:1].isupper()}", 1.0),
            (f"upper={written.isupper()}", 1.0),
            (f"whole={part.last - part.first == hit.last - hit.first}", 1.0),
            (f"first={hit.first == part.first}", 1.0),
            (f"goodseg={min(in_segment[hit.segment] - own, 5)}", 1.0),
            (f"other={by_skill[hit.skill] > own}", 1.0),
            (f"w:{written.lower()}", 0.5),
        ]
        if hit.skill:
            brief = taxonomy.brief[hit.skill]
            found += [
                (f"label={written.lower() == brief.label.lower()}", 1.0),
                (f"field={brief.field}", 1.0),
                ("fshare", by_field[brief.field] / total),
                (f"fcount={min(by_field[brief.field], 5)}", 1.0),
            ]
        if reading.asked:
            inside = reading.asked[hit.first : hit.last]
            mean = sum(inside) / len(inside)
            found += [
                ("tagged", 4 * mean - 2),
                (f"tag={int(10 * min(mean, 0.999))}", 1.0),
                (f"tag|ag={int(5 * min(mean, 0.999))}|{hit.against}", 1.0),
                (f"tag|src={int(5 * min(mean, 0.999))}|{hit.source}", 1.0),
                ("tagmin", 4 * min(inside) - 2),
            ]
        for k in range(1, _NEAREST + 1):
            before, after = hit.first - k, hit.last + k - 1
            found.append((f"-{k}:{norm[before] if before >= part.first else '<'}", 1.0))
            found.append((f"+{k}:{norm[after] if after < part.last else '>'}", 1.0))
        found += [(f"L:{word}", 0.5) for word in norm[max(part.first, hit.first - _REACH) : hit.first]]
        found += [(f"R:{word}", 0.5) for word in norm[hit.last : min(part.last, hit.last + _REACH)]]
        yield found


def place(name: str) -> int:
    """Index of a feature among the weights."""
    return zlib.crc32(name.encode()) % SIZE


class Asked:
    """The learnt judgement.

    Parameters
    ----------
    weights : sequence of float
        One for each place of a hashed feature.
    sure, doubtful : float
        Probability from which a name counts as asked for: one that no rule speaks against, and any other.
    """

    def __init__(self, weights: Any, sure: float, doubtful: float) -> None:
        self.weights = weights
        self.sure = sure
        self.doubtful = doubtful
        self._known: dict[str, float] = {}

    def _sum(self, features: list[Feature]) -> float:
        known, total = self._known, 0.0
        for name, value in features:
            weight = known.get(name)
            if weight is None:
                if len(known) > 200_000:
                    known.clear()
                weight = known[name] = float(self.weights[place(name)])
            total += weight * value
        return total

    def scores(self, reading: Reading, hits: list[Hit], taxonomy: Taxonomy) -> list[float]:
        """Chance of each hit to be asked for."""
        by_segment: dict[int, float] = {}
        found = []
        for hit, features in zip(hits, hit_features(reading, hits, taxonomy), strict=True):
            if hit.segment not in by_segment:
                by_segment[hit.segment] = self._sum(segment_features(reading, hit.segment))
            found.append(1.0 / (1.0 + math.exp(-by_segment[hit.segment] - self._sum(features))))
        return found

    def _least(self, reading: Reading, hit: Hit) -> float:
        if hit.against is not None:
            return self.doubtful
        part = reading.segments[hit.segment]
        whole = part.section in ("requirements", "preferred") and part.last - part.first == hit.last - hit.first
        # "you must know SQL" says so itself, and so does a line of its own under a heading that asks
        return _EXPLICIT if hit.outright or whole else self.sure

    def keep(self, reading: Reading, hits: list[Hit], taxonomy: Taxonomy) -> list[Hit]:
        """The hits that are asked for, each with its score; of two in one place the longer."""
        kept: list[Hit] = []
        for hit, score in zip(hits, self.scores(reading, hits, taxonomy), strict=True):
            if hit.against in _VETOES:
                continue
            # an explicit "not needed" is told, never judged away
            told = hit.need == "not_required" and hit.against is None
            if not told and score < self._least(reading, hit):
                continue
            hit.score = round(score, 4)
            if kept and hit.start < kept[-1].end and hit.end <= kept[-1].end and hit.source == "inventory":
                continue
            kept.append(hit)
        return kept


@lru_cache(maxsize=4)
def load(mode: Mode = "fast", folder: Path = FOLDER) -> Asked:
    """Open the shipped model of a mode.

    Raises
    ------
    ModelError
        If the file is missing or damaged.
    """
    import numpy as np

    path = folder / f"{mode}.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            weights = file["weights"].astype("float32")
            sure, doubtful = map(float, file["thresholds"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            "model", f"{path}: {error}", "the model that comes with matcher", "install matcher again"
        ) from error
    if weights.shape != (SIZE,):
        raise ModelError(
            "model", f"{path}: {weights.shape} weights", f"{SIZE} weights", "install matcher again, or `matcher train asked`"
        )  # fmt: skip
    return Asked(weights, sure, doubtful)
