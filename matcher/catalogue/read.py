"""Files of credentials -> `Credential`s: TOML as in ``corpora/credentials``, any CSV with a name column, JSON, Parquet.

What a file is, is seen from its content. Rows that cannot be used are collected and told once.
"""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from matcher.catalogue.drafts import currency_code, finish, words_of
from matcher.catalogue.links import Claim, Linker
from matcher.errors import CorpusError
from matcher.jsonld import vocabulary
from matcher.rows import Log, amount, brief, csv_header, csv_rows, read_json, read_text
from matcher.taxonomy import Taxonomy
from matcher.taxonomy.read import slug
from matcher.types import ASSESSMENTS, CREDENTIAL_TYPES, Credential, Outcome, Source

SCHEMA = "matcher/credentials/1"
FIELDS = tuple(field.name for field in fields(Credential))
NUMBERS = ("hours", "cost", "validity_years")
LISTS = ("assessment", "language", "country", "mode", "prerequisite", "part_of", "leads_to")
NESTED = ("outcomes", "sources", "recognised_by")
_DATES = ("as_of", "checked")
_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_SUFFIXES = (".toml", ".csv", ".json", ".jsonld", ".jwt", ".parquet")
_LEVELS = ("introductory", "intermediate", "advanced")
_MANY = 300


def credential_files(path: Path) -> list[Path]:
    """The files of a catalogue: the file itself, or all in the folder that may be some, sorted."""
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())
        if files:
            return files
    elif path.is_file():
        return [path]
    raise CorpusError(
        "no_catalogue",
        f"{path}: {'no TOML, CSV, JSON or Parquet file in it' if path.is_dir() else 'no such file or folder'}",
        "a catalogue as TOML, as CSV with a column `name`, or as JSON-LD",
        "check the path; `bundled` names the one that comes with matcher",
    )  # fmt: skip


def read_credentials(path: Path, taxonomy: Taxonomy, columns: Mapping[str, str] | None = None) -> list[Credential]:
    """Read one file of credentials.

    Parameters
    ----------
    path : Path
        TOML with ``[[credential]]`` tables; CSV or Parquet with a column `name`; our JSON; CTDL, Open
        Badges 3.0, European Digital Credentials, schema.org or the Estonian catalogue as JSON-LD.
    taxonomy : Taxonomy
        Where skills are named by words, they are looked up here; such links are marked inferred.
    columns : mapping of str to str, optional
        Our field -> the CSV's column, where they differ.

    Returns
    -------
    list of Credential

    Raises
    ------
    CorpusError
        With every entry or row at fault.
    """
    log = Log()
    found = read_all([path], taxonomy, columns, log)
    log.stop_if_any()
    return found


def read_all(
    files: Sequence[Path], taxonomy: Taxonomy, columns: Mapping[str, str] | None, log: Log
) -> list[Credential]:
    """Read files of credentials together: JSON-LD in one file may describe what another names.

    Where two have the same id, the earlier one stands.
    """
    from matcher.catalogue import documents

    linker = Linker(taxonomy)
    found: dict[str, Credential] = {}
    linked: list[Path] = []
    for path in files:
        kind = _kind(path)
        if kind == "json":
            value = read_json(read_text(path, "no_catalogue", "a catalogue"), path) if _may_be_ours(path) else None
            if isinstance(value, dict) and value.get("schema") == SCHEMA:
                entries = _records(path, value.get("credentials"), taxonomy, linker, log)
            else:
                linked.append(path)
                continue
        elif kind == "toml":
            entries = _read_toml(path, log)
        elif kind == "parquet":
            entries = _records(path, _parquet(path), taxonomy, linker, log)
        else:
            entries = _read_csv(path, taxonomy, columns or {}, linker, log)
        for credential in entries:
            found.setdefault(credential.id, credential)
    if linked:
        for credential in finish(documents.read(linked, log), linker, log):
            found.setdefault(credential.id, credential)
    return list(found.values())


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    if start[:4] == b"PAR1":
        return "parquet"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"{" or (re.match(rb"\[\s*(?:[\[{\]\"]|$)", text) and not text.startswith(b"[[")):
        return "json"
    if re.match(rb"ey[\w-]+\.ey[\w-]+\.", text):
        return "json"
    if text.startswith(b"[[") and not text.startswith(b"[[credential"):
        return "json"
    if re.search(rb"^\[\[credential", text, re.MULTILINE) or path.suffix == ".toml":
        return "toml"
    return "csv"


def _may_be_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return SCHEMA.encode() in file.read(512)


# --- TOML


def _read_toml(path: Path, log: Log) -> list[Credential]:
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CorpusError("toml", f"{path}: {error}", "well-formed TOML in UTF-8", "mend that line") from error
    entries = table.get("credential")
    if not isinstance(entries, list) or not entries:
        raise CorpusError(
            "empty", f"{path}: no [[credential]] tables", "at least one", "see corpora/credentials/README.md"
        )
    found = []
    for number, entry in enumerate(entries, 1):
        log.rows += 1
        credential = _entry(path, number, entry, log)
        if credential is not None:
            found.append(credential)
    return found


