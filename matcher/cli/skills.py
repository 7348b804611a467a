"""`matcher skills …`: look into the inventory of skills."""

from __future__ import annotations

from pathlib import Path

import click

from matcher.cli.options import findings, open_taxonomy, options, unknown


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
    if id not in inventory:
        unknown("skill", id, "skills")
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
    findings(validate(skill for file in files for skill in read_skills(file)))


@skills.command("stats")
@options("inventories")
def skills_stats(taxonomy: tuple[str, ...]) -> None:
    """Counts of the inventory."""
    inventory = open_taxonomy(taxonomy)
    by_type: dict[str, int] = {}
    for id in inventory.ids():
        kind = inventory.skill(id).type
        by_type[kind] = by_type.get(kind, 0) + 1
    click.echo(f"skills: {len(inventory)}\naliases: {inventory.meta['aliases']}")
    click.echo("\n".join(f"  {kind}: {count}" for kind, count in sorted(by_type.items())))
