"""Files of skills -> `Skill`s: CSV with the columns of ours, the same as JSON or Parquet, ESCO's and O*NET's own files."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matcher.errors import CorpusError
from matcher.rows import Log, brief, csv_header, csv_rows, numbered, read_json, read_parquet, read_text
from matcher.types import SKILL_TYPES, Skill

LISTS = ("aliases", "broader", "parts", "related", "ambiguous")
CROSSWALK = ("skill", "scheme", "code", "match")
SCHEMA = "matcher/skills/1"
_SUFFIXES = (".csv", ".json", ".jsonl", ".parquet", ".xlsx", ".txt")


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
    """The files of a taxonomy: the file itself, or those in the folder that hold skills, sorted.

    Of a folder with ESCO's or O*NET's download, only the files that say something of skills.
    """
    from matcher.taxonomy import esco, onet

    if path.is_dir():
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())
        if any(map(esco.is_skills, inside)):
            return [file for file in inside if esco.is_part(file)]
        csvs = [file for file in inside if file.suffix.lower() == ".csv" and not is_crosswalk(file)]
        if csvs:
            return csvs
        rest = [file for file in inside if file.suffix.lower() in (".xlsx", ".txt") and onet.may_be(file)]
        rest = rest or [file for file in inside if file.suffix.lower() in (".json", ".jsonl", ".parquet")]
        if rest:
            return rest
        raise CorpusError(
            "no_taxonomy", f"{path}: a folder without CSV files of skills",
            "skills as CSV with a column `label`, or the download of ESCO or O*NET",
            "name the folder or file that holds them",
        )  # fmt: skip
    if not path.is_file():
        raise CorpusError(
            "no_taxonomy", f"{path}: no such file or folder", "a taxonomy as CSV with a column `label`",
            "check the path; `bundled` names the one that comes with matcher",
        )  # fmt: skip
    return [path]


def crosswalk_files(path: Path) -> list[Path]:
    """The files in a taxonomy's folder that say what its skills are called elsewhere."""
    return sorted(filter(is_crosswalk, path.glob("*.csv"))) if path.is_dir() else []


def is_crosswalk(path: Path) -> bool:
    """Whether the columns are those of a crosswalk."""
    return csv_header(path)[:4] == list(CROSSWALK)


def read_files(files: Sequence[Path], log: Log) -> list[Skill]:
    """All skills of the files that `skill_files` found in one place.

    What they are is seen from their content: a heading of columns, the first bytes.
    """
    from matcher.taxonomy import ctdl, esco, onet

    if any(map(esco.is_skills, files)):
        return esco.read(files, log)
    found: list[Skill] = []
    workbooks = []
    for file in files:
        with file.open("rb") as stream:
            start = stream.read(512)
        if start[:4] in (b"PK\x03\x04", b"PK\x05\x06") or onet.is_table(csv_header(file)):
            workbooks.append(file)
        elif start[:4] == b"PAR1":
            found.extend(_from_records(file, read_parquet(file), log))
        elif start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            if ctdl.is_framework(start):
                found.extend(ctdl.read(file, log))
            else:
                found.extend(_from_records(file, _json_records(file), log))
        else:
            found.extend(_read_csv(file, log))
    if workbooks:
        found.extend(onet.read(workbooks, log))
    return found


def read_skills(path: Path) -> list[Skill]:
    """Read one file of skills.

    Parameters
    ----------
    path : Path
        UTF-8 CSV; `label` is needed; `id`, `type`, `aliases`, `broader`, `parts`, `related`,
        `ambiguous` (each a list separated by ``|``), `uri`, `note` and `group` (``yes`` for a heading
        that is no skill itself) where present. Or the same as JSON, JSON lines or Parquet.

    Returns
    -------
    list of Skill
        In the file's order.

    Raises
    ------
    CorpusError
        If it is not such a file; the message names every row that cannot be used.
    """
    log = Log()
    skills = read_files([path], log)
    log.stop_if_any()
    return skills


def _read_csv(path: Path, log: Log) -> list[Skill]:
    rows = ((f"line {line}", row) for line, row in csv_rows(path, ("label",), log))
    return _gathered(path, rows, log)


def _from_records(path: Path, records: Iterable[object], log: Log) -> list[Skill]:
    return _gathered(path, numbered(path, records, "an object with a label", log), log)


