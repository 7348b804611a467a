"""What the linker needs of a taxonomy, computed once and kept beside the compiled taxonomy."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from matcher import store
from matcher.errors import CorpusError
from matcher.linking.lexicon import Lexicon, words_of
from matcher.taxonomy.compile import surfaces
from matcher.types import Skill

if TYPE_CHECKING:
    from matcher.taxonomy import Taxonomy

LAYOUT = "1"
"""Raised whenever the layout of the index changes."""


class Index:
    """The names of a taxonomy's skills as arrays."""

    def __init__(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        self.ids = bytes(arrays["ids"]).decode().split("\n")
        self.lexicon = Lexicon(arrays)


def names_of(skill: Skill) -> list[str]:
    """The names of a skill, the label first, none twice; a label without a word stays as it is.

    >>> names_of(Skill("a", "Java (computer programming)", aliases=("Java", "java")))
    ['Java (computer programming)', 'Java']
    """
    found: dict[tuple[str, ...], str] = {}
    for name in surfaces(skill):
        words = tuple(words_of(name))
        if words:
            found.setdefault(words, name)
    return list(found.values()) or [skill.label]


def build_index(taxonomy: Taxonomy) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an index."""

    def names() -> Iterator[list[str]]:
        for id in ids:
            yield names_of(taxonomy.skill(id))

    ids = taxonomy.ids()
    arrays = Lexicon.build(names())
    arrays["ids"] = np.frombuffer("\n".join(ids).encode(), np.uint8)
    return arrays


def load_index(taxonomy: Taxonomy) -> Index:
    """The index of a taxonomy, from the cache or made now."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, **build_index(taxonomy))

    key = store.checksum([], f"{LAYOUT}:{taxonomy.path.name}")
    path = store.cached_file("links", key, ".npz", write)
    try:
        with np.load(path, allow_pickle=False) as file:
            return Index({name: file[name] for name in file.files})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CorpusError(
            "index", f"{path}: not an index of skills ({error})", "a file made by matcher",
            "delete it; it is made anew on the next run",
        ) from error  # fmt: skip
