"""ESCO's own CSV download -> `Skill`s: labels, the hierarchy with its groups, what each skill builds upon.

The files are known by their columns, whatever they are called. Needed is only that of the skills; the
others add groups, broader concepts, relations, and which skills are languages or transversal.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from matcher.rows import Log, brief, csv_header, csv_rows
from matcher.taxonomy.read import slug
from matcher.types import Skill, SkillType

_CONCEPT = {"conceptType", "conceptUri", "preferredLabel"}
_SKILLS = {*_CONCEPT, "skillType", "altLabels", "inScheme"}
_GROUPS = {*_CONCEPT, "code", "inScheme"}
_BROADER = {"conceptType", "conceptUri", "broaderType", "broaderUri"}
_RELATIONS = {"originalSkillUri", "relationType", "relatedSkillUri"}
_COLLECTION = {*_CONCEPT, "broaderConceptUri", "broaderConceptPT"}
_TYPES: dict[str, SkillType] = {"knowledge": "knowledge", "skill/competence": "hard"}
_COLLECTIONS: tuple[tuple[str, SkillType], ...] = (("language", "language"), ("transversal", "soft"))


def is_skills(path: Path) -> bool:
    """Whether this is ESCO's file of skills."""
    return set(csv_header(path)) >= _SKILLS


def is_part(path: Path) -> bool:
    """Whether this is a file of ESCO that tells of skills (occupations, ISCO groups and the like are not)."""
    columns = set(csv_header(path))
    if "iscoGroup" in columns:
        return False
    if columns >= _COLLECTION:
        return any(path.name.lower().startswith(name) for name, _ in _COLLECTIONS)
    return any(columns >= needed for needed in (_SKILLS, _GROUPS, _BROADER, _RELATIONS))


def read(files: Sequence[Path], log: Log) -> list[Skill]:
    """All skills and groups of an ESCO download.

    Notes
    -----
    Ids are slugs of the preferred labels (with the first digits of the concept's UUID where two come
    out the same); the URI is kept. Knowledge stays knowledge, skills are ``hard``, those of the
    collections of languages and of transversal skills ``language`` and ``soft``. Essential and optional
    relations both become `related`. Hidden labels count as aliases; these, other names of one ordinary
    word, and labels without the qualifier in brackets count only where the ad bears them out. Descriptions, scope notes and reuse levels are left out.
    """
    by_kind = _sorted_out(files)
    types: dict[str, SkillType] = {}
    for path, kind in by_kind["collection"]:
        for _, row in csv_rows(path, ("conceptUri",), log):
            types[row["conceptUri"]] = kind
    concepts: dict[str, Skill] = {}
    ids: set[str] = set()
    for path, _ in by_kind["skills"]:
        _concepts(path, False, types, concepts, ids, log)
    for path, _ in by_kind["groups"]:
        _concepts(path, True, types, concepts, ids, log)
    broader = _pairs(by_kind["broader"], "conceptUri", "broaderUri", concepts, log)
    related = _pairs(by_kind["relations"], "originalSkillUri", "relatedSkillUri", concepts, log)
    return [
        replace(skill, broader=tuple(broader.get(uri, ())), related=tuple(related.get(uri, ())))
        for uri, skill in concepts.items()
    ]


def _sorted_out(files: Iterable[Path]) -> dict[str, list[tuple[Path, SkillType]]]:
    found: dict[str, list[tuple[Path, SkillType]]] = defaultdict(list)
    for path in files:
        columns = set(csv_header(path))
        if columns >= _SKILLS:
            found["skills"].append((path, "hard"))
        elif columns >= _COLLECTION:
            kind = next((kind for name, kind in _COLLECTIONS if path.name.lower().startswith(name)), None)
            if kind:
                found["collection"].append((path, kind))
        elif columns >= _GROUPS and "iscoGroup" not in columns:
            found["groups"].append((path, "hard"))
        elif columns >= _BROADER:
            found["broader"].append((path, "hard"))
        elif columns >= _RELATIONS:
            found["relations"].append((path, "hard"))
    return found


def _concepts(
    path: Path, group: bool, types: dict[str, SkillType], concepts: dict[str, Skill], ids: set[str], log: Log
) -> None:
    for line, row in csv_rows(path, tuple(_CONCEPT), log, whole=True):
        uri, label = row["conceptUri"].strip(), row["preferredLabel"].strip()
        where = f"line {line} ({label or uri or 'no name'})"
        if not label or not uri:
            log.problem("no_label", path, where, "preferredLabel", "no label or no URI", "both", "fetch the file again")
            continue
        if row.get("status", "released") not in ("released", ""):
            log.note(f"concepts that are {row['status']}, left out")
            continue
        kind = row.get("skillType", "").strip()
        if kind and kind not in _TYPES:
            log.problem("type", path, where, "skillType", f"skillType {brief(kind)}", " or ".join(_TYPES), "mend it")
            continue
        if uri in concepts:
            if concepts[uri].label == label:
                log.note("concepts that stood twice; the first was kept")
            else:
                log.problem(
                    "twice", path, where, "conceptUri", f"{uri} is already {concepts[uri].label}", "a URI of its own",
                    "fetch the file again",
                )  # fmt: skip
            continue
        id = slug(label) or uri.rsplit("/", 1)[-1]
        if id in ids:
            id = f"{id}-{uri.rsplit('/', 1)[-1][:8]}"
        ids.add(id)
        hidden = _lines(row.get("hiddenLabels", ""))
        aliases = dict.fromkeys(name for name in (*_lines(row.get("altLabels", "")), *hidden) if name != label)
        concepts[uri] = Skill(
            id=id,
            label=label,
            type=types.get(uri) or _TYPES.get(kind, "knowledge" if group else "hard"),
            aliases=tuple(aliases),
            ambiguous=_ambiguous(label, aliases, set(hidden)),
            uri=uri,
            field=path.stem,
            group=group,
        )


def _ambiguous(label: str, aliases: Iterable[str], hidden: set[str]) -> tuple[str, ...]:
    """Names that mean the concept only where the ad bears them out.

    A label with a qualifier in brackets says that it needs one ("Chef (tools for …)"); hidden labels and
    alternative ones of one ordinary word ("sound" for acoustics, "activity") are there for searching.
    """
    bare = re.sub(r"\s*\([^()]*\)", "", label).strip()
    found = [bare] if bare != label else []
    found += [name for name in aliases if (" " not in name and (name.islower() or name in hidden)) or name == bare]
    return tuple(dict.fromkeys(found))


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def _pairs(
    files: Iterable[tuple[Path, SkillType]], one: str, other: str, concepts: dict[str, Skill], log: Log
) -> dict[str, list[str]]:
    """Of each concept, the ids of those that a file of relations names."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, _ in files:
        for _, row in csv_rows(path, (one, other), log, whole=True):
            here, there = concepts.get(row[one].strip()), concepts.get(row[other].strip())
            if here is None or there is None:
                log.note("relations to concepts that are not in the files, left out")
            elif there.id not in found[row[one].strip()]:
                found[row[one].strip()].append(there.id)
    return found
