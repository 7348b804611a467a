"""The page of a batch: what the ads ask, what covers it, what nobody's credential covers, and what failed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Template

from matcher.api import NOTICE
from matcher.errors import MatcherError
from matcher.report import plan_words as say
from matcher.report import words
from matcher.report.templates import environment
from matcher.runner import charts, demand
from matcher.runner.state import write_whole
from matcher.types import Plan

_SKILLS = 60
_CREDENTIALS = 30
_GAPS = 30
_CHARTED = 20
_ADDED = 4
"""Requirements named beside a step of the plan."""
_OVERLAPS = 8
_VALUES = 8
_LARGEST = 60
"""Vacancies with more requirements are counted together in the chart."""


def write_page(folder: Path, record: dict[str, Any], plan: Plan | MatcherError) -> None:
    """Write ``report.html`` from the tables of a batch folder; one file, no outside request."""
    write_whole(folder / "report.html", page(folder, record, plan).encode("utf-8", "backslashreplace"))


def page(folder: Path, record: dict[str, Any], plan: Plan | MatcherError) -> str:
    """The page as HTML; where there is no plan, it says why."""
    found = demand.read(folder)
    skills = sorted(found.skills.values(), key=lambda s: (-s.tally.count, -s.ads, s.id))
    for skill in skills[: _SKILLS + _GAPS]:
        skill.label = min(skill.labels, key=lambda label: (-skill.labels[label], label))
    credentials = sorted(found.credentials.values(), key=lambda c: (-c.coverage, c.id))
    made = plan if isinstance(plan, Plan) else None
    values = [value for value, _ in found.by.most_common(_VALUES)]
    compared = skills[:_CHARTED]
    total = max(1, found.vacancies)
    shares = [
        (s.label, s.needs["required"] / total, s.needs["unstated"] / total, s.needs["preferred"] / total)
        for s in skills[:_CHARTED]
    ]
    sizes: dict[int, int] = {}
    for size, count in found.sizes.items():
        sizes[min(size, _LARGEST)] = sizes.get(min(size, _LARGEST), 0) + count
    gaps = [skill for skill in skills if not skill.covered]
    for skill in gaps[:_GAPS]:
        skill.label = min(skill.labels, key=lambda label: (-skill.labels[label], label))
    return _template().render(
        record=record,
        found=found,
        total=total,
        words=words,
        notice=NOTICE,
        skills=skills[:_SKILLS],
        more_skills=max(0, len(skills) - _SKILLS),
        credentials=credentials[:_CREDENTIALS],
        more_credentials=max(0, len(credentials) - _CREDENTIALS),
        plan=made,
        asks={ask.id: ask for ask in made.asks} if made else {},
        added=_ADDED,
        most_planned=demand.MOST_PLANNED,
        no_plan=plan.what if isinstance(plan, MatcherError) else "",
        say=say,
        overlaps=[(one, [(other, demand.overlap(found, one, other)) for other in credentials[:_OVERLAPS]])
                  for one in credentials[:_OVERLAPS]],
        gaps=gaps[:_GAPS],
        barriers=sorted(found.barriers.items(), key=lambda item: (-item[1].count, item[0])),
        values=values,
        by_value=demand.by_value(folder, values, [s.id for s in compared]) if len(found.by) > 1 else {},
        compared=compared,
        failures=sorted(demand.failures(folder).items(), key=lambda item: (-item[1].count, item[0])),
        languages=sorted(found.languages.items(), key=lambda item: (-item[1].count, item[0])),
        chart_demand=charts.demand(shares, [words.NEEDS[n] for n in ("required", "unstated", "preferred")]) if shares else "",
        chart_plan=charts.coverage([(s.credential.name, s.coverage) for s in made.steps]) if made and made.steps else "",
        chart_sizes=charts.sizes(sorted(sizes.items())) if found.vacancies else "",
    )  # fmt: skip


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment("matcher.runner").get_template("page.html.j2")
