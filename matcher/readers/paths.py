"""Files, folders and globs -> the files to read, each once."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.errors import InputError
from matcher.readers.files import FORMATS, shown

if TYPE_CHECKING:
    from matcher.readers import Names


def walk(
    paths: Iterable[str | os.PathLike[str]], seen: Names | None = None
) -> Iterator[tuple[Path, str, InputError | None]]:
    """Every file under `paths` with a short name for it, or what is wrong with the path.

    Sorted within a folder; hidden files and folders are skipped unless they are named; a file that
    is reached twice, through links or through two of the paths, comes once. `seen` remembers them.
    """
    seen = set() if seen is None else seen
    for given in paths:
        path = Path(given)
        for file, name, error in _under(path, os.fspath(given)):
            # with a sign that no id has before it: ids are remembered in the same place
            real = "\0" + os.path.realpath(file) if error is None else ""
            if error is None and real in seen:
                continue
            seen.add(real)
            yield file, name, error


def _under(path: Path, given: str) -> Iterator[tuple[Path, str, InputError | None]]:
    if _exists(path):
        if path.is_dir():
            yield from _folder(path)
        else:
            yield path, given, None
        return
    found = sorted(glob.glob(given, recursive=True)) if glob.has_magic(given) and "\0" not in given else []
    for name in found:
        yield from _under(Path(name), name)
    if not found:
        what = "nothing matches" if glob.has_magic(given) else "no such file or folder"
        error = InputError(
            "not_found", f"{shown(given)}: {what}", "files, folders or globs",
            "check the name and the folder you are in",
        )  # fmt: skip
        yield path, given, error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _folder(top: Path) -> Iterator[tuple[Path, str, InputError | None]]:
    """The files of a folder and those below it; folders that were walked already are not walked again."""
    walked = {os.path.realpath(top)}
    errors: list[OSError] = []
    empty = True
    for folder, folders, files in os.walk(top, followlinks=True, onerror=errors.append):
        kept = []
        for name in sorted(folders):
            real = os.path.realpath(os.path.join(folder, name))
            if not name.startswith(".") and real not in walked:
                walked.add(real)
                kept.append(name)
        folders[:] = kept
        for name in sorted(files):
            if not name.startswith("."):
                empty = False
                file = Path(folder, name)
                yield file, os.path.relpath(file, top), None
    for failed in errors:
        empty = False
        error = InputError(
            "unreadable", f"{shown(failed.filename)}: {failed.strerror}", "a folder that can be read",
            "check who may read it",
        )  # fmt: skip
        yield Path(failed.filename), os.path.relpath(failed.filename, top), error
    if empty:
        error = InputError("empty", f"{shown(top)}: a folder without files", FORMATS, "name the folder with the ads")
        yield top, shown(top), error
