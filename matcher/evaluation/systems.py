"""What a ranking is compared with: text similarity, overlap of skills, popularity, chance, and ours with parts removed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher import ranking
from matcher.catalogue import Catalogue
from matcher.errors import InputError
from matcher.ranking import DEFAULT, Policy
from matcher.taxonomy import Taxonomy
from matcher.types import Credential, Extraction

Floats = npt.NDArray[np.float64]
System = Callable[[Extraction], list[str]]
"""An ad -> ids of credentials, the best first; what is not listed is not ranked."""

OURS = "ours"
_K1, _B = 1.5, 0.75


@dataclass(frozen=True)
class Field:
    """What all systems rank: the same credentials, and the same ads for what is popular among them."""

    taxonomy: Taxonomy
    catalogue: Catalogue
    ads: tuple[Extraction, ...]

    @cached_property
    def credentials(self) -> list[Credential]:
        """All that are not retired, by id."""
        every = map(self.catalogue.credential, self.catalogue.ids())
        return [c for c in every if c.status != "retired"]

    @cached_property
    def documents(self) -> list[str]:
        """Title, skills, outcomes and description of each credential, as text."""
        return [self._document(c) for c in self.credentials]

    @cached_property
    def skills(self) -> list[frozenset[str]]:
        """The skills of each credential."""
        return [frozenset(o.skill for o in c.outcomes) for c in self.credentials]

    def _document(self, c: Credential) -> str:
        brief = self.taxonomy.brief
        labels = [brief[o.skill].label for o in c.outcomes if o.skill in brief]
        texts = dict.fromkeys(o.text for o in c.outcomes if o.text and o.text != c.name)
        return ". ".join([c.name, *labels, *texts, c.description or ""])

    def best_first(self, scores: Floats) -> list[str]:
        """Ids by falling score, those with nothing left out; equal ones in an order that favours nobody."""
        order = np.lexsort((self._shuffled, -scores))
        return [self.credentials[i].id for i in order if scores[i] > 0]

    @cached_property
    def _shuffled(self) -> npt.NDArray[np.int64]:
        return np.random.default_rng(0).permutation(len(self.credentials))


def systems(field: Field, encoder: Path | None = None) -> dict[str, System]:
    """All systems, by name.

    Parameters
    ----------
    field : Field
    encoder : Path, optional
        A folder with a sentence-transformers model; without it, that system is left out.
    """
    found: dict[str, System] = {OURS: _ours(field, DEFAULT)}
    for name, policy in ablations().items():
        found[name] = _ours(field, policy)
    found["ours without gap"] = _without_gap(field)
    found["ours without country"] = _ours(field, DEFAULT, place=False)
    found["TF-IDF"] = _tfidf(field)
    found["BM25"] = _bm25(field)
    found["overlap of skills"] = _overlap(field)
    found["popularity"] = _popularity(field)
    found["random"] = _random(field)
    if encoder is not None:
        found["sentence embeddings"] = _embeddings(field, encoder)
    return found


def ablations() -> dict[str, Policy]:
    """The default policy with one part taken out."""
    return {
        "ours without need": replace(DEFAULT, need={n: float(t > 0) for n, t in DEFAULT.need.items()}),
        "ours without salience": replace(DEFAULT, title=0.0, repeat=0.0, central=0.0),
        "ours without relation": replace(DEFAULT, relation=dict.fromkeys(DEFAULT.relation, 1.0)),
        "ours, exact skills only": replace(DEFAULT, relation={**dict.fromkeys(DEFAULT.relation, 0.0), "exact": 1.0}),
        "ours without evidence": replace(DEFAULT, assessment=dict.fromkeys(DEFAULT.assessment, (1.0, 1.0))),
    }


def _ours(field: Field, policy: Policy, *, place: bool = True) -> System:
    def order(ad: Extraction) -> list[str]:
        weighed = ranking.weigh(ad.requirements, policy)
        country = ad.country.code if place and ad.country else None
        result = ranking.rank(weighed, field.taxonomy, field.catalogue, policy=policy, top=None, country=country)
        return [r.credential.id for r in result.ranked if r.score > 0]

    return order


def _without_gap(field: Field) -> System:
    ours = _ours(field, DEFAULT)
    return lambda ad: ours(replace(ad, requirements=tuple(replace(r, gap=1.0) for r in ad.requirements)))


def _tfidf(field: Field) -> System:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, stop_words="english")
    table = vectors.fit_transform(field.documents)

    def order(ad: Extraction) -> list[str]:
        return field.best_first(np.asarray((table @ vectors.transform([ad.posting.text]).T).todense()).ravel())

    return order


def _bm25(field: Field) -> System:
    """Okapi BM25 with the usual k1 and b; the ad's distinct words are the query."""
    from sklearn.feature_extraction.text import CountVectorizer

    words = CountVectorizer(stop_words="english")
    counts = words.fit_transform(field.documents).tocsc()
    size = len(field.documents)
    length = np.asarray(counts.sum(axis=1)).ravel()
    room = _K1 * (1 - _B + _B * length / max(length.mean(), 1e-9))
    held = np.diff(counts.indptr)
    rarity = np.log(1 + (size - held + 0.5) / (held + 0.5))
    of_word = np.repeat(np.arange(counts.shape[1]), held)
    counts.data = rarity[of_word] * counts.data * (_K1 + 1) / (counts.data + room[counts.indices])

    def order(ad: Extraction) -> list[str]:
        asked = words.transform([ad.posting.text]).minimum(1)
        return field.best_first(np.asarray((counts @ asked.T).todense()).ravel())

    return order


def _overlap(field: Field) -> System:
    """How many of the ad's skills are among the credential's; of equal ones, that with the fewest others."""

    def order(ad: Extraction) -> list[str]:
        asked = _asked(ad)
        common = np.array([len(asked & mine) for mine in field.skills], dtype=float)
        sizes = np.array([len(mine) for mine in field.skills], dtype=float)
        return field.best_first(np.where(common > 0, common - sizes / (1 + sizes.max(initial=0)), 0.0))

    return order


def _asked(ad: Extraction) -> set[str]:
    return {r.skill for r in ad.requirements if r.skill and r.need != "not_required"}


def _popularity(field: Field) -> System:
    """The same list for every ad: in how many of these ads a credential shares a skill."""
    asked = [_asked(ad) for ad in field.ads]
    order = field.best_first(
        np.array([sum(not mine.isdisjoint(one) for one in asked) for mine in field.skills], dtype=float)
    )
    return lambda ad: order


def _random(field: Field) -> System:
    ids = [c.id for c in field.credentials]
    return lambda ad: random.Random(ad.posting.id).sample(ids, len(ids))


def _embeddings(field: Field, encoder: Path) -> System:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise InputError(
            "encoder", f"--encoder {encoder}: sentence-transformers is not installed", "the extra `encoder`",
            "pip install '.[encoder]'",
        ) from error  # fmt: skip
    if not encoder.is_dir():
        raise InputError(
            "encoder", f"--encoder {encoder}: no such folder", "a folder with a sentence-transformers model",
            "check the path",
        )  # fmt: skip
    model: Any = SentenceTransformer(str(encoder))

    def encode(texts: Sequence[str]) -> Floats:
        return np.asarray(model.encode(list(texts), normalize_embeddings=True), dtype=float)

    table = encode(field.documents)
    # cosine lies in [-1, 1]; nothing is left out for a low one
    return lambda ad: field.best_first(table @ encode([ad.posting.text])[0] + 2)
