"""Measure extractor, linker and ranking against gold; definitions as in the project's METRICS."""

from matcher.evaluation.links import evaluate_links
from matcher.evaluation.postings import evaluate_postings
from matcher.evaluation.ranking import evaluate_ranking, pool, read_judged
from matcher.evaluation.sections import evaluate_sections
from matcher.evaluation.spans import evaluate_spans

__all__ = [
    "evaluate_links", "evaluate_postings", "evaluate_ranking", "evaluate_sections", "evaluate_spans", "pool", "read_judged",
]  # fmt: skip
