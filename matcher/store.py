"""Compiled inventories: built once from their sources, kept by checksum, opened read-only."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from matcher.errors import CorpusError

FORMAT = 24
"""Raised whenever the layout of the compiled files changes."""

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parent / "corpora"


def corpora() -> Path:
    """The folder with the data that people edit: the checkout's, else the copy in the wheel."""
    return CHECKOUT if (CHECKOUT / "cues").is_dir() else PACKAGE / "_corpora"


def checksum(paths: Iterable[Path], salt: str = "") -> str:
    """SHA-256 over names and contents, hexadecimal."""
    digest = hashlib.sha256(f"{FORMAT}:{salt}".encode())
    for path in paths:
        digest.update(path.name.encode("utf-8", "surrogateescape"))
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def cached(kind: str, key: str, build: Callable[[sqlite3.Connection], None]) -> Path:
    """Path of the compiled database for `key`, built now if it is not there."""

    def write(path: Path) -> None:
        db = sqlite3.connect(path)
        try:
            db.execute("PRAGMA journal_mode=OFF")
            db.execute("PRAGMA synchronous=OFF")
            with db:
                build(db)
        finally:
            db.close()

    return cached_file(kind, key, ".sqlite", write)


def cached_file(kind: str, key: str, suffix: str, write: Callable[[Path], None]) -> Path:
    """Path of the compiled file for `key`, written now if it is not there.

    It is written under a temporary name and renamed, so that a killed build or two at once leave
    nothing half made.
    """
    from platformdirs import user_cache_path

    folder = Path(os.environ.get("MATCHER_CACHE") or user_cache_path("matcher", appauthor=False))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / "matcher-cache"
        folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}-{key[:24]}{suffix}"
    if path.exists():
        return path
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{kind}-", suffix=".tmp")
    os.close(handle)
    try:
        write(Path(name))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def connect(path: Path) -> sqlite3.Connection:
    """Open a compiled file read-only."""
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        db.execute("SELECT 1 FROM meta").fetchone()
    except sqlite3.Error as error:
        raise CorpusError(
            "compiled", f"{path}: not a compiled inventory ({error})", "a file made by matcher",
            "delete it; it is made anew on the next run",
        ) from error  # fmt: skip
    return db
