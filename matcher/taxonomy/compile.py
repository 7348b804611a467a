"""`Skill`s -> one SQLite file: skills, their phrases (with plurals and spellings), their links."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from matcher import cues
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
    base = tuple(cut(surface).norm)
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
        line = " ".join(words)
        for british, american in cues.spelling_pairs():
            for one, other in ((british, american), (american, british)):
                if one in line:
                    found.setdefault(tuple(line.replace(one, other).split(" ")), False)
    return list(found.items())


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
        for noun, (verb, gerund) in forms.items():
            if words[0] == gerund:
                yield (verb, *words[1:])
            elif words[0] == verb and noun != verb:
                yield (gerund, *words[1:])


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
    return {_stem(word) for word in cut(name).norm if word[0].isalnum()} - cues.words("says nothing")


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
    capitals = sum(letter.isupper() for letter in surface)
    first = cut(surface).norm[:1]
    is_abbreviation = len(surface) < 7 and capitals * 2 > len(surface)
    is_task = bool(first) and (
        (first[0] in cues.task_verbs() and not first[0].endswith("ing")) or first[0].endswith("ed")
    )
    if is_abbreviation or is_task or _stems(surface) <= _stems(skill.label):
        return skill.label
    return surface[:1].upper() + surface[1:]


def compile_skills(db: sqlite3.Connection, skills: Iterable[Skill], name: str) -> None:
    """Write the compiled form of `skills` into an empty database.

    Where two skills share a phrase, a name as written stands before a variant, a label before an
    alias, and the earlier skill before the later.
    """
    db.executescript(
        """CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
        CREATE TABLE skill (id TEXT PRIMARY KEY, label TEXT, type TEXT, field TEXT, json TEXT);
        CREATE TABLE phrase (first TEXT, rest TEXT, more INT, skill TEXT, surface TEXT, ambiguous INT,
                             shown TEXT, PRIMARY KEY (first, rest)) WITHOUT ROWID;
        CREATE TABLE word (word TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE link (child TEXT, parent TEXT, PRIMARY KEY (child, parent)) WITHOUT ROWID;
        CREATE INDEX link_parent ON link (parent);
        CREATE TABLE related (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;"""
    )
    unique: dict[str, Skill] = {}
    for skill in skills:
        unique.setdefault(skill.id, skill)
    rows: list[tuple[int, str, str, int, str, str, int, str]] = []
    for skill in unique.values():
        ambiguous = {item.lower() for item in skill.ambiguous}
        for place, surface in enumerate(surfaces(skill)):
            name = shown(skill, surface)
            flag = int(surface.lower() in ambiguous)
            for sequence, written in variants(surface, skill.type in ("tool", "soft")):
                rank = (0 if place == 0 else 1) + (0 if written else 10)
                rest = " ".join(sequence[1:])
                rows.append((rank, sequence[0], rest, len(sequence) - 1, skill.id, surface, flag, name))
    rows.sort(key=lambda row: row[0])
    db.executemany("INSERT OR IGNORE INTO phrase VALUES (?,?,?,?,?,?,?)", (row[1:] for row in rows))
    vocabulary = {word for row in rows for word in (row[1], *row[2].split())}
    db.executemany("INSERT INTO word VALUES (?)", ((word,) for word in sorted(vocabulary)))
    db.executemany(
        "INSERT INTO skill VALUES (?,?,?,?,?)",
        ((s.id, s.label, s.type, s.field, json.dumps(asdict(s), ensure_ascii=False)) for s in unique.values()),
    )
    links = {(s.id, parent) for s in unique.values() for parent in s.broader if parent in unique}
    links |= {(part, s.id) for s in unique.values() for part in s.parts if part in unique}
    db.executemany("INSERT INTO link VALUES (?,?)", sorted(link for link in links if link[0] != link[1]))
    pairs = {(s.id, other) for s in unique.values() for other in s.related if other in unique}
    db.executemany("INSERT INTO related VALUES (?,?)", sorted(pairs | {(b, a) for a, b in pairs}))
    db.executemany(
        "INSERT INTO meta VALUES (?,?)",
        [("name", name), ("skills", str(len(unique))), ("aliases", str(sum(len(s.aliases) for s in unique.values())))],
    )
