"""`Skill`s -> our CSV, JSON, JSON lines or Parquet; each is read back as the same skills."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from matcher.rows import in_one_cell, to_csv, to_parquet
from matcher.taxonomy.read import LISTS, SCHEMA
from matcher.types import Skill

FORMATS = ("csv", "jsonl", "parquet", "json")
_COLUMNS = ("id", "label", "type", "aliases", "broader", "parts", "related", "ambiguous", "uri", "note", "field", "group")  # fmt: skip


def export(skills: Iterable[Skill], form: str) -> bytes:
    """The skills as the content of a file.

    Parameters
    ----------
    skills : iterable of Skill
    form : {'csv', 'jsonl', 'parquet', 'json'}

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If a name holds ``|`` and the form is CSV, which separates names by it.

    Examples
    --------
    >>> print(export([Skill("welding", "Welding", aliases=("MIG", "TIG"))], "csv").decode().splitlines()[1])
    welding,Welding,hard,MIG|TIG,,,,,,,,
    """
    if form == "csv":
        return to_csv(_COLUMNS, map(_cells, skills))
    records = [record(skill) for skill in skills]
    if form == "parquet":
        return to_parquet(_kinds(), records)
    if form == "jsonl":
        return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in records).encode()
    return (json.dumps({"schema": SCHEMA, "skills": records}, ensure_ascii=False, indent=1) + "\n").encode()


def record(skill: Skill) -> dict[str, Any]:
    """The skill as plain values."""
    return {f.name: list(v) if isinstance(v := getattr(skill, f.name), tuple) else v for f in fields(Skill)}


def _cells(skill: Skill) -> dict[str, Any]:
    """The skill as a row of a CSV: lists with ``|``."""
    row = record(skill)
    for name in LISTS:
        row[name] = in_one_cell(row[name], f"{skill.id}: {name}", "--format json, jsonl or parquet")
    row["group"] = "yes" if skill.group else ""
    return row


def _kinds() -> dict[str, Any]:
    """The columns of a Parquet file, with their types."""
    import pyarrow as pa

    return {**dict.fromkeys(_COLUMNS, pa.string()), **dict.fromkeys(LISTS, pa.list_(pa.string())), "group": pa.bool_()}


def tree(taxonomy: Any, id: str | None = None, depth: int | None = None) -> Iterable[tuple[int, str]]:
    """What stands under a skill or group, or under all that have nothing above: depth and id, in order.

    A skill under two others stands under both; what was shown in full before is not opened again.

    Examples
    --------
    >>> from matcher.taxonomy import load
    >>> next(iter(tree(load(), "microsoft-office")))
    (0, 'microsoft-office')
    """
    opened: set[str] = set()
    roots = [id] if id is not None else taxonomy.roots()
    stack = [(0, root) for root in reversed(roots)]
    while stack:
        level, node = stack.pop()
        yield level, node
        if node in opened or (depth is not None and level >= depth):
            continue
        opened.add(node)
        stack.extend((level + 1, child) for child in reversed(taxonomy.children(node)))
