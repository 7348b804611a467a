"""Rank the skills of a taxonomy for a phrase or sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matcher.taxonomy import Taxonomy


class Link(NamedTuple):
    """A skill that a text may mean; `score` is the chance that it does."""

    id: str
    label: str
    uri: str | None
    score: float


class Linker:
    """Finds the skills of one taxonomy that a phrase or sentence means.

    Parameters
    ----------
    taxonomy : Taxonomy
        Its index is made on first use and kept beside the compiled taxonomy.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        from matcher.linking.index import load_index

        self.taxonomy = taxonomy
        self.index = load_index(taxonomy)

    def rank(self, text: str, top: int = 5) -> list[tuple[int, float]]:
        """The best skills by number in the index, with their scores."""
        import numpy as np

        from matcher.linking.lexicon import words_of

        lexicon = self.index.lexicon
        words = words_of(text)
        if not words:
            return []
        matched = lexicon.match(words)
        shared = lexicon.names(matched)
        rough = shared / np.sqrt(lexicon.mass * (lexicon.mass + 4.0) + 1e-6)
        if not rough.any():
            return []
        some = np.argpartition(-rough, min(400, len(rough) - 1))[:400]
        some = np.sort(some[rough[some] > 0]).astype(np.int32)
        places = lexicon.places(some, matched)
        weights = np.array([lexicon.weight(word) for word in words], np.float32)
        best = np.zeros(len(some), np.float32)
        total = np.concatenate([[0.0], np.cumsum(weights)])
        sums = np.concatenate([np.zeros((len(some), 1), np.float32), np.cumsum(places, axis=1)], axis=1)
        for size in range(1, min(len(words), 10) + 1):
            hit = np.minimum(sums[:, size:] - sums[:, :-size], lexicon.mass[some][:, None])
            dice = 2 * hit / (lexicon.mass[some][:, None] + (total[size:] - total[:-size])[None, :])
            best = np.maximum(best, dice.max(axis=1))
        skills = lexicon.name_skill[some]
        score = np.zeros(len(self.index.ids), np.float32)
        np.maximum.at(score, skills, best)
        order = np.lexsort((np.arange(len(score)), -score))[:top]
        return [(int(number), float(score[number])) for number in order if score[number] > 0]

    def link(self, texts: Iterable[str], *, top: int = 5, always: bool = False) -> list[list[Link]]:
        """The skills of each text, best first; none where nothing is near enough, unless `always`."""
        found = []
        for text in texts:
            ranked = self.rank(text, top)
            found.append([self._link(number, score) for number, score in ranked if always or score >= 0.5])
        return found

    def _link(self, number: int, score: float) -> Link:
        skill = self.taxonomy.skill(self.index.ids[number])
        return Link(skill.id, skill.label, skill.uri, score)


@lru_cache(maxsize=4)
def _linker(path: Path) -> Linker:
    from matcher.taxonomy import Taxonomy

    return Linker(Taxonomy(path))


def link(
    texts: Sequence[str], *, taxonomy: Taxonomy | None = None, top: int = 5, always: bool = False
) -> list[list[Link]]:
    """The skills of a taxonomy that each text means.

    Parameters
    ----------
    texts : sequence of str
        Phrases or sentences; each is judged by itself.
    taxonomy : Taxonomy, optional
        The bundled one if not given.
    top : int
        How many at most for each text.
    always : bool
        Give the nearest even where none is likely to be meant.

    Returns
    -------
    list of list of Link
        One list for each text, best first, empty for "none of these".

    Examples
    --------
    >>> [found] = link(["spreadsheets in MS Excel"], top=1)
    >>> found[0].label
    'Microsoft Excel'
    """
    if taxonomy is None:
        from matcher import taxonomy as taxonomies

        taxonomy = taxonomies.load()
    return _linker(taxonomy.path).link(texts, top=top, always=always)
