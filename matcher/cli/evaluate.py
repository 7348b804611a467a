"""`matcher evaluate …`: measure against gold."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from matcher.cli.options import open_taxonomy, options, write
from matcher.types import Mode


@click.group()
def evaluate() -> None:
    """Measure the extractor against gold."""


@evaluate.command("postings")
@click.argument("gold", type=click.Path(dir_okay=False, path_type=Path))
@options("inventories", "model")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write what was wrong here (JSONL).")
def evaluate_gold(gold: Path, taxonomy: tuple[str, ...], model: Mode, form: str, errors: Path | None) -> None:
    """Whole ads: skills, needs, barriers and traps of GOLD.jsonl, over all and per occupation."""
    import json

    from matcher.api import extract as extract_one
    from matcher.evaluation import evaluate_postings
    from matcher.evaluation.tables import postings_table

    inventory = open_taxonomy(taxonomy)
    findings: list[dict[str, Any]] = []
    figures = evaluate_postings(gold, lambda posting: extract_one(posting, taxonomy=inventory, model=model), findings)
    if errors is not None:
        write("".join(json.dumps(finding, ensure_ascii=False) + "\n" for finding in findings), errors)
    click.echo(json.dumps(figures, indent=1) if form == "json" else postings_table(figures))


@evaluate.command("sections")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--paraphrases", is_flag=True, help="Twenty pairs of headings that other employers use, in turn.")
@options("inventories", "model")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate_lists(file: Path, paraphrases: bool, taxonomy: tuple[str, ...], model: Mode, form: str) -> None:
    """Need of what stands in the minimum and preferred lists of FILE (JSONL)."""
    import json

    from matcher.api import extract as extract_one
    from matcher.evaluation import evaluate_sections
    from matcher.evaluation.sections import OWN_HEADINGS, PARAPHRASES

    inventory = open_taxonomy(taxonomy)
    figures = evaluate_sections(
        file,
        lambda posting: extract_one(posting, taxonomy=inventory, model=model),
        PARAPHRASES if paraphrases else OWN_HEADINGS,
    )
    if form == "json":
        click.echo(json.dumps(figures, indent=1))
    else:
        click.echo("\n".join(f"{n}: {v if isinstance(v, int) else format(v, '.3f')}" for n, v in figures.items()))


@evaluate.command("link")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options("inventories")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option(
    "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write each sentence's ranking here (JSONL)."
)
@click.option("--by", metavar="PART", help="Rank by one part alone: trees, linear, or a feature such as dice.")
def evaluate_linking(file: Path, taxonomy: tuple[str, ...], form: str, errors: Path | None, by: str | None) -> None:
    """Sentences and the skills they mean, FILE (CSV: sentence[,span,sub_span],label): R-precision."""
    import json

    from matcher.evaluation import evaluate_links
    from matcher.linking import Linker
    from matcher.linking.features import FEATURES

    inventory = open_taxonomy(taxonomy)
    linker = Linker(inventory)
    findings: list[dict[str, Any]] = []
    if by not in (None, "trees", "linear", *FEATURES):
        raise click.BadParameter(f"{by!r}: one of trees, linear, {', '.join(FEATURES)}", param_hint="--by")
    ids = linker.index.ids
    figures = evaluate_links(
        file,
        lambda texts, top: [[(ids[at], score) for at, score in linker.rank(text, by)[:top]] for text in texts],
        {brief.label.lower(): brief.id for brief in inventory.brief.values()},
        findings,
    )
    if errors is not None:
        write("".join(json.dumps(finding, ensure_ascii=False) + "\n" for finding in findings), errors)
    if form == "json":
        click.echo(json.dumps(figures, indent=1))
        return
    low, high = figures["rp@5_interval"]
    click.echo(
        f"RP@1 {figures['rp@1']:.3f}  RP@5 {figures['rp@5']:.3f} (95% {low:.3f}–{high:.3f})  RP@10 {figures['rp@10']:.3f}  "
        f"MRR {figures['mrr']:.3f}  calibration error {figures['calibration_error'] or 0:.3f}\n"
        f"{figures['sentences']} sentences, {figures['labels']} labels, "
        f"{len(figures['labels_not_in_taxonomy'])} labels not in the taxonomy"
    )


@evaluate.command("ranking")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--half", type=click.Choice(["tune", "final", "all"]), default="tune", show_default=True, help="Which ads."
)
@click.option(
    "--pool", type=click.IntRange(min=1), metavar="K", help="Write what graders see instead: each system's first K."
)
@click.option(
    "--encoder", type=click.Path(path_type=Path), metavar="DIR", help="Compare with this sentence encoder too."
)
@click.option("--catalogue", multiple=True, metavar="PATH", help="As in `matcher match`.")
@click.option("--columns", metavar="A=B,…", help="As in `matcher match`.")
@options("inventories")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def evaluate_order(
    file: Path, half: str, pool: int | None, encoder: Path | None, catalogue: tuple[str, ...], columns: str | None,
    taxonomy: tuple[str, ...], form: str, output: Path | None,
) -> None:  # fmt: skip
    """Rankings against the grades of FILE (JSONL): ours, its ablations, and simpler systems.

    With --pool K, FILE holds ads without grades, and the output is the pool for blind grading (JSONL).
    """
    import json

    from matcher.cli.options import open_catalogue
    from matcher.evaluation.ranking import evaluate_ranking
    from matcher.evaluation.ranking import pool as make_pool
    from matcher.evaluation.tables import ranking_table

    skills = open_taxonomy(taxonomy)
    credentials = open_catalogue(catalogue, columns, skills)
    if pool is not None:
        rows = make_pool(file, skills, credentials, top=pool, encoder=encoder)
        write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), output)
        return
    figures = evaluate_ranking(file, skills, credentials, half=half, encoder=encoder)
    write((json.dumps(figures, indent=1) if form == "json" else ranking_table(figures)) + "\n", output)


@evaluate.command("spans")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--model",
    "mode",
    type=click.Choice(["fast", "accurate"]),
    default="accurate",
    show_default=True,
    help="Which span model.",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate_proposals(file: Path, mode: Literal["fast", "accurate"], form: str) -> None:
    """Skill and knowledge spans of FILE (SkillSpan's JSON): exact match, micro."""
    import json

    from matcher.evaluation import evaluate_spans
    from matcher.pipeline.proposals import load

    figures = evaluate_spans(file, load(mode).tag)
    if form == "json":
        click.echo(json.dumps(figures, indent=1))
        return
    click.echo(f"{'layer':<10} {'precision':>9} {'recall':>7} {'f1':>7}")
    for layer in ("skill", "knowledge"):
        row = figures[layer]
        click.echo(f"{layer:<10} {row['precision']:>9.3f} {row['recall']:>7.3f} {row['f1']:>7.3f}")
    click.echo(f"sentences: {figures['sentences']}")
