"""Near-duplicates: signatures of texts (MinHash), and the groups they fall into, worked out on disk.

Two ads belong together if about `ALIKE` of their runs of three words are the same: one ad for two
towns, or posted again with another date. Pairs are found by bands of the signature. The keys of all
bands are dealt out to files by their value, so that equal keys share a file, and one file at a time
is sorted; what is held in memory is one such file, however many ads there are.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALIKE = 0.8
HASHES = 128
BANDS = 16
SHINGLE = 3
LEAST = 30
"""A text with fewer runs of words is left alone: by so little, different ads look alike."""

BYTES = 4 * HASHES
_RECORDS = 1 << 20
_NONE = b"\xff" * BYTES
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=1)
def _empty() -> Any:
    from datasketch import MinHash

    # the words are hashed before they come here; the scheme is named so that signatures stay comparable
    return MinHash(num_perm=HASHES, seed=1, hashfunc=int, scheme="affine32")


@lru_cache(maxsize=1 << 15)
def _hash(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def sign(text: str) -> bytes:
    """The signature of a text, `BYTES` long.

    Examples
    --------
    >>> ad = " ".join(f"word{n}" for n in range(200))
    >>> other = " ".join(f"thing{n}" for n in range(200))
    >>> alike(sign(ad), sign(ad + " in Leeds")) > 0.9, alike(sign(ad), sign(other)) < 0.1
    (True, True)
    """
    import numpy as np

    words = np.fromiter((_hash(word) for word in _WORD.findall(text.lower())), dtype=np.uint64)
    count = len(words) - SHINGLE + 1
    if count < LEAST:
        return _NONE
    mixed = words[:count].copy()
    for i in range(1, SHINGLE):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + words[i : count + i]
    mixed ^= mixed >> np.uint64(29)
    shingles = np.unique((mixed * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(32))
    if len(shingles) < LEAST:
        return _NONE
    made = _empty().copy()
    made.update_batch(shingles.tolist())
    return bytes(made.hashvalues.astype("<u4").tobytes())


def alike(one: bytes, other: bytes) -> float:
    """The share of runs of words that two texts have in common, as their signatures estimate it."""
    import numpy as np

    return float(np.mean(np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")))


class Groups:
    """Groups of near-duplicates among postings that are numbered in the order they came.

    Parameters
    ----------
    folder : Path
        For files that are gone afterwards.

    Examples
    --------
    >>> import tempfile
    >>> ad = " ".join(f"word{n}" for n in range(200))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     groups = Groups(Path(folder))
    ...     groups.add([sign(ad), sign("too short"), sign(ad + " in Leeds")])
    ...     groups.find()
    ...     groups.first(0, 3).tolist()
    [0, 1, 0]
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0
        self._signatures: BinaryIO = (folder / "signatures").open("w+b")

    def add(self, signatures: Iterable[bytes | None]) -> None:
        """The signatures of the next postings; None for one that is in no group."""
        for signature in signatures:
            self._signatures.write(signature or _NONE)
            self.count += 1

    def find(self) -> None:
        """Find the groups of everything that was added."""
        import numpy as np

        self._signatures.flush()
        # not in memory: 8 bytes a posting
        self._parents = np.memmap(self.folder / "parents", dtype=np.int64, mode="w+", shape=max(1, self.count))
        for start in range(0, self.count, _RECORDS):
            end = min(self.count, start + _RECORDS)
            self._parents[start:end] = np.arange(start, end)
        self._leads = np.memmap(self.folder / "leads", dtype=np.bool_, mode="w+", shape=max(1, self.count))
        for pairs in self._pairs():
            self._join(pairs)
        for start in range(0, self.count, _RECORDS):
            first = self.first(start, min(self.count, start + _RECORDS))
            self._leads[first[first != np.arange(start, start + len(first))]] = True

    def leads(self, place: int) -> bool:
        """Whether a posting is the first of others."""
        return bool(self._leads[place])

    def first(self, start: int, end: int) -> NDArray[np.int64]:
        """For each posting of a stretch, the first posting of its group."""
        import numpy as np

        found = np.array(self._parents[start:end])
        while True:
            further = np.array(self._parents[found])
            if (further == found).all():
                return found
            found = further

    def _pairs(self) -> Iterator[NDArray[np.int64]]:
        """Pairs of an earlier and a later posting that share a band, a file of keys at a time."""
        import numpy as np

        files = max(1, -(-self.count * BANDS // _RECORDS))
        self._deal(files)
        for number in range(files):
            path = self.folder / f"keys-{number}"
            if not path.exists():
                continue
            records = np.fromfile(path, dtype=np.uint64).reshape(-1, 2)
            path.unlink()
            keys, places = records[:, 0], records[:, 1].astype(np.int64)
            order = np.lexsort((places, keys))
            keys, places = keys[order], places[order]
            begins = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
            leaders = np.repeat(places[begins], np.diff(np.r_[begins, len(keys)]))
            pairs = np.stack([leaders, places], axis=1)[leaders != places]
            if len(pairs):
                yield np.unique(pairs, axis=0)

    def _deal(self, files: int) -> None:
        import numpy as np

        rows = BYTES // 4 // BANDS
        step = max(1, min(_RECORDS // BANDS, 1 << 14))
        factors = np.array([pow(0x9E3779B97F4A7C15, i + 1, 1 << 64) for i in range(rows)], dtype=np.uint64)
        with (self.folder / "signatures").open("rb") as file:
            for start in range(0, self.count, step):
                block = np.frombuffer(file.read(step * BYTES), "<u4").reshape(-1, BANDS, rows).astype(np.uint64)
                signed = (block != 0xFFFFFFFF).any(axis=(1, 2))
                keys = (block * factors).sum(axis=2, dtype=np.uint64) + np.arange(BANDS, dtype=np.uint64)
                keys ^= keys >> np.uint64(31)
                keys *= np.uint64(0x94D049BB133111EB)
                places = np.repeat(np.arange(start, start + len(block), dtype=np.uint64), BANDS)
                records = np.stack([keys.ravel(), places], axis=1)[np.repeat(signed, BANDS)]
                where = (records[:, 0] >> np.uint64(33)) % np.uint64(files)
                order = np.argsort(where, kind="stable")
                edges = np.searchsorted(where[order], np.arange(files + 1, dtype=np.uint64))
                for number in range(files):
                    some = records[order[edges[number] : edges[number + 1]]]
                    if len(some):
                        with (self.folder / f"keys-{number}").open("ab") as out:
                            some.tofile(out)

    def _join(self, pairs: NDArray[np.int64]) -> None:
        parents = self._parents
        for one, other in pairs.tolist():
            one_first, other_first = self._find(one), self._find(other)
            if one_first != other_first and alike(self._signature(one), self._signature(other)) >= ALIKE:
                low, high = sorted((one_first, other_first))
                parents[high] = low

    def _find(self, place: int) -> int:
        parents = self._parents
        while (parent := int(parents[place])) != place:
            parents[place] = parents[parent]
            place = parent
        return place

    def _signature(self, place: int) -> bytes:
        self._signatures.seek(place * BYTES)
        return self._signatures.read(BYTES)

    def close(self) -> None:
        self._signatures.close()
