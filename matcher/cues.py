"""The cue files of ``corpora/cues``: headings, need cues, levels, contexts, barriers, spelling."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import lru_cache
from typing import Any, NamedTuple

from matcher import store
from matcher.errors import CorpusError
from matcher.words import cut

_MARKS = frozenset(",;:/()&")
HEAD = 3
"""Letters by which a trigger of a barrier is looked up among the words of an ad."""

# a word begins here, or a line that lost its break does: "knowledgeBachelor's in", "looking for3+ years"
_EDGE = r"(?:(?<!\w)|(?-i:(?<=[a-z)])(?=[A-Z0-9])))"

Trie = dict[str, dict[tuple[str, ...], str]]
"""First word -> {following words: value}, longest first."""


class NeedCue(NamedTuple):
    """A phrase that decides a need: where it looks, how far, and until which word."""

    text: str
    need: str
    direction: str
    scope: str
    until: frozenset[str]


class Context(NamedTuple):
    """When an ambiguous surface is the skill: its case, words near by, words beside it."""

    exact: bool
    near: frozenset[str]
    next: dict[str, list[tuple[str, ...]]]
    prev: dict[str, list[tuple[str, ...]]]
    alone: bool


class CountryCue(NamedTuple):
    """Words that show which country an ad is from, and how much they tell."""

    country: str
    weight: int
    kind: str
    words: str


class BarrierPattern(NamedTuple):
    """A pattern for one kind of barrier; `words` are its triggers, each with the letters its first word begins with."""

    kind: str
    words: tuple[tuple[str, str], ...]
    pattern: re.Pattern[str]


@lru_cache(maxsize=None)
def _rows(name: str) -> list[dict[str, str]]:
    path = store.corpora() / "cues" / name
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise CorpusError(
            "cues", f"{path}: {error}", "the cue file that comes with matcher", "install matcher again"
        ) from error


def make_trie(pairs: list[tuple[str, str]]) -> Trie:
    """Build a trie from (phrase, value) pairs; the first value of a phrase stands."""
    trie: Trie = {}
    for phrase, value in pairs:
        first, *rest = cut(phrase).norm
        trie.setdefault(first, {}).setdefault(tuple(rest), value)
    return {first: dict(sorted(rests.items(), key=lambda item: -len(item[0]))) for first, rests in trie.items()}


@lru_cache(maxsize=None)
def headings() -> Trie:
    """Headings -> kind of section."""
    return make_trie([(row["heading"], row["section"]) for row in _rows("headings.csv")])


@lru_cache(maxsize=None)
def heading_words() -> list[tuple[str, tuple[str, ...]]]:
    """Section and words that tell it in a heading that is not in the list, in their order of precedence."""
    return [(row["section"], tuple(cut(row["word"]).norm)) for row in _rows("heading_words.csv")]


@lru_cache(maxsize=None)
def segments() -> Trie:
    """Phrases that tell what a single line is about, whatever its heading."""
    return make_trie([(row["phrase"], row["section"]) for row in _rows("segments.csv")])


@lru_cache(maxsize=None)
def levels() -> Trie:
    """Cues for the level that is asked."""
    return make_trie([(row["cue"], row["level"]) for row in _rows("levels.csv")])


@lru_cache(maxsize=None)
def need_cues() -> tuple[Trie, list[NeedCue]]:
    """Need cues as a trie of indices into the list, and the list; pseudo-cues have the value ``-1``."""
    cues = [
        NeedCue(
            row["cue"], row["need"], row["direction"], row["scope"],
            frozenset(filter(None, (row["until"] or "").split("|"))),
        )
        for row in _rows("needs.csv")
    ]  # fmt: skip
    pseudo = [(row["words"], "-1") for row in _rows("terminators.csv") if row["kind"] == "pseudo"]
    return make_trie(pseudo + [(cue.text, str(n)) for n, cue in enumerate(cues)]), cues


@lru_cache(maxsize=None)
def terminators() -> frozenset[str]:
    """Words that end the scope of a cue."""
    return frozenset(row["words"] for row in _rows("terminators.csv") if row["kind"] == "clause")


@lru_cache(maxsize=None)
def contexts() -> dict[str, Context]:
    """Rules for ambiguous surfaces; ``*`` holds for those without a rule of their own."""

    def phrases(cell: str, nearest: int) -> dict[str, list[tuple[str, ...]]]:
        # by the word that stands beside the surface
        table: dict[str, list[tuple[str, ...]]] = {}
        for item in filter(None, cell.split("|")):
            words = tuple(cut(item).norm)
            table.setdefault(words[nearest], []).append(words)
        return table

    return {
        row["surface"].lower(): Context(
            row["case"] == "exact", frozenset(filter(None, row["near"].split("|"))),
            phrases(row["not_next"], 0), phrases(row["not_prev"], -1), row["alone"] == "yes",
        )
        for row in _rows("contexts.csv")
    }  # fmt: skip


class SpanWords(NamedTuple):
    """What a proposal may begin after, end before, leave out, never consist of, and never hold."""

    after: dict[str, list[tuple[str, ...]]]
    stop: frozenset[str]
    trim: frozenset[str]
    generic: frozenset[str]
    spoil: frozenset[str]


@lru_cache(maxsize=None)
def span_words() -> SpanWords:
    """Words around proposals of skills that the inventory does not have."""
    by_kind: dict[str, list[str]] = {}
    for row in _rows("spans.csv"):
        by_kind.setdefault(row["kind"], []).append(row["words"])
    after: dict[str, list[tuple[str, ...]]] = {}
    for phrase in sorted(by_kind["after"], key=lambda p: -len(p.split())):
        first, *rest = cut(phrase).norm
        after.setdefault(first, []).append(tuple(rest))
    return SpanWords(after, *(frozenset(by_kind[kind]) for kind in ("stop", "trim", "generic", "spoil")))


@lru_cache(maxsize=None)
def firms() -> tuple[frozenset[str], frozenset[str]]:
    """Verbs with which a firm tells of itself, and subjects that are no firm."""
    rows = _rows("firms.csv")
    return (
        frozenset(row["word"] for row in rows if row["kind"] == "verb"),
        frozenset(row["word"] for row in rows if row["kind"] == "not_subject"),
    )


@lru_cache(maxsize=None)
def starters() -> frozenset[str]:
    """Words which, with a capital in the middle of a line, begin a new item of a list that lost its breaks."""
    return frozenset(row["word"] for row in _rows("starters.csv"))


@lru_cache(maxsize=None)
def closed_fields() -> dict[str, int]:
    """Fields of work whose names mean something else where nothing else of the field is asked.

    The number says how many other skills of the field bear an ambiguous one out.
    """
    return {row["field"]: int(row["company"]) for row in _rows("fields.csv")}


@lru_cache(maxsize=None)
def departments() -> frozenset[str]:
    """Names that are departments as well as skills: "work with Marketing and Finance"."""
    return frozenset(row["name"] for row in _rows("departments.csv"))


@lru_cache(maxsize=None)
def words(name: str) -> frozenset[str]:
    """One of the small word lists of ``words.csv``."""
    return frozenset(row["word"] for row in _rows("words.csv") if row["list"] == name)


@lru_cache(maxsize=None)
def separators() -> frozenset[str]:
    """What stands between the items of a list: marks, and the words that join two items."""
    return _MARKS | words("joins")


@lru_cache(maxsize=None)
def numbers() -> dict[str, int]:
    """Numbers that ads write as words: "three" -> 3."""
    return {row["word"]: int(row["number"]) for row in _rows("numbers.csv")}


@lru_cache(maxsize=None)
def own_levels() -> dict[str, str]:
    """How people name their own level -> ours."""
    return {row["word"]: row["level"] for row in _rows("own_levels.csv")}


@lru_cache(maxsize=None)
def common() -> dict[str, float]:
    """Skill -> how common it is among occupations, from 0 (asked for in one group of them) to 1 (in all)."""
    return {row["skill"]: (int(row["groups"]) - 1) / (int(row["of"]) - 1) for row in _rows("common.csv")}


@lru_cache(maxsize=None)
def titles() -> frozenset[str]:
    """Words that make the name before them a colleague, a team or a firm: "marketing team"."""
    return frozenset(row["word"] for row in _rows("titles.csv"))


@lru_cache(maxsize=None)
def barriers() -> list[BarrierPattern]:
    """Barrier patterns in their order of precedence."""
    return [
        BarrierPattern(
            entry["kind"],
            tuple((word, _head(word)) for word in entry["words"]),
            re.compile(f"{_EDGE}(?:{entry['pattern']})", 0 if entry.get("case") else re.IGNORECASE),
        )
        for entry in _barrier_file()["barrier"]
    ]


@lru_cache(maxsize=None)
def field_of_study() -> re.Pattern[str]:
    """What follows a degree and names its field, which is no skill that is asked for: group ``field``."""
    return re.compile(_barrier_file()["field_of_study"]["pattern"], re.IGNORECASE)


@lru_cache(maxsize=None)
def _barrier_file() -> dict[str, Any]:
    with (store.corpora() / "cues" / "barriers.toml").open("rb") as file:
        return tomllib.load(file)


def _head(trigger: str) -> str:
    """The first letters of a trigger, empty where they are too few to look it up by."""
    head = trigger.strip()[:HEAD].lower()
    return head if head.isalpha() and len(head) == HEAD else ""


@lru_cache(maxsize=None)
def verb_forms() -> dict[str, tuple[str, str]]:
    """Noun of an activity -> its verb and gerund: "management" -> ("manage", "managing")."""
    return {row["noun"]: (row["verb"], row["gerund"]) for row in _rows("forms.csv")}


@lru_cache(maxsize=None)
def task_verbs() -> frozenset[str]:
    """Words with which a line that names a task begins."""
    forms = (word for verb, gerund in verb_forms().values() for word in (verb, verb + "s", gerund))
    return frozenset(forms) | {row["word"] for row in _rows("tasks.csv")}


@lru_cache(maxsize=None)
def spelling_pairs() -> tuple[tuple[str, str], ...]:
    """British and American spellings of word parts."""
    return tuple((row["british"], row["american"]) for row in _rows("spelling.csv"))


@lru_cache(maxsize=None)
def countries() -> dict[str, tuple[CountryCue, ...]]:
    """Cues for the country by their first word, as `cut` makes it of whole and of glued text; signs under ``""``."""
    found: dict[str, list[CountryCue]] = {}
    for row in _rows("countries.csv"):
        words = row["cue"].lower() if row["kind"] == "any" else row["cue"]
        # a sign may stand close to its amount, so that it is no word of its own
        firsts = {cut(words).norm[0], re.findall(r"\w+", words.lower())[0]} if row["kind"] != "sign" else {""}
        for first in firsts:
            found.setdefault(first, []).append(CountryCue(row["country"], int(row["weight"]), row["kind"], words))
    return {first: tuple(cues) for first, cues in found.items()}
