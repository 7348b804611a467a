"""What a person already has: a list, a résumé, a JSON Resume, credentials of a wallet -> skill id: level."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matcher import cues
from matcher.errors import CorpusError, InputError
from matcher.pipeline.skills import names_in
from matcher.taxonomy import Taxonomy
from matcher.types import Warning_

_PATH = re.compile(r"\S*[/\\]\S+|\S+\.(?:pdf|docx|txt|json|md|csv|html?)", re.IGNORECASE)


class Held(dict[str, str | None]):
    """Skills that a person has, with their levels; `warnings` says what a reader must know of them."""

    warnings: tuple[Warning_, ...] = ()


def read_have(have: str | Path, taxonomy: Taxonomy) -> Held:
    """Skills a person has.

    Parameters
    ----------
    have : str or Path
        A path (any format that `matcher.readers` reads, a JSON Resume, a credential of one's wallet in
        Open Badges 3.0 or as European Digital Credential), or the text itself: a list separated by
        commas, semicolons or lines, or a résumé.
    taxonomy : Taxonomy

    Returns
    -------
    Held
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
    awarded = _awarded(text, str(have), taxonomy)
    if awarded is not None:
        return awarded
    found = Held()
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


def _awarded(text: str, name: str, taxonomy: Taxonomy) -> Held | None:
    """The skills of credentials that the person was awarded; None if `text` is no such credential.

    What their records declare and what their tags and titles name, not what their descriptions mention.
    """
    if text.lstrip()[:1] not in ("{", "[") and not text.lstrip().startswith("ey"):
        return None
    from matcher.catalogue.documents import decode_jwt, wallet
    from matcher.catalogue.links import Linker
    from matcher.rows import Log, read_json

    value = decode_jwt(text)
    if value is None:
        try:
            value = read_json(text, name)
        except CorpusError as error:
            if '"@context"' not in text:
                return None
            raise InputError(error.code, f"--have {error.what}", error.expected, error.remedy) from error
    log = Log()
    try:
        drafts = wallet(value, name, log)
    except CorpusError as error:
        raise InputError(error.code, f"--have {error.what}", error.expected, error.remedy) from error
    if not drafts:
        return None
    linker = Linker(taxonomy)
    found = Held()
    inferred: list[str] = []
    for draft in drafts:
        for outcome in linker.outcomes(draft.claims, draft.values.get("name")):
            if outcome.skill not in found:
                found[outcome.skill] = None
                if outcome.inferred:
                    inferred.append(taxonomy.brief[outcome.skill].label)
    if not found:
        raise InputError(
            "have_nothing", f"--have {name[:60]!r}: a credential none of whose skills the taxonomy knows",
            "a credential with an alignment, tags or a title that names skills", "name the skills in words",
        )  # fmt: skip
    titles = ", ".join(dict.fromkeys(str(draft.values.get("name") or "a competency") for draft in drafts))
    said = f"--have: {len(found)} skills from {titles[:200]}; signature not verified"
    if inferred:
        said += f"; inferred from its words, not declared by the issuer: {', '.join(inferred[:12])}"
        said += f" and {len(inferred) - 12} more" if len(inferred) > 12 else ""
    found.warnings = (Warning_("have_not_verified", said + "."),)
    return found


def _file_text(path: Path) -> str:
    if path.suffix.lower() in (".json", ".jsonld", ".jwt", ".txt", ".md", ".csv"):
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
