"""Pasted text -> Posting: checked, never changed."""

from __future__ import annotations

import re

from matcher.errors import InputError
from matcher.readers.decoding import control_share, decode
from matcher.readers.language import language_name, language_of
from matcher.types import Posting

MAX_CHARACTERS = 2_000_000
MAX_CONTROL = 0.05

_WORD = re.compile(r"[^\W_]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_text(text: str, *, id: str = "-", source: str = "-", title: str | None = None) -> Posting:
    """Take pasted text as a posting.

    Parameters
    ----------
    text : str
        The ad. It is kept exactly as given: all offsets of the results point into it.
    id : str, default "-"
        Name of the posting in results.
    source : str, default "-"
        Where it comes from; named in error messages.
    title : str, optional
        The job's title where it is known apart from the text.

    Returns
    -------
    Posting
        `language` is ``"en"``, or None where the text is too short, or too much a list, to tell.

    Raises
    ------
    InputError
        With the code ``empty``, ``too_large``, ``binary``, ``encoding`` or ``language``.

    Examples
    --------
    >>> posting = read_text("We need a welder.\\r\\n", title="Welder")
    >>> posting.text, posting.title
    ('We need a welder.\\r\\n', 'Welder')
    >>> read_text("  ")
    Traceback (most recent call last):
    ...
    matcher.errors.InputError: -: holds no words; expected the text of a job ad. Try: paste the ad's words
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            "too_large", f"{source}: {len(text):,} characters", f"one job ad of at most {MAX_CHARACTERS:,}",
            "split it into one ad a file, or make it a table with an ad a row",
        )  # fmt: skip
    if "\0" in text or control_share(text) > MAX_CONTROL:
        raise InputError(
            "binary", f"{source}: holds control characters, as programs, images and archives do",
            "the text of a job ad", "open it in the program it was made with and save or copy it as text",
        )  # fmt: skip
    if not _WORD.search(text):
        raise InputError("empty", f"{source}: holds no words", "the text of a job ad", "paste the ad's words")
    if bad := _SURROGATE.search(text):
        raise InputError(
            "encoding", f"{source}: half a character (a lone surrogate) at offset {bad.start()}",
            "text that can be written as UTF-8", "read the file as bytes, or save it as UTF-8",
        )  # fmt: skip
    code = language_of(text)
    if code not in (None, "en"):
        raise InputError(
            "language", f"{source}: written in {language_name(code or '')}", "a job ad in English",
            "translate it, or give the English version",
        )  # fmt: skip
    return Posting(id=id, text=text, title=title, source=source, language=code)


def read_stdin(data: bytes, *, id: str = "-", source: str = "-") -> Posting:
    """Take the bytes of standard input as a posting.

    Parameters
    ----------
    data : bytes
        UTF-8, UTF-16 with a byte order mark, or an older encoding, which is then guessed.
    id, source : str, default "-"
        As in `read_text`.

    Returns
    -------
    Posting

    Raises
    ------
    InputError
        As `read_text`.

    Examples
    --------
    >>> read_stdin("We need a pâtissier.".encode("cp1252")).text
    'We need a pâtissier.'
    """
    return read_text(decode(data), id=id, source=source)
