"""PDF -> text, with pypdf."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matcher.errors import InputError
from matcher.readers.files import read_whole, shown
from matcher.readers.record import Record

_WORD = re.compile(r"[^\W_]{2,}")
_BULLETS = str.maketrans(dict.fromkeys("\uf0b7\uf0a7\uf0d8\uf0fc\uf076", "•"))
"""Bullets of the Symbol and Wingdings fonts, which PDFs keep as private characters."""


def read_pdf(path: Path) -> Iterator[Record]:
    """The text of a PDF, page after page."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, WrongPasswordError

    where = shown(path)
    data = read_whole(path)
    encrypted = InputError(
        "encrypted", f"{where}: protected by a password", "a PDF that opens without one",
        "print it to a new PDF, or copy its text",
    )  # fmt: skip
    try:
        with _quiet():
            reader = PdfReader(io.BytesIO(data), strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise encrypted
            pages = [page.extract_text() for page in reader.pages]
    except InputError:
        raise
    except (DependencyError, FileNotDecryptedError, WrongPasswordError):
        raise encrypted from None
    except Exception as error:  # broken files raise nearly anything in pypdf
        raise InputError(
            "unreadable", f"{where}: broken, or no PDF ({type(error).__name__}: {' '.join(str(error).split())[:200]})", "a whole PDF",
            "open it in a PDF viewer and save it again, or copy its text",
        ) from error  # fmt: skip
    text = "\n".join(pages).translate(_BULLETS)
    if len(_WORD.findall(text)) < 2:
        raise InputError(
            "no_text", f"{where}: {len(pages)} page(s) without text, probably scanned", "a PDF with text in it",
            "run text recognition (OCR) on it first, or type the text",
        )  # fmt: skip
    yield Record(text=text)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without pypdf's warnings about small faults, which would go to standard error."""
    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
