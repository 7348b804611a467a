"""Train the judgement of `matcher.pipeline.asked` on gold postings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from matcher.evaluation.postings import overlaps, read_gold
from matcher.pipeline import candidates
from matcher.pipeline.asked import FOLDER, SIZE, hit_features, place, segment_features
from matcher.pipeline.tagged import Tagger, read_tags
from matcher.taxonomy import Taxonomy

__all__ = ["FOLDER", "cross_validate", "fit", "rows", "train"]

STRENGTH = 0.2
"""Inverse of the regularisation, chosen by cross-validation over ads."""
SURE = {"fast": 0.3, "accurate": 0.4}
DOUBTFUL = 0.5


def rows(gold: Sequence[Path], taxonomy: Taxonomy, tagger: Tagger | None = None) -> tuple[csr_matrix, Any, list[str]]:
    """Features of every name found in the ads of `gold`, whether it is asked for, and the id of its ad.

    `tagger` is a span model that has not seen these ads: what it has seen, it knows too well.
    """
    at: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    right: list[bool] = []
    ads: list[str] = []
    for ad in (row for path in gold for row in read_gold(path)):
        reading, hits = candidates(ad["text"], taxonomy)
        if tagger is not None:
            read_tags(reading, tagger)
        asked = [span for s in ad["skills"] if s["need"] != "not_required" for span in s["spans"]]
        waived = [span for s in ad["skills"] if s["need"] == "not_required" for span in s["spans"]]
        for hit, features in zip(hits, hit_features(reading, hits, taxonomy), strict=True):
            where = (hit.start, hit.end)
            if hit.need == "not_required" or any(overlaps(where, span) for span in waived):
                continue
            for name, value in (*features, *segment_features(reading, hit.segment)):
                at.append(len(right))
                columns.append(place(name))
                values.append(value)
            right.append(any(overlaps(where, span) for span in asked))
            ads.append(str(ad["id"]))
    return csr_matrix((values, (at, columns)), shape=(len(right), SIZE)), np.array(right), ads


def fit(features: csr_matrix, right: Any) -> Any:
    """Weights; the intercept is the weight of the feature ``bias``."""
    model = LogisticRegression(C=STRENGTH, max_iter=500, fit_intercept=False).fit(features, right)
    return model.coef_[0].astype("float32")


def cross_validate(features: csr_matrix, right: Any, ads: Sequence[str], folds: int = 10) -> dict[str, float]:
    """Precision, recall and F1 of names kept, each ad judged by a model that has not seen it."""
    chance = np.zeros(len(right))
    for train, test in GroupKFold(folds).split(features, right, ads):
        chance[test] = features[test] @ fit(features[train], right[train])
    kept = 1 / (1 + np.exp(-chance)) >= DOUBTFUL
    hit = int((kept & right).sum())
    precision, recall = hit / int(kept.sum()), hit / int(right.sum())
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def train(gold: Sequence[Path], taxonomy: Taxonomy, out: Path, tagger: Tagger | None = None) -> dict[str, float]:
    """Fit on all of `gold`, write the model to `out`, return the cross-validated figures."""
    features, right, ads = rows(gold, taxonomy, tagger)
    figures = cross_validate(features, right, ads)
    np.savez_compressed(
        out,
        weights=fit(features, right).astype("float16"),
        thresholds=np.array([SURE["accurate" if tagger else "fast"], DOUBTFUL], "float32"),
    )
    return figures
