"""Find what no short credential gives: degrees, years, licences, clearance, citizenship, age, driving."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import cast

from matcher import cues
from matcher.pipeline.needs import decide, segment_cues
from matcher.pipeline.reading import Reading
from matcher.types import ASKS_NOTHING, Barrier, BarrierKind

_EQUIVALENT = re.compile(
    r"[^.;\n]{0,90}?\bor (?:an? |the )?(?:equivalent|comparable|relevant|related|commensurate|similar)"
    r"(?: \w+){0,4}? ?(?:experience|qualification|combination|training|education)?",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(?P<n>\d+)")
LEAST = 0.3
"""Score from which a model's span is a barrier; chosen on the tuning ads."""
# from here on, years are a firm's
_MOST_YEARS = 20
# clearance and the right to work are also asked for in the small print at the end of an ad
_ANYWHERE = frozenset({"clearance", "citizenship", "driving", "age"})


def read_barriers(reading: Reading) -> None:
    """Fill `reading.barriers`, in the order of the text; where two overlap, the earlier pattern stands."""
    text = reading.text
    low = text.lower()
    starts = [reading.words.start[s.first] for s in reading.segments]
    heads = {word[: cues.HEAD] for word in reading.words.norm}
    taken: list[tuple[int, int]] = []
    found: list[Barrier] = []
    for kind, triggers, pattern in cues.barriers():
        for number in _segments_with(low if pattern.flags & re.IGNORECASE else text, triggers, starts, heads):
            part = reading.segments[number]
            if not _can_ask(reading, number, kind):
                continue
            begin, stop = starts[number], reading.words.end[part.last - 1]
            for match in pattern.finditer(text, begin, stop):
                start, end = match.span()
                while start < end and not text[start].isalnum():
                    start += 1
                while end > start and not (text[end - 1].isalnum() or text[end - 1] in "+)%"):
                    end -= 1
                if end - start < 2 or any(a < end and start < b for a, b in taken):
                    continue
                if kind == "years" and (
                    (part.section in ("none", "title") and not _of_experience(reading, number))
                    or _firms_age(match.groupdict().get("n"))
                ):
                    continue
                taken.append((start, end))
                found.append(_barrier(reading, kind, number, start, end, match))
    found.sort(key=lambda barrier: barrier.start)
    reading.barriers = found


def add_conditions(reading: Reading) -> None:
    """Add to `reading.barriers` what a span model sees and no pattern knows."""
    words, text = reading.words, reading.text
    added = []
    for seen in reading.conditions:
        first, last = seen.first, seen.last
        while first < last and not words.norm[first][0].isalnum():
            first += 1
        while last > first and not words.norm[last - 1][0].isalnum():
            last -= 1
        start, end = words.start[first], words.end[max(last - 1, first)]
        if seen.score < LEAST or last <= first or any(b.start < end and start < b.end for b in reading.barriers):
            continue
        added.append(_barrier(reading, seen.kind, seen.segment, start, end, _YEARS.search(text, start, end)))
    reading.barriers = sorted([*reading.barriers, *added], key=lambda barrier: barrier.start)


def _can_ask(reading: Reading, number: int, kind: str) -> bool:
    """Whether a line in the small print, among benefits or about the firm may set a condition all the same."""
    part = reading.segments[number]
    if part.section not in ASKS_NOTHING and part.section != "about":
        return True
    line = reading.words.norm[part.first : part.last]
    if part.section == "legal" and not cues.words("bars nothing").isdisjoint(line):
        return False
    if kind in _ANYWHERE and part.section != "legal":
        return True
    return not cues.words("sets a condition").isdisjoint(line)


def _firms_age(number: str | None) -> bool:
    """Whether so many years are a firm's rather than an applicant's."""
    return number is not None and number.isdigit() and int(number) >= _MOST_YEARS


def _of_experience(reading: Reading, number: int) -> bool:
    """Whether a line that speaks of years speaks of somebody's experience, not of a contract."""
    part = reading.segments[number]
    return not cues.words("of experience").isdisjoint(reading.words.norm[part.first : part.last])


def _segments_with(text: str, triggers: tuple[tuple[str, str], ...], starts: list[int], heads: set[str]) -> list[int]:
    """Segments that hold one of the trigger strings, each of which begins a word."""
    numbers: set[int] = set()
    for trigger, head in triggers:
        if head and head not in heads:
            continue
        at = text.find(trigger)
        while at >= 0:
            number = bisect_right(starts, at) - 1
            if number >= 0:
                numbers.add(number)
                # go on after this segment
                at = text.find(trigger, starts[number + 1]) if number + 1 < len(starts) else -1
            else:
                at = text.find(trigger, at + 1)
    return sorted(numbers)


def _barrier(reading: Reading, kind: str, number: int, start: int, end: int, match: re.Match[str] | None) -> Barrier:
    text = reading.text
    words = reading.words
    part = reading.segments[number]
    first = max(part.first, bisect_right(words.start, start) - 1)
    last = max(first + 1, min(part.last, bisect_right(words.start, end - 1)))
    need, cue = decide(reading, number, first, last, segment_cues(reading, number))
    detail: str | None = None
    if kind == "years":
        detail = match.groupdict().get("n") if match else None
    elif kind == "degree":
        stop = words.end[part.last - 1]
        equivalent = _EQUIVALENT.match(text, end, stop)
        if equivalent:
            detail = "or equivalent"
    by_section = cue is not None and cue.startswith("section")
    if need in (None, "unstated") or (kind in _ANYWHERE and need == "preferred" and by_section):
        # "No sponsorship" at the end of a list of what is nice to have is no wish
        need = "required"
    return Barrier(cast(BarrierKind, kind), need, text[start:end], start, end, detail)
