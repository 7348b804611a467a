"""The report in Markdown, for a mail, an issue or a notebook: what the page says, without the ad's full text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcher.api import NOTICE
from matcher.report import words
from matcher.types import Cover, Extraction, Ranked, Report, Requirement

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$])")
_AT_START = re.compile(r"^(#{1,6}(?= |$)|[-+=](?=\s|$|[-=])|\d+(?=[.)]))")


def to_md(report: Report | Extraction, *, explain: bool = False) -> str:
    """The report as Markdown (GitHub's tables).

    Parameters
    ----------
    report : Report or Extraction
    explain : bool
        Give each credential the rows that add up to its score, not one line of what it covers.
    """
    parts = [f"# {escape(words.heading(report)) or 'A job ad without words'}", escape(words.summary(report)) + "."]
    if isinstance(report, Report):
        parts += [escape(text) + "." for text in (words.standing(report.standing), words.gap(report)) if text]
    parts += _requirements(report) + _barriers(report) + _asked_for(report)
    if isinstance(report, Report):
        parts += _ranking(report, explain) + _uncovered(report)
    if report.warnings:
        parts += ["## To know", _bullets([escape(w.message) for w in report.warnings])]
    parts += ["---", f"*{escape(NOTICE)}*"]
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line.

    Examples
    --------
    >>> print(escape("a|b <script> *C#*"))
    a\\|b \\<script\\> \\*C#\\*
    >>> print(escape("1. one"), escape("# two"))
    1\\. one \\# two
    """
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    start = _AT_START.match(line)
    if start is None:
        return line
    return f"{start[0]}\\{line[start.end() :]}" if start[0].isdigit() else "\\" + line


def link(text: str, url: str | None) -> str:
    """A link if the URL is one of the web, else the text."""
    address = words.address(url)
    if address is None:
        return escape(text)
    for character in ("<", ">", "|", "\\", "`", '"'):
        address = address.replace(character, f"%{ord(character):02X}")
    return f"[{escape(text)}](<{''.join(address.split())}>)"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], right: int | None = None) -> str:
    """A table of cells that are escaped already."""
    rule = ["---:" if column == right else "---" for column in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, tuple(rule), *rows))


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _quote(report: Report | Extraction, r: Requirement) -> str:
    """The words of the ad that decided a requirement, the place itself in bold."""
    m = words.deciding(r)
    if m is None:
        return ""
    text = report.posting.text
    inside = 0 <= m.start < m.end <= len(text)
    before, hit, after = words.sentence(text, m.start, m.end) if inside else ("", m.text, "")
    # blanks stay outside of the stars, or they would not be bold
    lead, tail = " " * before.endswith(" "), " " * after.startswith(" ")
    return f"“{escape(before)}{lead}**{escape(hit)}**{tail}{escape(after)}”"


def _requirements(report: Report | Extraction) -> list[str]:
    rows = []
    for choice, r in words.gathered(report.requirements):
        label = escape(r.label)
        if r.skill is None:
            label += " (in the ad’s words)"
        if detail := words.details(r):
            label += f", {escape(detail)}"
        if have := words.held(r):
            label += f" ✓ {have}"
        m = words.deciding(r)
        why = f" – {escape(words.reason(m))}" if m else ""
        rows.append((f"*{choice}* {label}" if choice else label, words.NEEDS[r.need], _quote(report, r) + why))
    return ["## What the ad asks for", table(("Skill", "Need", "In the ad’s words"), rows)] if rows else []


def _barriers(report: Report | Extraction) -> list[str]:
    if not report.barriers:
        return []
    lines = [f"**{words.BARRIERS[b.kind]}**: {escape(words.barrier(b))}" for b in report.barriers]
    return [f"## {words.BARRIERS_TITLE}", _bullets(list(dict.fromkeys(lines)))]


def _asked_for(report: Report | Extraction) -> list[str]:
    if not report.asked_for:
        return []
    named: dict[tuple[str, str], list[str]] = {}
    for a in report.asked_for:
        names = named.setdefault((a.text, a.need), [])
        if a.name:
            names.append(link(a.name, a.url))
    lines = [
        f"“{escape(text)}” ({words.NEEDS[need]}): {', '.join(dict.fromkeys(names)) or 'not in the catalogue'}"
        for (text, need), names in named.items()
    ]
    return [f"## {words.ASKED_FOR_TITLE}", _bullets(lines)]


def _ranking(report: Report, explain: bool) -> list[str]:
    parts = [f"## {words.RANKING_TITLE}"]
    if not report.ranking:
        return [*parts, "No credential is ranked."]
    if firm := words.firmness(report):
        parts.append(escape(firm) + ".")
    asked = {r.id: r for r in report.requirements}
    for r in report.ranking:
        parts += [f"### {r.rank}. {link(r.credential.name, r.credential.url)}: {words.percent(r)}", _facts(r)]
        if explain:
            parts.append(_rows(r, asked, report))
        else:
            parts.append("Covers: " + "; ".join(_covered(row, asked) for row in r.covers) + ".")
        rest = []
        if r.repeats:
            rest.append("Repeats what you have: " + ", ".join(escape(asked[i].label) for i in r.repeats))
        if r.related:
            rest.append("Only near, earns nothing: " + ", ".join(escape(asked[i].label) for i in r.related))
        if explain and r.missing:
            rest.append("Not covered: " + ", ".join(escape(asked[i].label) for i in r.missing))
        if notes := words.notes(r):
            rest.append("Note: " + escape("; ".join(notes)))
        if explain and r.credential.sources:
            rest.append("Sources: " + ", ".join(link(s.url, s.url) for s in r.credential.sources))
        if rest:
            parts.append(_bullets(rest))
    return parts


def _facts(r: Ranked) -> str:
    facts = [
        f"{name}: {escape(value)}" + (f" ({escape(note)})" if note else "")
        for name, value, note in words.facts(r.credential)
    ]
    return " · ".join([escape(words.issuer(r.credential)), *facts])


def _covered(row: Cover, asked: dict[str, Requirement]) -> str:
    return f"{escape(asked[row.requirement].label)} ({words.manner(row)}, {words.share(row)})"


def _rows(r: Ranked, asked: dict[str, Requirement], report: Report) -> str:
    rows: list[tuple[str, ...]] = [
        (
            f"{escape(asked[row.requirement].label)}, {words.NEEDS[asked[row.requirement].need]}: "
            + _quote(report, asked[row.requirement]),
            f"{escape(row.outcome or 'not said in words')} ({words.manner(row)}; {words.account(row)})",
            words.share(row),
        )
        for row in r.covers
    ]
    rows.append(("**Sum: covered of the ad**", "", f"**{words.part(r.score, r.score_high)}**"))
    return table(("The ad asks", "The credential gives", "Share"), rows, right=2)


def _uncovered(report: Report) -> list[str]:
    if not (report.uncovered and report.ranking):
        return []
    labels = {r.id: r.label for r in report.requirements}
    return [f"## {words.UNCOVERED_TITLE}", ", ".join(escape(labels[i]) for i in report.uncovered)]
