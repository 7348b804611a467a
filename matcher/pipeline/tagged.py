"""What a span model finds asked for in an ad: spans, the need of each, barriers, and a chance for every word.

The model reads each line after the kind of its section ("requirements : …") and together with its
neighbours, so that "Python" among benefits and "Python" among requirements are two things to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from matcher import cues
from matcher.pipeline.asked import MEANS_ELSE
from matcher.pipeline.needs import decide, segment_cues
from matcher.pipeline.reading import Hit, Reading, Tagged
from matcher.taxonomy import Taxonomy
from matcher.types import BARRIER_KINDS, PROPER_TYPES, Need

if TYPE_CHECKING:
    from matcher.linking import Link
    from matcher.pipeline.proposals import AdTags

LEAST = 0.45
"""Score from which a span counts; chosen on the tuning ads."""
LINKED = 0.7
"""Chance from which a proposal is given a skill: 0.93 of such links were right on phrases of the tuning ads."""
ALONE = 0.6
"""Chance from which a name counts that stands in no span; chosen on the tuning ads."""
TOGETHER = 120
"""Most words of neighbouring segments that the model reads at once."""
PART = 0.5
"""Part of a span's words that a name in it must exceed to say which skill the span is; chosen on the tuning ads."""
OUTRIGHT = 0.005
"""Least chance of a word that the ad asks for outright ("SQL is required")."""
OVER_NONE, OVER_SECTION, OVER_CUE = 0.7, 0.97, 0.95
"""Share of the chances from which the model's need stands against the section's, and against a cue's; chosen on the tuning ads."""
_LONGEST = 14
"""Most letters of a name that is written with a capital inside."""
_BESIDE = 5
"""Code points between a cue and what it stands beside, at most."""
_NEEDS: tuple[Need, ...] = ("required", "preferred", "unstated")
_WHOLE = frozenset({"degree", "driving", "citizenship", "age", "clearance", "years"})


class Tagger(Protocol):
    """What is needed of a span model (`matcher.pipeline.proposals.SpanModel`)."""

    def read(self, texts: list[list[str]]) -> list[AdTags]:
        """Spans of each text and the chance of each word in each of `AD_LAYERS`."""


class Linking(Protocol):
    """What is needed of a linker (`matcher.linking.Linker`)."""

    def best(self, phrase: str, least: float | None = None) -> Link | None:
        """The skill that a phrase may be taken for."""


def lines_of(reading: Reading) -> list[tuple[list[str], list[int]]]:
    """The words of the ad as the model reads them, and which words of the ad they are (-1 for none).

    Each segment stands after the kind of its section ("preferred : …"), and as many segments together
    as fit into `TOGETHER` words: what stands above says much about a line.
    """
    words, text = reading.words, reading.text
    found: list[tuple[list[str], list[int]]] = []
    for part in reading.segments:
        inside = [i for i in range(part.first, part.last) if words.end[i] > words.start[i]]
        kind = "not" if part.section == "not_required" else part.section
        line = [kind, ":", *(text[words.start[i] : words.end[i]] for i in inside)]
        if found and len(found[-1][0]) + len(line) <= TOGETHER:
            found[-1][0].extend(line)
            found[-1][1].extend([-1, -1, *inside])
        else:
            found.append((line, [-1, -1, *inside]))
    return found


def read_tags(reading: Reading, model: Tagger) -> None:
    """Fill what a model says of every word (`asked`, `needed`, `salient`), and the spans `tagged` and `conditions`."""
    lines = lines_of(reading)
    reading.asked = [0.0] * len(reading.words)
    reading.needed = [(0.0, 0.0, 0.0)] * len(reading.words)
    reading.salient = [(0.0, 0.0)] * len(reading.words)
    reading.tagged, reading.conditions = [], []
    belongs = [0] * len(reading.words)
    for number, part in enumerate(reading.segments):
        belongs[part.first : part.last] = [number] * (part.last - part.first)
    for (_, at), (spans, chances) in zip(lines, model.read([words for words, _ in lines]), strict=True):
        for place, (asked, required, preferred, unstated, central, marginal) in zip(
            at, chances[:, :6].tolist(), strict=True
        ):
            if place >= 0:
                reading.asked[place] = round(asked, 4)
                reading.needed[place] = (required, preferred, unstated)
                reading.salient[place] = (central, marginal)
        for kind, first, last, score in spans:
            inside = [place for place in at[first:last] if place >= 0]
            if not inside or (kind != "asked" and kind not in BARRIER_KINDS):
                continue
            number = belongs[inside[0]]
            end = inside[-1] + 1 if belongs[inside[-1]] == number else reading.segments[number].last
            found = reading.tagged if kind == "asked" else reading.conditions
            found.append(Tagged(inside[0], end, number, score, kind))


