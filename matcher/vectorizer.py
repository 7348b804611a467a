"""Skills as features: a scikit-learn transformer from texts to a sparse matrix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from matcher import taxonomy as taxonomies
from matcher.api import extract
from matcher.errors import InputError
from matcher.taxonomy import Taxonomy
from matcher.types import Posting

VALUES = ("binary", "weight")
NEEDS = ("required", "unstated", "preferred")


class SkillVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Job ads to a matrix of the skills that they ask for.

    Parameters
    ----------
    taxonomy : Taxonomy, optional
        The skills inventory; the bundled one if not given.
    values : {'binary', 'weight'}
        1 for a skill that is asked for, or the weight that it has in the ad.
    needs : tuple of str
        Which needs count: required, unstated (in the duties), preferred, not_required.
    min_df : int
        Skills that fewer of the texts ask for are no columns.

    Attributes
    ----------
    vocabulary_ : dict
        Skill id -> column.
    labels_ : ndarray of str
        Names of the columns' skills.

    Examples
    --------
    >>> ads = ["You must know Excel and SQL.", "SQL required. No Java experience needed."]
    >>> skills = SkillVectorizer()
    >>> skills.fit_transform(ads).toarray()
    array([[1., 1.],
           [0., 1.]])
    >>> skills.labels_.tolist()
    ['Microsoft Excel', 'SQL']
    """

    def __init__(
        self,
        taxonomy: Taxonomy | None = None,
        *,
        values: str = "binary",
        needs: tuple[str, ...] = NEEDS,
        min_df: int = 1,
    ) -> None:
        self.taxonomy = taxonomy
        self.values = values
        self.needs = needs
        self.min_df = min_df

    def fit(self, X: Iterable[str], y: Any = None) -> SkillVectorizer:
        """Learn which skills the texts ask for."""
        self._learn(self._rows(X))
        return self

    def fit_transform(self, X: Iterable[str], y: Any = None, **fit_params: Any) -> sp.csr_matrix:
        """`fit`, then `transform`, reading each text once."""
        rows = self._rows(X)
        self._learn(rows)
        return self._matrix(rows)

    def transform(self, X: Iterable[str]) -> sp.csr_matrix:
        """The matrix of texts; a row for each, empty for one that is no English text."""
        check_is_fitted(self, "vocabulary_")
        return self._matrix(self._rows(X))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray[Any, Any]:
        """Ids of the columns' skills."""
        check_is_fitted(self, "vocabulary_")
        return np.array(list(self.vocabulary_), dtype=object)

    def _rows(self, texts: Iterable[str]) -> list[dict[str, float]]:
        if isinstance(texts, (str, bytes)):
            raise ValueError("A list of texts is expected, one text was given: put it in a list.")
        if self.values not in VALUES:
            raise ValueError(f"values={self.values!r}: one of {', '.join(VALUES)} is expected.")
        taxonomy = self.taxonomy or taxonomies.load()
        taxonomy.preload()
        rows = []
        for text in texts:
            if isinstance(text, Posting):
                text = text.text
            if not isinstance(text, str):
                raise ValueError(f"A text is expected, {type(text).__name__} was given.")
            try:
                found = extract(text, taxonomy=taxonomy).requirements
            except InputError:
                found = ()
            rows.append({
                r.skill: 1.0 if self.values == "binary" else r.weight
                for r in found if r.skill is not None and r.need in self.needs
            })  # fmt: skip
        return rows

    def _learn(self, rows: list[dict[str, float]]) -> None:
        counts: dict[str, int] = {}
        for row in rows:
            for skill in row:
                counts[skill] = counts.get(skill, 0) + 1
        taxonomy = self.taxonomy or taxonomies.load()
        kept = sorted(skill for skill, count in counts.items() if count >= self.min_df)
        self.vocabulary_ = {skill: column for column, skill in enumerate(kept)}
        self.labels_ = np.array([taxonomy.skill(skill).label for skill in kept], dtype=object)

    def _matrix(self, rows: list[dict[str, float]]) -> sp.csr_matrix:
        values, columns, ends = [], [], [0]
        for row in rows:
            known = sorted(
                (self.vocabulary_[skill], value) for skill, value in row.items() if skill in self.vocabulary_
            )
            columns += [column for column, _ in known]
            values += [value for _, value in known]
            ends.append(len(values))
        shape = (len(rows), len(self.vocabulary_))
        return sp.csr_matrix((np.array(values, dtype=np.float64), np.array(columns, dtype=np.int32), ends), shape=shape)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = True
        return tags
