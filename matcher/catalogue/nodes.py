"""What the formats that we write have in common: how skills, hours and years stand in a node."""

from __future__ import annotations

from typing import Any

from matcher.catalogue.links import SKILL_URN
from matcher.jsonld import Node
from matcher.taxonomy import Taxonomy
from matcher.types import Credential


def add(out: Node, name: str, value: Any) -> None:
    """Set a property, unless there is nothing to say."""
    if value not in (None, [], (), ""):
        out[name] = value


def label_of(id: str, taxonomy: Taxonomy) -> str:
    """A skill's name; its id where the taxonomy in use does not have it."""
    return taxonomy.skill(id).label if id in taxonomy else id


def inferred_labels(c: Credential, taxonomy: Taxonomy) -> list[str]:
    """The names of skills that were inferred: keywords at most, since the issuer does not declare them."""
    return [taxonomy.skill(o.skill).label for o in c.outcomes if o.inferred and o.skill in taxonomy]


def skill_uri(id: str, taxonomy: Taxonomy) -> str:
    """A skill's own URI, else that of exactly the same concept in ESCO, else a URN with our id."""
    if id not in taxonomy:
        return SKILL_URN + id
    own = taxonomy.skill(id).uri
    exact = next(
        (code for scheme, code, match in taxonomy.crosswalk(id) if scheme == "esco" and match == "exact"), None
    )
    uri = own or exact
    return uri if uri and taxonomy.by_uri(uri) == id else SKILL_URN + id


def iso_years(years: float | None) -> str | None:
    """Whole years as an ISO 8601 duration; None for parts of years, and if they are not known.

    >>> iso_years(3.0), iso_years(0.5), iso_years(None)
    ('P3Y', None, None)
    """
    return f"P{int(years)}Y" if years is not None and years == int(years) else None


def iso_hours(hours: float | None) -> str | None:
    """Hours as an ISO 8601 duration; None if they are not known.

    >>> iso_hours(7.0), iso_hours(1.5), iso_hours(0.01)
    ('PT7H', 'PT1H30M', 'PT36S')
    """
    if hours is None:
        return None
    import datetime

    import isodate

    seconds = round(hours * 3600)
    whole, rest = divmod(seconds, 3600)
    minutes = isodate.duration_isoformat(datetime.timedelta(seconds=rest)).removeprefix("P").removeprefix("T")
    parts = (f"{whole}H" if whole or not rest else "") + ("" if not rest else minutes)
    return f"PT{parts}"
