"""Word's .docx -> text, with python-docx."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matcher.errors import InputError
from matcher.readers.files import MAX_BYTES, read_whole, shown
from matcher.readers.record import Record

BULLET = "• "
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HOLDERS = {_W + "sdt", _W + "sdtContent", _W + "customXml", _W + "ins", _W + "smartTag"}
_BREAKS = {_W + "br", _W + "cr"}


def read_docx(path: Path) -> Iterator[Record]:
    """The text of a Word file: paragraphs and tables in their order, text boxes where they hang."""
    import docx

    where = shown(path)
    data = read_whole(path)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            "encrypted", f"{where}: protected by a password, or the old .doc format", "a .docx without a password",
            "open it in Word or LibreOffice and save it as .docx without a password",
        )  # fmt: skip
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > 10 * MAX_BYTES:
                raise InputError(
                    "too_large", f"{where}: more than {10 * MAX_BYTES // 1_000_000} MB unpacked",
                    "one document of at most that size", "take the pictures out, or copy its text",
                )  # fmt: skip
        document = docx.Document(io.BytesIO(data))
        bulleted = {style.style_id for style in document.styles if _is_list(style)}
        lines = list(_lines(document.element.body, bulleted))
    except InputError:
        raise
    except Exception as error:  # broken files raise nearly anything in zipfile, lxml and python-docx
        raise InputError(
            "unreadable", f"{where}: broken, or no Word file ({type(error).__name__}: {' '.join(str(error).split())[:200]})", "a whole .docx",
            "open it in Word or LibreOffice and save it again, or copy its text",
        ) from error  # fmt: skip
    yield Record(text="\n".join(lines))


def _is_list(style: Any) -> bool:
    return bool(style.element.xpath("./w:pPr/w:numPr")) or (style.name or "").startswith("List")


def _lines(parent: Any, bulleted: set[str]) -> Iterator[str]:
    for node in parent:
        if node.tag == _W + "p":
            text = _text(node).strip()
            bullet = BULLET if text and _has_bullet(node, bulleted) else ""
            yield bullet + text
            for box in _boxes(node):
                yield from _lines(box, bulleted)
        elif node.tag == _W + "tbl":
            yield from _rows(node, bulleted)
        elif node.tag in _HOLDERS:
            yield from _lines(node, bulleted)


def _rows(table: Any, bulleted: set[str]) -> Iterator[str]:
    """A line a row where its cells are single lines, else a line a paragraph."""
    for row in table.iter(_W + "tr"):
        if next(row.iterancestors(_W + "tbl")) is not table:
            continue
        cells = [[line for line in _lines(cell, bulleted) if line] for cell in row.iter(_W + "tc")
                 if next(cell.iterancestors(_W + "tr")) is row]  # fmt: skip
        if all(len(cell) < 2 for cell in cells):
            yield " | ".join(cell[0] for cell in cells if cell)
        else:
            yield from (line for cell in cells for line in cell)


def _text(node: Any) -> str:
    """The words of a paragraph, without those of boxes that hang on it and without deleted ones."""
    parts = []
    for child in node:
        if child.tag == _W + "t":
            parts.append(child.text or "")
        elif child.tag == _W + "tab":
            parts.append("\t")
        elif child.tag in _BREAKS:
            parts.append("\n")
        elif child.tag == _W + "noBreakHyphen":
            parts.append("-")
        elif child.tag not in (_W + "pPr", _W + "rPr", _W + "txbxContent", _W + "drawing", _W + "pict", _FALLBACK):
            parts.append(_text(child))
    return "".join(parts)


def _boxes(paragraph: Any) -> Iterator[Any]:
    """Text boxes; Word keeps each a second time for old readers, in a Fallback."""
    for box in paragraph.iter(_W + "txbxContent"):
        if next(box.iterancestors(_W + "p")) is paragraph and next(box.iterancestors(_FALLBACK), None) is None:
            yield box


def _has_bullet(paragraph: Any, bulleted: set[str]) -> bool:
    properties = paragraph.find(_W + "pPr")
    if properties is None:
        return False
    numbering = properties.find(f"{_W}numPr/{_W}numId")
    if numbering is not None:
        return bool(numbering.get(_W + "val") != "0")
    style = properties.find(_W + "pStyle")
    return style is not None and style.get(_W + "val") in bulleted