def take_spans(reading: Reading, kept: list[Hit], taxonomy: Taxonomy, linker: Linking | None = None) -> list[Hit]:
    """What is asked for: the spans that the model sees, in the ad's own words, and the names kept beside them.

    Parameters
    ----------
    reading : Reading
        With `tagged`.
    kept : list of Hit
        Names of the inventory that are asked for. One that a span holds says which skill the span is.
    taxonomy : Taxonomy
    linker : Linking, optional
        Says which skill of the taxonomy is meant where no name does, if one surely is.

    Returns
    -------
    list of Hit
        In the order of the text.
    """
    words, text = reading.words, reading.text
    closed = [(b.start, b.end) for b in reading.barriers if b.kind in _WHOLE]
    # a name for which nothing speaks but the model ("good spelling, Word, and …") may be meant; one against which words speak may not
    vetoed = {(hit.start, hit.end) for hit in reading.hits if hit.against == "words beside it"}
    found: list[Hit] = []
    within: set[int] = set()
    taken: set[tuple[int, int]] = set()
    # what is asked, the span says; of the names in it only those count out that mean something else
    possible = [hit for hit in reading.hits if hit.against not in MEANS_ELSE]
    for span in _whole_words(reading, taxonomy):
        if span.score < LEAST:
            continue
        first, last = _trimmed(reading, span)
        if last <= first:
            continue
        # of "Apache Kafka" the model may see half, or two halves
        around = [hit for hit in kept if hit.skill and hit.first <= first and last <= hit.last]
        if around:
            longest = max(around, key=lambda hit: hit.last - hit.first)
            first, last = longest.first, longest.last
        if (first, last) in taken:
            continue
        taken.add((first, last))
        start, end = words.start[first], words.end[last - 1]
        if end - start < 2 and taxonomy.find(words.norm[first:last]) is None:
            continue
        names = [hit for hit in possible if start < hit.end and hit.start < end]
        if not names and any(a < end and start < b for a, b in closed):
            continue
        # "programming in C" reaches beyond "firmware programming": it stays beside it
        within.update(
            id(hit) for hit in names if hit.type not in PROPER_TYPES or (first <= hit.first and hit.last <= last)
        )
        written = " ".join(text[start:end].split())
        label = written[:1].upper() + written[1:]
        need, cue = decide(reading, span.segment, first, last, segment_cues(reading, span.segment))
        skill, source, level, years = _linked(written, taxonomy, linker), "model", None, None
        # of several names the likeliest; where the span says more than the name, the linker may know better
        named = [hit for hit in names if hit.skill]
        known = None if named else taxonomy.find(words.norm[first:last])
        if known is not None and (start, end) not in vetoed and written[:1] == known.surface[:1]:
            skill, source = known.skill, "inventory"
        elif named:
            best = max(named, key=lambda hit: (hit.first >= first and hit.last <= last, hit.end - hit.start, hit.score))
            whole = (best.first, best.last) == (first, last)
            # "compliance" does not say what "certificates of compliance" is
            says = whole or best.type in PROPER_TYPES or _part(words.norm, best, first, last) > PART
            skill = best.skill if says and (whole or skill is None or best.type in PROPER_TYPES) else skill
            source, level, years = best.source if whole else "model", best.level, best.years
        kind = taxonomy.brief[skill].type if skill else "hard"
        found.append(
            Hit(
                first, last, start, end, skill or "", label, kind, span.segment, source, need or "unstated",
                cue, level, years, score=round(span.score, 4),
            )
        )  # fmt: skip
    found += [hit for hit in kept if id(hit) not in within and _stands_alone(reading, hit)]
    return sorted(found, key=lambda hit: (hit.start, -hit.end))


