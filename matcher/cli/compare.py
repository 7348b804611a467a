"""`matcher compare`: what changed between two batches."""

from __future__ import annotations

from pathlib import Path

import click

from matcher.cli.options import options, write


@click.command()
@click.argument("before", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.argument("after", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@options("output")
@click.option("--top", type=click.IntRange(min=1), default=25, show_default=True, help="Rows a table.")
@click.option(
    "--least", type=click.IntRange(min=1), default=10, show_default=True,
    help="Leave out skills that fewer vacancies ask for.",
)  # fmt: skip
def compare(
    before: Path, after: Path, form: str, explain: bool, output: Path | None, quiet: bool, top: int, least: int
) -> None:
    """Skills asked for more, and less, in the second batch folder than in the first, with intervals."""
    from matcher.report.changes import render
    from matcher.runner.compare import compare as run_compare

    write(render(run_compare(before, after, least=least), form, None if explain else top), output)
