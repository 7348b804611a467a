"""A taxonomy's CSV files -> `Skill`s. The same columns serve ours and anybody's own."""

from __future__ import annotations

import csv
import re
import unicodedata
from pathlib import Path

from matcher.errors import CorpusError
from matcher.types import SKILL_TYPES, Skill

_LISTS = ("aliases", "broader", "parts", "related", "ambiguous")


def slug(label: str) -> str:
    """A readable id.

    >>> slug("C++"), slug("C#"), slug("Health & safety"), slug(".NET"), slug("Crème pâtissière")
    ('c-plus-plus', 'c-sharp', 'health-and-safety', 'dot-net', 'creme-patissiere')
    """
    text = label.lower().replace("++", " plus plus").replace("#", " sharp").replace("&", " and ")
    text = re.sub(r"(?<!\w)\.(?=\w)", "dot ", text)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def skill_files(path: Path) -> list[Path]:
    """The CSV files of a taxonomy: the file itself, or all in the folder, sorted."""
    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not files:
            raise CorpusError(
                "no_taxonomy", f"{path}: a folder without CSV files", "skills as CSV with a column `label`",
                "name the folder or file that holds them",
            )  # fmt: skip
        return files
    if not path.is_file():
        raise CorpusError(
            "no_taxonomy", f"{path}: no such file or folder", "a taxonomy as CSV with a column `label`",
            "check the path; `bundled` names the one that comes with matcher",
        )  # fmt: skip
    return [path]


def read_skills(path: Path) -> list[Skill]:
    """Read one CSV file of skills.

    Parameters
    ----------
    path : Path
        UTF-8 CSV; `label` is needed; `id`, `type`, `aliases`, `broader`, `parts`, `related`,
        `ambiguous` (each a list separated by ``|``), `uri` and `note` where present.

    Returns
    -------
    list of Skill
        In the file's order.

    Raises
    ------
    CorpusError
        If it is not such a file; the message names the row.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not reader.fieldnames or "label" not in reader.fieldnames:
                raise CorpusError(
                    "no_label", f"{path}: columns are {', '.join(reader.fieldnames or []) or 'missing'}",
                    "a column `label`", "rename the column that holds the skills' names to label",
                )  # fmt: skip
            skills = [_skill(path, reader.line_num, row) for row in reader]
    except UnicodeDecodeError as error:
        raise CorpusError(
            "encoding", f"{path}: not UTF-8 at byte {error.start}", "UTF-8", "save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise CorpusError(
            "csv", f"{path}: {error}", "a well-formed CSV", "open it in a spreadsheet and save it again"
        ) from error
    if not skills:
        raise CorpusError("empty", f"{path}: no rows", "at least one skill", "add a row with a label")
    return skills


def _skill(path: Path, line: int, row: dict[str, str | None]) -> Skill:
    label = (row.get("label") or "").strip()
    if not label:
        raise CorpusError("no_label", f"{path}, line {line}: no label", "a name", "fill in the column label")
    kind = (row.get("type") or "hard").strip()
    if kind not in SKILL_TYPES:
        raise CorpusError(
            "type", f"{path}, line {line} ({label}): type {kind!r}", " | ".join(SKILL_TYPES), "choose one of these"
        )
    lists = {
        name: tuple(dict.fromkeys(item.strip() for item in (row.get(name) or "").split("|") if item.strip()))
        for name in _LISTS
    }
    return Skill(
        id=(row.get("id") or "").strip() or slug(label),
        label=label,
        type=kind,
        uri=(row.get("uri") or "").strip() or None,
        note=(row.get("note") or "").strip() or None,
        field=path.stem,
        **lists,
    )