def _gathered(path: Path, rows: Iterable[tuple[str, Mapping[str, Any]]], log: Log) -> list[Skill]:
    found: dict[str, Skill] = {}
    where: dict[str, str] = {}
    any_row = False
    for place, row in rows:
        any_row = True
        skill = _skill(path, place, row, log)
        if skill is None:
            continue
        held = found.get(skill.id)
        if held is None:
            found[skill.id] = skill
            where[skill.id] = place
        elif held.label.lower() != skill.label.lower() and row.get("id"):
            log.problem(
                "twice", path, f"{place} ({skill.label})", "id", f"the id {skill.id} stands already at {where[skill.id]}",
                "an id of its own", "give it another id, or none",
            )  # fmt: skip
        else:
            log.note("skills that stood twice in a file; the first was kept")
    if not any_row and not log.problems:
        raise CorpusError("empty", f"{path}: no rows", "at least one skill", "add a row with a label")
    return list(found.values())


def _skill(path: Path, place: str, row: Mapping[str, Any], log: Log) -> Skill | None:
    def cell(name: str) -> str:
        value = row.get(name)
        return "" if value is None else str(value).strip() if isinstance(value, str | int) else ""

    label = cell("label")
    if not label:
        log.problem("no_label", path, place, "label", "no label", "a name", "fill in the column label")
        return None
    kind = cell("type") or "hard"
    if kind not in SKILL_TYPES:
        log.problem(
            "type", path, f"{place} ({label})", "type", f"type {brief(kind)}", " | ".join(SKILL_TYPES), "choose one of these"
        )  # fmt: skip
        return None
    lists: dict[str, tuple[str, ...]] = {}
    for name in LISTS:
        value = row.get(name)
        items = value if isinstance(value, list) else str(value or "").split("|")
        if not isinstance(value, str | list | None) or not all(isinstance(item, str) for item in items):
            log.problem(
                "kind", path, f"{place} ({label})", name, f"{name} is {brief(value)}", "a list of names", "write them with |"
            )  # fmt: skip
            return None
        lists[name] = tuple(dict.fromkeys(item.strip() for item in items if item.strip()))
    id = cell("id") or slug(label)
    if not id:
        log.problem(
            "id", path, f"{place} ({label})", "id", "a label without a Latin letter or digit", "an id", "fill in the column id"
        )  # fmt: skip
        return None
    return Skill(
        id=id,
        label=label,
        type=kind,
        uri=cell("uri") or None,
        note=cell("note") or None,
        field=cell("field") or path.stem,
        group=cell("group").lower() in ("yes", "true", "1") or row.get("group") is True,
        **lists,
    )


def _json_records(path: Path) -> list[object]:
    """Our own export as JSON, a list of objects, or an object a line."""
    text = read_text(path, "no_taxonomy", "a file of skills")
    lines = text.strip().split("\n")
    if len(lines) > 1 and lines[0].rstrip().endswith("}") and lines[1].lstrip().startswith("{"):
        return [read_json(line, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    value = read_json(text, path)
    if isinstance(value, dict) and isinstance(value.get("skills"), list):
        return list(value["skills"])
    if isinstance(value, dict) and "label" in value:
        return [value]
    if isinstance(value, list):
        return value
    raise CorpusError(
        "no_taxonomy", f"{path}: JSON with {', '.join(map(brief, list(value)[:5])) if isinstance(value, dict) else brief(value)}",
        f'{{"schema": "{SCHEMA}", "skills": […]}}, a list of objects with a label, or a competency framework in CTDL-ASN',
        "see `matcher skills export --format json`",
    )  # fmt: skip


def read_crosswalk(files: Iterable[Path], log: Log) -> list[tuple[str, str, str, str]]:
    """The rows of crosswalks: skill, scheme, code or URI there, kind of match."""
    found = []
    for path in files:
        for line, row in csv_rows(path, CROSSWALK, log):
            values = tuple(row[name].strip() for name in CROSSWALK)
            if values[3] not in ("exact", "close", "broad", "narrow") or not all(values):
                log.problem(
                    "match", path, f"line {line}", "match", f"row {brief(json.dumps(values))}",
                    "skill, scheme, code and exact | close | broad | narrow", "fill them in",
                )  # fmt: skip
                continue
            found.append((values[0], values[1], values[2], values[3]))
    return found
