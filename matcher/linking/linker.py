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


LEAST = 0.2
"""Where no skill is as likely to be meant, a text means none."""


class Linker:
    """Finds the skills of one taxonomy that a phrase or sentence means.

    Parameters
    ----------
    taxonomy : Taxonomy
        Its index is made on first use and kept beside the compiled taxonomy.

    Raises
    ------
    CorpusError
        If the model's files are missing or damaged.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        from matcher.linking.index import load_index
        from matcher.linking.model import load_model

        self.taxonomy = taxonomy
        self.model = load_model()
        self.index = load_index(taxonomy, self.model)
        self._best: dict[str, Link | None] = {}

    def rank(self, text: str, by: str | None = None) -> list[tuple[int, float]]:
        """The skills in question by number in the index, the likeliest first, with the chance of each.

        With `by` (see `LinkModel.raw`) they are ranked by one part alone, and the chances mean nothing.
        """
        import numpy as np

        from matcher.linking.features import candidates, is_phrase
        from matcher.linking.lexicon import words_of

        found = candidates(words_of(text), self.index, self.model.embedder)
        if found is None:
            return []
        raw = self.model.raw(found.rows, by)
        chance = self.model.chance(raw, is_phrase(found.rows))
        order = np.lexsort((found.skills, -raw))
        return [(int(found.skills[at]), float(chance[at])) for at in order]

    def link(self, texts: Iterable[str], *, top: int = 5, always: bool = False) -> list[list[Link]]:
        """The skills of each text, best first; those that are unlikely to be meant only with `always`.

        Parameters
        ----------
        texts : iterable of str
            Each is judged by itself: neither order nor company changes its scores.
        top : int
            How many at most for each text.
        always : bool
            Give the nearest even where none is likely to be meant.

        Returns
        -------
        list of list of Link
        """
        return [
            [self._link(number, chance) for number, chance in self.rank(text)[:top] if always or chance >= LEAST]
            for text in texts
        ]

    def best(self, phrase: str, least: float | None = None) -> Link | None:
        """The skill that may be taken for a phrase of a few words; None if none is near enough.

        The score is the chance that it is right; the threshold was set for a precision of nine in ten
        on phrases of real ads.

        Parameters
        ----------
        phrase : str
            Two to eight words, such as "keeping accurate patient records".
        least : float, optional
            Chance from which a skill is taken; the threshold that was set in training if not given.

        Returns
        -------
        Link or None
        """
        # ads repeat each other: a phrase is looked at once
        if phrase not in self._best:
            if len(self._best) > 50_000:
                self._best.clear()
            self._best[phrase] = self._judge(phrase)
        found = self._best[phrase]
        return found if found and found.score >= (self.model.best_threshold if least is None else least) else None

    def _judge(self, phrase: str) -> Link | None:
        from matcher.linking.features import best_row, candidates
        from matcher.linking.lexicon import words_of

        found = candidates(words_of(phrase), self.index, self.model.embedder)
        if found is None:
            return None
        raw = self.model.raw(found.rows)
        chance = self.model.chance_of_best(best_row(found, raw))
        return self._link(int(found.skills[raw.argmax()]), chance)

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
    >>> from matcher import store, taxonomy
    >>> languages = taxonomy.load([store.corpora() / "skills" / "languages.csv"])
    >>> [[found]] = link(["fluent in French"], taxonomy=languages, top=1)
    >>> found.label
    'French'
    """
    if taxonomy is None:
        from matcher import taxonomy as taxonomies

        taxonomy = taxonomies.load()
    return _linker(taxonomy.path).link(texts, top=top, always=always)
