"""Read an ad: sections, barriers, skills, needs, in this order.

Each step is a plain function that fills a `Reading`; `matcher.pipeline.components` offers the same
steps as spaCy components.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from matcher.pipeline.asked import Asked
from matcher.pipeline.asked import load as load_asked
from matcher.pipeline.barriers import add_conditions, read_barriers
from matcher.pipeline.country import country_of
from matcher.pipeline.needs import decide_needs, gather
from matcher.pipeline.reading import Hit, Reading
from matcher.pipeline.sections import read_sections
from matcher.pipeline.skills import read_skills
from matcher.pipeline.spans import read_spans
from matcher.pipeline.tagged import Linking, Tagger, read_tags, take_spans, weigh_hits
from matcher.taxonomy import Taxonomy
from matcher.types import Extraction, Mode, Posting, Warning_

__all__ = ["Models", "Reading", "candidates", "judge", "models", "read", "read_posting"]


def candidates(text: str, taxonomy: Taxonomy) -> tuple[Reading, list[Hit]]:
    """Every name that might be asked for, with what speaks against it; for training and for those who want to see."""
    reading = _found(text, taxonomy)
    decide_needs(reading)
    return reading, [*reading.hits]


class Models(NamedTuple):
    """What is learnt: the judgement over the rules, a span model, and a linker for what it finds."""

    asked: Asked
    tagger: Tagger | None = None
    linker: Linking | None = None


@lru_cache(maxsize=8)
def models(mode: Mode, taxonomy: Path) -> Models:
    """The shipped models of a mode.

    Parameters
    ----------
    mode : {'fast', 'accurate'}
        *fast*: names of the inventory, judged; *accurate*: a small encoder reads the ad too and
        proposes what has no name in it.
    taxonomy : Path
        The compiled taxonomy to which proposals are linked.

    Raises
    ------
    ModelError
        If a file is missing or damaged.
    """
    if mode == "fast":
        return Models(load_asked(mode))
    from matcher.linking import Linker
    from matcher.pipeline.proposals import load

    return Models(load_asked(mode), load(mode), Linker(Taxonomy(taxonomy)))


def read(text: str, taxonomy: Taxonomy, learnt: Models | None = None) -> Reading:
    """Run all steps over a text.

    Parameters
    ----------
    text : str
    taxonomy : Taxonomy
    learnt : Models, optional
        Without them the rules have the last word.

    Examples
    --------
    >>> from matcher.taxonomy import load
    >>> reading = read("Requirements: Excel. French is a plus. No Java needed.", load())
    >>> [(r.skill, r.need) for r in reading.requirements]
    [('microsoft-excel', 'required'), ('french', 'preferred'), ('java', 'not_required')]
    """
    reading = _found(text, taxonomy)
    decide_needs(reading)
    judge(reading, taxonomy, learnt)
    gather(reading)
    return reading


def judge(reading: Reading, taxonomy: Taxonomy, learnt: Models | None) -> None:
    """Keep of `reading.hits` what is asked for, and add what a span model finds beside it."""
    if learnt is None:
        reading.hits = [hit for hit in reading.hits if hit.against is None]
        return
    if learnt.tagger is None:
        reading.hits = learnt.asked.keep(reading, reading.hits, taxonomy)
        return
    read_tags(reading, learnt.tagger)
    decide_asked(reading, taxonomy, learnt.asked, learnt.linker)


def decide_asked(reading: Reading, taxonomy: Taxonomy, asked: Asked, linker: Linking | None) -> None:
    """Keep the hits that are asked for, in the words and with the need that a span model sees, and add what it finds beside them."""
    kept = asked.keep(reading, reading.hits, taxonomy)
    add_conditions(reading)
    reading.hits = take_spans(reading, kept, taxonomy, linker)
    weigh_hits(reading, reading.hits)


def _found(text: str, taxonomy: Taxonomy) -> Reading:
    reading = read_sections(text, taxonomy.vocabulary.__contains__)
    read_barriers(reading)
    read_skills(reading, taxonomy)
    read_spans(reading, taxonomy)
    return reading


def read_posting(posting: Posting, taxonomy: Taxonomy, learnt: Models | None = None) -> Extraction:
    """What a posting asks for, weights and gaps not yet set."""
    reading = read(posting.text, taxonomy, learnt)
    requirements = tuple(reading.requirements)
    warnings: tuple[Warning_, ...] = ()
    if not any(r.need != "not_required" for r in requirements):
        warnings = (
            Warning_(
                "no_requirements",
                "No requirements found: nothing in this text asks for a skill that the taxonomy knows.",
            ),
        )
    country = country_of(posting.text, reading.words.norm)
    return Extraction(posting, requirements, tuple(reading.barriers), (), tuple(reading.sections), warnings, country)
