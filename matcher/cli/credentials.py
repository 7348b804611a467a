"""`matcher credentials …`: look into the catalogue."""

from __future__ import annotations

from pathlib import Path

import click

from matcher.cli.options import findings, open_catalogue, open_taxonomy, unknown


@click.group()
def credentials() -> None:
    """Look into the catalogue of credentials."""


@credentials.command("search")
@click.argument("words")
@click.option("--catalogue", multiple=True, metavar="PATH")
def credentials_search(words: str, catalogue: tuple[str, ...]) -> None:
    """Credentials whose name or issuer holds WORDS."""
    found = open_catalogue(catalogue, None, open_taxonomy(())).search(words)
    if not found:
        click.echo(f"No credential's name or issuer holds {words!r}.", err=True)
    for c in found:
        click.echo(f"{c.id}\t{c.name}\t{c.issuer or ''}")


@credentials.command("show")
@click.argument("id")
@click.option("--catalogue", multiple=True, metavar="PATH")
def credentials_show(id: str, catalogue: tuple[str, ...]) -> None:
    """Everything known about the credential ID, with its sources."""
    from dataclasses import fields

    inventory = open_catalogue(catalogue, None, open_taxonomy(()))
    if id not in inventory:
        unknown("credential", id, "credentials")
    c = inventory.credential(id)
    for field in fields(c):
        value = getattr(c, field.name)
        if field.name in ("outcomes", "sources", "recognised_by") or value in (None, ()):
            continue
        click.echo(f"{field.name}: {', '.join(map(str, value)) if isinstance(value, tuple) else value}")
    for body, source in c.recognised_by:
        click.echo(f"recognised by: {body} ({source})")
    for o in c.outcomes:
        click.echo(f"covers: {o.skill} [{o.assessment}{', inferred' if o.inferred else ''}] {o.text or ''}")
    for s in c.sources:
        click.echo(f"source: {s.url} ({', '.join(s.facts)})")


@credentials.command("validate")
@click.argument("path", required=False)
def credentials_validate(path: str | None) -> None:
    """Check the bundled catalogue, or the file or folder PATH."""
    from matcher import store
    from matcher.catalogue import read_credentials, validate
    from matcher.catalogue.read import credential_files

    inventory = open_taxonomy(())
    files = credential_files(Path(path) if path else store.corpora() / "credentials")
    findings(validate((c for file in files for c in read_credentials(file, inventory)), inventory))


@credentials.command("stats")
@click.option("--catalogue", multiple=True, metavar="PATH")
def credentials_stats(catalogue: tuple[str, ...]) -> None:
    """Counts of the catalogue and how much of it is known."""
    from matcher.catalogue.stats import stats

    inventory = open_catalogue(catalogue, None, open_taxonomy(()))
    for name, value in stats(inventory.credential(id) for id in inventory.ids()):
        click.echo(f"{name}: {value}")
