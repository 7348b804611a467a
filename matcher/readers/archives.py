"""Archives of ads: each member is unpacked to a file of its own, read, and gone before the next one.

A member's name never becomes a path on this machine, so it cannot climb out of anywhere; such a name
is refused all the same, as are links, devices, archives in archives, and what unpacks to far more
than it should.
"""

from __future__ import annotations

import lzma
import os
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from matcher.errors import InputError
from matcher.readers.files import FORMATS, opened, shown, shown_text

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

MOST_MEMBERS = 200_000
"""In a zip, whose list of members is held in memory; a tar is read as a stream and may have any number."""
MOST_BYTES = 2_000_000_000
"""Unpacked, of one member: larger tables lie beside, not in, an archive."""
MOST_RATIO = 200
RATIO_FROM = 20_000_000
"""Unpacked, more than so many times the archive is a bomb; text shrinks to a tenth, seldom to a thirtieth."""

_BLOCK = 1 << 20


def is_archive(path: str | os.PathLike[str]) -> bool:
    """Whether a name says that the file is an archive.

    Examples
    --------
    >>> is_archive("ads.tar.gz"), is_archive("ads.jsonl.gz"), is_archive("cv.docx")
    (True, False, False)
    """
    return os.fspath(path).lower().endswith(ENDINGS)


def members(path: Path) -> Iterator[tuple[str, Path | None, InputError | None]]:
    """The members of an archive: the name, shown; a file that is there until the next one is asked for, or why not.

    Raises
    ------
    InputError
        About the archive as a whole; the members before the broken place have come by then.
    """
    where = shown(path)
    with tempfile.TemporaryDirectory(prefix="matcher-") as folder:
        try:
            found = _zip(path, where) if path.name.lower().endswith(".zip") else _tar(path)
            room = max(RATIO_FROM, MOST_RATIO * path.stat().st_size)
            for number, (name, file, error) in enumerate(found):
                place = f"{where}!{shown_text(name)}"
                error = error or _unfit(name, place)
                if error is not None or file is None:
                    yield name, None, error
                    continue
                # the ending says how to read it; the rest of the name is ours
                inner = "".join(Path(shown_text(name)).suffixes[-2:]).replace("/", "")[-20:]
                here = Path(folder, f"{number}{inner}")
                try:
                    room -= _unpack(file, here, place, room)
                    yield name, here, None
                except InputError as failed:
                    yield name, None, failed
                    if failed.code == "archive_bomb":
                        return
                finally:
                    here.unlink(missing_ok=True)
        except (
            zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, NotImplementedError,
            UnicodeError, ValueError, OSError,
        ) as error:  # fmt: skip
            raise InputError(
                "unreadable", f"{where}: broken archive ({' '.join(str(error).split())[:200] or type(error).__name__})",
                "a whole .zip, .tar or .tar.gz", "pack or download it again",
            ) from error  # fmt: skip


Member = tuple[str, IO[bytes] | None, InputError | None]


def _zip(path: Path, where: str) -> Iterator[Member]:
    with opened(path) as raw, zipfile.ZipFile(raw) as archive:
        listed = archive.infolist()
        if len(listed) > MOST_MEMBERS:
            raise InputError(
                "too_many", f"{where}: {len(listed)} files in a zip", f"at most {MOST_MEMBERS}",
                "pack it as .tar.gz, which is read as a stream",
            )  # fmt: skip
        for info in sorted(listed, key=lambda info: info.filename):
            if info.is_dir() or _hidden(info.filename):
                continue
            place = f"{where}!{shown_text(info.filename)}"
            if (info.external_attr >> 28) == 0xA:
                yield info.filename, None, _link(place)
            elif info.flag_bits & 1:
                error = InputError(
                    "encrypted", f"{place}: locked with a password", "an archive without one", "unpack it yourself"
                )
                yield info.filename, None, error
            else:
                try:
                    with archive.open(info) as file:
                        yield info.filename, file, None
                except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, lzma.LZMAError) as failed:
                    yield info.filename, None, _broken(place, failed)


def _tar(path: Path) -> Iterator[Member]:
    # as a stream: its members come in the order they were packed, and none is remembered
    with tarfile.open(path, "r|*") as archive:
        for info in archive:
            archive.members = []  # type: ignore[attr-defined]
            if info.isdir() or _hidden(info.name):
                continue
            place = f"{shown(path)}!{shown_text(info.name)}"
            if info.issym() or info.islnk():
                yield info.name, None, _link(place)
            elif not info.isreg():
                error = InputError("not_a_file", f"{place}: a device or a pipe", FORMATS, "leave it out")
                yield info.name, None, error
            else:
                yield info.name, archive.extractfile(info), None


def _hidden(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return any(part.startswith(".") and part not in (".", "..") for part in parts) or parts[0] == "__MACOSX"


def _unfit(name: str, place: str) -> InputError | None:
    """What is wrong with the name of a member."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        return InputError(
            "unsafe_path", f"{place}: a name that climbs out of the archive", "names below the archive's own top",
            "do not trust this archive; pack its files again",
        )  # fmt: skip
    if is_archive(name):
        return InputError(
            "nested_archive", f"{place}: an archive in an archive", FORMATS, "unpack the outer one and name the inner"
        )
    return None


def _unpack(file: IO[bytes], here: Path, place: str, room: int) -> int:
    """Write a member to a file of its own; how many bytes it has."""
    size = 0
    try:
        with here.open("wb") as out:
            while block := file.read(_BLOCK):
                size += len(block)
                if size > room:
                    raise InputError(
                        "archive_bomb",
                        f"{place}: the archive unpacks to more than {MOST_RATIO} times its size; the rest is not read",
                        "an archive of job ads", "unpack it yourself if you trust it, and name the folder",
                    )  # fmt: skip
                if size > MOST_BYTES:
                    raise InputError(
                        "too_large", f"{place}: more than {MOST_BYTES // 1_000_000_000} GB unpacked",
                        "at most that for one file in an archive", "unpack it and name the file",
                    )  # fmt: skip
                out.write(block)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError) as error:
        raise _broken(place, error) from error
    return size


def _broken(place: str, error: Exception) -> InputError:
    return InputError(
        "unreadable", f"{place}: broken ({' '.join(str(error).split())[:200]})", "a whole file", "pack it again"
    )


def _link(place: str) -> InputError:
    return InputError("link", f"{place}: a link, not a file", FORMATS, "pack the file it points to")


def rename(error: InputError, temporary: Path, place: str) -> InputError:
    """The error with its place in the archive in place of the file it was unpacked to."""
    return InputError(error.code, error.what.replace(shown(temporary), place), error.expected, error.remedy)
