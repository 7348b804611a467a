"""Files of credentials -> `Credential`s: TOML as in ``corpora/credentials``, or any CSV with a name column."""

from __future__ import annotations

import csv
import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from matcher.errors import CorpusError
from matcher.taxonomy import Taxonomy
from matcher.taxonomy.read import slug
from matcher.types import Credential, Outcome, Source

_FIELDS = {field.name for field in fields(Credential)}
_NUMBERS = ("hours", "cost", "validity_years")
_LISTS = ("assessment", "language", "country", "mode", "prerequisite", "part_of", "leads_to")


def credential_files(path: Path) -> list[Path]:
    """The TOML and CSV files of a catalogue: the file itself, or all in the folder, sorted."""
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix in (".toml", ".csv"))
        if files:
            return files
    elif path.is_file():
        return [path]
    raise CorpusError(
        "no_catalogue", f"{path}: {'no TOML or CSV file in it' if path.is_dir() else 'no such file or folder'}",
        "a catalogue as TOML, or as CSV with a column `name`",
        "check the path; `bundled` names the one that comes with matcher",
    )  # fmt: skip


def read_credentials(path: Path, taxonomy: Taxonomy, columns: Mapping[str, str] | None = None) -> list[Credential]:
    """Read one file of credentials.

    Parameters
    ----------
    path : Path
        TOML with ``[[credential]]`` tables, or CSV.
    taxonomy : Taxonomy
        Where a CSV names skills by words, they are looked up here; such links are marked inferred.
    columns : mapping of str to str, optional
        Our field -> the CSV's column, where they differ.

    Returns
    -------
    list of Credential

    Raises
    ------
    CorpusError
        With the entry or row at fault.
    """
    return _read_toml(path) if path.suffix == ".toml" else _read_csv(path, taxonomy, columns or {})


def _read_toml(path: Path) -> list[Credential]:
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError("toml", f"{path}: {error}", "well-formed TOML in UTF-8", "mend that line") from error
    entries = table.get("credential")
    if not isinstance(entries, list) or not entries:
        raise CorpusError(
            "empty", f"{path}: no [[credential]] tables", "at least one", "see corpora/credentials/README.md"
        )
    return [_credential(path, entry) for entry in entries]


def _credential(path: Path, entry: dict[str, Any]) -> Credential:
    where = f"{path}, {entry.get('id') or entry.get('name') or 'an entry without id'}"
    unknown = set(entry) - _FIELDS
    if unknown:
        raise CorpusError(
            "field", f"{where}: unknown field {', '.join(sorted(unknown))}", "the fields of the datasheet",
            "see corpora/credentials/README.md",
        )  # fmt: skip
    try:
        return Credential(
            **{
                **{key: _plain(key, value) for key, value in entry.items()},
                "sources": tuple(Source(s["url"], tuple(s.get("facts", ()))) for s in entry.get("sources", ())),
                "recognised_by": tuple((r["body"], r.get("source", "")) for r in entry.get("recognised_by", ())),
                "outcomes": tuple(
                    Outcome(o["skill"], o.get("assessment", "unknown"), o.get("text"))
                    for o in entry.get("outcomes", ())
                ),
            }
        )
    except (KeyError, TypeError) as error:
        raise CorpusError(
            "field", f"{where}: {error}", "id, name and outcomes with a skill", "fill in what is missing"
        ) from error


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if key in ("as_of", "checked") and value is not None:
        return str(value)
    return value


def _read_csv(path: Path, taxonomy: Taxonomy, columns: Mapping[str, str]) -> list[Credential]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            names = reader.fieldnames or []
            mapping = {field: columns.get(field, field) for field in (*_FIELDS, "skills")}
            if mapping["name"] not in names:
                raise CorpusError(
                    "no_name", f"{path}: columns are {', '.join(names) or 'missing'}", "a column `name`",
                    "say which column it is: --columns name=title",
                )  # fmt: skip
            found: dict[str, Credential] = {}
            for row in reader:
                credential = _from_row(path, reader.line_num, row, mapping, taxonomy)
                found.setdefault(credential.id, credential)
    except UnicodeDecodeError as error:
        raise CorpusError(
            "encoding", f"{path}: not UTF-8 at byte {error.start}", "UTF-8", "save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise CorpusError("csv", f"{path}: {error}", "a well-formed CSV", "save it again from a spreadsheet") from error
    if not found:
        raise CorpusError("empty", f"{path}: no rows", "at least one credential", "add a row with a name")
    return list(found.values())


def _from_row(
    path: Path, line: int, row: Mapping[str, str | None], mapping: Mapping[str, str], taxonomy: Taxonomy
) -> Credential:
    def cell(field: str) -> str | None:
        return (row.get(mapping[field]) or "").strip() or None

    name = cell("name")
    if name is None:
        raise CorpusError("no_name", f"{path}, line {line}: no name", "a name", "fill in the column")
    values: dict[str, Any] = {}
    for field in _FIELDS - {"outcomes", "sources", "recognised_by", "id", "name"}:
        text = cell(field)
        if text is None:
            continue
        if field in _NUMBERS:
            try:
                values[field] = float(text.replace(",", ""))
            except ValueError as error:
                raise CorpusError(
                    "number", f"{path}, line {line} ({name}): {field} is {text!r}", "a number",
                    "leave it empty if it is not known",
                ) from error  # fmt: skip
        else:
            values[field] = tuple(part.strip() for part in text.split("|")) if field in _LISTS else text
    issuer = values.get("issuer")
    return Credential(
        id=cell("id") or slug(f"{issuer} {name}" if issuer else name),
        name=name,
        outcomes=_outcomes_from_words(cell("skills"), name, cell("description"), taxonomy),
        **values,
    )


def _outcomes_from_words(
    skills: str | None, name: str, description: str | None, taxonomy: Taxonomy
) -> tuple[Outcome, ...]:
    """Link a provider's tags, then title and description, to the taxonomy; all marked inferred."""
    from matcher.pipeline.skills import names_in

    found: dict[str, Outcome] = {}
    for tag in (skills or "").split("|"):
        tag = re.sub(r"\s+", " ", tag).strip()
        if not tag:
            continue
        if tag in taxonomy:
            found.setdefault(tag, Outcome(tag, "unknown", tag))
            continue
        for skill in names_in(tag, taxonomy):
            found.setdefault(skill, Outcome(skill, "unknown", tag, inferred=True))
    for skill in names_in(name, taxonomy):
        found.setdefault(skill, Outcome(skill, "unknown", name, inferred=True))
    if description:
        for skill in names_in(description, taxonomy):
            found.setdefault(skill, Outcome(skill, "mentioned", description[:200], inferred=True))
    return tuple(found.values())


def merge(lists: Sequence[Sequence[Credential]]) -> list[Credential]:
    """All credentials, the first of each id."""
    found: dict[str, Credential] = {}
    for credentials in lists:
        for credential in credentials:
            found.setdefault(credential.id, credential)
    return list(found.values())
