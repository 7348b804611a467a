"""What a format yields before it is checked: the words of one ad, where they stood, or what was wrong."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.errors import InputError


@dataclass(frozen=True, slots=True)
class Record:
    """One ad as its file holds it; `row` is None where the file is the ad, `by` what a column asked for says."""

    text: str = ""
    id: str | None = None
    title: str | None = None
    row: int | None = None
    error: InputError | None = None
    by: str | None = None
