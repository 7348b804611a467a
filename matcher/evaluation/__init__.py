"""Measure the extractor and the linker against gold; definitions as in the project's METRICS."""

from matcher.evaluation.links import evaluate_links
from matcher.evaluation.postings import evaluate_postings
from matcher.evaluation.sections import evaluate_sections

__all__ = ["evaluate_links", "evaluate_postings", "evaluate_sections"]
