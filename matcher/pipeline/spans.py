"""Propose what the inventory does not have, in the ad's own words, where the ad's wording leaves little doubt.

Two places only: what stands right after "experience with", "knowledge of" and their like, and unknown
items between known ones of their kind in a list ("Jenkins, Mesos, Vagrant").
"""

from __future__ import annotations

from itertools import pairwise

from matcher import cues
from matcher.pipeline.reading import Hit, Reading, Segment
from matcher.taxonomy import Taxonomy
from matcher.types import SectionKind
from matcher.words import Words

_ASKING: frozenset[SectionKind] = frozenset({"requirements", "preferred", "none", "duties"})
_MOST_WORDS = 4
_MOST_IN_LIST = 3


def read_spans(reading: Reading, taxonomy: Taxonomy) -> None:
    """Add hits without a skill (``skill`` is empty) to `reading.hits`.

    An item that is a name of the inventory after all, passed over for being ambiguous, gets its skill:
    nothing bears a name out better than "experience with" before it.
    """
    taken = [(hit.first, hit.last) for hit in reading.hits]
    closed = [(b.start, b.end) for b in reading.barriers]
    by_segment: dict[int, list[Hit]] = {}
    for hit in reading.hits:
        by_segment.setdefault(hit.segment, []).append(hit)
    words = reading.words
    added: dict[tuple[int, int], Hit] = {}
    for number, part in enumerate(reading.segments):
        if part.section not in _ASKING:
            continue
        known = by_segment.get(number, [])
        places = [*_after_cues(reading, part), *_in_lists(reading, part, known)]
        for first, last, kind, source in places:
            start, end = words.start[first], words.end[last - 1]
            if any(first < b and a < last for a, b in (*taken, *added)):
                continue
            if any(start < b and a < end for a, b in closed):
                continue
            written = reading.text[start:end]
            phrase = taxonomy.find(words.norm[first:last])
            if phrase is not None:
                skill = taxonomy.brief[phrase.skill]
                if written[:1] == phrase.surface[:1] or not phrase.surface[:1].isupper() or skill.type != "tool":
                    added[first, last] = Hit(
                        first, last, start, end, skill.id, phrase.shown, skill.type, number, source
                    )
                continue
            named = all(reading.text[words.start[i]].isupper() for i in range(first, last))
            if part.section not in ("requirements", "preferred") and (not named or last - first == 1):
                continue
            if end - start < 3:
                continue
            added[first, last] = Hit(first, last, start, end, "", " ".join(written.split()), kind, number, source)
    if added:
        reading.hits = sorted([*reading.hits, *added.values()], key=lambda hit: hit.start)


def _after_cues(reading: Reading, part: Segment) -> list[tuple[int, int, str, str]]:
    lists = cues.span_words()
    norm = reading.words.norm
    found = []
    for i in range(part.first, part.last):
        rests = lists.after.get(norm[i])
        if not rests:
            continue
        for rest in rests:
            begin = i + 1 + len(rest)
            if begin < part.last and tuple(norm[i + 1 : begin]) == rest:
                found.extend(_items(reading.words, begin, part.last, reading.text))
                break
    return found


def _items(words: Words, begin: int, stop: int, text: str) -> list[tuple[int, int, str, str]]:
    """The items of a list that begins at word `begin`, up to the first word that ends it."""
    lists, separators = cues.span_words(), cues.separators()
    norm = words.norm
    found = []
    first = begin
    i = begin
    while True:
        ended = (
            i >= stop
            or norm[i] in lists.stop
            or not (norm[i][0].isalnum() or norm[i] in separators or norm[i][0] == ".")
        )
        if ended or norm[i] in separators:
            item = _item(words, first, i, text)
            if item is not None:
                found.append((*item, "knowledge", "wording"))
            first = i + 1
            if ended:
                return found
        i += 1


def _item(words: Words, first: int, last: int, text: str) -> tuple[int, int] | None:
    lists = cues.span_words()
    norm = words.norm
    while first < last and norm[first] in lists.trim:
        first += 1
    if not 0 < last - first <= _MOST_WORDS or (norm[last - 1] in lists.generic and last - first == 1):
        return None
    if any(not any(c.isalpha() for c in norm[i]) and not any(c.isdigit() for c in norm[i]) for i in range(first, last)):
        return None
    if not any(c.isalpha() for i in range(first, last) for c in norm[i]):
        return None
    if any(norm[i] in lists.spoil for i in range(first, last)):
        return None
    capitals = [text[words.start[i]].isupper() for i in range(first, last)]
    if not capitals[0] and any(capitals):
        # the capital begins the next item of a list that lost its breaks
        return None
    if last - first == 1 and not text[words.start[first]].isupper():
        return None
    return first, last


def _in_lists(reading: Reading, part: Segment, hits: list[Hit]) -> list[tuple[int, int, str, str]]:
    """Unknown items of a list that also holds known ones; between tools only capitalised ones."""
    lists, separators = cues.span_words(), cues.separators()
    words, text = reading.words, reading.text
    norm = words.norm
    found = []
    edges = sorted((hit.first, hit.last, hit.type) for hit in hits)
    for (_, one, kind), (other, _, second) in pairwise(edges):
        between = range(one, other)
        if not 1 < len(between) <= 12 or norm[one] not in separators or norm[other - 1] not in separators:
            continue
        if kind != second or kind == "soft":
            continue
        first = one + 1
        for i in (*between[1:], other):
            if i == other or norm[i] in separators:
                item = _item(words, first, i, text) if 0 < i - first <= _MOST_IN_LIST else None
                capital = item is not None and all(text[words.start[k]].isupper() for k in range(*item))
                if item is not None and (
                    capital if kind == "tool" else not any(norm[k] in lists.stop for k in range(*item))
                ):
                    found.append((*item, kind, "list"))
                first = i + 1
    return found
