"""Which credentials to check again: those whose facts are oldest."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from matcher.types import Credential


class Stale(NamedTuple):
    """A credential to check again."""

    credential: Credential
    date: str | None
    """`as_of`, else `checked`; None where neither is known."""
    kind: str
    days: int | None


def last_day(text: str) -> datetime.date:
    """The last day that a date of year, month or day precision can mean.

    >>> last_day("2024-02").isoformat(), last_day("2023").isoformat()
    ('2024-02-29', '2023-12-31')
    """
    parts = [int(part) for part in text.split("-")]
    if len(parts) == 3:
        return datetime.date(*parts)
    if len(parts) == 2:
        year, month = parts
        return datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)
    return datetime.date(parts[0], 12, 31)


def stale(credentials: Iterable[Credential], older_than: int = 365, today: datetime.date | None = None) -> list[Stale]:
    """Credentials whose facts are older than so many days, the oldest first; those without any date before all.

    Examples
    --------
    >>> day = datetime.date(2026, 11, 22)
    >>> old, new = Credential("a", "A", as_of="2024"), Credential("b", "B", checked="2026-11-01")
    >>> [(row.credential.id, row.date, row.days) for row in stale([new, old], today=day)]
    [('a', '2024', 691)]
    """
    today = today or datetime.date.today()
    found = []
    for c in credentials:
        if c.status == "retired":
            continue
        date = c.as_of or c.checked
        kind = "as of" if c.as_of else "checked" if c.checked else "no date"
        try:
            days = (today - last_day(date)).days if date else None
        except ValueError:
            days, kind = None, "no date"
        if days is None or days > older_than:
            found.append(Stale(c, date, kind, days))
    found.sort(key=lambda row: (row.days is not None, -(row.days or 0), row.credential.id))
    return found
