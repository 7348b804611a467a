"""`Credential`s -> CTDL, Open Badges 3.0, schema.org, CSV, Parquet, JSON, or the TOML of ``corpora/credentials``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from matcher.catalogue.tables import FIELDS, LISTS, NESTED, NUMBERS, SCHEMA
from matcher.rows import in_one_cell, to_csv, to_parquet
from matcher.taxonomy import Taxonomy
from matcher.types import Credential

FORMATS = ("ctdl", "openbadges", "schemaorg", "csv", "parquet", "json", "toml")
_PLAIN = tuple(name for name in FIELDS if name not in NESTED)


def export(credentials: Iterable[Credential], form: str, taxonomy: Taxonomy) -> bytes:
    """The credentials as the content of a file.

    Parameters
    ----------
    credentials : iterable of Credential
    form : {'ctdl', 'openbadges', 'schemaorg', 'csv', 'parquet', 'json', 'toml'}
        CSV, Parquet, JSON and TOML hold everything; what the others cannot hold stands in
        `matcher.catalogue.ctdl.node` and its like.
    taxonomy : Taxonomy
        Where the names and URIs of skills are found.

    Returns
    -------
    bytes
    """
    if form in ("ctdl", "openbadges", "schemaorg"):
        from matcher.catalogue import ctdl, openbadges, schemaorg

        module: Any = {"ctdl": ctdl, "openbadges": openbadges, "schemaorg": schemaorg}[form]
        graph = {"@context": module.CONTEXT, "@graph": [module.node(c, taxonomy) for c in credentials]}
        return (json.dumps(graph, ensure_ascii=False, indent=1) + "\n").encode()
    if form == "toml":
        return to_toml(credentials).encode()
    if form == "csv":
        return to_csv((*_PLAIN, "skills", *NESTED), map(_cells, credentials))
    records = [record(c) for c in credentials]
    if form == "parquet":
        return to_parquet(_kinds(), records)
    return (json.dumps({"schema": SCHEMA, "credentials": records}, ensure_ascii=False, indent=1) + "\n").encode()


def record(c: Credential) -> dict[str, Any]:
    """The credential as plain values; ``skills`` are the ids of its outcomes, for those who read no more."""
    out: dict[str, Any] = {name: list(v) if isinstance(v := getattr(c, name), tuple) else v for name in _PLAIN}
    out["skills"] = [o.skill for o in c.outcomes]
    out["outcomes"] = [asdict(o) for o in c.outcomes]
    out["sources"] = [{"url": s.url, "facts": list(s.facts)} for s in c.sources]
    out["recognised_by"] = [{"body": body, "source": source} for body, source in c.recognised_by]
    return out


def _cells(c: Credential) -> dict[str, Any]:
    """The credential as a row of a CSV: lists with ``|``, what is nested as JSON."""
    row = record(c)
    for name in (*LISTS, "skills"):
        row[name] = in_one_cell(row[name], f"{c.id}: {name}", "--to json, parquet or toml")
    for name in NESTED:
        row[name] = json.dumps(row[name], ensure_ascii=False) if row[name] or name == "outcomes" else ""
    return row


def _kinds() -> dict[str, Any]:
    """The columns of a Parquet file, with their types."""
    import pyarrow as pa

    words = pa.list_(pa.string())
    kinds: dict[str, Any] = {name: words if name in LISTS else pa.float64() if name in NUMBERS else pa.string() for name in _PLAIN}  # fmt: skip
    kinds["skills"] = words
    kinds["outcomes"] = pa.list_(
        pa.struct(
            {"skill": pa.string(), "assessment": pa.string(), "text": pa.string(), "inferred": pa.bool_(), "score": pa.float64()}
        )
    )  # fmt: skip
    kinds["sources"] = pa.list_(pa.struct({"url": pa.string(), "facts": words}))
    kinds["recognised_by"] = pa.list_(pa.struct({"body": pa.string(), "source": pa.string()}))
    return kinds


def to_toml(credentials: Iterable[Credential]) -> str:
    """The TOML of ``corpora/credentials``: an outcome and a source a line, what is not known left out.

    Written here and not by a library, since those that write TOML spread such tables over many lines.

    Examples
    --------
    >>> print(to_toml([Credential("a", "A \\"b\\"", hours=7.0, language=("en",))]))
    [[credential]]
    id = "a"
    name = "A \\"b\\""
    hours = 7
    language = ["en"]
    <BLANKLINE>
    """
    return "\n".join(_toml_table(c) for c in credentials)


def _toml_table(c: Credential) -> str:
    lines = ["[[credential]]"]
    for name in _PLAIN:
        value = getattr(c, name)
        if value in (None, ()) or (name == "status" and value == "unknown"):
            continue
        lines.append(f"{name} = {_toml(list(value) if isinstance(value, tuple) else value)}")
    rows: dict[str, list[dict[str, Any]]] = {
        "sources": [{"url": s.url, "facts": list(s.facts)} for s in c.sources],
        "recognised_by": [{"body": body, "source": source} for body, source in c.recognised_by],
        "outcomes": [{k: v for k, v in asdict(o).items() if v not in (None, False)} for o in c.outcomes],
    }
    for name, entries in rows.items():
        if entries:
            lines.append(f"{name} = [")
            for entry in entries:
                lines.append("  {" + ", ".join(f"{key} = {_toml(value)}" for key, value in entry.items()) + "},")
            lines.append("]")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # a JSON string is a TOML string, but for the one control character that JSON leaves as it is
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
