"""Read an ad: sections, barriers, skills, needs, in this order.

Each step is a plain function that fills a `Reading`; `matcher.pipeline.components` offers the same
steps as spaCy components.
"""

from __future__ import annotations

from matcher.pipeline.asked import Asked
from matcher.pipeline.barriers import read_barriers
from matcher.pipeline.needs import decide_needs, gather
from matcher.pipeline.reading import Hit, Reading
from matcher.pipeline.sections import read_sections
from matcher.pipeline.skills import read_skills
from matcher.pipeline.spans import read_spans
from matcher.taxonomy import Taxonomy
from matcher.types import Extraction, Posting, Warning_

__all__ = ["Reading", "candidates", "read", "read_posting"]


def candidates(text: str, taxonomy: Taxonomy) -> tuple[Reading, list[Hit]]:
    """Every name that might be asked for, with what speaks against it; for training and for those who want to see."""
    reading = _found(text, taxonomy)
    decide_needs(reading)
    return reading, [*reading.hits]


def read(text: str, taxonomy: Taxonomy, asked: Asked | None = None) -> Reading:
    """Run all steps over a text.

    Parameters
    ----------
    text : str
    taxonomy : Taxonomy
    asked : Asked, optional
        The learnt judgement; without it the rules have the last word.

    Examples
    --------
    >>> from matcher.taxonomy import load
    >>> reading = read("Requirements: Excel. French is a plus. No Java needed.", load())
    >>> [(r.skill, r.need) for r in reading.requirements]
    [('microsoft-excel', 'required'), ('french', 'preferred'), ('java', 'not_required')]
    """
    reading = _found(text, taxonomy)
    decide_needs(reading)
    if asked is None:
        reading.hits = [hit for hit in reading.hits if hit.against is None]
    else:
        reading.hits = asked.keep(reading, reading.hits, taxonomy)
    gather(reading)
    return reading


def _found(text: str, taxonomy: Taxonomy) -> Reading:
    reading = read_sections(text, taxonomy.vocabulary.__contains__)
    read_barriers(reading)
    read_skills(reading, taxonomy)
    read_spans(reading, taxonomy)
    return reading


def read_posting(posting: Posting, taxonomy: Taxonomy, asked: Asked | None = None) -> Extraction:
    """What a posting asks for, weights and gaps not yet set."""
    reading = read(posting.text, taxonomy, asked)
    requirements = tuple(reading.requirements)
    warnings: tuple[Warning_, ...] = ()
    if not any(r.need != "not_required" for r in requirements):
        warnings = (
            Warning_(
                "no_requirements",
                "No requirements found: nothing in this text asks for a skill that the taxonomy knows.",
            ),
        )
    return Extraction(posting, requirements, tuple(reading.barriers), (), tuple(reading.sections), warnings)
