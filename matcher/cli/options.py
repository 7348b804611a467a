"""What the commands share: options that mean the same everywhere, how inputs are read, how results are written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from matcher.errors import InputError

FORMATS = ("table", "json", "jsonl", "csv", "md", "html")


class Jobs(click.IntRange):
    """A number of processes, or -1 for one a core."""

    def __init__(self) -> None:
        super().__init__(min=-1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if number == 0:
            self.fail("0 processes do no work; use 1 or more, or -1 for one a core", param, ctx)
        return number


def options(*groups: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that mean the same everywhere."""
    table = {
        "inventories": [
            click.option("--taxonomy", multiple=True, metavar="PATH", help="Skills to use instead of the bundled ones; repeatable, `bundled` names ours."),
        ],
        "catalogue": [
            click.option("--catalogue", multiple=True, metavar="PATH", help="Credentials to use instead of the bundled ones; repeatable, `bundled` names ours."),
            click.option("--columns", metavar="A=B,…", help="Names of a CSV catalogue's columns: name=title,issuer=organization."),
            click.option("--max-hours", type=click.FloatRange(min=0), help="At most so many hours of learning."),
            click.option("--max-cost", type=click.FloatRange(min=0), help="At most this price, in its own currency."),
            click.option("--issuer-kind", multiple=True, type=click.Choice(["platform", "university", "association", "vendor"]), help="Only these kinds of issuer; repeatable."),
            click.option("--type", "type_", multiple=True, metavar="TYPE", help="Only these types (badge, certificate, certification …); repeatable."),
            click.option("--language", multiple=True, metavar="CODE", help="Taught in this language (en, es …); repeatable."),
            click.option("--country", multiple=True, metavar="CODE", help="Holds in this country (GB, US …) or is tied to none; repeatable."),
            click.option("--online", is_flag=True, help="Only what can be done online."),
            click.option("--practical", is_flag=True, help="Only what is assessed by a project, portfolio or practical work."),
            click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="How many credentials."),
        ],
        "model": [
            click.option("--model", type=click.Choice(["fast", "accurate"]), default="accurate", show_default=True, help="accurate: an encoder reads the ad too; fast: a fiftieth of its time."),
        ],
        "have": [
            click.option("--have", metavar="PATH|TEXT", help="Skills you have: a list, a résumé, a JSON Resume."),
            click.option("--requirements", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="An edited `extract --format json` instead of reading the ad again."),
        ],
        "output": [
            click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="Form of the result."),
            click.option("--explain", is_flag=True, help="Show the rows that sum to each score, and how firm the order is."),
            click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."),
            click.option("--quiet", is_flag=True, help="Nothing on standard error but errors."),
        ],
    }  # fmt: skip
    # one ad's requirements also go out to those who read job postings by machine
    jdx = click.option("--format", "form", type=click.Choice((*FORMATS, "jdx")), default="table", show_default=True, help="Form of the result; jdx: the requirements as a JDX JobSchema+ posting.")  # fmt: skip
    table["posting output"] = [jdx, *table["output"][1:]]

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for group in reversed(groups):
            for option in reversed(table[group]):
                function = option(function)
        return function

    return decorate


def read_one(file: str | None, quiet: bool) -> list[Any]:
    """The postings of FILE, or the one on standard input."""
    from matcher.readers import Failure, read_file, read_stdin

    if file is None or file == "-":
        if sys.stdin is None or sys.stdin.isatty():
            if not quiet:
                end = "Ctrl-Z and Enter" if sys.platform == "win32" else "Ctrl-D"
                click.echo(f"Paste the job ad, then end with {end} on a line of its own:", err=True)
            text = sys.stdin.read() if sys.stdin else ""
            from matcher.readers import read_text

            return [read_text(text)]
        return [read_stdin(sys.stdin.buffer.read())]
    postings = []
    for found in read_file(Path(file)):
        if isinstance(found, Failure):
            raise found.error
        postings.append(found)
    return postings


