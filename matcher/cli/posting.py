"""`matcher match` and `matcher extract`: one ad."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from matcher.cli.options import join, open_catalogue, open_taxonomy, options, read_filters, read_one, write
from matcher.types import Mode


@click.command()
@click.argument("file", required=False)
@options("inventories", "catalogue", "model", "have", "posting output")
def match(
    file: str | None, taxonomy: tuple[str, ...], catalogue: tuple[str, ...], columns: str | None,
    have: str | None, requirements: Path | None, form: str, explain: bool, output: Path | None,
    quiet: bool, top: int, model: Mode, **limits: Any,
) -> None:  # fmt: skip
    """Rank credentials for the ad in FILE, or pasted on standard input."""
    from matcher.api import match as match_one
    from matcher.report import render

    skills = open_taxonomy(taxonomy)
    credentials = open_catalogue(catalogue, columns, skills)
    filters = read_filters(limits)
    if requirements is not None:
        from matcher.requirements import read_requirements

        inputs: list[Any] = [read_requirements(requirements, skills)]
    else:
        inputs = read_one(file, quiet)
    texts = [
        render(
            match_one(
                one, taxonomy=skills, catalogue=credentials, have=have, filters=filters, top=top, stability=explain,
                model=model,
            ),
            form, explain=explain,
        )
        for one in inputs
    ]  # fmt: skip
    write(join(texts, form), output)


@click.command()
@click.argument("file", required=False)
@options("inventories", "model", "posting output")
@click.option("--have", metavar="PATH|TEXT", help="Skills you have: a list, a résumé, a JSON Resume.")
def extract(
    file: str | None, taxonomy: tuple[str, ...], have: str | None, form: str, explain: bool,
    output: Path | None, quiet: bool, model: Mode,
) -> None:  # fmt: skip
    """Show what the ad in FILE, or pasted on standard input, requires."""
    from matcher.api import extract as extract_one
    from matcher.report import render

    skills = open_taxonomy(taxonomy)
    texts = [
        render(extract_one(one, taxonomy=skills, have=have, model=model), form, explain=explain)
        for one in read_one(file, quiet)
    ]
    write(join(texts, form), output)
