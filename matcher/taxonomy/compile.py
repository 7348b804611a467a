"""`Skill`s -> one SQLite file: skills, their phrases (with plurals and spellings), their links."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import lru_cache
from typing import Any

from matcher import cues
from matcher.errors import CorpusError
from matcher.types import Skill
from matcher.words import cut

_BRACKET = re.compile(r"\s*\(([^()]*)\)\s*")


def surfaces(skill: Skill) -> Iterator[str]:
    """Label and aliases as written; a bracketed abbreviation counts as one more."""
    for name in (skill.label, *skill.aliases):
        yield name
        bracket = _BRACKET.search(name)
        if bracket:
            bare = _BRACKET.sub(" ", name).strip()
            if bare:
                yield bare
            inside = bracket.group(1).strip()
            if 2 <= len(inside) <= 8 and inside.isupper():
                yield inside


def variants(surface: str, bare: bool = False) -> list[tuple[tuple[str, ...], bool]]:
    """All word sequences under which `surface` is found, the one as written first.

    The one word that is a product's or a trait's name has no plural: "Rails" is not "rail", nor are
    "initiatives" anybody's initiative.

    >>> [" ".join(w) for w, _ in variants("organising work rotas")]
    ['organising work rotas', 'organising work rota', 'organizing work rotas', 'organizing work rota']
    """
    base = _cut(surface)
    if not base:
        return []
    found = {base: True}
    if "-" in surface:
        found.setdefault(tuple(cut(surface.replace("-", "")).norm), False)
    for words in _verbal(base):
        found.setdefault(words, False)
    for words in list(found):
        last = words[-1]
        if len(last) > 3 and last.isalpha() and not (len(words) == 1 and (surface.isupper() or bare)):
            found.setdefault((*words[:-1], _other_number(last)), False)
    if len(base) == 1 and surface.isupper() and surface.isalpha() and len(surface) > 2 and not bare:
        found.setdefault((base[0] + "s",), False)
    for words in list(found):
        if not any(map(_has_two_ways, words)):
            continue
        line = " ".join(words)
        for british, american in cues.spelling_pairs():
            for one, other in ((british, american), (american, british)):
                if one in line:
                    found.setdefault(tuple(line.replace(one, other).split(" ")), False)
    return list(found.items())


@lru_cache(maxsize=1)
def _two_ways() -> re.Pattern[str]:
    """Any part of a word that has another spelling."""
    return re.compile("|".join(re.escape(part) for pair in cues.spelling_pairs() for part in pair))


@lru_cache(maxsize=100_000)
def _has_two_ways(word: str) -> bool:
    """Whether a word has another spelling: most have none, and trying each pair takes most of the time."""
    return _two_ways().search(word) is not None


@lru_cache(maxsize=1000)
def _cut(name: str) -> tuple[str, ...]:
    """The words of a name, which is asked for several times on end."""
    return tuple(cut(name).norm)


@lru_cache(maxsize=1)
def _by_first_word() -> dict[str, list[tuple[str, str]]]:
    """Verb and gerund of an activity, by either of them, in the file's order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for noun, (verb, gerund) in cues.verb_forms().items():
        found.setdefault(gerund, []).append((verb, gerund))
        if noun != verb and verb != gerund:
            found.setdefault(verb, []).append((verb, gerund))
    return found


def _verbal(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Ways in which ads put a name as something one does.

    >>> [" ".join(w) for w in _verbal(("stock", "control"))]
    ['control stock', 'controlling stock', 'control of stock']
    >>> [" ".join(w) for w in _verbal(("administering", "medication"))]
    ['administer medication']
    """
    forms = cues.verb_forms()
    if 2 <= len(words) <= 3 and words[-1] in forms:
        verb, gerund = forms[words[-1]]
        thing = words[:-1]
        yield (verb, *thing)
        yield (gerund, *thing)
        yield (words[-1], "of", *thing)
    if len(words) >= 2:
        for verb, gerund in _by_first_word().get(words[0], ()):
            yield (verb if words[0] == gerund else gerund, *words[1:])


def _other_number(word: str) -> str:
    """Plural of a singular, singular of a plural; good enough for the last word of a name."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith(("ss", "us", "is", "ics")):
        return word if word.endswith(("us", "is", "ics")) else word + "es"
    if word.endswith("s"):
        return word[:-1]
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("sh", "ch", "x")):
        return word + "es"
    return word + "s"


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer  # only compiling needs it

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


def _stems(name: str) -> set[str]:
    """What a name is about: its words without endings and without those that say nothing."""
    return {_stem(word) for word in _cut(name) if word[0].isalnum()} - cues.words("says nothing")


def shown(skill: Skill, surface: str) -> str:
    """Under what name an ad's words are reported: the skill's label, or their own where that says less.

    Ads ask for "case conferences"; that the inventory keeps these under "Multi-agency child meetings"
    is no reason to put other words into the employer's mouth.

    >>> meetings = Skill("multi-agency-child-meetings", "Multi-agency child meetings", aliases=("case conferences",))
    >>> shown(meetings, "case conferences"), shown(meetings, "child meetings")
    ('Case conferences', 'Multi-agency child meetings')
    """
    if skill.type not in ("hard", "knowledge") or surface == skill.label:
        return skill.label
    first = _cut(surface)[:1]
    is_abbreviation = len(surface) < 7 and 2 * sum(map(str.isupper, surface)) > len(surface)
    is_task = bool(first) and (
        (first[0] in cues.task_verbs() and not first[0].endswith("ing")) or first[0].endswith("ed")
    )
    if is_abbreviation or is_task or _stems(surface) <= _stems(skill.label):
        return skill.label
    return surface[:1].upper() + surface[1:]


