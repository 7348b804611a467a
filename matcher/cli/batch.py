"""`matcher batch`: a folder of ads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from matcher.cli.options import Jobs, open_catalogue, open_taxonomy, options, read_filters
from matcher.types import Mode


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
@click.option(
    "--model",
    type=click.Choice(["fast", "accurate"]),
    default="fast",
    show_default=True,
    help="accurate: an encoder reads each ad too, at some thirty times the time.",
)
@click.option("--have", metavar="PATH|TEXT", help="Skills you have: a list, a résumé, a JSON Resume.")
@click.option("--jobs", type=Jobs(), default=-1, show_default="-1, one a core", help="Processes.")
@click.option(
    "--backend",
    type=click.Choice(["loky", "threading", "dask", "ray", "spark"]),
    default="loky",
    show_default=True,
    help="Where the work is done; dask, ray and spark need the extra of their name.",
)
@click.option("--scheduler", metavar="ADDRESS", help="A running Dask, Ray or Spark; else one is started here.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="At most so long for one posting; a longer one fails.",
)
@click.option(
    "--near-duplicates/--no-near-duplicates",
    default=True,
    show_default=True,
    help="Group ads that are nearly the same.",
)
@click.option("--by", metavar="COLUMN", help="Tell demand apart by this column; else by the folder of the source.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["parquet", "csv", "jsonl"]),
    default="parquet",
    show_default=True,
    help="CSV and JSON lines come beside Parquet.",
)
@click.option(
    "--chunk-size", type=click.IntRange(min=1), default=100, show_default=True, help="About so many postings a part."
)
@click.option("--quiet", is_flag=True, help="Nothing on standard error but errors.")
def batch(
    paths: tuple[str, ...], out: Path, taxonomy: tuple[str, ...], catalogue: tuple[str, ...],
    columns: str | None, have: str | None, jobs: int, backend: str, scheduler: str | None, time_limit: float | None,
    near_duplicates: bool, by: str | None, form: str, chunk_size: int, quiet: bool, top: int, model: Mode, **limits: Any,
) -> None:  # fmt: skip
    """Score every posting in PATH… (files, folders, globs, archives) into Parquet tables in a folder.

    Run again with the same folder, only what is new or changed is computed, also after a run that was
    ended midway. Exit code 3: done, but some postings failed; they stand in errors.csv.
    """
    from matcher.runner import batch as run_batch

    skills = open_taxonomy(taxonomy)
    result = run_batch(
        paths, out, taxonomy=skills, catalogue=open_catalogue(catalogue, columns, skills), have=have,
        filters=read_filters(limits), model=model, top=top, jobs=jobs, backend=backend, scheduler=scheduler, time_limit=time_limit,
        near_duplicates=near_duplicates, by=by, formats=("parquet",) if form == "parquet" else ("parquet", form),
        chunk_size=chunk_size, progress=not quiet and sys.stderr.isatty(),
        tell=None if quiet else lambda line: click.echo(line, err=True),
    )  # fmt: skip
    if not quiet:
        rate = result.postings / result.seconds if result.seconds else 0
        doubles = f"{result.vacancies} vacancies; " if result.vacancies != result.postings else ""
        click.echo(
            f"{result.postings} postings scored ({result.reused} of them known from before), {result.failed} failed; "
            f"{doubles}{result.seconds:.1f} s, {rate:.0f} a second; tables in {result.out}",
            err=True,
        )
        if result.failed:
            click.echo(f"What failed, and why: {result.out / 'errors.csv'}", err=True)
    if result.failed:
        raise SystemExit(3)
