"""Read back an edited `extract --format json`: people correct what was found, then rank again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from matcher.errors import InputError
from matcher.pipeline.country import country_of
from matcher.taxonomy import Taxonomy
from matcher.types import (
    BARRIER_KINDS,
    SKILL_TYPES,
    Barrier,
    Extraction,
    Mention,
    Need,
    Posting,
    Requirement,
    SkillType,
)

_NEEDS = ("required", "preferred", "unstated", "not_required")


def read_requirements(path: Path, taxonomy: Taxonomy) -> Extraction:
    """Read requirements from a file.

    Parameters
    ----------
    path : Path
        JSON as `matcher extract --format json` writes it. Of a requirement that was added by hand
        only `skill` (an id) or `label` is needed; `need` is ``required`` if it is not given.
    taxonomy : Taxonomy

    Returns
    -------
    Extraction

    Raises
    ------
    InputError
        With the entry at fault.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError("unreadable", f"{path}: {error.strerror}", "a readable file", "check the path") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(
            "json", f"{path}: {error}", "the JSON that `matcher extract --format json` writes", "mend that line"
        ) from error
    if not isinstance(table, dict) or not isinstance(table.get("requirements"), list):
        raise InputError(
            "requirements", f"{path}: no list named requirements", "the JSON that `matcher extract --format json` writes",
            "start from such a file and edit it",
        )  # fmt: skip
    try:
        return _extraction(path, table, taxonomy)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            "requirements", f"{path}: a value of the wrong kind ({error})",
            "the JSON that `matcher extract --format json` writes", "start from such a file and edit it",
        ) from error  # fmt: skip


def _extraction(path: Path, table: dict[str, Any], taxonomy: Taxonomy) -> Extraction:
    posting = table.get("posting") or {}
    text = str(posting.get("text") or "")
    requirements = tuple(
        _requirement(path, number, entry, text, taxonomy) for number, entry in enumerate(table["requirements"], 1)
    )
    ids = [r.id for r in requirements]
    twice = sorted({id for id in ids if ids.count(id) > 1})
    if twice:
        raise InputError(
            "requirements", f"{path}: the id {twice[0]} stands twice", "an id of its own for each requirement",
            "leave the id out of what you add",
        )  # fmt: skip
    barriers = []
    for b in table.get("barriers") or ():
        if b["kind"] not in BARRIER_KINDS or b["need"] not in _NEEDS:
            raise ValueError(f"barrier {b['kind']!r}, {b['need']!r}")
        barriers.append(
            Barrier(
                b["kind"], b["need"], str(b["text"]), int(b["start"]), int(b["end"]), b.get("detail"), b.get("group")
            )
        )
    return Extraction(
        Posting(str(posting.get("id") or path.stem), text, posting.get("title"), str(path), posting.get("language")),
        requirements, tuple(barriers), country=country_of(text),
    )  # fmt: skip


def _requirement(path: Path, number: int, entry: Any, text: str, taxonomy: Taxonomy) -> Requirement:
    where = f"{path}, requirement {number}"
    if not isinstance(entry, dict) or not (entry.get("skill") or entry.get("label")):
        raise InputError(
            "requirements", f"{where}: no skill and no label", "one of the two", "add it or drop the entry"
        )
    skill = entry.get("skill")
    label = entry.get("label")
    if skill is None and label:
        from matcher.words import cut

        phrase = taxonomy.find(cut(str(label)).norm)
        skill = phrase.skill if phrase else None
    if skill is not None and skill not in taxonomy:
        raise InputError(
            "requirements", f"{where}: skill {skill!r} is not in the taxonomy", "an id of the taxonomy in use",
            "find it with `matcher skills search WORD`",
        )  # fmt: skip
    need = entry.get("need", "required")
    if need not in _NEEDS:
        raise InputError("requirements", f"{where}: need {need!r}", " | ".join(_NEEDS), "choose one of these")
    known = taxonomy.skill(skill) if skill else None
    kind = known.type if known else entry.get("type", "hard")
    mentions = []
    for m in entry.get("mentions") or ():
        start, end = m["start"], m["end"]
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
            raise ValueError(f"a mention from {start!r} to {end!r}")
        mentions.append(
            Mention(
                start, end, text[start:end], m.get("section", "none"), m.get("cue"), str(m.get("source", "given")),
                float(m.get("score", 1.0)), cast(Need, m.get("need", need)),
            )
        )  # fmt: skip
    years = entry.get("years")
    return Requirement(
        id=str(entry.get("id") or f"r{number}"),
        skill=skill,
        label=str(label or (known.label if known else "")),
        type=cast(SkillType, kind if kind in SKILL_TYPES else "hard"),
        need=cast(Need, need),
        mentions=tuple(mentions),
        level=None if entry.get("level") is None else str(entry["level"]),
        years=None if years is None else float(years),
        group=None if entry.get("group") is None else str(entry["group"]),
        central=float(entry.get("central") or 0.0),
    )
