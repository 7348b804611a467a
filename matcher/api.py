"""The public functions, one for each command: `extract` and `match` (`batch` is in `matcher.runner`)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from matcher import catalogue as catalogues
from matcher import ranking
from matcher import taxonomy as taxonomies
from matcher.catalogue import Catalogue
from matcher.have import read_have
from matcher.pipeline import asked, read_posting
from matcher.ranking import Filters, Policy
from matcher.readers import read_text
from matcher.taxonomy import Taxonomy
from matcher.types import Extraction, Posting, Report, Warning_

NOTICE = (
    "Coverage says which of the ad's requirements a credential's published outcomes address. "
    "It is not a promise of being hired, and employers differ in what they recognise."
)


def extract(
    text: str | Posting,
    *,
    taxonomy: Taxonomy | None = None,
    have: str | Path | Mapping[str, str | None] | None = None,
    policy: Policy = ranking.DEFAULT,
) -> Extraction:
    """What a job ad asks of the applicant.

    Parameters
    ----------
    text : str or Posting
        The ad. Every offset in the result is a code point of it, as given.
    taxonomy : Taxonomy, optional
        The skills inventory; the bundled one if not given.
    have : str, Path or mapping, optional
        What the person has: a list, a résumé, a JSON Resume, or skill id -> level.
    policy : Policy
        Weights of needs.

    Returns
    -------
    Extraction

    Raises
    ------
    InputError
        If the text is empty, binary, too large or not English.

    Examples
    --------
    >>> found = extract("Bookkeeper. You must know Xero. French is a plus. No Java experience needed.")
    >>> [(r.label, r.need) for r in found.requirements]
    [('Xero', 'required'), ('French', 'preferred'), ('Java', 'not_required')]
    """
    posting = text if isinstance(text, Posting) else read_text(text)
    taxonomy = taxonomy or taxonomies.load()
    found = read_posting(posting, taxonomy, asked.load())
    requirements = ranking.weigh(found.requirements, policy)
    if have is not None:
        mine = have if isinstance(have, Mapping) else read_have(have, taxonomy)
        requirements = ranking.apply_have(requirements, mine)
    return replace(found, requirements=requirements)


def match(
    text: str | Posting | Extraction,
    *,
    taxonomy: Taxonomy | None = None,
    catalogue: Catalogue | None = None,
    have: str | Path | Mapping[str, str | None] | None = None,
    filters: Filters | None = None,
    policy: Policy = ranking.DEFAULT,
    top: int | None = 10,
    today: datetime.date | None = None,
) -> Report:
    """Rank credentials by how directly they cover what a job ad asks.

    Parameters
    ----------
    text : str, Posting or Extraction
        The ad, or what was already extracted from it (and perhaps corrected by hand).
    taxonomy : Taxonomy, optional
    catalogue : Catalogue, optional
        The bundled ones if not given.
    have : str, Path or mapping, optional
        As in `extract`.
    filters : Filters, optional
        Limits on credentials.
    policy : Policy
    top : int, optional
        How many credentials; None for all that cover anything.
    today : datetime.date, optional
        For the age of facts.

    Returns
    -------
    Report

    Examples
    --------
    >>> report = match("Kitchen assistant. Food hygiene certificate required. HACCP knowledge essential.")
    >>> best = report.ranking[0]
    >>> abs(best.score - sum(row.share for row in best.covers)) < 1e-12
    True
    """
    taxonomy = taxonomy or taxonomies.load()
    if isinstance(text, Extraction):
        found = replace(text, requirements=ranking.weigh(text.requirements, policy))
        if have is not None:
            mine = have if isinstance(have, Mapping) else read_have(have, taxonomy)
            found = replace(found, requirements=ranking.apply_have(found.requirements, mine))
    else:
        found = extract(text, taxonomy=taxonomy, have=have, policy=policy)
    catalogue = catalogue or catalogues.load(taxonomy=taxonomy)
    result = ranking.rank(found.requirements, taxonomy, catalogue, policy=policy, filters=filters, top=top, today=today)
    return Report(
        posting=found.posting,
        requirements=found.requirements,
        barriers=found.barriers,
        asked_for=ranking.asked_for(found.requirements, catalogue),
        ranking=result.ranked,
        uncovered=result.uncovered,
        warnings=(*found.warnings, *_warnings(found, result, filters)),
        sections=found.sections,
    )


def _warnings(found: Extraction, result: ranking.Ranking, filters: Filters | None) -> list[Warning_]:
    warnings = []
    asked = [r for r in found.requirements if r.weight > 0]
    if asked and not any(r.gap > 0 for r in asked):
        warnings.append(
            Warning_("nothing_to_cover", "You have everything that this ad asks for; there is nothing left to cover.")
        )
    elif asked and not result.ranked:
        if filters is not None and filters != Filters():
            warnings.append(Warning_("filtered_out", "No credential within your limits covers anything of this ad."))
        else:
            warnings.append(Warning_("not_covered", "No credential of the catalogue covers anything of this ad."))
    for name, why in result.left_out:
        warnings.append(Warning_("left_out", f"{name} is left out: {why}."))
    return warnings
