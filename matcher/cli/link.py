"""`matcher link`: words in, skills of the taxonomy in use out; a line of input is a line of output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from matcher.cli.options import open_taxonomy, options, write
from matcher.errors import InputError

if TYPE_CHECKING:
    from matcher.linking import Link


@click.command()
@click.argument("file", required=False, metavar="[FILE|-]")
@click.option(
    "--top", type=click.IntRange(min=1), default=5, show_default=True, help="How many skills a line, at most."
)
@click.option("--always", is_flag=True, help="Give the nearest skills even where none is likely to be meant.")
@options("inventories")
@click.option("--format", "form", type=click.Choice(["table", "json", "jsonl", "csv"]), default="table", show_default=True, help="Form of the result.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def link(file: str | None, top: int, always: bool, taxonomy: tuple[str, ...], form: str, output: Path | None) -> None:
    """Find the skills that each line of FILE (or of standard input) means.

    The score is the chance that the skill is meant. An empty line, or one that means no skill, has none.
    """
    from matcher.linking import link as link_texts

    texts = _lines(file)
    found = link_texts(texts, taxonomy=open_taxonomy(taxonomy), top=top, always=always)
    write(_format(texts, found, form), output)


def _lines(file: str | None) -> list[str]:
    """The lines of FILE or of standard input, without their ends."""
    where = "standard input" if file in (None, "-") else str(file)
    try:
        if file is None or file == "-":
            if sys.stdin is None or sys.stdin.isatty():
                end = "Ctrl-Z and Enter" if sys.platform == "win32" else "Ctrl-D"
                click.echo(f"Type phrases, one a line, then end with {end} on a line of its own:", err=True)
            data = sys.stdin.buffer.read() if sys.stdin else b""
        else:
            data = Path(file).read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else f"not UTF-8 at byte {error.start}"
        raise InputError(
            "lines",
            f"{where}: {what}",
            "UTF-8 text, a phrase or sentence a line",
            "check the path, or save it as UTF-8",
        ) from error
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _format(texts: list[str], found: list[list[Link]], form: str) -> str:
    """The whole result in one of the forms."""
    import csv
    import io
    import json

    if form == "table":
        return "".join(
            f"{text}\t{'; '.join(f'{link.label} ({link.score:.2f})' for link in links) or '–'}\n"
            for text, links in zip(texts, found, strict=True)
        )
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["line", "text", "rank", "id", "label", "uri", "score"])
        for line, (text, links) in enumerate(zip(texts, found, strict=True), 1):
            rows: list[tuple[object, ...]] = [
                (at, one.id, one.label, one.uri, f"{one.score:.4f}") for at, one in enumerate(links, 1)
            ]
            writer.writerows((line, text, *row) for row in rows or [("",) * 5])
        return out.getvalue()
    objects = [
        {"text": text, "skills": [{**one._asdict(), "score": round(one.score, 4)} for one in links]}
        for text, links in zip(texts, found, strict=True)
    ]
    if form == "jsonl":
        return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects)
    return json.dumps(objects, ensure_ascii=False, indent=1) + "\n"
