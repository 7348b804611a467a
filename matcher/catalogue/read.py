"""Files of credentials -> `Credential`s; here those in TOML, as in ``corpora/credentials``.

What a file is, is seen from its content. Rows that cannot be used are collected and told once.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matcher.catalogue.drafts import finish
from matcher.catalogue.links import Linker
from matcher.catalogue.tables import (
    DATE,
    DATES,
    FIELDS,
    LISTS,
    NESTED,
    NUMBERS,
    SCHEMA,
    outcome,
    read_csv,
    read_records,
)
from matcher.errors import CorpusError
from matcher.rows import Log, brief, read_json, read_parquet, read_text
from matcher.taxonomy import Taxonomy
from matcher.types import Credential, Source

_SUFFIXES = (".toml", ".csv", ".json", ".jsonld", ".jwt", ".parquet")


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
                entries = read_records(path, value.get("credentials"), taxonomy, linker, log)
            else:
                linked.append(path)
                continue
        elif kind == "toml":
            entries = _read_toml(path, log)
        elif kind == "parquet":
            entries = read_records(path, read_parquet(path, "name"), taxonomy, linker, log)
        else:
            entries = read_csv(path, taxonomy, columns or {}, linker, log)
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
        for name in DATES:
            if values.get(name) is not None and not DATE.fullmatch(values[name]):
                log.problem("field", path, where, name, f"{name} is {brief(values[name])}", "YYYY, YYYY-MM or YYYY-MM-DD", "mend it")  # fmt: skip
                return None
        wrong = _wrong_kind(values)
        if wrong:
            raise TypeError(f"{wrong} is {brief(values[wrong])}")
        return Credential(
            **values,
            sources=tuple(Source(str(s["url"]), tuple(map(str, s.get("facts", ())))) for s in entry.get("sources", ())),
            recognised_by=tuple((str(r["body"]), str(r.get("source", ""))) for r in entry.get("recognised_by", ())),
            outcomes=tuple(outcome(o) for o in entry.get("outcomes", ())),
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
    if key in DATES and value is not None:
        return str(value)
    return value
