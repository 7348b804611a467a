"""A report in the form that somebody wants: terminal table, JSON, JSONL, CSV, Markdown, HTML."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from matcher.types import Extraction, Plan, Report

FORMATS = ("table", "json", "jsonl", "csv", "md", "html", "jdx")

_WHERE = {
    "json": "plain",
    "jsonl": "plain",
    "csv": "plain",
    "table": "terminal",
    "md": "markdown",
    "html": "page",
    "jdx": "jdx",
}


def render(report: Report | Extraction | Plan, form: str, *, explain: bool = False) -> str:
    """The report as text.

    Parameters
    ----------
    report : Report, Extraction or Plan
    form : {'table', 'json', 'jsonl', 'csv', 'md', 'html', 'jdx'}
    explain : bool
        Show the rows that sum to each score (JSON, CSV and HTML always have them).
    """
    if isinstance(report, Plan):
        return str(import_module("matcher.report.plan").render_plan(report, form, explain=explain))
    module = import_module(f"matcher.report.{_WHERE[form]}")
    function: Callable[..., str] = getattr(module, f"to_{form}")
    return function(report, explain=explain)