def _entry(path: Path, number: int, entry: object, log: Log) -> Credential | None:
    if not isinstance(entry, dict):
        log.problem("kind", path, f"entry {number}", "", f"it is {brief(entry)}", "a table", "see corpora/credentials/README.md")  # fmt: skip
        return None
    where = str(entry.get("id") or entry.get("name") or f"entry {number}, without id")
    unknown = set(entry) - set(FIELDS)
    if unknown:
        log.problem(
            "field", path, where, ", ".join(sorted(unknown)), f"unknown field {', '.join(sorted(unknown))}",
            "the fields of the datasheet", "see corpora/credentials/README.md",
        )  # fmt: skip
        return None
    try:
        values = {key: _plain(key, value) for key, value in entry.items() if key not in NESTED}
        for name in _DATES:
            if values.get(name) is not None and not _DATE.fullmatch(values[name]):
                log.problem("field", path, where, name, f"{name} is {brief(values[name])}", "YYYY, YYYY-MM or YYYY-MM-DD", "mend it")  # fmt: skip
                return None
        wrong = _wrong_kind(values)
        if wrong:
            raise TypeError(f"{wrong} is {brief(values[wrong])}")
        return Credential(
            **values,
            sources=tuple(Source(str(s["url"]), tuple(map(str, s.get("facts", ())))) for s in entry.get("sources", ())),
            recognised_by=tuple((str(r["body"]), str(r.get("source", ""))) for r in entry.get("recognised_by", ())),
            outcomes=tuple(_outcome(o) for o in entry.get("outcomes", ())),
        )
    except (KeyError, TypeError, AttributeError) as error:
        log.problem(
            "field",
            path,
            where,
            str(error),
            f"{error}",
            "id, name and outcomes with a skill",
            "fill in what is missing",
        )
        return None


def _outcome(o: Mapping[str, Any]) -> Outcome:
    how = o.get("assessment", "unknown")
    score = o.get("score")
    if how is not None and not isinstance(how, str):
        raise TypeError(f"assessment is {brief(how)}")
    return Outcome(str(o["skill"]), how, o.get("text"), bool(o.get("inferred", False)), score)  # type: ignore[arg-type]


def _wrong_kind(values: Mapping[str, Any]) -> str | None:
    """The first field whose value is not of its kind."""
    for name, value in values.items():
        if value is None:
            continue
        if name in LISTS:
            good = isinstance(value, tuple) and all(isinstance(item, str) for item in value)
        elif name in NUMBERS:
            # the validator names amounts that are none
            good = isinstance(value, int | float | str)
        else:
            good = isinstance(value, str)
        if not good:
            return name
    return None


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if key in _DATES and value is not None:
        return str(value)
    return value


# --- CSV, Parquet, our JSON


def _read_csv(path: Path, taxonomy: Taxonomy, columns: Mapping[str, str], linker: Linker, log: Log) -> list[Credential]:
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


def _records(path: Path, records: object, taxonomy: Taxonomy, linker: Linker, log: Log) -> list[Credential]:
    if not isinstance(records, list):
        raise CorpusError(
            "empty", f"{path}: no list of credentials", "a list", "write it again with `credentials export`"
        )

    def rows() -> Iterator[tuple[str, Mapping[str, Any]]]:
        for number, record in enumerate(records, 1):
            log.rows += 1
            if isinstance(record, dict):
                yield f"entry {number}", record
            else:
                log.problem("kind", path, f"entry {number}", "", f"it is {brief(record)}", "an object with a name", "mend it")  # fmt: skip

    return _gathered(path, rows(), taxonomy, linker, log)


def _parquet(path: Path) -> list[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(
            "parquet", f"{path}: {error}", "a whole Parquet file", "it may be cut off: write it again"
        ) from error
    if "name" not in table.column_names:
        raise CorpusError(
            "no_name",
            f"{path}: columns are {', '.join(table.column_names)[:200]}",
            "a column `name`",
            "rename the column",
        )
    rows: list[Any] = table.to_pylist()
    return rows


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
    for name in _DATES:
        if values.get(name) is not None and not _DATE.fullmatch(values[name]):
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
            found = tuple(_outcome(o) for o in entries)
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


def relink(credentials: Sequence[Credential], taxonomy: Taxonomy) -> list[Credential]:
    """The same with outcomes on skills of the taxonomy in use.

    An outcome whose skill it does not have (our ids under ESCO) goes to the concept that the bundled
    crosswalk names, else to one of the same name, and is marked inferred; without either it stays as it
    is and covers nothing.
    """
    strange = {o.skill for c in credentials for o in c.outcomes if o.skill not in taxonomy}
    if not strange:
        return list(credentials)
    from matcher.taxonomy import load

    bundled = load()
    linker = Linker(taxonomy)
    to: dict[str, tuple[str, float]] = {}
    for id in strange:
        if id not in bundled:
            continue
        uris = [(code, match) for scheme, code, match in bundled.crosswalk(id) if scheme == "esco" and match in ("exact", "close")]  # fmt: skip
        walked = next(((there, match) for uri, match in uris if (there := taxonomy.by_uri(uri))), None)
        if walked:
            to[id] = (walked[0], 1.0 if walked[1] == "exact" else 0.9)
            continue
        skill = bundled.skill(id)
        links = [link for name in (skill.label, *skill.aliases) for link in linker.link(name, "tag") if link.whole]
        if links:
            best = max(links, key=lambda link: link.score)
            to[id] = (best.skill, best.score)
    if not to:
        return list(credentials)
    return [
        replace(
            c,
            outcomes=tuple(
                Outcome(to[o.skill][0], o.assessment, o.text, True, to[o.skill][1]) if o.skill in to else o
                for o in c.outcomes
            ),
        )
        for c in credentials
    ]
