"""Opening files: what they are, how large they may be, how their names are shown."""

from __future__ import annotations

import gzip
import json
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from matcher.errors import InputError
from matcher.readers.decoding import control_share, decode

MAX_BYTES = 50_000_000
HEAD = 1 << 16

KINDS = {
    ".txt": "text", ".text": "text", ".md": "text", ".markdown": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".pdf": "pdf", ".docx": "docx",
    ".json": "json", ".jsonld": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".csv": "csv", ".tsv": "csv", ".parquet": "parquet",
}  # fmt: skip
"""File name endings and the readers they go to; each of the text ones may be followed by .gz."""

FORMATS = (
    "a file of text, Markdown, HTML, PDF, Word (.docx), JSON, JSONL, CSV, TSV or Parquet, or a .zip or .tar.gz of them"
)


def shown(name: str | os.PathLike[str]) -> str:
    r"""A path as it can be printed on one line and written to any file.

    Examples
    --------
    >>> shown("two\nlines.txt")
    'two\\nlines.txt'
    """
    return shown_text(os.fsencode(name).decode("utf-8", "backslashreplace"))


def shown_text(text: str) -> str:
    r"""A name with its line breaks, control characters and half characters written out.

    Examples
    --------
    >>> shown_text("Büro\t7")
    'Büro\\t7'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def stem(path: Path) -> str:
    """The name of a file without its ending, of ``ads.jsonl.gz`` without both.

    Examples
    --------
    >>> stem(Path("in/ads.jsonl.gz")), stem(Path("v1.2-analyst"))
    ('ads', 'v1.2-analyst')
    """
    name = Path(path.name[:-3]) if path.name.lower().endswith(".gz") and len(path.name) > 3 else path
    return shown(name.stem if name.suffix.lower() in KINDS else name.name)


def check(path: Path) -> None:
    """Raise InputError unless `path` is a file that can be opened."""
    where = shown(path)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
            what, remedy = f"{where}: no such file", "check the name and the folder you are in"
        else:
            what, remedy = f"{where}: {error.strerror}", "check the name and who may read it"
        raise InputError("not_found", what, FORMATS, remedy) from error
    if stat.S_ISDIR(mode):
        raise InputError(
            "is_folder", f"{where}: is a folder", FORMATS, "name a file in it, or use matcher batch for all of them"
        )
    if not stat.S_ISREG(mode):
        raise InputError(
            "not_a_file", f"{where}: is a device, a pipe or a socket", FORMATS,
            "pass what it gives on standard input",
        )  # fmt: skip


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading bytes, unpacked where it is gzip; what goes wrong is an InputError."""
    where = shown(path)
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if packed:
                with gzip.open(raw) as file:
                    yield cast(BinaryIO, file)
            else:
                yield raw
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            "unreadable", f"{where}: broken gzip file ({error})", "a whole .gz file", "copy or download it again"
        ) from error
    except OSError as error:
        raise InputError(
            "unreadable", f"{where}: {error.strerror or error}", "a file that can be read", "check who may read it"
        ) from error


def read_whole(path: Path) -> bytes:
    """All bytes of a file that is one document; ``too_large`` before more than `MAX_BYTES` are read."""
    where = shown(path)
    error = InputError(
        "too_large", f"{where}: more than {MAX_BYTES // 1_000_000} MB", "one document of at most that size",
        "split it, or turn it into a table (CSV, JSONL, Parquet), which is read in pieces",
    )  # fmt: skip
    with opened(path) as file:
        if isinstance(file, gzip.GzipFile) is False and os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise error
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise error
    return data


def kind_of(path: Path) -> str:
    """Which reader a file goes to: by its ending, else by how it begins."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    kind = KINDS.get(suffixes[-1]) if suffixes else None
    if kind not in (None, "json"):
        return str(kind)
    with opened(path) as file:
        head = file.read(HEAD)
    if kind == "json":
        return "jsonl" if _is_jsonl(head) else "json"
    return sniff(head, shown(path))


def sniff(head: bytes, where: str) -> str:
    """Which reader the start of a file of unknown name goes to.

    Examples
    --------
    >>> sniff(b"%PDF-1.7", "ad"), sniff(b" <!DOCTYPE html>", "ad"), sniff(b"We need a welder", "ad")
    ('pdf', 'html', 'text')
    """
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK") and b"word/" in head:
        return "docx"
    text = decode(head) if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in head else "\0"
    if "\0" in text or control_share(text) > 0.05 or text.startswith("{\\rtf"):
        old = head.startswith((b"\xd0\xcf\x11\xe0", b"{\\rtf", b"PK"))
        what = "an Excel, old Word, RTF, OpenDocument or zip file" if old else "no text in it, and no known format"
        remedy = "unpack it, save a document as .docx, PDF or text, a sheet as CSV" if old else "leave it out"
        raise InputError("binary", f"{where}: {what}", FORMATS, remedy)
    start = text.lstrip().lower()
    if start.startswith(("<!doctype html", "<html", "<?xml", "<head", "<body")):
        return "html"
    if _is_jsonl(head):
        return "jsonl"
    if start[:1] in ("{", "[") and start[1:].lstrip()[:1] in ('"', "{"):
        return "json"
    return "text"


def _is_jsonl(head: bytes) -> bool:
    """Whether the first line is an object of its own and another one follows."""
    first, _, rest = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if not (first.startswith(b"{") and rest.lstrip().startswith(b"{")):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False
