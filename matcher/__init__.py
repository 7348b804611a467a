"""matcher: which short credentials cover what a job ad asks, and how directly.

Nothing is loaded before it is used: ``import matcher`` is cheap.

Examples
--------
>>> import matcher
>>> report = matcher.match("You must know Excel and SQL.")
>>> [r.label for r in report.requirements]
['Excel', 'SQL']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcher import catalogue, taxonomy
    from matcher.api import extract, match, plan
    from matcher.errors import CorpusError, InputError, MatcherError, OutputError
    from matcher.linking import link
    from matcher.ranking import Filters, Policy
    from matcher.runner import batch
    from matcher.runner.compare import compare
    from matcher.types import Limits
    from matcher.vectorizer import SkillVectorizer

__version__ = "0.1.0"
__all__ = [
    "CorpusError", "Filters", "InputError", "Limits", "MatcherError", "OutputError", "Policy", "SkillVectorizer",
    "batch", "catalogue", "compare", "extract", "link", "match", "plan", "taxonomy",
]  # fmt: skip

_WHERE = {
    "extract": "matcher.api",
    "match": "matcher.api",
    "plan": "matcher.api",
    "Limits": "matcher.types",
    "batch": "matcher.runner",
    "link": "matcher.linking",
    "compare": "matcher.runner.compare",
    "SkillVectorizer": "matcher.vectorizer",
    "Filters": "matcher.ranking",
    "Policy": "matcher.ranking",
    "MatcherError": "matcher.errors",
    "InputError": "matcher.errors",
    "CorpusError": "matcher.errors",
    "OutputError": "matcher.errors",
}


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    if name in ("catalogue", "taxonomy"):
        return import_module(f"matcher.{name}")
    raise AttributeError(f"module 'matcher' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
