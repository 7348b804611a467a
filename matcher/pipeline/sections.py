"""Cut an ad into lines and sentences and say what each is about: duties, requirements, benefits …"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import cast

from matcher import cues
from matcher.pipeline.reading import Reading, Segment
from matcher.types import Section, SectionKind
from matcher.words import BREAK, Words, cut

_BULLETS = frozenset("•·●▪◦‣►▶§○■□✓✔➢➤❖⁃*|")
_STOPS = frozenset(".!?")
_ENDERS = _BULLETS | _STOPS | {BREAK, ":"}
_PLAIN = frozenset(["-", "#", "–", "—", "(", ")", ",", '"', "'", "“", "”", "‘", "’", "…"])
_LOOK_BACK = 8
_MOST_IN_HEADING = 8
_SENTENCE = 8
# arrows, ticks, stars and emoji begin a line wherever they stand
_FIRST_SYMBOL = "\u2190"


def segment(text: str, words: Words) -> list[tuple[int, int]]:
    """Word ranges of the lines, bullets and sentences of a text, empty ones left out."""
    norm, start = words.norm, words.start
    total = len(norm)
    ranges: list[tuple[int, int]] = []
    begin = 0
    trie = cues.headings()
    starters = cues.starters()
    for i, word in enumerate(norm):
        if word not in _ENDERS and not (len(word) == 1 and word >= _FIRST_SYMBOL):
            if (
                i > begin
                and text[start[i]].isupper()
                and (
                    (word in trie and _lost_heading(text, words, i))
                    or (word in starters and _lost_item(text, words, i))
                )
            ):
                ranges.append((begin, i))
                begin = i
            continue
        if word in _STOPS:
            if i + 1 < total and norm[i + 1] not in _ENDERS:
                following = text[start[i + 1]]
                if following.islower() or following in ",;)":
                    continue
                if word == "." and i and norm[i - 1] in cues.words("abbreviation"):
                    continue
                if word == "." and following.isdigit() and start[i + 1] == start[i] + 1:
                    continue
        elif word == ":":
            # a heading in the middle of a pasted line: "… market hours. Desired Skills: High GPA"
            at = _heading_before(text, words, begin, i)
            if at is not None and at > begin:
                ranges.append((begin, at))
                begin = at
            continue
        if i > begin:
            ranges.append((begin, i))
        begin = i + 1
    if begin < total:
        ranges.append((begin, total))
    return ranges


def _lost_item(text: str, words: Words, at: int) -> bool:
    """Whether a capital after a small word, with nothing between, begins a new item: "… reports Ability to"."""
    before = text[words.start[at - 1] : words.end[at - 1]]
    written = text[words.start[at] : words.end[at]]
    return (
        before.isalpha()
        and before.islower()
        and written[1:].islower()
        and len(before) > 2
        and before not in cues.words("goes on")
    )


def _lost_heading(text: str, words: Words, at: int) -> bool:
    """Whether a heading of several capitalised words begins here, in the middle of a line that lost its breaks."""
    norm, start, end = words.norm, words.start, words.end
    if text[start[at - 1]].isupper() or norm[at - 1] in ("the", "and", "our", "of", "to", "for", "/", ","):
        return False
    for rest in cues.headings()[norm[at]]:
        stop = at + 1 + len(rest)
        if stop >= len(norm) or tuple(norm[at + 1 : stop]) != rest:
            continue
        if rest and norm[stop] == BREAK:
            # "…production defects.What you'll do" + "As part of": the line ends where the heading does
            return True
        if not rest and not norm[at].endswith(tuple(cues.words("heading ending"))):
            continue
        written = [text[start[i] : end[i]] for i in range(at, stop)]
        return all(w[0].isupper() for w in written if len(w) > 3) and (
            norm[stop] in (":", "(", "-", BREAK) or text[start[stop]].isupper()
        )
    return False


def _heading_before(text: str, words: Words, begin: int, colon: int) -> int | None:
    """Where a capitalised heading begins that ends just before the colon."""
    trie = cues.headings()
    for at in range(max(begin, colon - _LOOK_BACK), colon):
        rests = trie.get(words.norm[at])
        if rests and text[words.start[at]].isupper() and tuple(words.norm[at + 1 : colon]) in rests:
            return at
    return None


def read_sections(text: str, known: Callable[[str], bool] | None = None) -> Reading:
    """Read an ad's words, lines and sections.

    Parameters
    ----------
    text : str
    known : callable, optional
        Says whether a lower-case word is in the inventory (see `matcher.words.cut`).

    Returns
    -------
    Reading
        With `segments` and `sections` filled.

    Examples
    --------
    >>> reading = read_sections("Cook\\nWe need:\\n- HACCP\\nNice to have: French\\nBenefits\\nFree meals")
    >>> [(s.kind, s.heading) for s in reading.sections]
    [('title', None), ('requirements', 'We need'), ('preferred', 'Nice to have'), ('benefits', 'Benefits')]
    """
    words = cut(text, known)
    reading = Reading(text, words)
    kind: SectionKind = "none"
    heading: str | None = None
    topics = _topics(words)
    for number, (first, last) in enumerate(_split_topics(words, segment(text, words), topics)):
        while first < last and (words.norm[first] in _PLAIN or words.norm[first] in _BULLETS):
            first += 1
        if first >= last:
            continue
        if kind == "apply":
            # buttons and "how to apply" hold for their own line
            kind, heading = "none", None
        if number == 0 and _is_title(text, words, first, last):
            reading.segments.append(Segment(first, last, "title", None))
            continue
        while first < last:
            found = (
                _heading(text, words, first, last)
                or _heading_at_end(text, words, first, last)
                or _unknown_heading(text, words, first, last)
            )
            if found is None:
                break
            kind, end = found
            heading = text[words.start[first] : words.end[end - 1]]
            reading.segments.append(Segment(first, end, kind, heading))
            first = end
            while first < last and (words.norm[first] in _PLAIN or words.norm[first] in (":", "?")):
                first += 1
        if first >= last:
            continue
        topic = next((t for at, t in topics if first <= at < last), None)
        if topic in ("benefits", "apply") and kind in ("duties", "requirements") and _is_task(words, first):
            # "Calculate sick pay, maternity pay and holiday pay" is somebody's work
            topic = None
        if (
            topic is None
            and _of_itself(text, words, first, last)
            and (kind == "none" or (known is not None and last - first >= _SENTENCE and not known(words.norm[first])))
        ):
            # under any heading: agencies close with a word about themselves
            topic, kind = "about", "none" if kind in ("none", "about") else kind
        own: SectionKind = kind
        if topic == "about":
            if not _asks(words, first, last):
                own = "about"
        elif topic is not None:
            own = cast(SectionKind, topic)
            if words.norm[last - 1] == ":":
                kind, heading = own, text[words.start[first] : words.end[last - 1]]
        reading.segments.append(Segment(first, last, own, heading if own == kind else None))
    reading.sections = _merge(reading)
    return reading


def _is_task(words: Words, first: int) -> bool:
    """Whether a line begins with what somebody does: "Process pension contributions"."""
    return words.norm[first] in cues.task_verbs()


def _split_topics(words: Words, ranges: list[tuple[int, int]], topics: list[tuple[int, str]]) -> list[tuple[int, int]]:
    """Cut a line at the semicolon before a topic, so that "…; no phone calls" does not speak for the rest."""
    places = sorted(at for at, _ in topics)
    if not places:
        return ranges
    found: list[tuple[int, int]] = []
    for first, last in ranges:
        begin = first
        for at in places[bisect_left(places, first) : bisect_left(places, last)]:
            cut_at = next((i for i in range(at - 1, begin, -1) if words.norm[i] == ";"), None)
            if cut_at is not None:
                found.append((begin, cut_at))
                begin = cut_at + 1
        found.append((begin, last))
    return found


def _topics(words: Words) -> list[tuple[int, str]]:
    """Phrases that give away what their line is about, by word."""
    trie = cues.segments()
    norm = words.norm
    found: list[tuple[int, str]] = []
    for i, word in enumerate(norm):
        rests = trie.get(word)
        if rests:
            for rest, kind in rests.items():
                if not rest or tuple(norm[i + 1 : i + 1 + len(rest)]) == rest:
                    found.append((i, kind))
                    break
    # what the law demands stands before the rest in a line that is about both
    found.sort(key=lambda item: item[1] != "legal")
    return found


def _of_itself(text: str, words: Words, first: int, last: int) -> bool:
    """Whether a sentence begins with a name and what it does: "Keystone Ridge machines structural parts …"."""
    verbs, not_subjects = cues.firms()
    for i in range(first, min(first + 6, last)):
        word = words.norm[i]
        if i > first and word in verbs and text[words.start[i]].islower():
            return True
        if word in not_subjects or not (
            text[words.start[i]].isupper() or (i > first and word in ("and", "of", "the", "for"))
        ):
            return False
    return False


def _asks(words: Words, first: int, last: int) -> bool:
    return not cues.words("asks").isdisjoint(words.norm[first:last])


def _is_title(text: str, words: Words, first: int, last: int) -> bool:
    following = text[words.end[last - 1] : words.end[last - 1] + 3]
    return (
        last - first <= 14
        and text[words.start[first]].isupper()
        and "\n" in following
        and text[words.end[last - 1] - 1] not in ".:!?"
        and _heading(text, words, first, last) is None
    )


def _heading(text: str, words: Words, first: int, last: int) -> tuple[SectionKind, int] | None:
    """The heading that the words from `first` on are or begin with: its section and where it ends."""
    norm = words.norm
    rests = cues.headings().get(norm[first])
    if not rests:
        return None
    for rest, kind in rests.items():
        end = first + 1 + len(rest)
        if end > last or tuple(norm[first + 1 : end]) != rest:
            continue
        section = cast(SectionKind, kind)
        if end == last or norm[end] in (":", "?"):
            return section, end
        if all(word in _PLAIN for word in norm[end:last]):
            return section, last
        colon = next((i for i in range(end, min(end + 6, last)) if norm[i] == ":"), None)
        joined = end - first > 1 or norm[end] in ("and", "/", "required", "needed", "for", "(")
        if colon is not None and joined and not any(norm[i] in (",", ".", "in", "with") for i in range(end, colon)):
            return section, colon
        if norm[end] == "-" or norm[end] == "–":
            return section, end
        if norm[end] == "(" and end - first > 1:
            # "Basic Qualifications (Required Skills/Experience)-High school diploma"
            close = next((i for i in range(end, min(end + 8, last)) if norm[i] == ")"), None)
            if close is not None and (close + 1 >= last or norm[close + 1] in (":", "-", "–")):
                return section, close + 1
        written = [text[words.start[i] : words.end[i]] for i in range(first, end)]
        following = text[words.start[end]]
        title = all(w[0].isupper() for w in written if len(w) > 3 or w.isupper())
        shout = all(w.isupper() for w in written) and not text[words.start[end] : words.end[end]].isupper()
        if shout and len(written[0]) > 3:
            return section, end
        if (
            title
            and following.isupper()
            and (len(written) > 1 or written[0].endswith(("ies", "ions", "ments", "fits")))
        ):
            return section, end
    return None


def _heading_at_end(text: str, words: Words, first: int, last: int) -> tuple[SectionKind, int] | None:
    """A short capitalised line that ends with a heading: "Financial Analyst Skills And Qualifications"."""
    if not 2 <= last - first <= _MOST_IN_HEADING:
        return None
    end = last - 1 if words.norm[last - 1] in (":", "?") else last
    written = [text[words.start[i] : words.end[i]] for i in range(first, end)]
    if not all(w[0].isupper() for w in written if len(w) > 3) or text[words.end[end - 1] :][:1] == ".":
        return None
    for at in range(first + 1, end):
        kind = cues.headings().get(words.norm[at], {}).get(tuple(words.norm[at + 1 : end]))
        if kind is not None and (end - at > 1 or words.norm[at].endswith(tuple(cues.words("heading ending")))):
            return cast(SectionKind, kind), last
    return None


def _unknown_heading(text: str, words: Words, first: int, last: int) -> tuple[SectionKind, int] | None:
    """A short line that ends with a colon, judged by its words: "We'd be over the moon if you also have:"."""
    norm = words.norm
    end = next((i for i in range(first, min(first + _MOST_IN_HEADING + 4, last)) if norm[i] == ":"), None)
    if end is None or end - first < 2 or not text[words.start[first]].isupper():
        return None
    line = norm[first:end]
    if end == last - 1 and "\n" in text[words.end[end] : words.end[end] + 3]:
        if len(line) > _MOST_IN_HEADING + 1:
            return None
        last = end + 1
    else:
        # in the middle of a line a heading shows by its capitals: "Key Behaviours and Skills Required to be Successful:"
        long = [i for i in range(first, end) if words.end[i] - words.start[i] > 3]
        capitals = sum(text[words.start[i]].isupper() for i in long)
        if "," in line or capitals < 3 or capitals < 0.8 * len(long):
            return None
        last = end
    for kind, sought in cues.heading_words():
        if any(tuple(line[i : i + len(sought)]) == sought for i in range(len(line))):
            return cast(SectionKind, kind), last
    return None


def _merge(reading: Reading) -> list[Section]:
    """Neighbouring segments of one section and heading become one stretch of the ad."""
    merged: list[Section] = []
    words = reading.words
    for part in reading.segments:
        start, end = words.start[part.first], words.end[part.last - 1]
        if merged and (merged[-1].kind, merged[-1].heading) == (part.section, part.heading):
            merged[-1] = Section(part.section, merged[-1].start, end, part.heading)
        else:
            merged.append(Section(part.section, start, end, part.heading))
    return merged
