"""A comparison of two batches -> text in every form."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from markupsafe import escape

if TYPE_CHECKING:
    from matcher.runner.compare import Change, Comparison

_HEAD = ("Skill", "Before", "After", "Change (points)", "95% interval", "q")
NOTE = (
    "Shares are of vacancies, each group of duplicates once. Intervals are Newcombe's, each skill by itself; "
    "rising and falling are told with all skills tested looked at together (Benjamini-Hochberg, false alarms at most "
    "1 in 20 of those named). A difference between two collections of ads may come from how they were collected."
)


def render(found: Comparison, form: str, top: int | None = None) -> str:
    """A comparison as table, md, html, csv, json or jsonl; `top` limits the first three."""
    if form == "json":
        return json.dumps({"schema": "matcher/comparison/1", **asdict(found)}, ensure_ascii=False, indent=1) + "\n"
    if form == "jsonl":
        return "".join(json.dumps(asdict(change), ensure_ascii=False) + "\n" for change in found.skills)
    if form == "csv":
        file = io.StringIO()
        names = (
            "skill",
            "label",
            "before",
            "after",
            "share_before",
            "share_after",
            "change",
            "low",
            "high",
            "p",
            "q",
            "trend",
        )
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(change) for change in found.skills)
        return file.getvalue()
    parts = [(trend, [c for c in found.skills if c.trend == trend][:top]) for trend in ("rising", "falling")]
    return {"table": _plain, "md": _markdown, "html": _html}[form](found, parts)


def _cells(c: Change) -> tuple[str, ...]:
    return (
        c.label, f"{c.share_before:.1%}", f"{c.share_after:.1%}", f"{100 * c.change:+.1f}",
        f"{100 * c.low:+.1f} … {100 * c.high:+.1f}", f"{c.q:.3f}" if c.q >= 0.001 else "<0.001",
    )  # fmt: skip


Parts = list[tuple[str, list["Change"]]]


def _summary(found: Comparison) -> str:
    rising, falling = (sum(c.trend == trend for c in found.skills) for trend in ("rising", "falling"))
    return (
        f"{found.before:,} vacancies before, {found.after:,} after; {len(found.skills):,} skills tested: {rising} rising, "
        f"{falling} falling, {len(found.skills) - rising - falling} not told apart from chance; {found.left_out:,} too rare"
    )


def _plain(found: Comparison, parts: Parts) -> str:
    lines = [_summary(found)]
    for trend, changes in parts:
        lines += ["", trend.capitalize()]
        if not changes:
            lines.append("  none")
            continue
        rows = [_HEAD, *map(_cells, changes)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
        for row in rows:
            first, *rest = (
                cell.ljust(width) if not i else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            lines.append("  " + "  ".join([first, *rest]).rstrip())
    return "\n".join([*lines, "", NOTE]) + "\n"


def _markdown(found: Comparison, parts: Parts) -> str:
    lines = ["# What changed", "", _summary(found)]
    for trend, changes in parts:
        lines += ["", f"## {trend.capitalize()}", ""]
        if not changes:
            lines.append("None.")
            continue
        lines += ["| " + " | ".join(_HEAD) + " |", "|---|" + "---:|" * (len(_HEAD) - 1)]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in _cells(c)) + " |" for c in changes]
    return "\n".join([*lines, "", NOTE]) + "\n"


def _html(found: Comparison, parts: Parts) -> str:
    body = [f"<h1>What changed</h1><p>{escape(_summary(found))}</p>"]
    for trend, changes in parts:
        body.append(f"<h2>{trend.capitalize()}</h2>")
        if not changes:
            body.append("<p>None.</p>")
            continue
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in _HEAD)
        rows = "".join(
            f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in rest) + "</tr>"
            for first, *rest in map(_cells, changes)
        )
        body.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    style = (
        ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%}th,td{text-align:right;padding:.3rem .6rem;border-bottom:1px solid #8886}"
        "th:first-child{text-align:left}"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>What changed</title>'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<style>{style}</style></head><body><main>{''.join(body)}<p>{escape(NOTE)}</p></main></body></html>\n"
    )
