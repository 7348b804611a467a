"""`matcher plan`: what to earn, within a number, hours or a budget."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, Literal

import click

from matcher.cli.options import open_catalogue, open_taxonomy, options, read_filters, read_one, write
from matcher.types import Mode

_KINDS = ("project", "free", "online", "platform", "university", "association", "vendor")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@click.option(
    "--max-credentials", type=click.IntRange(min=1), metavar="N", help="At most so many; 5 if nothing else is limited."
)
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), help="At most so many hours of learning in all.")
@click.option(
    "--hours-a-week",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="So many hours a week, --until a date.",
)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="With --hours-a-week: the last day (YYYY-MM-DD)."
)
@click.option("--budget", type=click.FloatRange(min=0), help="At most so much money in all.")
@click.option("--currency", metavar="CODE", help="Of the budget (GBP, USD …); prices in others count as unknown.")
@click.option(
    "--unknown",
    type=click.Choice(["include", "leave-out"]),
    default="leave-out",
    show_default=True,
    help="Credentials whose hours or price is limited and not known.",
)
@click.option(
    "--must-include", multiple=True, type=click.Choice(_KINDS), help="At least one such credential; repeatable."
)
@click.option("--free", is_flag=True, help="Only what is free.")
@click.option("--holds", multiple=True, metavar="ID", help="A credential you have (its id); repeatable.")
@options("inventories", "catalogue", "model", "have", "output")
def plan(
    paths: tuple[str, ...], max_credentials: int | None, hours: float | None, hours_a_week: float | None,
    until: datetime.datetime | None, budget: float | None, currency: str | None,
    unknown: Literal["include", "leave-out"], must_include: tuple[str, ...], free: bool, holds: tuple[str, ...],
    taxonomy: tuple[str, ...], catalogue: tuple[str, ...], columns: str | None, have: str | None,
    requirements: Path | None, form: str, explain: bool, output: Path | None, quiet: bool, top: int, model: Mode, **limits: Any,
) -> None:  # fmt: skip
    """Choose the credentials that together cover most of what the ads in PATH… ask.

    PATH is a file, a folder, a glob, or the folder that `matcher batch` wrote; without it, an ad is
    read from standard input.
    """
    from matcher.api import plan as make_plan
    from matcher.report import render
    from matcher.types import Limits

    hours = _hours(hours, hours_a_week, until)
    if currency is not None and budget is None:
        raise click.UsageError("--currency is the currency of a --budget; give both, or leave it out")
    if free:
        limits["max_cost"] = 0.0
    number = max_credentials
    if number is None and hours is None and budget is None:
        number = 5
    bounds = Limits(number, hours, budget, currency, unknown, tuple(dict.fromkeys(must_include)), holds)
    skills = open_taxonomy(taxonomy)
    credentials = open_catalogue(catalogue, columns, skills)
    for id in holds:
        if id not in credentials:
            from matcher.cli.options import unknown as no_such

            no_such("credential", id, "credentials")
    sources: list[Any] = [Path(path) for path in paths if path != "-"]
    if requirements is not None:
        from matcher.requirements import read_requirements

        sources.append(read_requirements(requirements, skills))
    elif "-" in paths or not paths:
        sources += read_one(None, quiet)
    found = make_plan(
        sources,
        taxonomy=skills,
        catalogue=credentials,
        have=have,
        limits=bounds,
        filters=read_filters(limits),
        top=top,
        model=model,
    )
    write(render(found, form, explain=explain), output)


def _hours(hours: float | None, week: float | None, until: datetime.datetime | None) -> float | None:
    """Hours in all: those given, or so many a week until a date, counted by days."""
    if (week is None) != (until is None):
        raise click.UsageError("--hours-a-week and --until belong together")
    if week is None or until is None:
        return hours
    if hours is not None:
        raise click.UsageError("give --hours, or --hours-a-week with --until, not both")
    days = (until.date() - datetime.date.today()).days
    if days <= 0:
        raise click.BadParameter(f"{until.date()} is not in the future", param_hint="--until")
    return round(week * days / 7, 1)
