"""The shipped model: a table of token vectors and a ranker of a few hundred small trees, applied with NumPy."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.errors import CorpusError
from matcher.linking.embed import Embedder, Floats
from matcher.linking.features import BEST, FEATURES

FOLDER = Path(__file__).parent.parent / "models" / "linker"
FILES = ("embeddings.npz", "ranker.npz")
SUMS = "SHA256SUMS"


class Trees:
    """Boosted regression trees as arrays: tree × node.

    Parameters
    ----------
    arrays : mapping
        ``feature`` (-1 in a leaf), ``threshold``, ``left``, ``right``, ``value``; ``base``.

    Examples
    --------
    >>> trees = Trees({"feature": np.array([[0, -1, -1]]), "threshold": np.array([[0.5, 0, 0]]), "base": np.zeros(1),
    ...     "left": np.array([[1, 0, 0]]), "right": np.array([[2, 0, 0]]), "value": np.array([[0.0, -1.0, 2.0]])})
    >>> trees(np.array([[0.2], [0.9]], np.float32)).tolist()
    [-1.0, 2.0]
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        leaf = arrays["feature"] < 0
        count, nodes = leaf.shape
        first = np.arange(count, dtype=np.int32)[:, None] * np.int32(nodes)
        own = first + np.arange(nodes, dtype=np.int32)
        # all trees in one row of nodes; a leaf leads to itself, so that all are walked for the same number of steps
        self.roots = first[:, 0]
        self.feature = np.where(leaf, 0, arrays["feature"]).astype(np.int32).ravel()
        self.threshold = arrays["threshold"].astype(np.float32).ravel()
        self.left = np.where(leaf, own, first + arrays["left"]).astype(np.int32).ravel()
        self.right = np.where(leaf, own, first + arrays["right"]).astype(np.int32).ravel()
        self.value = arrays["value"].astype(np.float64).ravel()
        self.base = float(arrays["base"][0])
        self.depth = self._depth(leaf.ravel(), nodes)

    def _depth(self, leaf: npt.NDArray[np.bool_], most: int) -> int:
        """How many steps reach every leaf of every tree."""
        reached = self.roots
        for depth in range(most):
            if bool(leaf[reached].all()):
                return depth
            reached = np.unique(np.concatenate([self.left[reached], self.right[reached]]))
        raise ValueError("a tree without an end")

    def __call__(self, rows: Floats) -> npt.NDArray[np.float64]:
        """The sum of the leaves that each row reaches."""
        flat = np.ascontiguousarray(rows, np.float32).ravel()
        start = (np.arange(len(rows), dtype=np.int32) * np.int32(rows.shape[1]))[:, None]
        node = np.tile(self.roots, (len(rows), 1))
        for _ in range(self.depth):
            low = flat.take(start + self.feature.take(node)) <= self.threshold.take(node)
            node = np.where(low, self.left.take(node), self.right.take(node))
        result: npt.NDArray[np.float64] = self.value.take(node).sum(axis=1) + self.base
        return result


class LinkModel:
    """What is learnt: token vectors, how much asked for a skill is by its name, the ranker, its calibration.

    Parameters
    ----------
    folder : Path
        Holds `FILES` and their checksums; the bundled one if not given.

    Raises
    ------
    CorpusError
        If a file is missing, or is not what was published.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        data = _read_checked(folder)
        self.checksum = hashlib.sha256(b"".join(data[name] for name in FILES)).hexdigest()
        try:
            table, ranker = (_arrays(data[name]) for name in FILES)
            self.embedder = Embedder(table)
            self.prior_weights: Floats = ranker["prior_weights"]
            self.trees = Trees(ranker)
            self.linear: npt.NDArray[np.float64] = ranker["linear"].astype(np.float64)
            (self._phrase, self._longer) = [(float(a), float(b)) for a, b in ranker["slope"]]
            *self._best, self.best_constant, self.best_threshold = ranker["best"].tolist()
            names = tuple(bytes(ranker["features"]).decode().split("\n"))
        except (ValueError, KeyError, OSError, EOFError, IndexError, zipfile.BadZipFile) as error:
            raise _broken(folder, str(error)) from error
        if (names, len(self._best), len(self.prior_weights)) != (FEATURES, len(BEST) + 3, self.embedder.size + 1):
            raise _broken(folder, "made for other features")

    def prior(self, labels: Floats) -> Floats:
        """How much asked for a skill is, as far as the vector of its label tells."""
        result: Floats = (labels @ self.prior_weights[:-1] + self.prior_weights[-1]).astype(np.float32)
        return result

    def raw(self, rows: Floats, by: str | None = None) -> npt.NDArray[np.float64]:
        """What the candidates are ranked by; with `by` one part of it alone, to see what each adds.

        ``"trees"``, ``"linear"``, or one of `FEATURES`.
        """
        if by is not None:
            return self._part(rows, by)
        result: npt.NDArray[np.float64] = self.trees(rows) + rows @ self.linear
        return result

    def _part(self, rows: Floats, by: str) -> npt.NDArray[np.float64]:
        if by == "trees":
            return self.trees(rows)
        part = rows @ self.linear if by == "linear" else rows[:, FEATURES.index(by)]
        result: npt.NDArray[np.float64] = part.astype(np.float64)
        return result

    def chance(self, raw: npt.NDArray[np.float64], phrase: bool) -> npt.NDArray[np.float64]:
        """The chance that each candidate is meant."""
        slope, constant = self._phrase if phrase else self._longer
        result: npt.NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(slope * raw + constant, -30, 30)))
        return result

    def chance_of_best(self, row: npt.NDArray[np.float64]) -> float:
        """The chance that the first skill may be taken for the phrase (`matcher.linking.features.BEST`)."""
        value = float(row @ np.array(self._best)) + self.best_constant
        return float(1 / (1 + np.exp(-np.clip(value, -30, 30))))


def _read_checked(folder: Path) -> dict[str, bytes]:
    """The model's files, each as published."""
    try:
        sums = dict(line.split()[::-1] for line in (folder / SUMS).read_text(encoding="ascii").splitlines())
        data = {name: (folder / name).read_bytes() for name in FILES}
    except (OSError, ValueError) as error:
        what = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else f"{SUMS}: {error}"
        raise _broken(folder, what) from error
    for name in FILES:
        if hashlib.sha256(data[name]).hexdigest() != sums.get(name):
            raise _broken(folder, f"{name} has another checksum than {SUMS} says")
    return data


def _arrays(data: bytes) -> dict[str, npt.NDArray[Any]]:
    import io

    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _broken(folder: Path, what: str) -> CorpusError:
    return CorpusError(
        "model", f"model of the linker in {folder}: {what}", "the files that come with matcher",
        "install matcher again, or rebuild it with `matcher train linker --data DIR`",
    )  # fmt: skip


@lru_cache(maxsize=2)
def load_model(folder: Path = FOLDER) -> LinkModel:
    """The bundled model, read once."""
    return LinkModel(folder)
