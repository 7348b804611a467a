"""`matcher batch`: a folder of ads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from matcher.cli.options import Jobs, open_catalogue, open_taxonomy, options, read_filters


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "-o",
    "--output",
    "out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the tables.",
)
@options("inventories", "catalogue")
@click.option("--have", metavar="PATH|TEXT", help="Skills you have: a list, a résumé, a JSON Resume.")
@click.option("--jobs", type=Jobs(), default=-1, show_default="-1, one a core", help="Processes.")
@click.option(
    "--backend", type=click.Choice(["loky", "threading"]), default="loky", show_default=True, help="joblib's backend."
)
@click.option("--quiet", is_flag=True, help="Nothing on standard error but errors.")
def batch(
    paths: tuple[str, ...], out: Path, taxonomy: tuple[str, ...], catalogue: tuple[str, ...],
    columns: str | None, have: str | None, jobs: int, backend: str, quiet: bool, top: int, **limits: Any,
) -> None:  # fmt: skip
    """Score every posting in PATH… (files, folders, globs) into Parquet tables in a folder.

    Run again with the same folder, only what is new or changed is computed. Exit code 3: done, but
    some postings failed; they stand in errors.csv.
    """
    from matcher.runner import batch as run_batch

    skills = open_taxonomy(taxonomy)
    result = run_batch(
        paths, out, taxonomy=skills, catalogue=open_catalogue(catalogue, columns, skills), have=have,
        filters=read_filters(limits), top=top, jobs=jobs, backend=backend,
        progress=not quiet and sys.stderr.isatty(),
    )  # fmt: skip
    if not quiet:
        rate = result.postings / result.seconds if result.seconds else 0
        click.echo(
            f"{result.postings} postings scored ({result.reused} of them known from before), {result.failed} failed; "
            f"{result.seconds:.1f} s, {rate:.0f} a second; tables in {result.out}",
            err=True,
        )
        if result.failed:
            click.echo(f"What failed, and why: {result.out / 'errors.csv'}", err=True)
    if result.failed:
        raise SystemExit(3)
