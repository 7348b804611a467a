"""Find the skills of the taxonomy in an ad: names, aliases, plurals, lists; words that also mean something else."""

from __future__ import annotations

import re
from collections import Counter

from matcher import cues
from matcher.cues import Context
from matcher.pipeline.reading import Hit, Reading, Segment
from matcher.taxonomy import Brief, Phrase, Taxonomy
from matcher.types import ASKS_NOTHING
from matcher.words import Words, cut

_NEAR_REACH = 10
_GENERAL_REACH = 3
_ENOUGH = 8
_TOOLS = 4
_COMPANY_REACH = 9
_SUBJECTS = re.compile(r"[^.;:\n•]{0,70}")
_WHOLE = frozenset({"degree", "driving", "citizenship", "age", "clearance", "other"})


def read_skills(reading: Reading, taxonomy: Taxonomy) -> None:
    """Fill `reading.hits` with the skills named in the parts of an ad that can ask for something.

    Names that a rule speaks against go to `reading.doubts`, with the rule.
    """
    closed = _closed(reading)
    hits: list[Hit] = []
    for number, part in enumerate(reading.segments):
        found = _segment_hits(reading, number, part, taxonomy)
        if part.section in ASKS_NOTHING:
            for hit in found:
                hit.against = "section"
        hits.extend(found)
    if closed:
        hits = [hit for hit in hits if not any(a <= hit.start and hit.end <= b for a, b in closed)]
    _bear_out(hits, taxonomy)
    _mark_strangers(reading.text, hits, taxonomy)
    hits.sort(key=lambda hit: hit.start)
    reading.hits = [hit for hit in hits if hit.against is None]
    reading.doubts = [hit for hit in hits if hit.against is not None]


def _mark_strangers(text: str, hits: list[Hit], taxonomy: Taxonomy) -> None:
    """Speak against a lone stranger: in an ad for analysts, "stress tests" are not those of a heart.

    A name stays if another skill of its field is asked too, or if it is the skill's own label.
    """
    closed = cues.closed_fields()
    by_field: dict[str | None, set[str]] = {}
    sure = [hit for hit in hits if hit.against is None]
    for hit in sure:
        by_field.setdefault(taxonomy.brief[hit.skill].field, set()).add(hit.skill)
    if sum(map(len, by_field.values())) < _ENOUGH or len(by_field) < 2:
        return
    lone = {next(iter(skills)) for field, skills in by_field.items() if field in closed and len(skills) == 1}
    for hit in sure:
        if hit.skill in lone and text[hit.start : hit.end].lower() != taxonomy.brief[hit.skill].label.lower():
            hit.against = "stranger"


def _bear_out(hits: list[Hit], taxonomy: Taxonomy) -> None:
    """Take in ambiguous names that the rest of the ad bears out: "triage" among other skills of nurses."""
    sure = [hit for hit in hits if hit.against is None]
    fields = Counter(taxonomy.brief[skill].field for skill in {hit.skill for hit in sure})
    tools = Counter(taxonomy.brief[hit.skill].field for hit in sure if hit.type == "tool")
    closed = cues.closed_fields()
    for hit in hits:
        if hit.against == "ambiguous":
            field = taxonomy.brief[hit.skill].field
            enough = closed.get(field or "")
            if (enough is not None and fields[field] >= enough) or (hit.type == "tool" and tools[field] >= _TOOLS):
                hit.against = None


def _closed(reading: Reading) -> list[tuple[int, int]]:
    """Stretches where a name is no skill: barriers, and the fields that a degree may be in."""
    closed: list[tuple[int, int]] = []
    text = reading.text
    for barrier in reading.barriers:
        if barrier.kind in _WHOLE:
            closed.append((barrier.start, barrier.end))
        if barrier.kind == "degree":
            school = barrier.text.lower().startswith(tuple(cues.words("school")))
            line = reading.segments[reading.segment_at(barrier.start)]
            stop = max(barrier.end, reading.words.end[line.last - 1])
            field = (_SUBJECTS if school else cues.field_of_study()).match(text, barrier.end, stop)
            if field:
                closed.append((barrier.end, field.end()))
    return closed


