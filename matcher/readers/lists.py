"""The names the readers look for, from ``corpora/cues/columns.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache

from matcher import store
from matcher.errors import CorpusError, InputError

SHOWN_COLUMNS = 20


@cache
def names(role: str) -> dict[str, str]:
    """Name -> label of all entries of a role, in the order of the file."""
    path = store.corpora() / "cues" / "columns.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return {row["name"]: row["label"] for row in csv.DictReader(file, strict=True) if row["role"] == role}
    except (OSError, csv.Error, KeyError, UnicodeDecodeError) as error:
        raise CorpusError(
            "cues", f"{path}: {error}", "the list of columns that comes with matcher", "install matcher again"
        ) from error


def plain(name: str) -> str:
    """A column's name without case, spaces and signs.

    Examples
    --------
    >>> plain("Job_Description") == plain("jobDescription") == "jobdescription"
    True
    """
    return "".join(filter(str.isalnum, name)).casefold()


@cache
def _order(role: str) -> dict[str, int]:
    return {plain(name): place for place, name in reversed(list(enumerate(names(role))))}


def column(role: str, columns: Iterable[str]) -> str | None:
    """The one of `columns` that stands first in the list of the role, or None.

    Examples
    --------
    >>> column("text", ["No", "Job Description", "Body"])
    'Job Description'
    """
    order = _order(role)
    found = [(order[plain(name)], place, name) for place, name in enumerate(columns) if plain(name) in order]
    return min(found)[2] if found else None


def no_text_column(where: str, columns: Iterable[str]) -> InputError:
    """The error for a table or an object in which no column is known to hold the ad."""
    return InputError(
        "no_text_column",
        f"{where}: no column is known to hold the ad's words; it has {_listed(columns)}",
        "a column named text, description, job_description, body or content",
        "rename the column that holds the ad to text",
    )


def no_such_column(where: str, name: str, columns: Iterable[str]) -> InputError:
    """The error for a table without the column to group by."""
    return InputError(
        "no_such_column", f"{where}: no column {name!r}; it has {_listed(columns)}", "one of its columns",
        "name it as the first line does, or leave --by out",
    )  # fmt: skip


def _listed(columns: Iterable[str]) -> str:
    found = [repr(name if len(name) <= 40 else name[:39] + "…") for name in columns]
    more = f" and {len(found) - SHOWN_COLUMNS} more" if len(found) > SHOWN_COLUMNS else ""
    return ", ".join(found[:SHOWN_COLUMNS]) + more or "none"
