"""What the linker needs of a taxonomy, computed once and kept beside the compiled taxonomy."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from matcher import store
from matcher.errors import CorpusError
from matcher.linking.embed import Embedder, Floats, unit
from matcher.linking.lexicon import Lexicon, words_of
from matcher.taxonomy.compile import surfaces
from matcher.types import Skill

if TYPE_CHECKING:
    from matcher.linking.model import LinkModel
    from matcher.taxonomy import Taxonomy

LAYOUT = "5"
"""Raised whenever the layout of the index changes."""


COARSE = 48
"""Dimensions with which the shortlist is made."""


class Model(Protocol):
    """What an index needs of a model."""

    embedder: Embedder

    def prior(self, labels: Floats) -> Floats:
        """How much asked for skills are, by the vectors of their labels."""


class Index:
    """The names of a taxonomy's skills as arrays.

    Attributes
    ----------
    ids : list of str
        The skills, in the order of all other arrays.
    lexicon : Lexicon
        Their names, word by word.
    labels, centres : array
        For each skill the direction of its label, and of all its names together.
    names : array of int8
        The direction of each name; times `name_scale`.
    prior : array
        How much asked for a skill of that name is (`LinkModel.prior`).
    """

    name_scale = np.float32(1 / 127)

    def __init__(self, arrays: dict[str, npt.NDArray[Any]]) -> None:
        self.ids = bytes(arrays["ids"]).decode().split("\n")
        self.lexicon = Lexicon(arrays)
        self.labels: Floats = arrays["label_vectors"].astype(np.float32)
        self.centres: Floats = arrays["centre_vectors"].astype(np.float32)
        self.names: npt.NDArray[np.int8] = arrays["name_vectors"]
        self.prior: Floats = arrays["prior"]
        # the table is turned so that its first dimensions hold most: enough for a shortlist
        self.coarse: Floats = unit(unit(self.labels + self.centres)[:, :COARSE])


def names_of(skill: Skill) -> list[tuple[str, ...]]:
    """The words of each name of a skill, the label's first, none twice; a label without a word stays, empty.

    >>> names_of(Skill("a", "Java (computer programming)", aliases=("Java", "java")))
    [('java', 'computer', 'programming'), ('java',)]
    """
    label, *others = surfaces(skill)
    found = dict.fromkeys(tuple(words_of(name)) for name in others)
    found.pop((), None)
    first = tuple(words_of(label))
    found.pop(first, None)
    return [first, *found] if first or not found else list(found)


def build_index(skills: Iterable[Skill], model: Model) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an index, the skills in the order given."""
    ids: list[str] = []
    names: list[list[tuple[str, ...]]] = []
    for skill in skills:
        ids.append(skill.id)
        names.append(names_of(skill))
    arrays = Lexicon.build(names)
    vectors = model.embedder.embed_all([name for group in names for name in group])
    first = arrays["skill_at"][:-1]
    labels = vectors[first]
    arrays["label_vectors"] = labels.astype(np.float16)
    arrays["centre_vectors"] = unit(np.add.reduceat(vectors, first, axis=0)).astype(np.float16)
    arrays["name_vectors"] = np.round(vectors * 127).astype(np.int8)
    arrays["prior"] = model.prior(labels)
    arrays["ids"] = np.frombuffer("\n".join(ids).encode(), np.uint8)
    return arrays


def load_index(taxonomy: Taxonomy, model: LinkModel) -> Index:
    """The index of a taxonomy, from the cache or made now."""

    def write(path: Path) -> None:
        arrays = build_index((taxonomy.skill(id) for id in taxonomy.ids()), model)
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    key = store.checksum([], f"{LAYOUT}:{taxonomy.path.name}:{model.checksum}")
    path = store.cached_file("links", key, ".npz", write)
    try:
        with np.load(path, allow_pickle=False) as file:
            return Index({name: file[name] for name in file.files})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CorpusError(
            "index", f"{path}: not an index of skills ({error})", "a file made by matcher",
            "delete it; it is made anew on the next run",
        ) from error  # fmt: skip