def _segment_hits(reading: Reading, number: int, part: Segment, taxonomy: Taxonomy) -> list[Hit]:
    """Names in one segment, with what speaks against them."""
    words = reading.words
    norm = words.norm
    hits: list[Hit] = []
    doubtful: list[tuple[Hit, Phrase]] = []
    firsts = taxonomy.first_words
    i = part.first
    last = part.last
    while i < last:
        if norm[i] not in firsts:
            i += 1
            continue
        found = taxonomy.phrases(norm[i])
        if found is None:
            i += 1
            continue
        step = 1
        by_rest = found.by_rest
        # most words that begin a name are not followed by any word that goes on with one
        goes_on = i + 1 < last and norm[i + 1] in found.seconds
        for length in found.lengths if goes_on else (0,):
            stop = i + 1 + length
            if stop > last:
                continue
            row = by_rest.get(" ".join(norm[i + 1 : stop]))
            if row is None:
                continue
            phrase = Phrase(row[0], row[1], bool(row[2]), row[3])
            hit = _hit(words, i, stop, taxonomy.brief[phrase.skill], number, "inventory", phrase.shown)
            if hit.type != "credential" and _names_people(norm, part, stop, hit.type):
                hit.against = "people"
            elif _is_department(norm, part, i, stop):
                hit.against = "department"
            if hit.against:
                hits.append(hit)
                step = stop - i
                break
            if len(phrase.surface) <= 5 and length == 0 and _lower_acronym(reading, hit, phrase):
                continue
            if phrase.ambiguous:
                if _blocked(reading, part, hit, phrase):
                    hit.against = "words beside it"
                    hits.append(hit)
                    continue
                doubtful.append((hit, phrase))
            hits.append(hit)
            shared = _shared_head(reading, part, hit, taxonomy)
            if shared:
                hits.append(shared)
            step = stop - i
            break
        i += step
    if doubtful:
        sure = {(hit.first, hit.last) for hit in hits if hit.against is None}
        sure -= {(hit.first, hit.last) for hit, _ in doubtful}
        for hit, phrase in doubtful:
            if not _borne_out(reading, part, hit, phrase, taxonomy.brief[hit.skill].label, sure, hits):
                # a rule of its own knows better than the rest of the ad
                hit.against = "no word for it" if phrase.surface.lower() in cues.contexts() else "ambiguous"
    hits.sort(key=lambda hit: hit.start)
    return hits


def _is_department(norm: list[str], part: Segment, first: int, stop: int) -> bool:
    """Whether the name is one with whom somebody works: "partner with Sales, Finance and Legal"."""
    if part.section in ("requirements", "preferred", "title") or " ".join(norm[first:stop]) not in cues.departments():
        return False
    before = norm[max(part.first, first - _COMPANY_REACH) : first]
    if not cues.words("works with").isdisjoint(before):
        return cues.words("asked for").isdisjoint(before)
    return False


def _lower_acronym(reading: Reading, hit: Hit, phrase: Phrase) -> bool:
    """Whether a short abbreviation of something other than a tool stands in small letters ("me", "post")."""
    return (
        hit.type != "tool" and phrase.surface.isupper() and not reading.text[hit.start : hit.end].rstrip("s").isupper()
    )


def _names_people(norm: list[str], part: Segment, stop: int, kind: str) -> bool:
    """Whether the next word makes the name a colleague, a team or a firm ("the marketing team")."""
    if stop >= part.last or norm[stop] not in cues.titles():
        return False
    if part.section == "title" or kind == "tool":
        return False
    # "experience as a bookkeeping assistant" asks for it all the same
    return cues.words("in a job").isdisjoint(norm[max(part.first, stop - 6) : stop])


def _shared_head(reading: Reading, part: Segment, hit: Hit, taxonomy: Taxonomy) -> Hit | None:
    """The first half of "written and verbal communication", where only the second is a name."""
    norm = reading.words.norm
    at = hit.first - 2
    if hit.last - hit.first < 2 or at < part.first:
        return None
    if norm[hit.first - 1] not in (",", "/") and norm[hit.first - 1] not in cues.words("joins"):
        return None
    found = taxonomy.find([norm[at], *norm[hit.first + 1 : hit.last]])
    if found is None or found.ambiguous or found.skill == hit.skill:
        return None
    return _hit(reading.words, at, at + 1, taxonomy.brief[found.skill], hit.segment, "shared head", found.shown)


def _hit(words: Words, first: int, last: int, skill: Brief, segment: int, source: str, shown: str) -> Hit:
    return Hit(first, last, words.start[first], words.end[last - 1], skill.id, shown, skill.type, segment, source)


def _rules(phrase: Phrase, kind: str) -> tuple[Context, Context]:
    """The rule for this surface, and the one for all; languages have one of their own."""
    table = cues.contexts()
    general = table["*"]
    own = table.get(phrase.surface.lower())
    return own or (table["*language"] if kind == "language" else general), general


