"""Credentials in rows: any CSV with a column `name`, Parquet, our own JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from matcher.catalogue.drafts import currency_code, words_of
from matcher.catalogue.links import Claim, Linker
from matcher.errors import CorpusError
from matcher.jsonld import vocabulary
from matcher.rows import Log, amount, brief, csv_header, csv_rows, numbered
from matcher.taxonomy import Taxonomy
from matcher.taxonomy.read import slug
from matcher.types import ASSESSMENTS, CREDENTIAL_TYPES, Credential, Outcome, Source

SCHEMA = "matcher/credentials/1"
FIELDS = tuple(field.name for field in fields(Credential))
NUMBERS = ("hours", "cost", "validity_years")
LISTS = ("assessment", "language", "country", "mode", "prerequisite", "part_of", "leads_to")
NESTED = ("outcomes", "sources", "recognised_by")
DATES = ("as_of", "checked")
DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_LEVELS = ("introductory", "intermediate", "advanced")
_MANY = 300


def outcome(o: Mapping[str, Any]) -> Outcome:
    """An outcome from plain values, as every form of ours writes it."""
    how = o.get("assessment", "unknown")
    score = o.get("score")
    if how is not None and not isinstance(how, str):
        raise TypeError(f"assessment is {brief(how)}")
    return Outcome(str(o["skill"]), how, o.get("text"), bool(o.get("inferred", False)), score)  # type: ignore[arg-type]


def read_csv(path: Path, taxonomy: Taxonomy, columns: Mapping[str, str], linker: Linker, log: Log) -> list[Credential]:
    """The credentials of a CSV with a column `name`, whatever its other columns; `columns`: our field -> its column."""
    for field, column in columns.items():
        if field not in (*FIELDS, "skills"):
            raise CorpusError(
                "columns", f"--columns {field}={column}: no field {field!r}", f"one of {', '.join((*FIELDS, 'skills'))}",
                "write our field first, then the column of the file",
            )  # fmt: skip
    mapping = {field: columns.get(field, field) for field in (*FIELDS, "skills")}
    header = csv_header(path)
    if mapping["name"] not in header:
        raise CorpusError(
            "no_name", f"{path}: columns are {', '.join(header)[:200] or 'missing'}", "a column `name`",
            "say which column it is: --columns name=title",
        )  # fmt: skip
    lacking = [column for column in columns.values() if column not in header]
    if lacking:
        raise CorpusError(
            "columns", f"{path}: no column {lacking[0]!r}, which --columns names", f"one of {', '.join(header)}"[:300],
            "check the spelling",
        )  # fmt: skip
    rows = (
        (f"line {line}", {field: row[column] for field, column in mapping.items() if column in row})
        for line, row in csv_rows(path, (), log)
    )
    return _gathered(path, rows, taxonomy, linker, log)


def read_records(path: Path, records: object, taxonomy: Taxonomy, linker: Linker, log: Log) -> list[Credential]:
    """The same from objects, as they stand in our JSON and in Parquet."""
    if not isinstance(records, list):
        raise CorpusError(
            "empty", f"{path}: no list of credentials", "a list", "write it again with `credentials export`"
        )
    return _gathered(path, numbered(path, records, "an object with a name", log), taxonomy, linker, log)


def _gathered(
    path: Path, rows: Iterable[tuple[str, Mapping[str, Any]]], taxonomy: Taxonomy, linker: Linker, log: Log
) -> list[Credential]:
    found: dict[str, Credential] = {}
    lines: dict[str, str] = {}
    any_row = False
    for number, (place, row) in enumerate(rows):
        any_row = True
        if number == _MANY:
            # from here on it is quicker to have all names at hand
            taxonomy.preload()
        credential, given = _from_row(path, place, row, taxonomy, linker, log)
        if credential is None:
            continue
        held = found.get(credential.id)
        if held is not None and replace(held, outcomes=()) == replace(credential, outcomes=()):
            log.note("rows that stood twice; the first was kept")
            continue
        if held is not None and given:
            log.problem(
                "twice", path, f"{place} ({credential.name})", "id", f"the id {credential.id} stands already at {lines[credential.id]}",
                "an id of its own", "give it another id, or none",
            )  # fmt: skip
            continue
        base, same = credential.id, 1
        while credential.id in found:
            # another course of the same name by the same issuer
            same += 1
            credential = replace(credential, id=f"{base}-{same}")
        found[credential.id] = credential
        lines[credential.id] = place
    if linker.unknown:
        log.note("skills named in words that the taxonomy does not have, left out", len(linker.unknown))
        linker.unknown.clear()
    if not any_row and not log.problems:
        raise CorpusError("empty", f"{path}: no rows", "at least one credential", "add a row with a name")
    return list(found.values())


def _from_row(
    path: Path, place: str, row: Mapping[str, Any], taxonomy: Taxonomy, linker: Linker, log: Log
) -> tuple[Credential | None, bool]:
    """The credential of a row, and whether its id was given; None if it cannot be used."""
    before = len(log.problems)
    name = _cell(row.get("name"))
    where = f"{place} ({name})" if name else place

    def wrong(field: str, expected: str, remedy: str = "leave it empty if it is not known") -> None:
        log.problem(
            "number" if field in NUMBERS else "field", path, where, field, f"{field} is {brief(row.get(field))}", expected, remedy
        )  # fmt: skip

    if not name:
        log.problem("no_name", path, place, "name", "no name", "a name", "fill in the column")
        return None, False
    values: dict[str, Any] = {}
    for field in FIELDS:
        value = row.get(field)
        if field in (*NESTED, "id", "name") or value is None or value == "" or value == []:
            continue
        if field in NUMBERS:
            values[field] = amount(value)
            if values[field] is None:
                wrong(field, "a number")
        elif field in LISTS:
            parts = value if isinstance(value, list) else value.split("|") if isinstance(value, str) else None
            if parts is None or not all(isinstance(part, str) for part in parts):
                wrong(field, "words separated by |")
                continue
            values[field] = tuple(part.strip() for part in parts if part.strip())
        else:
            text = _cell(value)
            if text is None:
                wrong(field, "words")
            elif text:
                values[field] = text
    _in_our_words(values, wrong)
    nested = {field: _nested(row.get(field), field, wrong) for field in NESTED}
    if len(log.problems) > before:
        return None, False
    given = _cell(row.get("id"))
    issuer = values.get("issuer")
    id = given or slug(f"{issuer} {name}" if issuer else name)
    if not id:
        log.problem("id", path, where, "id", "no Latin letter or digit in its name", "an id", "fill in the column id")
        return None, False
    if row.get("outcomes") not in (None, ""):
        # our own export says it all; nothing is inferred again
        outcomes = nested["outcomes"]
    else:
        outcomes = _linked(row.get("skills"), name, values, taxonomy, linker)
    credential = Credential(
        id=id, name=name, outcomes=outcomes, sources=nested["sources"], recognised_by=nested["recognised_by"], **values
    )
    return credential, bool(given)


def _cell(value: object) -> str | None:
    """The words of a cell; None if it holds something else."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _in_our_words(values: dict[str, Any], wrong: Any) -> None:
    """Words of other catalogues for type, level, status and currency; what they say is kept as a note."""
    kind = values.get("type")
    if kind is not None and kind not in CREDENTIAL_TYPES:
        ours = vocabulary("schemaorg_category").get(kind.lower())
        values["type"] = ours
        values.setdefault("issuer_term", kind)
    level = values.get("level")
    if level is not None and level not in _LEVELS:
        values["level"] = next(iter(words_of("level", [level])), None)
        values.setdefault("level_note", level)
    if values.get("currency") is not None:
        ours = currency_code(values["currency"])
        if ours is None:
            wrong("currency", "a code of three letters, such as EUR")
        values["currency"] = ours
    status = values.get("status")
    if status is not None and status not in ("active", "retired", "unknown"):
        ours = next(iter(words_of("status", [status])), None)
        if ours is None:
            wrong("status", "active, retired or unknown")
        values["status"] = ours
    for name in DATES:
        if values.get(name) is not None and not DATE.fullmatch(values[name]):
            wrong(name, "a date: YYYY, YYYY-MM or YYYY-MM-DD")


