"""What our skills are called in ESCO and O*NET, as far as names alone tell: nothing is guessed."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from matcher.taxonomy.compile import surfaces
from matcher.taxonomy.read import CROSSWALK
from matcher.types import Skill
from matcher.words import cut

Row = tuple[str, str, str, str]
Key = tuple[str, ...]


def key(name: str) -> Key:
    """A name as look-ups compare it: its words in lower case.

    >>> key("Problem-Solving") == key("problem solving")
    True
    """
    return tuple(cut(name).norm)


def to_esco(ours: Sequence[Skill], esco: Sequence[Skill]) -> list[Row]:
    """ESCO's concepts for our skills.

    Returns
    -------
    list of (skill, 'esco', URI, match)
        ``exact`` where the labels are the same words; an ambiguous label needs a second name in common.
        ``close`` where our label is an alternative label there, or an alias of ours the label there, our
        skill shares a name with just that concept, and that concept with just this skill. Two
        secondary names alone make no match (in a sample of 40, half of such pairs meant something else).
        Groups and hidden labels are left out.

    Examples
    --------
    >>> to_esco([Skill("sql", "SQL"), Skill("rota", "Rota planning", aliases=("plan shifts",))],
    ...         [Skill("a", "SQL", uri="u:1"), Skill("b", "plan shifts", uri="u:2")])
    [('rota', 'esco', 'u:2', 'close'), ('sql', 'esco', 'u:1', 'exact')]
    """
    concepts = [skill for skill in esco if not skill.group and skill.uri]
    labels: dict[Key, set[str]] = defaultdict(set)
    names: dict[Key, set[str]] = defaultdict(set)
    for concept in concepts:
        uri = concept.uri or ""
        labels[key(concept.label)].add(uri)
        hidden = set(concept.ambiguous)
        for name in (concept.label, *(alias for alias in concept.aliases if alias not in hidden)):
            names[key(name)].add(uri)
    exact: dict[str, str] = {}
    for skill in ours:
        found = labels.get(key(skill.label), set())
        if len(found) == 1 and (_means_one_thing(skill) or _names_met(skill, names)[next(iter(found))] > 1):
            exact[skill.id] = next(iter(found))
    taken = set(exact.values())
    meets: dict[str, set[str]] = {}
    met_by: dict[str, set[str]] = defaultdict(set)
    for skill in ours:
        if skill.id in exact:
            continue
        # all the concepts that share any name say whether it is one to one; a label has to be among what is shared
        met = set(_names_met(skill, names))
        for uri in met:
            met_by[uri].add(skill.id)
        by_label = names.get(key(skill.label), set()) if _means_one_thing(skill) else set()
        by_label = by_label | {uri for uri in met if any(uri in labels.get(key(name), ()) for name in _sure(skill))}
        meets[skill.id] = met if met == by_label else set()
    close = {id: next(iter(met)) for id, met in meets.items() if len(met) == 1}
    close = {id: uri for id, uri in close.items() if uri not in taken and met_by[uri] == {id}}
    rows = [(id, "esco", uri, "exact") for id, uri in exact.items()]
    return sorted([*rows, *((id, "esco", uri, "close") for id, uri in close.items())])


def _sure(skill: Skill) -> list[str]:
    """The skill's names that do not also mean something else."""
    ambiguous = {name.lower() for name in skill.ambiguous}
    return [name for name in surfaces(skill) if name.lower() not in ambiguous]


def _means_one_thing(skill: Skill) -> bool:
    """Whether the label alone tells: "Logging" may be done with log files or in a forest; languages are languages."""
    return skill.type == "language" or skill.label.lower() not in {name.lower() for name in skill.ambiguous}


def _names_met(skill: Skill, names: dict[Key, set[str]]) -> Counter[str]:
    """How many names the skill shares with each concept."""
    found = Counter(uri for name in {key(name) for name in _sure(skill)} for uri in names.get(name, ()))
    if not _means_one_thing(skill):
        found.update(names.get(key(skill.label), ()))
    return found


def to_onet(ours: Sequence[Skill], onet: Sequence[Skill]) -> list[Row]:
    """Codes of O*NET for our tools and skills.

    Returns
    -------
    list of (skill, 'unspsc' or 'onet', code, match)
        ``exact`` where our label is the title of a commodity or work activity; ``broad`` where our label,
        or an alias that is not ambiguous, is one of the examples of just one commodity (an example has
        no code of its own).

    Examples
    --------
    >>> to_onet([Skill("jira", "Atlassian JIRA"), Skill("d", "Document management software")],
    ...         [Skill("d", "Document management software", note="UNSPSC 43232202"),
    ...          Skill("j", "Atlassian JIRA", broader=("c",)), Skill("c", "Content workflow software", note="UNSPSC 43232201")])
    [('d', 'unspsc', '43232202', 'exact'), ('jira', 'unspsc', '43232201', 'broad')]
    """
    by_id = {skill.id: skill for skill in onet}
    names: dict[Key, set[str]] = defaultdict(set)
    for skill in onet:
        names[key(skill.label)].add(skill.id)
    rows: list[Row] = []
    for skill in ours:
        ambiguous = {name.lower() for name in skill.ambiguous}
        spoken = [skill.label, *(alias for alias in skill.aliases if alias.lower() not in ambiguous)]
        same = names.get(key(skill.label), set())
        titles = {by_id[id].note for id in same if by_id[id].note}
        if len(titles) == 1 and len(same) == 1:
            rows.append((skill.id, *_code(titles.pop() or ""), "exact"))
            continue
        met = {id for name in spoken for id in names.get(key(name), ()) if not by_id[id].note}
        parents = {by_id[parent].note for id in met for parent in by_id[id].broader if by_id[parent].note}
        if len(parents) == 1:
            rows.append((skill.id, *_code(parents.pop() or ""), "broad"))
    return sorted(rows)


def _code(note: str) -> tuple[str, str]:
    scheme, _, code = note.partition(" ")
    return ("unspsc" if scheme == "UNSPSC" else "onet"), code


def as_csv(rows: Iterable[Row]) -> str:
    """The rows as ``crosswalk.csv``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CROSSWALK)
    writer.writerows(sorted(set(rows)))
    return out.getvalue()
