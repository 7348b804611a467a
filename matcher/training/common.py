"""Count in which occupation groups gold postings ask for a skill: ``corpora/cues/common.csv``."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from matcher.evaluation.postings import read_gold
from matcher.taxonomy import Taxonomy
from matcher.words import cut

LEAST = 3
"""Groups from which a skill is listed: in fewer, it says something about the job."""


def count(gold: Sequence[Path], taxonomy: Taxonomy) -> dict[str, tuple[int, int]]:
    """Skill -> in how many groups an ad asks for it, and how many groups there are.

    A gold skill is the skill of the taxonomy that its label names, else the first that one of its other
    names does. Ads without a group are left out.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    every: set[str] = set()
    for ad in (row for path in gold for row in read_gold(path)):
        group = ad.get("group")
        if not group:
            continue
        every.add(group)
        for skill in ad["skills"]:
            if skill["need"] == "not_required":
                continue
            names = (skill["label"], *skill.get("also", ()))
            found = (taxonomy.find(cut(name, taxonomy.vocabulary.__contains__).norm) for name in names)
            phrase = next(filter(None, found), None)
            if phrase is not None:
                groups[phrase.skill].add(group)
    return {skill: (len(where), len(every)) for skill, where in groups.items() if len(where) >= LEAST}


def write(counted: dict[str, tuple[int, int]], out: Path) -> None:
    """Write the counts, by skill."""
    with out.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("skill", "groups", "of"))
        rows.writerows((skill, *counted[skill]) for skill in sorted(counted))
