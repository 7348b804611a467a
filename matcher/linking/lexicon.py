"""Names and words: which names of a taxonomy share words, or nearly the same words, with a text.

Spelling variants and inflections ("analyse", "analysis") are met in the vocabulary, by letter trigrams,
so that names are only ever compared word by word: the vocabulary is small, the names are many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.words import cut

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

NEAR = 0.5
"""Two words whose trigrams agree by less (Dice) are not the same word in another form."""


def words_of(text: str) -> list[str]:
    """The words of a text without punctuation and without placeholders such as ``<ORGANIZATION>``.

    >>> words_of("C++/C# & <ORGANIZATION> problem-solving!")
    ['c++', 'c#', 'and', 'problem', 'solving']
    """
    norm = cut(text).norm
    return [
        word for at, word in enumerate(norm)
        if (word[0].isalnum() or (word[0] == "." and len(word) > 1))
        and not (0 < at < len(norm) - 1 and norm[at - 1] == "<" and norm[at + 1] == ">")
    ]  # fmt: skip


def trigrams(word: str) -> set[str]:
    """Letter trigrams, the edges marked.

    >>> sorted(trigrams("sql"))
    [' sq', 'ql ', 'sql']
    """
    edged = f" {word} "
    return {edged[at : at + 3] for at in range(len(edged) - 2)}


class Lexicon:
    """An inverted index over the words of names; NumPy arrays only, so that it loads at once.

    Parameters
    ----------
    arrays : mapping
        What `build` returned, perhaps through a file.

    Examples
    --------
    >>> lexicon = Lexicon(Lexicon.build([[["data", "analysis"], ["analysing", "data"]], [["welding"]]]))
    >>> found = lexicon.match(["analyse"])
    >>> [lexicon.vocabulary[word] for word in found[0][0]]
    ['analysing', 'analysis']
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self.vocabulary = bytes(arrays["vocabulary"]).decode().split("\n")
        self.grams = bytes(arrays["grams"]).decode().split("\n")
        self.gram_at: Ints = arrays["gram_at"]
        self.gram_words: Ints = arrays["gram_words"]
        self.sizes: Floats = arrays["sizes"]
        self.idf: Floats = arrays["idf"]
        self.word_at: Ints = arrays["word_at"]
        self.word_names: Ints = arrays["word_names"]
        self.name_at: Ints = arrays["name_at"]
        self.name_words: Ints = arrays["name_words"]
        self.mass: Floats = arrays["mass"]
        self.skill_at: Ints = arrays["skill_at"]
        self.rarest = float(self.idf.max(initial=1.0))
        self._found: dict[str, tuple[Ints, Floats]] = {}

    @cached_property
    def word_id(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.vocabulary)}

    @cached_property
    def gram_id(self) -> dict[str, int]:
        """The number of each trigram."""
        return {gram: number for number, gram in enumerate(self.grams)}

    @cached_property
    def name_skill(self) -> Ints:
        """The skill of each name."""
        return np.repeat(np.arange(len(self.skill_at) - 1, dtype=np.int32), np.diff(self.skill_at))

    @cached_property
    def damping(self) -> Floats:
        """What makes shared weights comparable between short names and long ones."""
        result: Floats = (1 / np.sqrt(self.mass * (self.mass + 4.0) + 1e-6)).astype(np.float32)
        return result

    @staticmethod
    def build(names: Iterable[Sequence[Sequence[str]]]) -> dict[str, npt.NDArray[Any]]:
        """The index of the names of each skill, each cut into words, the label first."""
        vocabulary: dict[str, int] = {}
        name_words: list[int] = []
        name_at, skill_at = [0], [0]
        seen: list[set[int]] = []
        for group in names:
            mine: set[int] = set()
            for name in group:
                found = dict.fromkeys(vocabulary.setdefault(word, len(vocabulary)) for word in name)
                name_words.extend(found)
                name_at.append(len(name_words))
                mine.update(found)
            seen.append(mine)
            skill_at.append(len(name_at) - 1)
        order = sorted(vocabulary)
        place = np.zeros(len(order), np.int32)
        place[[vocabulary[word] for word in order]] = np.arange(len(order), dtype=np.int32)
        flat = place[np.array(name_words, np.int64)] if name_words else np.zeros(0, np.int32)
        count = (
            np.bincount(place[[word for mine in seen for word in mine]], minlength=len(order)) if order else np.zeros(0)
        )
        idf = np.log1p((len(seen) + 1) / (count + 0.5)).astype(np.float32)
        lengths = np.diff(name_at)
        owner = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        by_word = np.argsort(flat, kind="stable")
        grams: dict[str, list[int]] = {}
        sizes = np.zeros(len(order), np.float32)
        for number, word in enumerate(order):
            mine_grams = trigrams(word)
            sizes[number] = len(mine_grams)
            for gram in mine_grams:
                grams.setdefault(gram, []).append(number)
        keys = sorted(grams)
        return {
            "vocabulary": np.frombuffer("\n".join(order).encode(), np.uint8),
            "grams": np.frombuffer("\n".join(keys).encode(), np.uint8),
            "gram_at": np.cumsum([0, *(len(grams[key]) for key in keys)]).astype(np.int32),
            "gram_words": np.array([word for key in keys for word in grams[key]], np.int32),
            "sizes": sizes,
            "idf": idf,
            "word_at": np.searchsorted(flat[by_word], np.arange(len(order) + 1)).astype(np.int32),
            "word_names": owner[by_word],
            "name_at": np.array(name_at, np.int32),
            "name_words": flat,
            "mass": np.bincount(owner, idf[flat], minlength=len(lengths)).astype(np.float32),
            "skill_at": np.array(skill_at, np.int32),
        }

    def near(self, word: str) -> tuple[Ints, Floats]:
        """The words of the vocabulary that are `word` or a form of it, and how near each is (1 is the same)."""
        found = self._found.get(word)
        if found is not None:
            return found
        mine = trigrams(word)
        posts = [
            self.gram_words[self.gram_at[g] : self.gram_at[g + 1]] for g in map(self.gram_id.get, mine) if g is not None
        ]
        if not posts:
            found = np.zeros(0, np.int32), np.zeros(0, np.float32)
        else:
            numbers, shared = np.unique(np.concatenate(posts), return_counts=True)
            dice = (2 * shared / (len(mine) + self.sizes[numbers])).astype(np.float32)
            same = self.word_id.get(word)
            # short words and names with digits or signs have no other form: "C", "C++", "SQL"
            kept = dice >= (NEAR if len(word) > 3 and word.isalpha() else 1.0)
            if same is not None:
                kept |= numbers == same
            found = numbers[kept].astype(np.int32), dice[kept]
        if len(self._found) > 50_000:
            self._found.clear()
        self._found[word] = found
        return found

    def match(self, words: Sequence[str]) -> list[tuple[Ints, Floats]]:
        """`near` for each word."""
        return [self.near(word) for word in words]

    def weight(self, word: str) -> float:
        """The idf of a word of the text; one that no name has counts as the rarest."""
        number = self.word_id.get(word)
        if number is not None:
            return float(self.idf[number])
        numbers, dice = self.near(word)
        return float(self.idf[numbers[dice.argmax()]]) if len(numbers) else self.rarest

    def names(self, matched: Sequence[tuple[Ints, Floats]]) -> Floats:
        """For every name the share of its words, by idf, that the text has (each word's nearest counts)."""
        best: dict[int, float] = {}
        for numbers, dice in matched:
            for number, score in zip(numbers.tolist(), dice.tolist(), strict=True):
                if score > best.get(number, 0.0):
                    best[number] = score
        if not best:
            return np.zeros(len(self.mass), np.float32)
        numbers = np.fromiter(best, np.int64, len(best))
        value = np.fromiter(best.values(), np.float64, len(best)) * self.idf[numbers]
        start, end = self.word_at[numbers], self.word_at[numbers + 1]
        where = np.concatenate([self.word_names[s:e] for s, e in zip(start.tolist(), end.tolist(), strict=True)])
        sums = np.bincount(where, np.repeat(value, end - start), minlength=len(self.mass))
        return np.minimum(sums, self.mass).astype(np.float32)

    def places(self, names: Ints, matched: Sequence[tuple[Ints, Floats]]) -> Floats:
        """Name × position: the weight of the word there within the name, 0 where it has no part in it."""
        start, end = self.name_at[names], self.name_at[names + 1]
        lengths = end - start
        rows = np.repeat(np.arange(len(names)), lengths)
        flat = (
            self.name_words[
                np.concatenate([np.arange(s, e) for s, e in zip(start.tolist(), end.tolist(), strict=True)])
            ]
            if len(names)
            else np.zeros(0, np.int32)
        )
        out = np.zeros((len(names), len(matched)), np.float32)
        weight = self.idf[flat]
        for position, (numbers, dice) in enumerate(matched):
            if not len(numbers) or not len(flat):
                continue
            at = np.minimum(np.searchsorted(numbers, flat), len(numbers) - 1)
            hit = numbers[at] == flat
            np.maximum.at(out[:, position], rows[hit], (weight * dice[at])[hit])
        return out
