"""Read back an edited `extract --format json`: people correct what was found, then rank again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from matcher.errors import InputError
from matcher.taxonomy import Taxonomy
from matcher.types import SKILL_TYPES, Barrier, Extraction, Mention, Need, Posting, Requirement, SkillType

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
    posting = table.get("posting") or {}
    text = str(posting.get("text") or "")
    requirements = tuple(
        _requirement(path, number, entry, text, taxonomy) for number, entry in enumerate(table["requirements"], 1)
    )
    barriers = tuple(
        Barrier(b["kind"], b["need"], b["text"], b["start"], b["end"], b.get("detail"), b.get("group"))
        for b in table.get("barriers", ())
        if isinstance(b, dict) and {"kind", "need", "text", "start", "end"} <= set(b)
    )
    return Extraction(
        Posting(str(posting.get("id") or path.stem), text, posting.get("title"), str(path), posting.get("language")),
        requirements, barriers,
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
    mentions = tuple(
        Mention(
            m["start"], m["end"], text[m["start"] : m["end"]], m.get("section", "none"), m.get("cue"),
            m.get("source", "given"), m.get("score", 1.0), cast(Need, m.get("need", need)),
        )
        for m in entry.get("mentions", ())
        if isinstance(m, dict) and isinstance(m.get("start"), int) and isinstance(m.get("end"), int)
    )  # fmt: skip
    return Requirement(
        id=str(entry.get("id") or f"r{number}"),
        skill=skill,
        label=str(label or (known.label if known else "")),
        type=cast(SkillType, kind if kind in SKILL_TYPES else "hard"),
        need=cast(Need, need),
        mentions=mentions,
        level=entry.get("level"),
        years=entry.get("years"),
        group=entry.get("group"),
    )