def _whole_words(reading: Reading, taxonomy: Taxonomy) -> list[Tagged]:
    """The spans, two halves of one written word joined: "ClearQuest" is no lost line break.

    Where the first half is a name itself ("TableauExcel"), a break was lost between the two.
    """
    words = reading.words
    found: list[Tagged] = []
    for span in sorted(reading.tagged):
        before = found[-1] if found else None
        if (
            before is not None
            and before.last - before.first == 1
            and words.end[before.first] == words.start[span.first]
            and span.last - span.first == 1
            and words.end[span.first] - words.start[before.first] <= _LONGEST
            and reading.text[words.start[before.first]].isupper()
            and taxonomy.find(words.norm[before.first : before.last]) is None
        ):
            found[-1] = before._replace(last=span.last, score=min(before.score, span.score))
        else:
            found.append(span)
    return found


def _part(norm: list[str], hit: Hit, first: int, last: int) -> float:
    """Which part of the words of a span a name in it makes up; those that say nothing aside."""
    empty = cues.words("says nothing")
    whole = sum(word not in empty and word[0].isalnum() for word in norm[first:last])
    return sum(word not in empty and word[0].isalnum() for word in norm[hit.first : hit.last]) / max(whole, 1)


def _stands_alone(reading: Reading, hit: Hit) -> bool:
    """Whether a name in no span counts: an explicit "not", one that is likely enough, one that the ad says outright."""
    if hit.need == "not_required" or hit.score >= ALONE:
        return True
    return hit.outright and max(reading.asked[hit.first : hit.last]) >= OUTRIGHT


def weigh_hits(reading: Reading, hits: list[Hit]) -> None:
    """What the model says of each hit: how central it is; and another need, where it is surer of that than a rule can be."""
    for hit in hits:
        central, marginal = map(max, zip(*reading.salient[hit.first : hit.last], strict=True))
        hit.central = round(
            central - marginal
        )  # whole steps: what stands around it shall not make it a little more or less
        inside = reading.needed[hit.first : hit.last]
        sums = [sum(column) for column in zip(*inside, strict=True)]
        if hit.need == "not_required" or not sums or sum(sums) <= 0 or _told_beside(reading, hit):
            continue
        at = max(range(len(sums)), key=sums.__getitem__)
        share = sums[at] / sum(sums)
        by_section = hit.cue is not None and hit.cue.startswith("section")
        if by_section and hit.need == "preferred":
            continue  # a heading that says so has the last word
        enough = OVER_NONE if hit.cue is None else OVER_SECTION if by_section else OVER_CUE
        if _NEEDS[at] != hit.need and share > enough:
            hit.need, hit.cue = _NEEDS[at], f"model: {share:.0%} {_NEEDS[at]}"


def _told_beside(reading: Reading, hit: Hit) -> bool:
    """Whether the cue that decided stands right beside the words: "French required" is past all doubt."""
    if hit.cue is None or hit.cue.startswith("section"):
        return False
    reach = len(hit.cue) + _BESIDE
    return hit.cue.lower() in reading.text[max(0, hit.start - reach) : hit.end + reach].lower()


def _trimmed(reading: Reading, span: Tagged) -> tuple[int, int]:
    """A span without marks, articles and conjunctions at its ends; empty if nothing is left that names anything."""
    norm = reading.words.norm
    first, last = span.first, span.last
    empty = cues.words("says nothing")
    opened = next((i for i in range(first, last) if norm[i] == "(" and ")" not in norm[i:last]), None)
    if opened is not None:
        last = last + 1 if norm[last : last + 1] == [")"] else opened
    # "good communication skills" asks for communication skills
    while first < last and (
        (norm[first] in empty and norm[first + 1 : first + 2] != ["/"])  # but "A/B tests"
        or (norm[first] in cues.words("praises") and first + 1 < last)
        or (not norm[first][0].isalnum() and norm[first][0] != ".")
    ):
        first += 1
    # "IPAF (3A/3B)" keeps its bracket
    while last > first and (norm[last - 1] in empty or not norm[last - 1][0].isalnum()):
        if norm[last - 1] == ")" and "(" in norm[first:last]:
            break
        last -= 1
    if last - first == 1 and (norm[first] in cues.span_words().generic or norm[first] in cues.task_verbs()):
        return first, first
    return first, last


def _linked(phrase: str, taxonomy: Taxonomy, linker: Linking | None) -> str | None:
    """The skill that a phrase surely means; what has a proper name would have been found by it."""
    link = linker.best(phrase, LINKED) if linker else None
    if link is None or taxonomy.brief[link.id].type in PROPER_TYPES:
        return None
    return link.id
