"""The command line: parse, call one library function, print. One file a group of commands; nothing imports it."""

from __future__ import annotations

from typing import Any

import click

import matcher
from matcher.cli.batch import batch
from matcher.cli.compare import compare
from matcher.cli.credentials import credentials
from matcher.cli.evaluate import evaluate
from matcher.cli.link import link
from matcher.cli.plan import plan
from matcher.cli.posting import extract, match
from matcher.cli.skills import skills
from matcher.cli.train import train
from matcher.errors import MatcherError


class _Group(click.Group):
    """Turns every `MatcherError` into one line on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MatcherError as error:
            click.echo(f"matcher: {error}", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(matcher.__version__, prog_name="matcher")
def main() -> None:
    """Find what a job ad requires, and which short credentials cover it most directly.

    Paste an ad into `matcher match` and end with Ctrl-D (Ctrl-Z and Enter on Windows).
    """


for _command in (match, extract, batch, compare, plan, link, skills, credentials, evaluate, train):
    main.add_command(_command)
