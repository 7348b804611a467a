"""Static embeddings: a vector for each word or piece of a word, a text is the direction of their sum.

The table was distilled from a sentence encoder and tuned on names of skills (`matcher.training.linker`);
using it needs NumPy alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class Embedder:
    """Words -> vectors.

    Parameters
    ----------
    arrays : mapping
        ``tokens`` (joined by line breaks, UTF-8), ``table`` (int8) and ``scale`` (one a row). A token
        that begins with ``##`` is a piece within a word.

    Examples
    --------
    >>> tokens = np.frombuffer(b"data\\nbase\\n##base\\n##s", np.uint8)
    >>> table = np.array([[100, 0], [0, 100], [0, 50], [0, 1]], np.int8)
    >>> embedder = Embedder({"tokens": tokens, "table": table, "scale": np.ones(4, np.float32)})
    >>> embedder.pieces("databases"), embedder.pieces("база")
    ([0, 2, 3], [])
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self.tokens = {token: at for at, token in enumerate(bytes(arrays["tokens"]).decode().split("\n"))}
        self.table: npt.NDArray[np.int8] = arrays["table"]
        self.scale: Floats = arrays["scale"]
        self.size = int(self.table.shape[1])
        self._known: dict[str, list[int]] = {}

    def pieces(self, word: str) -> list[int]:
        """The tokens of a lower-case word: itself, else the longest pieces from the left, else none."""
        found = self._known.get(word)
        if found is not None:
            return found
        found = []
        whole = self.tokens.get(word)
        if whole is not None:
            found.append(whole)
        else:
            start = 0
            while start < len(word):
                for end in range(len(word), start, -1):
                    piece = self.tokens.get(word[start:end] if start == 0 else "##" + word[start:end])
                    if piece is not None:
                        found.append(piece)
                        break
                else:
                    end = start + 1
                start = end
        if len(self._known) > 100_000:
            self._known.clear()
        self._known[word] = found
        return found

    def ids(self, words: Sequence[str]) -> list[int]:
        """The tokens of a text."""
        return [piece for word in words for piece in self.pieces(word)]

    def embed(self, words: Sequence[str]) -> Floats:
        """The direction of a text, length 1 (zeros if no word is known)."""
        ids = self.ids(words)
        if not ids:
            return np.zeros(self.size, np.float32)
        return unit((self.table[ids].astype(np.float32) * self.scale[ids][:, None]).sum(axis=0))

    def embed_all(self, texts: Sequence[Sequence[str]]) -> Floats:
        """`embed` for many texts at once."""
        out = np.zeros((len(texts), self.size), np.float32)
        for start in range(0, len(texts), 4096):
            ids = [self.ids(words) for words in texts[start : start + 4096]]
            flat = [token for line in ids for token in line]
            owner = np.repeat(np.arange(len(ids)), [len(line) for line in ids])
            if flat:
                rows = self.table[flat].astype(np.float32) * self.scale[flat][:, None]
                some, first = np.unique(owner, return_index=True)
                out[start + some] = np.add.reduceat(rows, first, axis=0)
        return unit(out)

    def windows(self, words: Sequence[str], sizes: Sequence[int]) -> tuple[Floats, npt.NDArray[np.int32]]:
        """Directions of all runs of so many words, and (start, end) of each."""
        single = np.zeros((len(words) + 1, self.size), np.float32)
        for at, word in enumerate(words):
            ids = self.pieces(word)
            single[at + 1] = (self.table[ids].astype(np.float32) * self.scale[ids][:, None]).sum(axis=0)
        sums = np.cumsum(single, axis=0, dtype=np.float64)
        found, places = [np.zeros((0, self.size))], [np.zeros((0, 2), np.int32)]
        for size in sizes:
            if size > len(words):
                break
            start = np.arange(len(words) - size + 1, dtype=np.int32)
            found.append(sums[start + size] - sums[start])
            places.append(np.stack([start, start + np.int32(size)], axis=1))
        return unit(np.concatenate(found).astype(np.float32)), np.concatenate(places)


def unit(rows: Floats) -> Floats:
    """Vectors of length 1; those of (nearly) no length stay nearly zero."""
    result: Floats = (rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6)).astype(np.float32)
    return result


def quantize(table: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """A table as int8 with one scale a row.

    >>> table, scale = quantize(np.array([[0.5, -1.0]], np.float32))
    >>> table.tolist(), round(float(scale[0]) * 127, 3)
    ([[64, -127]], 1.0)
    """
    scale = (np.maximum(np.abs(table).max(axis=1), 1e-9) / 127).astype(np.float32)
    return np.round(table / scale[:, None]).astype(np.int8), scale