def read_columns(text: str | None) -> dict[str, str] | None:
    if not text:
        return None
    pairs = [pair.split("=", 1) for pair in text.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise click.BadParameter(f"{text!r}: write pairs such as name=title,issuer=organization")
    return {field.strip(): column.strip() for field, column in pairs}


def open_taxonomy(paths: tuple[str, ...]) -> Any:
    from matcher import taxonomy

    return taxonomy.load(paths or ("bundled",))


def open_catalogue(paths: tuple[str, ...], columns: str | None, skills: Any) -> Any:
    from matcher import catalogue

    return catalogue.load(paths or ("bundled",), skills, read_columns(columns))


def read_filters(options: dict[str, Any]) -> Any:
    from matcher.ranking import Filters

    return Filters(
        max_hours=options["max_hours"],
        max_cost=options["max_cost"],
        issuer_kind=options["issuer_kind"],
        type=options["type_"],
        language=tuple(code.lower() for code in options["language"]),
        country=tuple(code.upper() for code in options["country"]),
        online=options["online"],
        practical=options["practical"],
    )


def write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        from matcher.errors import OutputError

        raise OutputError(
            "output", f"-o {output}: {error.strerror}", "a place that can be written to", "name another file"
        ) from error


def write_bytes(content: bytes, output: Path | None) -> None:
    """Write whole or not at all: a killed command leaves no half file."""
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    import os
    import tempfile

    from matcher.errors import OutputError

    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=".matcher-", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, output)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(
            "output", f"-o {output}: {error.strerror}", "a place that can be written to", "name another file"
        ) from error


def import_options(function: Callable[..., None]) -> Callable[..., None]:
    """What every import offers for rows that cannot be used."""
    function = click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="List the rows that cannot be used here (CSV).")(function)  # fmt: skip
    return click.option("--skip-errors", is_flag=True, help="Take the other rows where some cannot be used.")(function)


def tell(log: Any, count: int, what: str, skip_errors: bool, errors: Path | None) -> None:
    """Say on standard error what an import did; stop before anything is written if rows cannot be used."""
    if errors is not None:
        import csv
        import io

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["file", "row", "field", "code", "what", "expected", "remedy"])
        writer.writerows([p.file, p.row, p.field, p.code, p.what, p.expected, p.remedy] for p in log.problems)
        write_bytes(out.getvalue().encode(), errors)
    if not skip_errors:
        log.stop_if_any()
    from collections import Counter

    for problem in log.problems[:20]:
        click.echo(f"left out: {problem.file}, {problem}", err=True)
    if len(log.problems) > 20:
        click.echo(f"left out: {len(log.problems) - 20} more; `--errors FILE` lists them", err=True)
    for note, number in sorted(Counter(log.notes).items()):
        click.echo(f"{number} {note}", err=True)
    click.echo(f"{count} {what} from {log.rows} rows, {len(log.problems)} rows left out", err=True)


def join(texts: list[str], form: str) -> str:
    """Several reports in one output: a JSON list, one CSV header, else one after the other."""
    if len(texts) == 1:
        return texts[0]
    if form in ("json", "jdx"):
        return "[\n" + ",\n".join(text.rstrip("\n") for text in texts) + "\n]\n"
    if form == "csv":
        return texts[0] + "".join(text.split("\n", 1)[1] for text in texts[1:])
    if form == "html":
        raise InputError(
            "many_postings", f"{len(texts)} postings in one file", "one posting for an HTML page",
            "use `matcher batch FILE -o DIR`, or another --format",
        )  # fmt: skip
    return "".join(texts) if form == "jsonl" else "\n".join(texts)


def findings(found: list[str]) -> None:
    for finding in found:
        click.echo(finding)
    if found:
        click.echo(f"matcher: {len(found)} finding{'s' * (len(found) != 1)}", err=True)
        raise SystemExit(1)
    click.echo("No findings.", err=True)


def unknown(kind: str, id: str, group: str) -> NoReturn:
    raise InputError(
        "unknown_id",
        f"{kind} {id!r}: not in the inventory in use",
        "an id",
        f"find it with `matcher {group} search WORD`",
    )
