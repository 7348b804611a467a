"""Counts of a catalogue: how many, from whom, how much of it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from matcher.types import Credential


def stats(credentials: Iterable[Credential]) -> list[tuple[str, str]]:
    """Name and value of each count, in the order in which they are read."""
    all_ = list(credentials)
    total = max(1, len(all_))

    def share(name: str) -> str:
        known = sum(getattr(c, name) not in (None, ()) for c in all_)
        return f"{known} ({known / total:.0%})"

    def counts(values: Iterable[str | None]) -> str:
        return ", ".join(f"{value or 'unknown'} {count}" for value, count in Counter(values).most_common())

    rows = [
        ("credentials", str(len(all_))),
        ("issuers", str(len({c.issuer for c in all_}))),
        ("issuer kinds", counts(c.issuer_kind for c in all_)),
        ("types", counts(c.type for c in all_)),
        ("countries where tied to one", counts(country for c in all_ for country in c.country)),
        ("status", counts(c.status for c in all_)),
        ("outcomes", str(sum(len(c.outcomes) for c in all_))),
        ("how outcomes are shown", counts(o.assessment for c in all_ for o in c.outcomes)),
    ]
    rows += [
        (f"{name} known", share(name)) for name in ("hours", "cost", "assessment", "outcomes", "as_of", "validity")
    ]
    return rows
