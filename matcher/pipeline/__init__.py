"""Read an ad: sections, barriers, skills, needs, in this order.

Each step is a plain function that fills a `Reading`; `matcher.pipeline.components` offers the same
steps as spaCy components.
"""

from __future__ import annotations

from matcher.pipeline.barriers import read_barriers
from matcher.pipeline.country import country_of
from matcher.pipeline.needs import read_needs
from matcher.pipeline.reading import Reading
from matcher.pipeline.sections import read_sections
from matcher.pipeline.skills import read_skills
from matcher.pipeline.spans import read_spans
from matcher.taxonomy import Taxonomy
from matcher.types import Extraction, Posting, Warning_

__all__ = ["Reading", "read", "read_posting"]


def read(text: str, taxonomy: Taxonomy) -> Reading:
    """Run all steps over a text.

    Examples
    --------
    >>> from matcher.taxonomy import load
    >>> reading = read("Requirements: Excel. French is a plus. No Java needed.", load())
    >>> [(r.skill, r.need) for r in reading.requirements]
    [('microsoft-excel', 'required'), ('french', 'preferred'), ('java', 'not_required')]
    """
    reading = read_sections(text, taxonomy.vocabulary.__contains__)
    read_barriers(reading)
    read_skills(reading, taxonomy)
    read_spans(reading, taxonomy)
    read_needs(reading)
    return reading


def read_posting(posting: Posting, taxonomy: Taxonomy) -> Extraction:
    """What a posting asks for, weights and gaps not yet set."""
    reading = read(posting.text, taxonomy)
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
