"""O*NET's workbooks or text files -> `Skill`s: technology, tools, and work activities.

The tables are known by their columns. An example ("Adobe Acrobat") becomes a tool under its commodity
("Document management software"); a detailed work activity a skill under its intermediate one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from matcher.errors import CorpusError
from matcher.rows import Log, csv_header, csv_rows
from matcher.taxonomy.read import slug
from matcher.types import Skill, SkillType

_TECHNOLOGY = ("Example", "Commodity Code", "Commodity Title")
_ACTIVITIES = ("IWA ID", "IWA Title", "DWA ID", "DWA Title")


def is_table(columns: Sequence[str]) -> bool:
    """Whether these are the columns of a table that names tools or activities."""
    return any(set(needed) <= set(columns) for needed in (_TECHNOLOGY, _ACTIVITIES)) and "Task ID" not in columns


def may_be(path: Path) -> bool:
    """Whether to open this file; workbooks are opened only when they are compiled, since that takes seconds."""
    return path.suffix.lower() == ".xlsx" or is_table(csv_header(path))


def read(files: Sequence[Path], log: Log) -> list[Skill]:
    """The tools, technologies and activities of O*NET, each once.

    Notes
    -----
    Which occupation uses them, "hot technology" and "in demand" are left out. The commodity's code
    (UNSPSC) or the activity's stands in `note`; O*NET has no code for an example itself.
    """
    found: dict[str, Skill] = {}
    tables = 0
    for path in files:
        for columns, rows in _tables(path, log):
            if not is_table(columns):
                continue
            tables += 1
            activities = set(_ACTIVITIES) <= set(columns)
            for place, row in rows:
                if activities:
                    _activity(path, place, row, found, log)
                else:
                    _tool(path, place, row, found, log)
    if not tables:
        raise CorpusError(
            "no_taxonomy", f"{', '.join(str(f) for f in files[:3])}: no table that names tools or activities",
            f"O*NET's columns {', '.join(_TECHNOLOGY)}, or {', '.join(_ACTIVITIES)}",
            "name the file 'Technology Skills', 'Tools Used' or 'DWA Reference' of an O*NET download",
        )  # fmt: skip
    return list(found.values())


def _tool(path: Path, place: str, row: dict[str, str], found: dict[str, Skill], log: Log) -> None:
    example, code, title = (row[name].strip() for name in _TECHNOLOGY)
    if not example or not title:
        lacking = _TECHNOLOGY[0] if not example else _TECHNOLOGY[2]
        log.problem("no_label", path, place, lacking, f"no {lacking}", "a name", "fetch the file again")
        return
    if code and not code.isdigit():
        log.problem(
            "code", path, f"{place} ({example})", "Commodity Code", f"code {code!r}", "digits", "fetch it again"
        )
        return
    parent = _add(found, title, "tool", (), f"UNSPSC {code}" if code else None, path)
    # where the example is the commodity itself ("Desktop computers"), one entry is enough
    if slug(example) != parent:
        _add(found, example, "tool", (parent,), None, path)


def _activity(path: Path, place: str, row: dict[str, str], found: dict[str, Skill], log: Log) -> None:
    iwa, iwa_title, dwa, dwa_title = (row[name].strip().rstrip(".") for name in _ACTIVITIES)
    if not dwa_title or not iwa_title:
        log.problem("no_label", path, place, "DWA Title", "no title", "a name", "fetch the file again")
        return
    parent = _add(found, iwa_title, "hard", (), f"O*NET {iwa}", path)
    if slug(dwa_title) != parent:
        _add(found, dwa_title, "hard", (parent,), f"O*NET {dwa}", path)


def _add(
    found: dict[str, Skill], label: str, kind: SkillType, broader: tuple[str, ...], note: str | None, path: Path
) -> str:
    """Enter a name, or add to what is known of it; its id."""
    id = slug(label)
    held = found.get(id)
    if held is None:
        found[id] = Skill(id, label, kind, broader=broader, note=note, field=path.stem)
    elif not set(broader) <= set(held.broader) or (note and not held.note):
        # an example under two commodities; never the commodity under its own example
        more = tuple(b for b in broader if b not in held.broader and b != id and id not in found[b].broader)
        found[id] = Skill(
            id, held.label, held.type, broader=(*held.broader, *more), note=held.note or note, field=held.field
        )
    return id


def _tables(path: Path, log: Log) -> Iterator[tuple[list[str], Iterator[tuple[str, dict[str, str]]]]]:
    """The sheets of a workbook, or the one table of a text file: its columns and its rows with their places."""
    with path.open("rb") as file:
        zipped = file.read(2) == b"PK"
    if not zipped:
        columns = csv_header(path)
        with path.open("rb") as file:
            delimiter = "\t" if b"\t" in file.readline(1 << 16) else ","
        yield columns, ((f"line {n}", row) for n, row in csv_rows(path, (), log, whole=True, delimiter=delimiter))
        return
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            lines = sheet.iter_rows(values_only=True)
            columns = [_cell(value) for value in next(lines, ())]
            yield columns, _rows(sheet.title, columns, lines, log)
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        # SyntaxError: XML that cannot be parsed
        raise CorpusError(
            "workbook", f"{path}: {error}", "a whole .xlsx workbook", "it may be cut off: fetch it again"
        ) from error


def _rows(
    sheet: str, columns: list[str], lines: Iterator[tuple[Any, ...]], log: Log
) -> Iterator[tuple[str, dict[str, str]]]:
    for number, line in enumerate(lines, 2):
        if any(value is not None for value in line):
            log.rows += 1
            cells = [_cell(value) for value in line]
            cells += [""] * (len(columns) - len(cells))
            yield f"sheet {sheet!r}, row {number}", dict(zip(columns, cells, strict=False))


def _cell(value: object) -> str:
    return "" if value is None else str(value)