def _blocked(reading: Reading, part: Segment, hit: Hit, phrase: Phrase) -> bool:
    """Whether case or the words beside it say that an ambiguous word is not the skill."""
    rule, general = _rules(phrase, hit.type)
    written = reading.text[hit.start : hit.end]
    surface = phrase.surface
    if rule.exact and not surface.islower():
        shouted = written.isupper() and len(written) > 2
        # plurals and spellings differ in letters, not in the capital they begin with
        if not (written == surface or shouted or (len(written) != len(surface) and written[:1] == surface[:1])):
            return True
    norm = reading.words.norm
    if len(surface) == 1 and _in_shorthand(norm, hit):
        return True
    if hit.type == "tool" and rule.exact and _in_proper_name(reading, part, hit, general):
        return True
    after = norm[hit.last] if hit.last < len(norm) else ""
    before = norm[hit.first - 1] if hit.first > part.first else ""
    for rules in (rule, general) if hit.type == "tool" else (rule,):
        for block in rules.next.get(after, ()):
            if tuple(norm[hit.last : hit.last + len(block)]) == block:
                return True
        for block in rules.prev.get(before, ()):
            if tuple(norm[max(part.first, hit.first - len(block)) : hit.first]) == block:
                return True
    return False


def _in_shorthand(norm: list[str], hit: Hit) -> bool:
    """Whether a letter is half of "C/F" or "P/L"; "C/C++" and "R/SAS" are none."""
    after, before = norm[hit.last : hit.last + 2], norm[max(0, hit.first - 2) : hit.first]
    return (after[:1] == ["/"] and len(after[-1]) == 1 and after[-1].isalpha()) or (
        before[-1:] == ["/"] and len(before[0]) == 1 and before[0].isalpha()
    )


def _in_proper_name(reading: Reading, part: Segment, hit: Hit, general: Context) -> bool:
    """Whether a capital follows at once, as in a firm's name: "Oracle Outdoor Supply"."""
    words, text = reading.words, reading.text
    if text[hit.end : hit.end + 1].isalnum() and (hit.first == part.first or hit.last < part.last):
        # glued to more: "ChefLedger"; what ends a line that lost its break is not ("in ExcelPerson specification")
        return True
    if hit.last >= part.last or text[words.end[hit.last - 1] : words.start[hit.last]] != " ":
        return False
    following = text[words.start[hit.last] : words.end[hit.last]]
    word = words.norm[hit.last]
    return (
        following[:1].isupper()
        and not following.isupper()
        and part.section in ("none", "about", "title")
        and word not in general.near
        and word not in cues.titles()
    )


def _borne_out(
    reading: Reading, part: Segment, hit: Hit, phrase: Phrase, label: str, sure: set[tuple[int, int]], hits: list[Hit]
) -> bool:
    """Whether the words around an ambiguous name bear out that the skill is meant."""
    rule, general = _rules(phrase, hit.type)
    norm = reading.words.norm
    if rule.alone:
        return True
    if phrase.surface.lower() not in cues.contexts() and phrase.surface.lower() == label.lower():
        # the skill's own name, not some other word for it: under a heading that asks it mostly means what it says
        if part.section in ("requirements", "preferred") or hit.last - hit.first > 1:
            return True
    # the words of its own rule may stand some way off, the general ones ("experience") only close by
    for near, reach in ((rule.near, _NEAR_REACH), (general.near, _GENERAL_REACH)):
        if (rule is general and reach == _NEAR_REACH) or (rule.near and near is general.near):
            continue
        window = (
            norm[max(part.first, hit.first - reach) : hit.first] + norm[hit.last : min(part.last, hit.last + reach)]
        )
        if any(word in near for word in window):
            return True
    if part.section == "title" and any(word in general.near for word in norm[part.first : part.last]):
        return True
    # a neighbour in a list: "Go, Rust and Java"
    separators = cues.separators()
    before, after = hit.first - 1, hit.last
    while before >= part.first and norm[before] in separators:
        before -= 1
    while after < part.last and norm[after] in separators:
        after += 1
    neighbours = {
        other.type
        for other in hits
        if (other.first, other.last) in sure
        and ((other.last == before + 1 and before < hit.first - 1) or (other.first == after and after > hit.last))
    }
    if neighbours & ({"tool"} if hit.type == "tool" else {hit.type}):
        return True
    # a line of its own under a heading that asks
    return part.section in ("requirements", "preferred") and part.last - part.first == hit.last - hit.first


def names_in(text: str, taxonomy: Taxonomy) -> list[str]:
    """Skills that a short text names (a tag, a title, a line of a list), without asking who wants them.

    Examples
    --------
    >>> from matcher.taxonomy import load
    >>> names_in("Python for SQL users", load())
    ['python', 'sql']
    """
    words = cut(text, taxonomy.vocabulary.__contains__)
    reading = Reading(text, words, [Segment(0, len(words), "requirements", None)])
    hits = _segment_hits(reading, 0, reading.segments[0], taxonomy)
    return list(dict.fromkeys(hit.skill for hit in hits if hit.against is None))
