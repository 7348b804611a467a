"""The command line: parse, call one library function, print."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

import matcher
from matcher.errors import InputError, MatcherError

FORMATS = ("table", "json", "jsonl", "csv", "md", "html")


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


class _Jobs(click.IntRange):
    """A number of processes, or -1 for one a core."""

    def __init__(self) -> None:
        super().__init__(min=-1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if number == 0:
            self.fail("0 processes do no work; use 1 or more, or -1 for one a core", param, ctx)
        return number


def _options(*groups: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
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
        "have": [
            click.option("--have", metavar="PATH|TEXT", help="Skills you have: a list, a résumé, a JSON Resume."),
            click.option("--requirements", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="An edited `extract --format json` instead of reading the ad again."),
        ],
        "output": [
            click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="Form of the result."),
            click.option("--explain", is_flag=True, help="Show the rows that sum to each score."),
            click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."),
            click.option("--quiet", is_flag=True, help="Nothing on standard error but errors."),
        ],
    }  # fmt: skip

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for group in reversed(groups):
            for option in reversed(table[group]):
                function = option(function)
        return function

    return decorate


def _read_one(file: str | None, quiet: bool) -> list[Any]:
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


def _columns(text: str | None) -> dict[str, str] | None:
    if not text:
        return None
    pairs = [pair.split("=", 1) for pair in text.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise click.BadParameter(f"{text!r}: write pairs such as name=title,issuer=organization")
    return {field.strip(): column.strip() for field, column in pairs}


def _open_taxonomy(paths: tuple[str, ...]) -> Any:
    from matcher import taxonomy

    return taxonomy.load(paths or ("bundled",))


def _open_catalogue(paths: tuple[str, ...], columns: str | None, skills: Any) -> Any:
    from matcher import catalogue

    return catalogue.load(paths or ("bundled",), skills, _columns(columns))


def _filters(options: dict[str, Any]) -> Any:
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


def _write(text: str, output: Path | None) -> None:
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


@main.command()
@click.argument("file", required=False)
@_options("inventories", "catalogue", "have", "output")
def match(
    file: str | None, taxonomy: tuple[str, ...], catalogue: tuple[str, ...], columns: str | None,
    have: str | None, requirements: Path | None, form: str, explain: bool, output: Path | None,
    quiet: bool, top: int, **limits: Any,
) -> None:  # fmt: skip
    """Rank credentials for the ad in FILE, or pasted on standard input."""
    from matcher.api import match as match_one
    from matcher.report import render

    skills = _open_taxonomy(taxonomy)
    credentials = _open_catalogue(catalogue, columns, skills)
    filters = _filters(limits)
    if requirements is not None:
        from matcher.requirements import read_requirements

        inputs: list[Any] = [read_requirements(requirements, skills)]
    else:
        inputs = _read_one(file, quiet)
    texts = [
        render(
            match_one(one, taxonomy=skills, catalogue=credentials, have=have, filters=filters, top=top),
            form, explain=explain,
        )
        for one in inputs
    ]  # fmt: skip
    _write(_join(texts, form), output)


@main.command()
@click.argument("file", required=False)
@_options("inventories", "output")
@click.option("--have", metavar="PATH|TEXT", help="Skills you have: a list, a résumé, a JSON Resume.")
def extract(
    file: str | None, taxonomy: tuple[str, ...], have: str | None, form: str, explain: bool,
    output: Path | None, quiet: bool,
) -> None:  # fmt: skip
    """Show what the ad in FILE, or pasted on standard input, requires."""
    from matcher.api import extract as extract_one
    from matcher.report import render

    skills = _open_taxonomy(taxonomy)
    texts = [
        render(extract_one(one, taxonomy=skills, have=have), form, explain=explain) for one in _read_one(file, quiet)
    ]
    _write(_join(texts, form), output)


@main.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "-o",
    "--output",
    "out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the tables.",
)
@_options("inventories", "catalogue")
@click.option("--have", metavar="PATH|TEXT", help="Skills you have: a list, a résumé, a JSON Resume.")
@click.option("--jobs", type=_Jobs(), default=-1, show_default="-1, one a core", help="Processes.")
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

    skills = _open_taxonomy(taxonomy)
    result = run_batch(
        paths, out, taxonomy=skills, catalogue=_open_catalogue(catalogue, columns, skills), have=have,
        filters=_filters(limits), top=top, jobs=jobs, backend=backend,
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


def _join(texts: list[str], form: str) -> str:
    """Several reports in one output: a JSON list, one CSV header, else one after the other."""
    if len(texts) == 1:
        return texts[0]
    if form == "json":
        return "[\n" + ",\n".join(text.rstrip("\n") for text in texts) + "\n]\n"
    if form == "csv":
        return texts[0] + "".join(text.split("\n", 1)[1] for text in texts[1:])
    if form == "html":
        raise InputError(
            "many_postings", f"{len(texts)} postings in one file", "one posting for an HTML page",
            "use `matcher batch FILE -o DIR`, or another --format",
        )  # fmt: skip
    return "".join(texts) if form == "jsonl" else "\n".join(texts)


@main.group()
def skills() -> None:
    """Look into the skills inventory."""


@main.group()
def credentials() -> None:
    """Look into the catalogue of credentials."""


@skills.command("search")
@click.argument("words")
@_options("inventories")
def skills_search(words: str, taxonomy: tuple[str, ...]) -> None:
    """Skills whose names hold WORDS."""
    found = _open_taxonomy(taxonomy).search(words)
    if not found:
        click.echo(f"No skill's name holds {words!r}.", err=True)
    for skill in found:
        click.echo(f"{skill.id}\t{skill.label}\t{skill.type}\t{' | '.join(skill.aliases)}")


@skills.command("show")
@click.argument("id")
@_options("inventories")
def skills_show(id: str, taxonomy: tuple[str, ...]) -> None:
    """Everything about the skill ID."""
    inventory = _open_taxonomy(taxonomy)
    if id not in inventory:
        _unknown("skill", id, "skills")
    skill = inventory.skill(id)
    rows = [("id", skill.id), ("label", skill.label), ("type", skill.type), ("aliases", " | ".join(skill.aliases))]
    rows += [
        ("kind or piece of", ", ".join(inventory.parents(id))),
        ("kinds and pieces", ", ".join(inventory.children(id))),
    ]
    rows += [
        ("related", ", ".join(skill.related)),
        ("ambiguous", " | ".join(skill.ambiguous)),
        ("uri", skill.uri or ""),
        ("note", skill.note or ""),
    ]
    click.echo("\n".join(f"{name}: {value}" for name, value in rows if value))


@skills.command("validate")
@click.argument("path", required=False)
def skills_validate(path: str | None) -> None:
    """Check the bundled skills, or the CSV file or folder PATH."""
    from matcher import store
    from matcher.taxonomy import read_skills, validate
    from matcher.taxonomy.read import skill_files

    files = skill_files(Path(path) if path else store.corpora() / "skills")
    _findings(validate(skill for file in files for skill in read_skills(file)))


@skills.command("stats")
@_options("inventories")
def skills_stats(taxonomy: tuple[str, ...]) -> None:
    """Counts of the inventory."""
    inventory = _open_taxonomy(taxonomy)
    by_type: dict[str, int] = {}
    for id in inventory.ids():
        kind = inventory.skill(id).type
        by_type[kind] = by_type.get(kind, 0) + 1
    click.echo(f"skills: {len(inventory)}\naliases: {inventory.meta['aliases']}")
    click.echo("\n".join(f"  {kind}: {count}" for kind, count in sorted(by_type.items())))


@credentials.command("search")
@click.argument("words")
@click.option("--catalogue", multiple=True, metavar="PATH")
def credentials_search(words: str, catalogue: tuple[str, ...]) -> None:
    """Credentials whose name or issuer holds WORDS."""
    found = _open_catalogue(catalogue, None, _open_taxonomy(())).search(words)
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

    inventory = _open_catalogue(catalogue, None, _open_taxonomy(()))
    if id not in inventory:
        _unknown("credential", id, "credentials")
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

    inventory = _open_taxonomy(())
    files = credential_files(Path(path) if path else store.corpora() / "credentials")
    _findings(validate((c for file in files for c in read_credentials(file, inventory)), inventory))


@credentials.command("stats")
@click.option("--catalogue", multiple=True, metavar="PATH")
def credentials_stats(catalogue: tuple[str, ...]) -> None:
    """Counts of the catalogue and how much of it is known."""
    from matcher.catalogue.stats import stats

    inventory = _open_catalogue(catalogue, None, _open_taxonomy(()))
    for name, value in stats(inventory.credential(id) for id in inventory.ids()):
        click.echo(f"{name}: {value}")


@main.group()
def evaluate() -> None:
    """Measure the extractor against gold."""


@evaluate.command("postings")
@click.argument("gold", type=click.Path(dir_okay=False, path_type=Path))
@_options("inventories")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write what was wrong here (JSONL).")
def evaluate_gold(gold: Path, taxonomy: tuple[str, ...], form: str, errors: Path | None) -> None:
    """Whole ads: skills, needs, barriers and traps of GOLD.jsonl, over all and per occupation."""
    import json

    from matcher.api import extract as extract_one
    from matcher.evaluation import evaluate_postings
    from matcher.evaluation.tables import postings_table

    inventory = _open_taxonomy(taxonomy)
    findings: list[dict[str, Any]] = []
    figures = evaluate_postings(gold, lambda posting: extract_one(posting, taxonomy=inventory), findings)
    if errors is not None:
        _write("".join(json.dumps(finding, ensure_ascii=False) + "\n" for finding in findings), errors)
    click.echo(json.dumps(figures, indent=1) if form == "json" else postings_table(figures))


@evaluate.command("sections")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--paraphrases", is_flag=True, help="Twenty pairs of headings that other employers use, in turn.")
@_options("inventories")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate_lists(file: Path, paraphrases: bool, taxonomy: tuple[str, ...], form: str) -> None:
    """Need of what stands in the minimum and preferred lists of FILE (JSONL)."""
    import json

    from matcher.api import extract as extract_one
    from matcher.evaluation import evaluate_sections
    from matcher.evaluation.sections import OWN_HEADINGS, PARAPHRASES

    inventory = _open_taxonomy(taxonomy)
    figures = evaluate_sections(
        file, lambda posting: extract_one(posting, taxonomy=inventory), PARAPHRASES if paraphrases else OWN_HEADINGS
    )
    if form == "json":
        click.echo(json.dumps(figures, indent=1))
    else:
        click.echo("\n".join(f"{n}: {v if isinstance(v, int) else format(v, '.3f')}" for n, v in figures.items()))


def _findings(found: list[str]) -> None:
    for finding in found:
        click.echo(finding)
    if found:
        click.echo(f"matcher: {len(found)} finding{'s' * (len(found) != 1)}", err=True)
        raise SystemExit(1)
    click.echo("No findings.", err=True)


def _unknown(kind: str, id: str, group: str) -> NoReturn:
    raise InputError(
        "unknown_id",
        f"{kind} {id!r}: not in the inventory in use",
        "an id",
        f"find it with `matcher {group} search WORD`",
    )
