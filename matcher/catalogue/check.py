"""Check a catalogue: ids, enums, links, sources behind facts. Every finding is one line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from matcher.taxonomy import Taxonomy
from matcher.taxonomy.check import cycles
from matcher.types import ASSESSMENTS, CREDENTIAL_ASSESSMENTS, CREDENTIAL_TYPES, ISSUER_KINDS, Credential

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_SOURCED = ("hours", "cost", "assessment")


def validate(credentials: Iterable[Credential], taxonomy: Taxonomy) -> list[str]:
    """Findings, empty if all is well."""
    credentials = list(credentials)
    found: list[str] = []
    by_id: dict[str, Credential] = {}
    for c in credentials:
        if c.id in by_id:
            found.append(f"{c.id}: the id stands twice")
        by_id[c.id] = c
        found.extend(f"{c.id}: {finding}" for finding in _entry(c, taxonomy))
    for c in credentials:
        for column in ("prerequisite", "part_of", "leads_to"):
            found.extend(
                f"{c.id}: {column} names {other}, which is no entry"
                for other in getattr(c, column)
                if other not in by_id
            )
    needs = {c.id: list(c.prerequisite) for c in credentials}
    found.extend(f"cycle of prerequisites: {' -> '.join(cycle)}" for cycle in cycles(needs))
    return found


def _entry(c: Credential, taxonomy: Taxonomy) -> list[str]:
    found = []
    if not _ID.fullmatch(c.id):
        found.append("the id is no slug")
    if not c.issuer or not c.url:
        found.append("issuer and url are needed")
    elif not c.url.startswith(("https://", "http://")):
        found.append(f"url {c.url!r} is no address")
    if c.issuer_kind not in ISSUER_KINDS:
        found.append(f"issuer_kind {c.issuer_kind!r} is none of {', '.join(ISSUER_KINDS)}")
    if c.type not in CREDENTIAL_TYPES:
        found.append(f"type {c.type!r} is none of {', '.join(CREDENTIAL_TYPES)}")
    if c.status not in ("active", "retired", "unknown"):
        found.append(f"status {c.status!r} is none of active, retired, unknown")
    if c.level not in (None, "introductory", "intermediate", "advanced"):
        found.append(f"level {c.level!r} is none of introductory, intermediate, advanced")
    found.extend(f"assessment {a!r} is not in the list" for a in c.assessment if a not in CREDENTIAL_ASSESSMENTS)
    if c.cost is not None and not c.currency and c.cost > 0:
        found.append("a cost without currency")
    for name in ("hours", "cost", "validity_years"):
        value = getattr(c, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            found.append(f"{name} {value!r} is no amount")
    for name in ("as_of", "checked"):
        value = getattr(c, name)
        if value is not None and not _DATE.fullmatch(value):
            found.append(f"{name} {value!r} is no date (YYYY, YYYY-MM or YYYY-MM-DD)")
    if not c.checked:
        found.append("no date of the check")
    if not c.sources:
        found.append("no source")
    stated = {fact for source in c.sources for fact in source.facts}
    found.extend(f"{n} stands in no source" for n in _SOURCED if getattr(c, n) not in (None, ()) and n not in stated)
    if not c.outcomes:
        found.append("no outcomes")
    seen = set()
    for outcome in c.outcomes:
        if outcome.skill not in taxonomy:
            found.append(f"outcome names {outcome.skill}, which is no skill")
        if outcome.skill in seen:
            found.append(f"outcome {outcome.skill} stands twice")
        seen.add(outcome.skill)
        if outcome.assessment not in ASSESSMENTS:
            found.append(f"outcome {outcome.skill}: assessment {outcome.assessment!r} is not in the list")
    return found
