"""What a span model finds asked for in an ad: a chance for every word, and spans that no name of the inventory covers.

The model reads each line after the kind of its section ("requirements : …"), so that "Python" among
benefits and "Python" among requirements are two things to it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Protocol

from matcher import cues
from matcher.pipeline.needs import decide, segment_cues
from matcher.pipeline.reading import Hit, Reading, Tagged
from matcher.taxonomy import Taxonomy

if TYPE_CHECKING:
    from matcher.linking import Link

LEAST = 0.5
"""Score from which a span is proposed; chosen on the tuning ads."""
LINKED = 0.7
"""Chance from which a proposal is given a skill: 0.93 of such links were right on phrases of the tuning ads."""
SURE = 0.7
"""Score from which a span says what the whole of a requirement is."""
MOST_WORDS = 4
_WHOLE = frozenset({"degree", "driving", "citizenship", "age", "clearance", "years"})


class Tagger(Protocol):
    """What is needed of a span model (`matcher.pipeline.proposals.SpanModel`)."""

    def asked(self, texts: list[list[str]]) -> list[tuple[list[tuple[int, int, float]], list[float]]]:
        """Spans (first word, word after the last, score) of each text, and the chance of each word."""


class Linking(Protocol):
    """What is needed of a linker (`matcher.linking.Linker`)."""

    def best(self, phrase: str, least: float | None = None) -> Link | None:
        """The skill that a phrase may be taken for."""


def lines_of(reading: Reading) -> list[tuple[list[str], list[int]]]:
    """The words of each segment as the model reads them, after the kind of section, and which words of the ad they are."""
    words, text = reading.words, reading.text
    found = []
    for part in reading.segments:
        at = [i for i in range(part.first, part.last) if words.end[i] > words.start[i]]
        kind = "not" if part.section == "not_required" else part.section
        found.append(([kind, ":", *(text[words.start[i] : words.end[i]] for i in at)], [-1, -1, *at]))
    return found


def read_tags(reading: Reading, model: Tagger) -> None:
    """Fill `reading.asked` (a chance for every word) and `reading.tagged` (spans)."""
    lines = lines_of(reading)
    reading.asked = [0.0] * len(reading.words)
    reading.tagged = []
    for number, ((_, at), (spans, chances)) in enumerate(
        zip(lines, model.asked([words for words, _ in lines]), strict=True)
    ):
        for place, chance in zip(at, chances, strict=True):
            if place >= 0:
                reading.asked[place] = chance
        for first, last, score in spans:
            inside = [place for place in at[first:last] if place >= 0]
            if inside:
                reading.tagged.append(Tagged(inside[0], inside[-1] + 1, number, score))


def propose(reading: Reading, kept: list[Hit], taxonomy: Taxonomy, linker: Linking | None = None) -> list[Hit]:
    """Hits for the spans that none of the names kept covers, in the ad's own words.

    Parameters
    ----------
    reading : Reading
        With `tagged`.
    kept : list of Hit
        Names of the inventory that are asked for.
    taxonomy : Taxonomy
    linker : Linking, optional
        Says which skill of the taxonomy is meant, if one surely is.
    """
    words, text = reading.words, reading.text
    closed = [(b.start, b.end) for b in reading.barriers if b.kind in _WHOLE]
    begins = [hit.start for hit in kept]
    found = []
    for span in reading.tagged:
        if span.score < LEAST:
            continue
        first, last = _trimmed(reading, span)
        if last <= first:
            continue
        start, end = words.start[first], words.end[last - 1]
        if _covered(start, end, kept, begins):
            continue
        if any(a < end and start < b for a, b in closed):
            continue
        need, cue = decide(reading, span.segment, first, last, segment_cues(reading, span.segment))
        written = " ".join(text[start:end].split())
        skill = _linked(written, taxonomy, linker)
        kind = taxonomy.brief[skill].type if skill else "hard"
        label = written if written[:1].isupper() else written[:1].upper() + written[1:]
        found.append(
            Hit(
                first, last, start, end, skill or "", label, kind, span.segment, "model", need or "unstated",
                cue, score=round(span.score, 4),
            )
        )  # fmt: skip
    return found


def _trimmed(reading: Reading, span: Tagged) -> tuple[int, int]:
    """A span without marks, articles and conjunctions at its ends; empty if nothing is left that names anything."""
    norm = reading.words.norm
    first, last = span.first, span.last
    empty = cues.words("says nothing")
    opened = next((i for i in range(first, last) if norm[i] == "(" and ")" not in norm[i:last]), None)
    if opened is not None:
        last = opened
    while first < last and (norm[first] in empty or not norm[first][0].isalnum()) and norm[first][0] != ".":
        first += 1
    while last > first and (norm[last - 1] in empty or not norm[last - 1][0].isalnum()):
        last -= 1
    if last - first == 1 and (norm[first] in cues.span_words().generic or norm[first] in cues.task_verbs()):
        return first, first
    return first, last


def widen(reading: Reading, kept: list[Hit], taxonomy: Taxonomy, linker: Linking | None = None) -> None:
    """Report a name by the whole of what is asked where the model sees more: "risk insurance", not "insurance".

    The skill stays where the linker knows no nearer one.
    """
    words, text = reading.words, reading.text
    empty = cues.words("says nothing")
    for span in reading.tagged:
        inside = [hit for hit in kept if span.first <= hit.first and hit.last <= span.last]
        if span.score < SURE or len(inside) != 1 or inside[0].type not in ("hard", "knowledge"):
            continue
        hit = inside[0]
        whole = [w for w in words.norm[span.first : span.last] if w not in empty and w[0].isalnum()]
        part = [w for w in words.norm[hit.first : hit.last] if w not in empty and w[0].isalnum()]
        if not len(part) < len(whole) <= MOST_WORDS:
            continue
        written = " ".join(text[words.start[span.first] : words.end[span.last - 1]].split())
        hit.label = written[:1].upper() + written[1:]
        hit.skill = _linked(written, taxonomy, linker) or hit.skill


def _linked(phrase: str, taxonomy: Taxonomy, linker: Linking | None) -> str | None:
    """The skill that a phrase surely means; what has a proper name would have been found by it."""
    link = linker.best(phrase, LINKED) if linker else None
    if link is None or taxonomy.brief[link.id].type in ("tool", "language", "credential"):
        return None
    return link.id


def _covered(start: int, end: int, kept: list[Hit], begins: list[int]) -> bool:
    """Whether a name that is kept shares at least half of the shorter with these code points."""
    at = bisect_right(begins, end)
    return any(
        hit.start < end
        and start < hit.end
        and 2 * (min(end, hit.end) - max(start, hit.start)) >= min(end - start, hit.end - hit.start)
        for hit in kept[:at]
    )
