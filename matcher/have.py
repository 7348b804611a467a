"""What a person already has: a list, a résumé in plain text, or a JSON Resume -> skill id: level."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matcher import cues
from matcher.errors import InputError
from matcher.pipeline.skills import names_in
from matcher.taxonomy import Taxonomy

_PATH = re.compile(r"\S*[/\\]\S+|\S+\.(?:pdf|docx|txt|json|md|csv|html?)", re.IGNORECASE)


def read_have(have: str | Path, taxonomy: Taxonomy) -> dict[str, str | None]:
    """Skills a person has.

    Parameters
    ----------
    have : str or Path
        A path (any format that `matcher.readers` reads, or a JSON Resume), or the text itself: a list
        separated by commas, semicolons or lines, or a résumé.
    taxonomy : Taxonomy

    Returns
    -------
    dict of str to (str or None)
        Skill id -> ``basic``, ``intermediate``, ``advanced`` or None where no level is stated.

    Raises
    ------
    InputError
        If nothing in it is a skill that the taxonomy knows.

    Examples
    --------
    >>> from matcher.taxonomy import load
    >>> sorted(read_have("Excel, French", load()))
    ['french', 'microsoft-excel']
    """
    text = str(have)
    # a path is named in full, words only as far as one line holds them
    shown = repr(" ".join(text.split())[:60])
    if isinstance(have, Path) or ("\n" not in text and len(text) < 1000 and os.path.exists(text)):
        shown, text = text, _file_text(Path(have))
    elif _PATH.fullmatch(text):
        raise InputError(
            "have_missing", f"--have {text}: no such file", "a file, or skills in words",
            "check the path; skills are written as 'Excel, French'",
        )  # fmt: skip
    found: dict[str, str | None] = {}
    resume = _json_object(text)
    pairs = _resume(resume) if resume is not None else ((text, None),)
    for words, level in pairs:
        for skill in names_in(words, taxonomy):
            if found.get(skill) is None:
                found[skill] = level
    if not found:
        raise InputError(
            "have_nothing", f"--have {shown}: {'holds no text' if not text.strip() else 'none of its words is a skill that the taxonomy knows'}",
            "skills such as 'Excel, French, forklift', a résumé or a JSON Resume",
            "name them as ads do; `matcher skills search WORD` shows what is known",
        )  # fmt: skip
    return found


def _file_text(path: Path) -> str:
    if path.suffix.lower() in (".json", ".txt", ".md", ".csv"):
        try:
            return path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            pass
    from matcher.readers import Failure, read_file

    texts = []
    for found in read_file(path):
        if isinstance(found, Failure):
            raise found.error
        texts.append(found.text)
    return "\n".join(texts)


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _resume(resume: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The parts of a JSON Resume (jsonresume.org, schema 1.0.0) that tell of skills."""

    def items(name: str) -> list[dict[str, Any]]:
        value = resume.get(name)
        return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []

    def level(value: object) -> str | None:
        return cues.own_levels().get(str(value).strip().lower())

    for skill in items("skills"):
        own = level(skill.get("level"))
        yield str(skill.get("name") or ""), own
        for keyword in skill.get("keywords") or ():
            yield str(keyword), own
    for language in items("languages"):
        yield str(language.get("language") or ""), level(language.get("fluency"))
    for certificate in items("certificates"):
        yield str(certificate.get("name") or ""), None
    for name in ("work", "volunteer", "projects"):
        for entry in items(name):
            for field in ("summary", "description"):
                yield str(entry.get(field) or ""), None
            for highlight in entry.get("highlights") or ():
                yield str(highlight), None
