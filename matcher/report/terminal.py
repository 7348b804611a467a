"""The report for a terminal: readable at 80 columns, coloured only where colour is wanted."""

from __future__ import annotations

import io
import os
import shutil
import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from matcher.api import NOTICE
from matcher.report import words
from matcher.types import Extraction, Ranked, Report, Requirement

_STYLE = {"required": "bold", "unstated": "", "preferred": "dim", "not_required": "dim strike"}
_MOST_WIDTH = 100
_MOST_BARRIERS = 12


def to_table(report: Report | Extraction, *, explain: bool = False) -> str:
    """The report as text for a terminal."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = min(_MOST_WIDTH, shutil.get_terminal_size((80, 24)).columns) if sys.stdout.isatty() else 80
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, color_system="standard" if colour else None, highlight=False
    )
    title = words.heading(report)
    if title:
        console.print(Text(title, style="bold"))
    console.print(words.summary(report))
    _requirements(console, report)
    _barriers(console, report)
    if isinstance(report, Report):
        _asked_for(console, report)
        _ranking(console, report, explain)
        _uncovered(console, report)
    for warning in report.warnings:
        console.print(Text(f"! {warning.message}", style="yellow"))
    if isinstance(report, Report) and report.ranking:
        console.print()
        console.print(Text(NOTICE, style="dim"))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _grid(*columns: tuple[str, dict[str, object]]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=bool(columns[0][0]), header_style="dim", padding=(0, 2, 0, 0))
    for name, options in columns:
        table.add_column(name, **options)  # type: ignore[arg-type]
    return table


def _requirements(console: Console, report: Report | Extraction) -> None:
    if not report.requirements:
        return
    console.print()
    table = _grid(
        ("The ad asks for", {"ratio": 5, "min_width": 20}),
        ("need", {"no_wrap": True}),
        ("in the ad's words", {"ratio": 6}),
    )
    table.expand = True
    by_group: dict[str, str] = {}
    for r in words.ordered(report.requirements):
        label = Text(r.label, style=_STYLE[r.need])
        if r.group:
            label.append(f"  {by_group.setdefault(r.group, 'either' if r.group not in by_group else 'or')}", "dim")
            by_group[r.group] = "or"
        if detail := words.details(r):
            label.append(f"  {detail}", "dim")
        if r.gap == 0:
            label.append("  you have it", "green")
        need = words.NEEDS[r.need]
        table.add_row(label, Text(need, style=_STYLE[r.need]), Text(_words_of(r, report.posting.text), style="dim"))
    console.print(table)


def _words_of(r: Requirement, text: str, most: int = 60) -> str:
    """The first mention that decided the need, with the words around it."""
    if not r.mentions:
        return ""
    m = next((m for m in r.mentions if m.cue), r.mentions[0])
    return f"…{excerpt(text, m.start, m.end, most)}…"


def excerpt(text: str, start: int, end: int, most: int = 60) -> str:
    """The words of an ad around a place, cut at words and at line breaks."""
    room = max(0, most - (end - start)) // 2
    left = text[max(0, start - room) : start].split("\n")[-1]
    right = text[end : end + room].split("\n")[0]
    if start - room > 0 and " " in left and len(left) >= room:
        left = left.split(" ", 1)[1]
    if " " in right and len(right) >= room:
        right = right.rsplit(" ", 1)[0]
    return " ".join((left + text[start:end] + right).split())


def _barriers(console: Console, report: Report | Extraction) -> None:
    if not report.barriers:
        return
    console.print()
    console.print(Text("Barriers: no short credential gives these", style="bold"))
    table = _grid(("", {"no_wrap": True}), ("", {}))
    seen = set()
    for b in report.barriers:
        row = (words.BARRIERS[b.kind], words.barrier(b))
        if row not in seen and len(seen) < _MOST_BARRIERS:
            seen.add(row)
            table.add_row(Text(f"  {row[0]}", style="red"), Text(row[1]))
    console.print(table)


def _asked_for(console: Console, report: Report) -> None:
    if not report.asked_for:
        return
    console.print()
    console.print(Text("Asked for by name in the ad", style="bold"))
    names = {r.credential.id: r.credential.name for r in report.ranking}
    for a in report.asked_for:
        name = f": {names.get(a.credential, a.credential)}" if a.credential else ": not in the catalogue"
        console.print(Text(f"  “{a.text}” ({words.NEEDS[a.need]}){name}"))


def _ranking(console: Console, report: Report, explain: bool) -> None:
    if not report.ranking:
        return
    console.print()
    table = _grid(
        ("#", {"justify": "right", "no_wrap": True}),
        ("covers", {"justify": "right", "no_wrap": True}),
        ("Credential", {"ratio": 1}),
        ("learning", {"justify": "right", "no_wrap": True}),
        ("price", {"justify": "right", "no_wrap": True}),
    )
    table.expand = True
    labels = {r.id: r for r in report.requirements}
    for r in report.ranking:
        c = r.credential
        name = Text(c.name, style="bold")
        if c.issuer:
            name.append(f" · {c.issuer}", "not bold")
        table.add_row(str(r.rank), percent(r), name, words.hours(c), words.price(c))
        table.add_row("", "", Text(_covers(r, labels), style="cyan"), "", "")
        notes = [words.flag(f) for f in r.flags]
        if notes:
            table.add_row("", "", Text("; ".join(notes), style="dim"), "", "")
        if explain:
            for row in r.covers:
                table.add_row("", "", _explanation(row, labels, report.posting.text), "", "")
            table.add_row("", f"{r.score:.3f}", Text("sum of these rows = its coverage", style="dim"), "", "")
    console.print(table)


def percent(r: Ranked) -> str:
    """The score as a share; a range where it is not known how an outcome is shown."""
    low, high = round(100 * r.score), round(100 * r.score_high)
    return f"{low}%" if low == high else f"{low}–{high}%"


def _covers(r: Ranked, labels: dict[str, Requirement]) -> str:
    parts = []
    for row in r.covers:
        note = ", ".join(filter(None, (words.RELATIONS[row.relation], words.SHOWN[row.assessment])))
        parts.append(f"{labels[row.requirement].label} ({note})")
    return "; ".join(parts[:5]) + (f"; and {len(parts) - 5} more" if len(parts) > 5 else "")


def _explanation(row: object, labels: dict[str, Requirement], text: str) -> Text:
    from matcher.types import Cover

    assert isinstance(row, Cover)
    asked = labels[row.requirement]
    line = Text(f"{row.share:.3f} {asked.label}", style="")
    line.append(f"  weight {asked.weight:.2f} × gap {asked.gap:g} × credit {row.credit:.2f}, as a share of all", "dim")
    if asked.mentions:
        m = next((m for m in asked.mentions if m.cue), asked.mentions[0])
        line.append(f"\n  ad: “{excerpt(text, m.start, m.end, 80)}” [{m.cue or m.section}]", "dim")
    if row.outcome:
        line.append(f"\n  credential: {row.outcome} [{row.assessment}, {row.relation}]", "dim")
    return line


def _uncovered(console: Console, report: Report) -> None:
    labels = {r.id: r.label for r in report.requirements}
    if report.uncovered and report.ranking:
        console.print()
        names = ", ".join(labels[i] for i in report.uncovered)
        console.print(Text("No credential here covers: ", style="bold").append(names, "not bold"))