def compile_skills(
    db: sqlite3.Connection, skills: Iterable[Skill], name: str, crosswalk: Iterable[tuple[str, str, str, str]] = ()
) -> None:
    """Write the compiled form of `skills` into an empty database.

    Where two skills share a phrase, a name as written stands before a variant, a label before an
    alias, and the earlier skill before the later. Groups have a place in the hierarchy and no phrases.
    """
    db.executescript(
        """CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
        CREATE TABLE skill (id TEXT PRIMARY KEY, label TEXT, type TEXT, field TEXT, json TEXT);
        CREATE TABLE grouping (id TEXT PRIMARY KEY, label TEXT, json TEXT);
        CREATE TABLE phrase (first TEXT, rest TEXT, more INT, skill TEXT, surface TEXT, ambiguous INT,
                             shown TEXT, PRIMARY KEY (first, rest)) WITHOUT ROWID;
        CREATE TABLE word (word TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE link (child TEXT, parent TEXT, PRIMARY KEY (child, parent)) WITHOUT ROWID;
        CREATE INDEX link_parent ON link (parent);
        CREATE TABLE related (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
        CREATE TABLE crosswalk (skill TEXT, scheme TEXT, code TEXT, match TEXT,
                                PRIMARY KEY (skill, scheme, code)) WITHOUT ROWID;
        CREATE TABLE uri (uri TEXT PRIMARY KEY, skill TEXT) WITHOUT ROWID;"""
    )
    entries: dict[str, Skill] = {}
    for skill in skills:
        entries.setdefault(skill.id, skill)
    unique = {id: skill for id, skill in entries.items() if not skill.group}
    groups = [skill for skill in entries.values() if skill.group]
    rows: list[tuple[int, str, str, int, str, str, int, str]] = []
    for skill in unique.values():
        ambiguous = {item.lower() for item in skill.ambiguous}
        for place, surface in enumerate(surfaces(skill)):
            said = shown(skill, surface)
            flag = int(surface.lower() in ambiguous)
            for sequence, written in variants(surface, skill.type in ("tool", "soft")):
                rank = (0 if place == 0 else 1) + (0 if written else 10)
                rest = " ".join(sequence[1:])
                rows.append((rank, sequence[0], rest, len(sequence) - 1, skill.id, surface, flag, said))
    rows.sort(key=lambda row: row[0])
    phrases: dict[tuple[str, str], tuple[str, str, int, str, str, int, str]] = {}
    for row in rows:
        phrases.setdefault((row[1], row[2]), row[1:])
    # in the order of the key, which is far quicker for the index than the order of rank
    db.executemany("INSERT INTO phrase VALUES (?,?,?,?,?,?,?)", (phrases[key] for key in sorted(phrases)))
    vocabulary = {word for first, rest in phrases for word in (first, *rest.split())}
    db.executemany("INSERT INTO word VALUES (?)", ((word,) for word in sorted(vocabulary)))
    db.executemany("INSERT INTO skill VALUES (?,?,?,?,?)", ((s.id, s.label, s.type, s.field, _json(s)) for s in unique.values()))  # fmt: skip
    db.executemany("INSERT INTO grouping VALUES (?,?,?)", ((s.id, s.label, _json(s)) for s in groups))
    by_label: dict[str, str] = {}
    for s in entries.values():
        by_label.setdefault(s.label.lower(), s.id)

    def known(name: str) -> str | None:
        """A skill named by its id, else by its label."""
        return name if name in entries else by_label.get(name.lower())

    links = {(s.id, parent) for s in entries.values() for name in s.broader if (parent := known(name))}
    links |= {(part, s.id) for s in entries.values() for name in s.parts if (part := known(name))}
    links = {link for link in links if link[0] != link[1]}
    _no_cycle(links, name)
    db.executemany("INSERT INTO link VALUES (?,?)", sorted(links))
    pairs = {(s.id, other) for s in unique.values() for name in s.related if (other := known(name)) in unique and other}
    db.executemany("INSERT INTO related VALUES (?,?)", sorted(pairs | {(b, a) for a, b in pairs}))
    walked = sorted({row for row in crosswalk if row[0] in entries})
    db.executemany("INSERT OR IGNORE INTO crosswalk VALUES (?,?,?,?)", walked)
    # a concept that is exactly or closely one of ours can be found by its URI
    known_uris = [(s.uri, s.id) for s in entries.values() if s.uri]
    for kind in ("exact", "close"):
        known_uris += [(row[2], row[0]) for row in walked if row[3] == kind and "://" in row[2]]
    db.executemany("INSERT OR IGNORE INTO uri VALUES (?,?)", known_uris)
    db.executemany(
        "INSERT INTO meta VALUES (?,?)",
        [
            ("name", name),
            ("skills", str(len(unique))),
            ("aliases", str(sum(len(s.aliases) for s in unique.values()))),
            ("groups", str(len(groups))),
        ],
    )


def _no_cycle(links: Iterable[tuple[str, str]], name: str) -> None:
    from matcher.taxonomy.check import cycles

    upwards: dict[str, list[str]] = {}
    for child, parent in sorted(links):
        upwards.setdefault(child, []).append(parent)
    found = cycles(upwards)
    if found:
        shown = "; ".join(" -> ".join(cycle[:6]) + (" -> …" if len(cycle) > 6 else "") for cycle in found[:3])
        raise CorpusError(
            "cycle", f"{name}: skills that are broader than themselves: {shown}",
            "a hierarchy without cycles", "take one of these out of broader or parts",
        )  # fmt: skip


_FIELDS = tuple(field.name for field in fields(Skill))


def _json(skill: Skill) -> str:
    """What is known of a skill; `dataclasses.asdict` copies deeply, which is slow for thousands."""
    return json.dumps({name: getattr(skill, name) for name in _FIELDS}, ensure_ascii=False)
