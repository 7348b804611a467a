"""The public functions, one for each command: `extract`, `match`, `plan` (`batch` is in `matcher.runner`)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from matcher import catalogue as catalogues
from matcher import ranking
from matcher import taxonomy as taxonomies
from matcher.catalogue import Catalogue
from matcher.have import read_have
from matcher.pipeline import models, read_posting
from matcher.ranking import Filters, Policy
from matcher.readers import read_text
from matcher.taxonomy import Taxonomy
from matcher.types import Extraction, Limits, Mode, Plan, Posting, Report, Standing, Warning_

if TYPE_CHECKING:
    from matcher.demand import Source

_NAMED_ONE_BY_ONE = 10
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
    model: Mode = "accurate",
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
    model : {'fast', 'accurate'}
        *accurate* has an encoder read the ad as well, and finds what has no name in the inventory;
        *fast* takes a fiftieth of its time.

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
    found = read_posting(posting, taxonomy, models(model, taxonomy.path))
    requirements = ranking.weigh(found.requirements, policy)
    if have is not None:
        mine = have if isinstance(have, Mapping) else read_have(have, taxonomy)
        requirements = ranking.apply_have(requirements, mine)
        found = replace(found, warnings=(*found.warnings, *getattr(mine, "warnings", ())))
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
    stability: bool = False,
    model: Mode = "accurate",
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
    stability : bool
        Whether to draw the policy's numbers many times and see who stays first.
    model : {'fast', 'accurate'}
        As in `extract`.

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
            told = (*found.warnings, *getattr(mine, "warnings", ()))
            found = replace(found, requirements=ranking.apply_have(found.requirements, mine), warnings=told)
    else:
        found = extract(text, taxonomy=taxonomy, have=have, policy=policy, model=model)
    catalogue = catalogue or catalogues.load(taxonomy=taxonomy)
    country = found.country.code if found.country else None
    # whoever may come first under other numbers need not be among those shown
    result = ranking.rank(
        found.requirements, taxonomy, catalogue, policy=policy, filters=filters, top=None if stability else top,
        today=today, country=country,
    )  # fmt: skip
    stable = None
    if stability:
        from matcher.ranking.stability import stability as drawn

        stable = drawn(
            result.ranked, found.requirements, taxonomy, catalogue, policy=policy,
            country=None if filters and filters.country else country,
        )  # fmt: skip
    return Report(
        posting=found.posting,
        requirements=found.requirements,
        barriers=found.barriers,
        asked_for=ranking.asked_for(found.requirements, catalogue, country),
        ranking=result.ranked[:top],
        uncovered=result.uncovered,
        warnings=(*found.warnings, *_warnings(found, result, filters)),
        sections=found.sections,
        country=found.country,
        stability=stable,
        standing=_standing(found, have is not None),
    )


def plan(
    postings: Source | Iterable[Source],
    *,
    taxonomy: Taxonomy | None = None,
    catalogue: Catalogue | None = None,
    have: str | Path | Mapping[str, str | None] | None = None,
    limits: Limits | None = None,
    filters: Filters | None = None,
    policy: Policy = ranking.DEFAULT,
    top: int = 10,
    today: datetime.date | None = None,
    fronts: bool = True,
    model: Mode = "accurate",
) -> Plan:
    """Choose the credentials that together cover most of what one or many ads ask.

    Parameters
    ----------
    postings : source, or iterable of them
        Paths of files and folders, globs, a folder that `batch` wrote, texts (of more than one line),
        postings, extractions. An ad that stands there twice counts once.
    taxonomy, catalogue : optional
        The bundled ones if not given.
    have : str, Path or mapping, optional
        As in `extract`.
    limits : Limits, optional
        Number, hours, budget, what must be included; at most five credentials if not given.
    filters : Filters, optional
        Which credentials may be chosen.
    policy : Policy
    top : int
        How many single credentials to rank beside the plan.
    today : datetime.date, optional
        For the age of facts.
    fronts : bool
        Whether to compute coverage against hours and against cost.
    model : {'fast', 'accurate'}
        As in `extract`.

    Returns
    -------
    Plan

    Raises
    ------
    MatcherError
        If no ad can be read, nothing fits into the limits, the catalogue is empty, or its
        prerequisites go in a circle.

    Examples
    --------
    >>> found = plan("Office assistant\\nYou must know Excel, Word and bookkeeping.", limits=Limits(number=2))
    >>> len(found.steps) <= 2, found.method.name
    (True, 'exact')
    >>> abs(found.coverage - sum(row.share for step in found.steps for row in step.covers)) < 1e-12
    True
    """
    from matcher.demand import read_ads
    from matcher.ranking.limits import check
    from matcher.ranking.plan import make_plan

    if limits is not None:
        check(limits)
    taxonomy = taxonomy or taxonomies.load()
    mine = have if have is None or isinstance(have, Mapping) else read_have(have, taxonomy)
    ads, duplicates, warnings = read_ads(postings, taxonomy, have=mine, policy=policy, model=model)
    catalogue = catalogue or catalogues.load(taxonomy=taxonomy)
    found = make_plan(
        ads, taxonomy, catalogue, limits=limits, filters=filters, policy=policy, top=top, today=today, fronts=fronts
    )
    told = have is not None or any(ask.gap < 1 for ask in found.asks)
    stands = ranking.standing((ask.weight, ask.gap) for ask in found.asks) if told else None
    return replace(found, duplicates=duplicates, warnings=(*warnings, *found.warnings), standing=stands)


def _standing(found: Extraction, told: bool) -> Standing | None:
    """Where the person stands; None if nothing is said about them."""
    units = ranking.by_unit(found.requirements).values()
    if not told and not any(unit.gap < 1 for unit in units):
        return None
    return ranking.standing((unit.weight, unit.gap) for unit in units)


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
    for why in dict.fromkeys(why for _, why in result.left_out):
        names = [name for name, reason in result.left_out if reason == why]
        if len(names) > _NAMED_ONE_BY_ONE:
            some = f"{'; '.join(names[:3])} and {len(names) - 3} more are left out: {why}."
            warnings.append(Warning_("left_out", some))
            continue
        warnings.extend(Warning_("left_out", f"{name} is left out: {why}.") for name in names)
    return warnings
