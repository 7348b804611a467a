"""Measure the extractor against gold; definitions as in the project's METRICS."""

from matcher.evaluation.postings import evaluate_postings
from matcher.evaluation.sections import evaluate_sections

__all__ = ["evaluate_postings", "evaluate_sections"]