def _nested(value: object, field: str, wrong: Any) -> tuple[Any, ...]:
    """Outcomes, sources or recognising bodies: a list of objects, or the same as JSON in a cell."""
    if value is None or value == "":
        return ()
    try:
        entries = json.loads(value) if isinstance(value, str) else value
        if not isinstance(entries, list):
            raise TypeError
        if field == "outcomes":
            found = tuple(outcome(o) for o in entries)
            if not all(o.assessment in ASSESSMENTS for o in found):
                raise TypeError
            return found
        if field == "sources":
            return tuple(Source(str(s["url"]), tuple(map(str, s.get("facts") or ()))) for s in entries)
        return tuple((str(r["body"]), str(r.get("source") or "")) for r in entries)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        wrong(field, "a list as `credentials export` writes it", "take the column out")
        return ()


def _linked(
    skills: object, name: str, values: Mapping[str, Any], taxonomy: Taxonomy, linker: Linker
) -> tuple[Outcome, ...]:
    """Link a provider's tags, then title and description, to the taxonomy; what was linked is marked inferred."""
    tags = skills if isinstance(skills, list) else str(skills or "").split("|")
    claims = []
    for tag in tags:
        words = re.sub(r"\s+", " ", str(tag)).strip()
        if words in taxonomy.brief:
            claims.append(Claim(words, uri=f"urn:matcher:skill:{words}", declared=True))
        elif words:
            claims.append(Claim(words))
    language = next(iter(values.get("language", ())), None)
    english = language is None or language.lower().startswith("en")
    description = values.get("description")
    prose = [(description, language)] if description else []
    return linker.outcomes(claims, name if english else None, prose)
