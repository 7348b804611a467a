"""The report for a terminal: readable at 80 columns, coloured only where colour is wanted."""

from __future__ import annotations

import io
import os
import shutil
import sys

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from matcher.api import NOTICE
from matcher.report import words
from matcher.types import Cover, Extraction, Ranked, Report, Requirement

_STYLE = {"required": "bold", "unstated": "", "preferred": "dim", "not_required": "dim strike"}
_MOST_WIDTH = 100
_MOST_BARRIERS = 12
_INDENT = 4


def to_table(report: Report | Extraction, *, explain: bool = False) -> str:
    """The report as text for a terminal."""
    out, to = console()
    title = words.heading(report)
    if title:
        to.print(Text(title, style="bold"))
    to.print(words.summary(report))
    if isinstance(report, Report):
        for text in filter(None, (words.standing(report.standing), words.gap(report))):
            to.print(Text(text + "."))
    _requirements(to, report)
    _barriers(to, report)
    if isinstance(report, Report):
        _asked_for(to, report)
        _ranking(to, report, explain)
        _uncovered(to, report)
    for warning in report.warnings:
        to.print(Text(f"! {warning.message}", style="yellow"))
    if isinstance(report, Report):
        to.print()
        to.print(Text(NOTICE, style="dim"))
    return finish(out)


def console() -> tuple[io.StringIO, Console]:
    """What to print to, as wide and as coloured as the terminal; and where that is gathered."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = min(_MOST_WIDTH, shutil.get_terminal_size((80, 24)).columns) if sys.stdout.isatty() else 80
    out = io.StringIO()
    system = "standard" if colour else None
    return out, Console(file=out, width=width, force_terminal=colour, color_system=system, highlight=False)  # type: ignore[arg-type]


def finish(out: io.StringIO) -> str:
    """What was gathered, without blanks at the ends of lines."""
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
    standing = [b for b in report.barriers if b.need != "not_required"]
    if not standing:
        return
    console.print()
    console.print(Text(words.BARRIERS_TITLE, style="bold"))
    table = _grid(("", {"no_wrap": True}), ("", {}))
    seen: set[tuple[str, str]] = set()
    for b in standing:
        row = (words.BARRIERS[b.kind], words.barrier(b))
        if row not in seen and len(seen) < _MOST_BARRIERS:
            seen.add(row)
            table.add_row(Text(f"  {row[0]}", style="red"), Text(row[1]))
    console.print(table)


def _asked_for(console: Console, report: Report) -> None:
    if not report.asked_for:
        return
    console.print()
    console.print(Text(words.ASKED_FOR_TITLE, style="bold"))
    named: dict[tuple[str, str], list[str]] = {}
    for a in report.asked_for:
        named.setdefault((a.text, a.need), []).extend([a.name] if a.name else [])
    for (text, need), names in named.items():
        line = f"“{text}” ({words.NEEDS[need]}): {'; or '.join(names) or 'not in the catalogue'}"
        console.print(Padding(Text(line), (0, 0, 0, 2)))


def _ranking(console: Console, report: Report, explain: bool) -> None:
    if not report.ranking:
        return
    console.print()
    console.print(Text(words.RANKING_TITLE, style="bold"))
    labels = {r.id: r for r in report.requirements}
    if firm := words.firmness(report):
        console.print(Text(firm + ".", style="dim"))
    console.print(line("", "covers", Text("credential"), "learning", "price", style="dim"))
    for r in report.ranking:
        c = r.credential
        name = Text(c.name, style="bold")
        if c.issuer:
            name.append(f" · {c.issuer}", "not bold")
        console.print(line(str(r.rank), words.percent(r), name, words.hours(c), words.price(c)))
        console.print(Padding(Text(_covers(r, labels), style="cyan"), (0, 0, 0, _INDENT)))
        if r.repeats:
            again = ", ".join(labels[i].label for i in r.repeats)
            console.print(Padding(Text(f"repeats what you have: {again}", style="dim"), (0, 0, 0, _INDENT)))
        notes = [words.flag(f) for f in r.flags]
        if notes:
            console.print(Padding(Text("; ".join(notes), style="dim"), (0, 0, 0, _INDENT)))
        if explain:
            for row in r.covers:
                console.print(Padding(_explanation(row, labels, report.posting.text), (0, 0, 0, _INDENT)))
            console.print(Padding(Text(f"{r.score:.3f} = the sum of these rows", style="dim"), (0, 0, 1, _INDENT)))


def line(rank: str, covers: str, name: Text, hours: str, price: str, style: str = "") -> Table:
    """One row; the widths are fixed so that the rows of all credentials stand under each other."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0), expand=True)
    for width, justify in ((2, "right"), (7, "right"), (None, "left"), (8, "right"), (10, "right")):
        table.add_column(width=width, ratio=None if width else 1, justify=justify, no_wrap=bool(width))  # type: ignore[arg-type]
    table.add_row(rank, covers, name, hours, price, style=style)
    return table


def _covers(r: Ranked, labels: dict[str, Requirement]) -> str:
    parts = []
    for row in r.covers:
        note = ", ".join(filter(None, (words.RELATIONS[row.relation], words.SHOWN[row.assessment])))
        parts.append(f"{labels[row.requirement].label} ({note})")
    return "; ".join(parts[:5]) + (f"; and {len(parts) - 5} more" if len(parts) > 5 else "")


def _explanation(row: Cover, labels: dict[str, Requirement], text: str) -> Text:
    asked = labels[row.requirement]
    line = Text(f"{row.share:.3f} {asked.label}")
    line.append(f"  weight {asked.weight:.2f} × gap {asked.gap:g} × credit {row.credit:.2f}, as a share of all", "dim")
    if asked.mentions:
        m = next((m for m in asked.mentions if m.cue), asked.mentions[0])
        line.append(f"\n  ad: “{excerpt(text, m.start, m.end, 70)}” [{m.cue or m.section}]", "dim")
    if row.outcome:
        line.append(f"\n  credential: {row.outcome} [{words.SHOWN[row.assessment]}]", "dim")
    return line


def _uncovered(console: Console, report: Report) -> None:
    labels = {r.id: r.label for r in report.requirements}
    if report.uncovered and report.ranking:
        console.print()
        names = ", ".join(labels[i] for i in report.uncovered)
        console.print(Text(f"{words.UNCOVERED_TITLE}: ", style="bold").append(names, "not bold"))
