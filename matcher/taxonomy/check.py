"""Check a taxonomy: ids, links, shadowing names, cycles. Every finding is one line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from matcher.taxonomy.compile import surfaces
from matcher.types import Skill
from matcher.words import cut

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def validate(skills: Iterable[Skill]) -> list[str]:
    """Findings, empty if all is well.

    >>> validate([Skill("a", "A thing", broader=("b",))])
    ['a: broader names b, which is no skill']
    """
    found: list[str] = []
    by_id: dict[str, Skill] = {}
    names: dict[tuple[str, ...], str] = {}
    skills = list(skills)
    for skill in skills:
        if skill.id in by_id:
            found.append(f"{skill.id}: the id stands twice ({by_id[skill.id].label!r} and {skill.label!r})")
        by_id[skill.id] = skill
        if not _ID.fullmatch(skill.id):
            found.append(f"{skill.id}: the id is no slug (lower-case letters, digits, single hyphens)")
        for surface in dict.fromkeys(surfaces(skill)):
            words = tuple(cut(surface).norm)
            if not words:
                found.append(f"{skill.id}: {surface!r} holds no word")
            elif names.setdefault(words, skill.id) != skill.id:
                found.append(f"{skill.id}: {surface!r} already names {names[words]}")
        own = {surface.lower() for surface in surfaces(skill)}
        for surface in skill.ambiguous:
            if surface.lower() not in own:
                found.append(f"{skill.id}: ambiguous names {surface!r}, which is neither label nor alias")
    for skill in skills:
        for column in ("broader", "parts", "related"):
            for other in getattr(skill, column):
                if other not in by_id:
                    found.append(f"{skill.id}: {column} names {other}, which is no skill")
                elif other == skill.id:
                    found.append(f"{skill.id}: {column} names itself")
    links: dict[str, list[str]] = defaultdict(list)
    for skill in skills:
        links[skill.id].extend(skill.broader)
        for part in skill.parts:
            links[part].append(skill.id)
    found.extend(f"cycle: {' -> '.join(cycle)}" for cycle in cycles(links))
    return found


def validate_crosswalk(rows: Iterable[tuple[str, str, str, str]], skills: Iterable[Skill]) -> list[str]:
    """Findings on a crosswalk: skills that are none, rows that stand twice, two exact matches in one scheme.

    >>> validate_crosswalk([("a", "esco", "u:1", "exact")], [])
    ['crosswalk: a is no skill']
    """
    ids = {skill.id for skill in skills}
    found: list[str] = []
    seen: set[tuple[str, str, str]] = set()
    exact: dict[tuple[str, str], str] = {}
    for skill, scheme, code, match in rows:
        if skill not in ids:
            found.append(f"crosswalk: {skill} is no skill")
        if (skill, scheme, code) in seen:
            found.append(f"crosswalk: {skill} has {code} twice")
        seen.add((skill, scheme, code))
        if match == "exact":
            for pair in ((f"{skill} in {scheme}", code), (f"{scheme} {code}", skill)):
                other = exact.setdefault((pair[0], match), pair[1])
                if other != pair[1]:
                    found.append(f"crosswalk: {pair[0]} is exactly {other} and exactly {pair[1]}")
    return found


def cycles(links: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Each cycle of a directed graph that a depth-first walk meets, as the path that closes it."""
    found: list[list[str]] = []
    done: set[str] = set()
    for root in list(links):
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                path.pop()
                on_path.discard(node)
                done.add(node)
                continue
            if node in on_path:
                found.append([*path[path.index(node) :], node])
                continue
            if node in done:
                continue
            path.append(node)
            on_path.add(node)
            stack.append((node, True))
            stack.extend((other, False) for other in links.get(node, ()))
    return found
