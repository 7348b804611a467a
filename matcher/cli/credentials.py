"""`matcher credentials …`: look into the catalogue, bring credentials in, take them out, see what is old."""

from __future__ import annotations

from pathlib import Path

import click

from matcher.cli.options import (
    findings,
    import_options,
    open_catalogue,
    open_taxonomy,
    options,
    read_columns,
    tell,
    unknown,
    write_bytes,
)

_CATALOGUE = click.option("--catalogue", multiple=True, metavar="PATH", help="Credentials to use instead of the bundled ones; repeatable.")  # fmt: skip
_COLUMNS = click.option("--columns", metavar="A=B,…", help="Names of a CSV's columns: name=title,issuer=organization.")


@click.group()
def credentials() -> None:
    """Look into the catalogue of credentials."""


@credentials.command("search")
@click.argument("words")
@_CATALOGUE
def credentials_search(words: str, catalogue: tuple[str, ...]) -> None:
    """Credentials whose name or issuer holds WORDS."""
    found = open_catalogue(catalogue, None, open_taxonomy(())).search(words)
    if not found:
        click.echo(f"No credential's name or issuer holds {words!r}.", err=True)
    for c in found:
        click.echo(f"{c.id}\t{c.name}\t{c.issuer or ''}")


@credentials.command("show")
@click.argument("id")
@_CATALOGUE
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
        sure = f", inferred {o.score:.2f}" if o.inferred and o.score is not None else ", inferred" if o.inferred else ""
        click.echo(f"covers: {o.skill} [{o.assessment}{sure}] {o.text or ''}")
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
@_CATALOGUE
def credentials_stats(catalogue: tuple[str, ...]) -> None:
    """Counts of the catalogue and how much of it is known."""
    from matcher.catalogue.stats import stats

    inventory = open_catalogue(catalogue, None, open_taxonomy(()))
    for name, value in stats(inventory.credential(id) for id in inventory.ids()):
        click.echo(f"{name}: {value}")


@credentials.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Our TOML (name.toml), else our CSV.")  # fmt: skip
@options("inventories")
@_COLUMNS
@import_options
def credentials_import(
    paths: tuple[Path, ...], output: Path, taxonomy: tuple[str, ...], columns: str | None,
    skip_errors: bool, errors: Path | None,
) -> None:  # fmt: skip
    """Turn PATHs into our TOML or CSV: CTDL, Open Badges 3.0, European Digital Credentials, schema.org, CSV.

    `--catalogue PATH` reads the same files directly.
    """
    from matcher.catalogue.export import export
    from matcher.catalogue.read import credential_files, read_all
    from matcher.rows import Log

    skills = open_taxonomy(taxonomy)
    log = Log()
    found = read_all([file for path in paths for file in credential_files(path)], skills, read_columns(columns), log)
    tell(log, len(found), "credentials", skip_errors, errors)
    write_bytes(export(found, "toml" if output.suffix == ".toml" else "csv", skills), output)


@credentials.command("export")
@options("inventories")
@_CATALOGUE
@_COLUMNS
@click.option("--to", "form", type=click.Choice(["ctdl", "openbadges", "schemaorg", "csv", "parquet", "json", "toml"]), required=True)  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def credentials_export(
    taxonomy: tuple[str, ...], catalogue: tuple[str, ...], columns: str | None, form: str, output: Path | None
) -> None:
    """Write the catalogue in use in a format of the field."""
    from matcher.catalogue.export import export

    skills = open_taxonomy(taxonomy)
    inventory = open_catalogue(catalogue, columns, skills)
    write_bytes(export((inventory.credential(id) for id in inventory.ids()), form, skills), output)


@credentials.command("stale")
@_CATALOGUE
@click.option("--older-than", type=click.IntRange(min=0), default=365, show_default=True, metavar="DAYS")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
def credentials_stale(catalogue: tuple[str, ...], older_than: int, form: str) -> None:
    """What to check again, the oldest first: by the date of the facts, else of our last look at them."""
    from matcher.catalogue.stale import stale

    inventory = open_catalogue(catalogue, None, open_taxonomy(()))
    found = stale((inventory.credential(id) for id in inventory.ids()), older_than)
    rows = [(r.date or "", r.kind, r.days, r.credential.id, r.credential.name, r.credential.url or "") for r in found]
    names = ("date", "kind", "days", "id", "name", "url")
    if form == "json":
        import json

        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False, indent=1))
    elif form == "csv":
        import csv
        import sys

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([names, *rows])
    else:
        for date, kind, days, id, name, url in rows:
            click.echo(f"{date or '-'}\t{kind}\t{'' if days is None else f'{days} days'}\t{id}\t{name}\t{url}")
        click.echo(f"{len(rows)} of {len(inventory)} to check again.", err=True)
