"""Decide how much each thing is needed: by cues with a direction, a scope and terminators, then by the section."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import groupby
from typing import cast

from matcher import cues
from matcher.pipeline.reading import CueHit, Hit, Reading
from matcher.types import PROPER_TYPES, Barrier, Need, Requirement, SectionKind

_UNTIL_REACH = 9
_MOST_BACK = 16
_LEVEL_REACH = 7
_YEARS_REACH = 60
_EXPLICIT = ("not_required", "preferred", "required")
_ORDER: dict[Need, int] = {"required": 3, "preferred": 2, "not_required": 1, "unstated": 0}
_BY_SECTION: dict[SectionKind, Need] = {
    "requirements": "required", "preferred": "preferred", "duties": "unstated", "not_required": "not_required",
}  # fmt: skip


def segment_cues(reading: Reading, number: int) -> list[CueHit]:
    """The need cues of a segment, longest first at each word, pseudo-cues passed over."""
    known = reading.cues.get(number)
    if known is not None:
        return known
    trie, table = cues.need_cues()
    part = reading.segments[number]
    norm = reading.words.norm
    found: list[CueHit] = []
    opened: int | None = None
    i = part.first
    # a colon that ends the segment belongs to a cue such as "required:"
    while i < part.last:
        if norm[i] == "(":
            opened = i
        elif norm[i] == ")":
            opened = None
        rests = trie.get(norm[i])
        step = 1
        if rests:
            for rest, value in rests.items():
                stop = i + 1 + len(rest)
                if stop <= part.last and (not rest or tuple(norm[i + 1 : stop]) == rest):
                    if value != "-1":
                        bracketed = i > part.first and norm[i - 1] in ("(", "[")
                        found.append(CueHit(i, stop, table[int(value)], bracketed, opened))
                    step = stop - i
                    break
        i += step
    reading.cues[number] = found
    return found


def decide(reading: Reading, number: int, first: int, last: int, found: list[CueHit]) -> tuple[Need | None, str | None]:
    """Need of the words ``first`` to ``last`` of a segment, and the cue that decided.

    An explicit cue in scope comes first: `not_required` before the nearest of the others. Then the
    section; where that says nothing, softer cues ("experience with", "strong").

    Returns
    -------
    need : {'required', 'preferred', 'unstated', 'not_required'} or None
        None where nothing says that the applicant is meant at all.
    cue : str or None
        The ad's own words, or ``"section: …"`` with the heading.
    """
    part = reading.segments[number]
    best: tuple[int, int, CueHit] | None = None
    soft: CueHit | None = None
    for hit in found:
        need = hit.cue.need
        if need in _EXPLICIT:
            distance = _reach(reading, part.last, hit, first, last, found)
            if distance is None:
                continue
            order = (0 if need == "not_required" else 1, distance)
            if best is None or order < best[:2]:
                best = (*order, hit)
        elif soft is None and (need == "ask" or part.section in ("none", "about")):
            if _reach(reading, part.last, hit, first, last, found) is not None:
                soft = hit
    words, text = reading.words, reading.text

    def as_written(hit: CueHit) -> str:
        return text[words.start[hit.first] : words.end[hit.last - 1]]

    if best is not None:
        return cast(Need, best[2].cue.need), as_written(best[2])
    by_section = _BY_SECTION.get(part.section)
    if by_section in ("required", "preferred", "not_required"):
        return by_section, f"section: {part.heading or part.section}"
    if soft is not None:
        return "required", as_written(soft)
    if by_section is not None:
        return by_section, f"section: {part.heading or part.section}"
    if part.section == "about":
        return None, None
    if part.section == "none":
        line = words.norm[part.first : part.last]
        if not cues.words("of the firm").isdisjoint(line) and cues.words("of the applicant").isdisjoint(line):
            # what the firm says of itself
            return None, None
    return "unstated", None


def _reach(reading: Reading, stop: int, hit: CueHit, first: int, last: int, found: list[CueHit]) -> int | None:
    """How many words lie between the cue and the words ``first:last``; None if out of its scope."""
    norm = reading.words.norm
    cue = hit.cue
    ends = cues.terminators()
    if hit.first < last and first < hit.last:
        # "hands-on experience": the cue is part of what is asked
        return 0 if cue.direction != "forward" else None
    if hit.last <= first and cue.direction in ("forward", "both"):
        between = norm[hit.last : first]
        if cue.scope == "until":
            limit = min(stop, hit.last + _UNTIL_REACH)
            at = next((i for i in range(last, limit) if norm[i] in cue.until), None)
            if at is None or any(w in ends or w == "," for w in norm[hit.last : at]):
                return None
            return first - hit.last
        goes_on = cues.words("keeps the scope")
        if cue.scope != "sentence" and any(
            w in ends and w not in "()" and norm[hit.last + i + 1] not in goes_on for i, w in enumerate(between)
        ):
            return None
        if cue.scope == "comma" and "," in between:
            return None
        return len(between)
    if last <= hit.first and cue.direction in ("back", "both"):
        between = norm[last : hit.first]
        if cue.scope == "comma" and "," in between:
            return None
        if cue.need in _EXPLICIT and len(between) > _MOST_BACK:
            return None
        if hit.opened is not None and not hit.bracketed and first < hit.opened:
            # "(certification a plus)" speaks of what stands in its brackets
            return None
        if hit.bracketed and "," in between:
            return None
        for offset, word in enumerate(between):
            if word in ends and not (word == "(" and hit.bracketed and offset >= len(between) - 2):
                if word in "()" and not hit.bracketed:
                    continue
                return None
        # the cue speaks of what stands since the last cue of its kind: "Java required, Python preferred"
        for other in found:
            if (
                other is not hit
                and last <= other.first
                and other.last <= hit.first
                and other.cue.direction == "back"
                and other.cue.need in _EXPLICIT
            ):
                return None
        return len(between)
    return None


def levels_of(reading: Reading, number: int) -> list[tuple[int, int, str]]:
    """Level cues of a segment as (first word, last word, level)."""
    trie = cues.levels()
    part = reading.segments[number]
    norm = reading.words.norm
    found = []
    for i in range(part.first, part.last):
        rests = trie.get(norm[i])
        if rests:
            for rest, level in rests.items():
                if tuple(norm[i + 1 : i + 1 + len(rest)]) == rest:
                    found.append((i, i + 1 + len(rest), level))
                    break
    return found


def decide_needs(reading: Reading) -> None:
    """Decide need, level and years of every hit and doubt; afterwards all stand in `reading.hits`, in order."""
    hits = sorted([*reading.hits, *reading.doubts], key=lambda hit: (hit.start, -hit.end))
    by_segment: dict[int, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_segment[hit.segment].append(hit)
    years_at = [b for b in reading.barriers if b.kind == "years"]
    for number, inside in by_segment.items():
        _decide_segment(reading, number, inside, years_at)
    # a title names the job; what is asked, the ad says again below
    in_title = {number for number, part in enumerate(reading.segments) if part.section == "title"}
    elsewhere = {hit.skill for hit in hits if not hit.against and hit.segment not in in_title}
    for hit in hits:
        if not hit.against and hit.segment in in_title and hit.type != "tool" and hit.skill not in elsewhere:
            hit.against = "title"
    reading.hits, reading.doubts = hits, []


def gather(reading: Reading) -> None:
    """Group the alternatives among `reading.hits`, then make one requirement of all hits of a skill."""
    groups = 0
    for _, alike in groupby(reading.hits, key=lambda hit: hit.segment):
        groups = _group(reading, list(alike), groups)
    reading.requirements = _gather(reading)


def _decide_segment(reading: Reading, number: int, hits: list[Hit], years_at: list[Barrier]) -> None:
    """Need, cue, level and years of the hits of one segment."""
    norm = reading.words.norm
    found = segment_cues(reading, number)
    levels = levels_of(reading, number)
    part = reading.segments[number]
    begin, end = reading.words.start[part.first], reading.words.end[part.last - 1]
    years = [b for b in years_at if begin <= b.start < end]
    for hit in hits:
        need, hit.cue = decide(reading, number, hit.first, hit.last, found)
        hit.need = need or "unstated"
        if need is None:
            hit.against = hit.against or "of the firm"
        elif hit.type == "soft" and need == "unstated":
            # everybody's duties are done "effectively"; a soft skill counts where it is asked for
            hit.against = hit.against or "soft duty"
        for first, last, level in levels:
            before = 0 <= hit.first - last <= _LEVEL_REACH and not _crossed(norm[last : hit.first])
            if before or hit.first <= first < last <= hit.last:
                hit.level = level
        for barrier in years:
            if barrier.start <= hit.start <= barrier.end + _YEARS_REACH and barrier.detail:
                hit.years = _number(barrier.detail)


def _crossed(between: list[str]) -> bool:
    return any(word in (";", ".") for word in between)


def _number(text: str) -> float | None:
    return float(text) if text.isdigit() else cues.numbers().get(text.lower())


def _group(reading: Reading, hits: list[Hit], count: int) -> int:
    """Give the alternatives of "X or Y" and "X, Y or Z" one group; returns the groups made so far."""
    norm = reading.words.norm
    joins, chooses = cues.words("joins"), cues.words("chooses")
    linking = {",", "/"} | chooses | cues.words("before a choice")
    chain: list[Hit] = []
    has_or = False

    def close(count: int) -> int:
        if has_or and len({hit.skill for hit in chain}) > 1:
            count += 1
            for hit in chain:
                hit.group = f"g{count}"
        return count

    for hit in hits:
        between = norm[chain[-1].last : hit.first] if chain else []
        linked = bool(chain) and 0 < len(between) <= 3 and all(word in linking for word in between)
        # "and/or" is cut into three words
        if len(between) == 3 and between[0] in joins and between[1] == "/" and between[2] in chooses:
            linked = True
        if linked:
            has_or = has_or or not chooses.isdisjoint(between)
            chain.append(hit)
        else:
            count = close(count)
            chain, has_or = [hit], False
    return close(count)


def _label(hits: list[Hit]) -> str:
    """The name most mentions go by; of as many, the longest, which says most."""
    counts = Counter(hit.label for hit in hits)
    return max(counts, key=lambda label: (counts[label], len(label)))


def _plain(label: str) -> frozenset[str]:
    """The words of a label without case and plural s: "Tagging strategies" says "tagging strategy"."""
    return frozenset(re.sub(r"(?<=[a-z]{2})(?:ies|y|s)$", "", word) for word in re.findall(r"\w+", label.lower()))


def _alike(reading: Reading) -> list[list[Hit]]:
    """Hits that are one requirement: the same words, or names of one skill that share any.

    "Excel" and "MS Excel" are one thing, "discretion" and "confidentiality" two, though the inventory has one
    skill for both. A tool, a language or a named certificate is one under any name; a phrase that only means
    a skill stays by itself.
    """
    found: list[list[Hit]] = []
    by_skill: dict[str, list[int]] = defaultdict(list)
    by_words: dict[frozenset[str], int] = {}
    for hit in reading.hits:
        words = _plain(hit.label)
        at = by_words.get(words)
        if at is None and hit.skill and (hit.source != "model" or hit.type in PROPER_TYPES):
            at = next(
                (
                    n
                    for n in by_skill[hit.skill]
                    if hit.type in PROPER_TYPES or any(words & _plain(h.label) for h in found[n])
                ),
                None,
            )
        if at is None:
            at = len(found)
            found.append([])
            if hit.source != "model" or hit.type in PROPER_TYPES:
                by_skill[hit.skill].append(at)
        by_words.setdefault(words, at)
        found[at].append(hit)
    return found


def _gather(reading: Reading) -> list[Requirement]:
    """One requirement for all hits that are alike, in the order of first mention, with the strongest need of its mentions."""
    requirements = []
    sizes: dict[str, set[str]] = defaultdict(set)
    for hit in reading.hits:
        if hit.group:
            sizes[hit.group].add(hit.skill)
    for number, hits in enumerate(_alike(reading), 1):
        need = max((cast(Need, hit.need) for hit in hits), key=_ORDER.__getitem__)
        # asked for by itself elsewhere, it is no longer one of two
        group = hits[0].group if all(hit.group for hit in hits) and len(sizes[hits[0].group or ""]) > 1 else None
        levels = [hit.level for hit in hits if hit.level]
        years = [hit.years for hit in hits if hit.years]
        requirements.append(
            Requirement(
                id=f"r{number}",
                skill=next((hit.skill for hit in hits if hit.skill), None),
                label=_label(hits),
                type=hits[0].type,  # type: ignore[arg-type]
                need=need,
                mentions=tuple(reading.mention(hit) for hit in hits),
                level=levels[0] if levels else None,
                years=max(years) if years else None,
                group=group,
                central=max(hit.central for hit in hits),
            )
        )
    # a group of which only one alternative is left is none
    members: dict[str, int] = defaultdict(int)
    for requirement in requirements:
        if requirement.group:
            members[requirement.group] += 1
    return [replace(r, group=None) if r.group and members[r.group] < 2 else r for r in requirements]
