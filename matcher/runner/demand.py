"""What a batch folder says: demand for skills, what covers it, barriers, quality; read a part at a time.

Counts are of vacancies, each group of duplicates once by its first posting, unless they say ads.
What is held grows with the number of skills and credentials, not with that of ads.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from matcher.errors import MatcherError
from matcher.runner import tables

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue
    from matcher.ranking import Filters
    from matcher.taxonomy import Taxonomy
    from matcher.types import Plan

EXAMPLES = 6
IDS = 40
MOST_PLANNED = 5_000
"""Vacancies from which the plan of the page is made, so that neither its time nor its memory grows with the input."""
MOST_VALUES = 10_000
"""Different values of the column to group by that are told apart; further ones are counted as others."""


class Ad(NamedTuple):
    """An ad behind a number: its id and title, and the words in question between those around them."""

    id: str
    title: str
    before: str = ""
    words: str = ""
    after: str = ""


@dataclass(slots=True)
class Tally:
    """How many, and some of the ads behind it."""

    count: int = 0
    ads: list[Ad] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def add(self, ad: Ad) -> None:
        self.count += 1
        if len(self.ads) < EXAMPLES:
            self.ads.append(ad)
        elif len(self.ids) < IDS:
            self.ids.append(ad.id)

    @property
    def rest(self) -> int:
        return self.count - len(self.ads) - len(self.ids)


@dataclass(slots=True)
class SkillDemand:
    """One skill: in how many vacancies and ads, with which need, and the weight it has in them together."""

    id: str
    label: str
    type: str
    tally: Tally = field(default_factory=Tally)
    ads: int = 0
    needs: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    covered: bool = False
    weight: float = 0.0


@dataclass(slots=True)
class CredentialUse:
    """One credential: in whose ranking it stands, and which part of a skill it covers (1 all of it)."""

    id: str
    name: str
    issuer: str | None
    tally: Tally = field(default_factory=Tally)
    score: float = 0.0
    credit: dict[str, float] = field(default_factory=dict)
    coverage: float = 0.0


@dataclass(slots=True)
class Demand:
    """All that the page shows."""

    ads: int = 0
    vacancies: int = 0
    skills: dict[str, SkillDemand] = field(default_factory=dict)
    credentials: dict[str, CredentialUse] = field(default_factory=dict)
    barriers: dict[tuple[str, str], Tally] = field(default_factory=dict)
    languages: dict[str, Tally] = field(default_factory=dict)
    nothing: Tally = field(default_factory=Tally)
    copies: Tally = field(default_factory=Tally)
    near: Tally = field(default_factory=Tally)
    sizes: Counter[int] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    unknown_weight: float = 0.0


def read(folder: Path) -> Demand:
    """Count a batch folder.

    Parameters
    ----------
    folder : Path
        As `matcher.batch` writes it.

    Returns
    -------
    Demand
    """
    found = Demand()
    for name, table in tables.parts(folder, "postings"):
        firsts = _count_postings(found, table.to_pylist())
        found.ads += table.num_rows
        weights = _count_requirements(found, _rows(folder, "requirements", name), firsts)
        _count_matches(found, _rows(folder, "matches", name), firsts, weights)
    asked = sum(skill.weight for skill in found.skills.values()) + found.unknown_weight
    for credential in found.credentials.values():
        covered = (found.skills[skill].weight * credit for skill, credit in credential.credit.items())
        credential.coverage = sum(covered) / asked if asked else 0.0
    return found


def _rows(folder: Path, table: str, name: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    columns = {
        "requirements": [
            "posting", "requirement", "skill", "label", "type", "need", "weight", "group", "covered", "before", "text",
            "after",
        ],
        "matches": ["posting", "credential", "name", "issuer", "score", "covers"],
    }[table]  # fmt: skip
    with pq.ParquetFile(folder / f"{table}.parquet" / name) as file:
        rows: list[dict[str, Any]] = file.read(columns=columns).to_pylist()
    return rows


def _count_postings(found: Demand, rows: list[dict[str, Any]]) -> dict[str, Ad]:
    """Count what stands in the table of postings; the ads that count for their vacancy, by id."""
    firsts = {}
    for row in rows:
        ad = Ad(row["posting"], row["title"] or "")
        found.languages.setdefault(row["language"] or "unknown", Tally()).add(ad)
        if row["duplicate_of"] is not None:
            found.copies.add(ad._replace(words=row["duplicate_of"]))
        elif row["group"] != row["posting"]:
            found.near.add(ad._replace(words=row["group"]))
        if row["group"] != row["posting"]:
            continue
        firsts[row["posting"]] = ad
        found.vacancies += 1
        found.sizes[row["requirements"]] += 1
        by = row["by"] or ""
        found.by[by if by in found.by or len(found.by) < MOST_VALUES else ""] += 1
        if not row["requirements"]:
            found.nothing.add(ad)
        for kind, need, words in {
            (kind, need): (kind, need, words) for kind, need, words in json.loads(row["barriers"])
        }.values():
            found.barriers.setdefault((kind, need), Tally()).add(ad._replace(words=" ".join(words.split())))
    return firsts


Weights = dict[tuple[str, str], float]
"""Of a requirement in a posting, the share of all that the posting asks for."""


def _count_requirements(found: Demand, rows: list[dict[str, Any]], firsts: Mapping[str, Ad]) -> Weights:
    totals: dict[str, dict[str, float]] = defaultdict(dict)
    members: Counter[tuple[str, str]] = Counter()
    for row in rows:
        # alternatives count once, by the heaviest, and share what they count
        key = row["group"] or row["requirement"]
        posting = totals[row["posting"]]
        posting[key] = max(posting.get(key, 0.0), row["weight"])
        members[row["posting"], key] += 1
    sums = {posting: sum(weights.values()) for posting, weights in totals.items()}
    shares: Weights = {}
    for row in rows:
        if row["need"] == "not_required":
            continue
        id, skill = row["posting"], row["skill"]
        key = row["group"] or row["requirement"]
        share = row["weight"] / sums[id] if sums[id] else 0.0
        part = totals[id][key] / sums[id] / members[id, key] if sums[id] else 0.0
        ad = firsts.get(id)
        if skill is None:
            # the ads' own words are not gathered: there may be as many as ads
            if ad is not None:
                found.unknown += 1
                found.unknown_weight += part
            continue
        known = found.skills.get(skill)
        if known is None:
            known = found.skills[skill] = SkillDemand(skill, row["label"], row["type"])
        known.labels[row["label"]] += 1
        known.ads += 1
        known.covered = known.covered or row["covered"]
        if ad is not None:
            shares[id, row["requirement"]] = share
            known.weight += part
            known.needs[row["need"]] += 1
            known.tally.add(ad._replace(before=row["before"], words=" ".join(row["text"].split()), after=row["after"]))
    return shares


def _count_matches(found: Demand, rows: list[dict[str, Any]], firsts: Mapping[str, Ad], shares: Weights) -> None:
    for row in rows:
        ad = firsts.get(row["posting"])
        if ad is None:
            continue
        known = found.credentials.get(row["credential"])
        if known is None:
            known = found.credentials[row["credential"]] = CredentialUse(row["credential"], row["name"], row["issuer"])
        known.score += row["score"]
        known.tally.add(ad._replace(words=f"{row['score']:.0%}"))
        for requirement, skill, _, _, share in json.loads(row["covers"]):
            asked = shares.get((row["posting"], requirement))
            if asked and skill in found.skills:
                known.credit[skill] = min(1.0, max(known.credit.get(skill, 0.0), share / asked))


def by_value(folder: Path, values: Sequence[str], skills: Sequence[str]) -> dict[tuple[str, str], int]:
    """In how many vacancies of each value of the column to group by each of some skills is asked for."""
    wanted, listed = set(skills), set(values)
    counts: Counter[tuple[str, str]] = Counter()
    for name, table in tables.parts(folder, "postings", ["posting", "group", "by"]):
        of = {row["posting"]: row["by"] or "" for row in table.to_pylist() if row["posting"] == row["group"]}
        of = {id: by for id, by in of.items() if by in listed}
        if of:
            for row in _rows(folder, "requirements", name):
                if row["skill"] in wanted and row["posting"] in of and row["need"] != "not_required":
                    counts[of[row["posting"]], row["skill"]] += 1
    return dict(counts)


def plan(
    folder: Path, taxonomy: Taxonomy, catalogue: Catalogue, filters: Filters, have: Mapping[str, str | None]
) -> Plan | MatcherError:
    """What `matcher plan` says of a batch folder with its defaults, or why there is no plan.

    Of more than `MOST_PLANNED` vacancies, it is made from so many that are drawn: with 5,000, a share
    that they give is nearly always within 1.4 points of that of all.
    """
    # not at the top: a batch without a page needs neither
    from matcher.demand import each_once, read_batch
    from matcher.ranking import standing
    from matcher.ranking.plan import make_plan

    try:
        ads, _, _ = each_once(read_batch(folder, MOST_PLANNED), have)
        made = make_plan(ads, taxonomy, catalogue, filters=filters, top=1, fronts=False)
        return replace(made, standing=standing((ask.weight, ask.gap) for ask in made.asks)) if have else made
    except MatcherError as error:
        # the tables are there; a page without a plan is better than none
        return error


def overlap(found: Demand, one: CredentialUse, other: CredentialUse) -> float:
    """Which share of the demand that one credential covers another covers too."""
    both = sum(found.skills[s].weight * min(credit, other.credit.get(s, 0.0)) for s, credit in one.credit.items())
    alone = sum(found.skills[s].weight * credit for s, credit in one.credit.items())
    return both / alone if alone else 0.0


def failures(folder: Path) -> dict[str, Tally]:
    """What failed, by code, from ``errors.csv``."""
    found: dict[str, Tally] = {}
    with (folder / "errors.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["code"], Tally()).add(Ad(row["posting"], row["source"], words=row["message"]))
    return found
