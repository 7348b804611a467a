"""`matcher skills …`: look into the inventory of skills, bring one in, take it out."""

from __future__ import annotations

from pathlib import Path

import click

from matcher.cli.options import findings, import_options, open_taxonomy, options, tell, unknown, write, write_bytes


@click.group()
def skills() -> None:
    """Look into the skills inventory."""


@skills.command("search")
@click.argument("words")
@options("inventories")
def skills_search(words: str, taxonomy: tuple[str, ...]) -> None:
    """Skills whose names hold WORDS."""
    found = open_taxonomy(taxonomy).search(words)
    if not found:
        click.echo(f"No skill's name holds {words!r}.", err=True)
    for skill in found:
        click.echo(f"{skill.id}\t{skill.label}\t{skill.type}\t{' | '.join(skill.aliases)}")


@skills.command("show")
@click.argument("id")
@options("inventories")
def skills_show(id: str, taxonomy: tuple[str, ...]) -> None:
    """Everything about the skill ID."""
    inventory = open_taxonomy(taxonomy)
    try:
        skill = inventory.skill(id)
    except KeyError:
        unknown("skill", id, "skills")
    rows = [("id", skill.id), ("label", skill.label), ("type", "group" if skill.group else skill.type)]
    rows += [
        ("aliases", " | ".join(skill.aliases)),
        ("kind or piece of", ", ".join(inventory.parents(id))),
        ("kinds and pieces", ", ".join(inventory.children(id))),
    ]
    rows += [
        ("related", ", ".join(skill.related)),
        ("ambiguous", " | ".join(skill.ambiguous)),
        ("uri", skill.uri or ""),
        ("note", skill.note or ""),
    ]
    rows += [(scheme, f"{code} ({match} match)") for scheme, code, match in inventory.crosswalk(id)]
    click.echo("\n".join(f"{name}: {value}" for name, value in rows if value))


@skills.command("tree")
@click.argument("id", required=False)
@options("inventories")
@click.option("--depth", type=click.IntRange(min=0), help="At most so many steps down.")
def skills_tree(id: str | None, taxonomy: tuple[str, ...], depth: int | None) -> None:
    """What stands under the skill or group ID, or under all that have nothing above them."""
    from matcher.taxonomy.export import tree

    inventory = open_taxonomy(taxonomy)
    if id is not None:
        try:
            inventory.skill(id)
        except KeyError:
            unknown("skill", id, "skills")
    for level, node in tree(inventory, id, depth):
        click.echo(f"{'  ' * level}{inventory.skill(node).label}\t{node}")


@skills.command("validate")
@click.argument("path", required=False)
def skills_validate(path: str | None) -> None:
    """Check the bundled skills, or the file or folder PATH."""
    from matcher import store
    from matcher.rows import Log
    from matcher.taxonomy import validate
    from matcher.taxonomy.check import validate_crosswalk
    from matcher.taxonomy.read import crosswalk_files, read_crosswalk, read_files, skill_files

    place = Path(path) if path else store.corpora() / "skills"
    log = Log()
    # a file at a time: an id that stands in two files is a finding
    found = [skill for file in skill_files(place) for skill in read_files([file], log)] if not _is_download(place) else read_files(skill_files(place), log)  # fmt: skip
    walked = read_crosswalk(crosswalk_files(place), log)
    log.stop_if_any()
    findings([*validate(found), *validate_crosswalk(walked, found)])


def _is_download(place: Path) -> bool:
    """Whether the files only make sense together."""
    from matcher.taxonomy import esco
    from matcher.taxonomy.read import skill_files

    return any(map(esco.is_skills, skill_files(place)))


@skills.command("stats")
@options("inventories")
def skills_stats(taxonomy: tuple[str, ...]) -> None:
    """Counts of the inventory."""
    inventory = open_taxonomy(taxonomy)
    by_type: dict[str, int] = {}
    for id in inventory.ids():
        kind = inventory.brief[id].type
        by_type[kind] = by_type.get(kind, 0) + 1
    click.echo(f"skills: {len(inventory)}\naliases: {inventory.meta['aliases']}")
    click.echo("\n".join(f"  {kind}: {count}" for kind, count in sorted(by_type.items())))
    if inventory.meta["groups"] != "0":
        click.echo(f"groups: {inventory.meta['groups']}")


@skills.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Our CSV form.")
@import_options
def skills_import(path: Path, output: Path, skip_errors: bool, errors: Path | None) -> None:
    """Turn PATH into our CSV: the download of ESCO or of O*NET, a competency framework, JSON, Parquet, CSV.

    `--taxonomy PATH` reads the same files directly.
    """
    from matcher.rows import Log
    from matcher.taxonomy.export import export
    from matcher.taxonomy.read import read_files, skill_files

    log = Log()
    found = read_files(skill_files(path), log)
    tell(log, len(found), "skills", skip_errors, errors)
    write_bytes(export(found, "csv"), output)


@skills.command("export")
@options("inventories")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl", "parquet", "json"]), default="csv", show_default=True)  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def skills_export(taxonomy: tuple[str, ...], form: str, output: Path | None) -> None:
    """Write the inventory in use to a file that is read back as the same."""
    from matcher.taxonomy.export import export

    inventory = open_taxonomy(taxonomy)
    write_bytes(export((inventory.skill(id) for id in [*inventory.ids(), *inventory.groups()]), form), output)


@skills.command("crosswalk")
@click.option("--esco", type=click.Path(exists=True, path_type=Path), help="The folder of ESCO's CSV download.")
@click.option(
    "--onet", type=click.Path(exists=True, path_type=Path), help="The folder of O*NET's workbooks or text files."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def skills_crosswalk(esco: Path | None, onet: Path | None, output: Path | None) -> None:
    """Find what the bundled skills are called in ESCO and O*NET, by equal names alone.

    How `corpora/skills/crosswalk.csv` is made.
    """
    from matcher import store
    from matcher.rows import Log
    from matcher.taxonomy.crosswalk import as_csv, to_esco, to_onet
    from matcher.taxonomy.read import read_files, skill_files

    if esco is None and onet is None:
        raise click.UsageError("name --esco FOLDER, --onet FOLDER or both")
    log = Log()
    ours = read_files(skill_files(store.corpora() / "skills"), log)
    rows = []
    if esco is not None:
        rows += to_esco(ours, read_files(skill_files(esco), log))
    if onet is not None:
        rows += to_onet(ours, read_files(skill_files(onet), log))
    log.stop_if_any()
    write(as_csv(rows), output)
