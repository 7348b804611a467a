"""A plan in the form that somebody wants: terminal table, JSON, JSONL, CSV, Markdown, HTML."""

from __future__ import annotations

import csv
import io
import json
from functools import lru_cache
from typing import Any

from jinja2 import Template
from markupsafe import Markup

from matcher.api import NOTICE
from matcher.report import plan_words as say
from matcher.report import words
from matcher.report.chart import chart
from matcher.report.markdown import escape, link, table
from matcher.report.plain import credential_record, standing_record
from matcher.report.templates import environment
from matcher.types import Cover, Front, Plan, Recognition

SCHEMA = "matcher/plan/1"
FORMATS = ("table", "json", "jsonl", "csv", "md", "html")


def render_plan(plan: Plan, form: str, *, explain: bool = False) -> str:
    """The plan as text.

    Parameters
    ----------
    plan : Plan
    form : {'table', 'json', 'jsonl', 'csv', 'md', 'html'}
    explain : bool
        Show the rows that sum to what each step adds (JSON, CSV and HTML always have them).
    """
    forms = {"json": to_json, "jsonl": to_jsonl, "csv": to_csv, "table": to_table, "md": to_md, "html": to_html}
    return forms[form](plan, explain=explain)


# --- for programs


def to_dict(plan: Plan) -> dict[str, Any]:
    """The plan as plain values; the schema stands in ``README.md``."""
    limits = plan.limits
    recognised = {r.credential: r for r in plan.recognition}
    return {
        "schema": SCHEMA,
        "ads": {"count": plan.ads, "duplicates": plan.duplicates, "countries": dict(plan.countries)},
        "limits": {
            "number": limits.number, "hours": limits.hours, "budget": limits.budget, "currency": limits.currency,
            "unknown": limits.unknown, "must_include": list(limits.must_include), "holds": list(limits.holds),
        },
        "method": {"name": plan.method.name, "bound": plan.method.bound, "why": plan.method.why},
        "standing": standing_record(plan.standing),
        "coverage": plan.coverage,
        "coverage_high": plan.coverage_high,
        "considered": plan.considered,
        "totals": {
            "hours": plan.hours, "hours_unknown": plan.hours_unknown,
            "costs": [{"currency": currency, "amount": value} for currency, value in plan.costs],
            "costs_unknown": plan.costs_unknown,
        },
        "requirements": [
            {
                "id": a.id, "skills": list(a.skills), "labels": list(a.labels), "type": a.type, "ads": a.ads,
                "share_of_ads": a.ads / plan.ads if plan.ads else 0.0, "needs": dict(a.needs), "weight": a.weight,
                "gap": a.gap,
            }
            for a in plan.asks
        ],
        "steps": [
            {
                "step": s.number, "credential": credential_record(s.credential), "gain": s.gain, "coverage": s.coverage,
                "covers": [_row(c) for c in s.covers],
                "repeats": [{"requirement": id, "step": step or None, "held": step == 0} for id, step in s.repeats],
                "after": list(s.after), "recognition": _recognition(recognised.get(s.credential.id)), "flags": list(s.flags),
            }
            for s in plan.steps
        ],
        "stacks": [
            {
                "towards": s.towards, "name": s.name, "members": list(s.members), "others": list(s.others),
                "relation": s.relation, "source": s.source, "as_of": s.as_of,
            }
            for s in plan.stacks
        ],
        "fronts": [
            {
                "unit": f.unit, "unknown_left_out": f.unknown,
                "points": [
                    {"effort": p.effort, "coverage": p.coverage, "credentials": list(p.credentials), "names": list(p.names), "exact": p.exact}
                    for p in f.points
                ],
            }
            for f in plan.fronts
        ],
        "ranking": [
            {
                "rank": r.rank, "credential": credential_record(r.credential), "score": r.score,
                "score_high": r.score_high, "focus": r.focus, "covers": [_row(c) for c in r.covers],
                "recognition": _recognition(recognised.get(r.credential.id)), "flags": list(r.flags),
            }
            for r in plan.ranking
        ],
        "not_chosen": list(plan.not_chosen),
        "uncovered": list(plan.uncovered),
        "barriers": [
            {
                "kind": b.kind, "ads": b.ads, "share_of_ads": b.ads / plan.ads if plan.ads else 0.0,
                "required": b.required, "example": b.example,
            }
            for b in plan.barriers
        ],
        "warnings": [{"code": w.code, "message": w.message} for w in plan.warnings],
        "notice": NOTICE,
    }  # fmt: skip


def _row(c: Cover) -> dict[str, Any]:
    return {
        "requirement": c.requirement, "skill": c.skill, "relation": c.relation, "assessment": c.assessment,
        "credit": c.credit, "credit_high": c.credit_high, "share": c.share, "outcome": c.outcome,
        "outcome_skill": c.outcome_skill,
    }  # fmt: skip


def _recognition(r: Recognition | None) -> dict[str, int] | None:
    return None if r is None else {"named": r.named, "issuer": r.issuer, "product": r.product}


def to_json(plan: Plan, *, explain: bool = False) -> str:
    """Indented JSON."""
    return json.dumps(to_dict(plan), ensure_ascii=False, indent=1) + "\n"


def to_jsonl(plan: Plan, *, explain: bool = False) -> str:
    """The same on one line."""
    return json.dumps(to_dict(plan), ensure_ascii=False) + "\n"


def to_csv(plan: Plan, *, explain: bool = False) -> str:
    """One row for each requirement that a step adds to; a step that adds nothing itself has one without requirement."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["step", "credential_id", "credential", "issuer", "url", "hours", "cost", "currency", "gain", "coverage", "named",
         "issuer_named", "product_named", "requirement", "ads", "share_of_ads", "relation", "assessment", "share", "outcome"]
    )  # fmt: skip
    recognised = {r.credential: r for r in plan.recognition}
    asks = {a.id: a for a in plan.asks}
    for s in plan.steps:
        c, r = s.credential, recognised[s.credential.id]
        head = [s.number, c.id, c.name, c.issuer, c.url, c.hours, c.cost, c.currency, s.gain, s.coverage, r.named, r.issuer,
                r.product]  # fmt: skip
        for row in s.covers:
            a = asks[row.requirement]
            writer.writerow(
                [*head, say.label(a), a.ads, a.ads / plan.ads, row.relation, row.assessment, row.share, row.outcome]
            )
        if not s.covers:
            writer.writerow([*head, *[None] * 7])
    return out.getvalue()


# --- for people


def to_table(plan: Plan, *, explain: bool = False) -> str:
    """The plan as text for a terminal."""
    from rich.padding import Padding
    from rich.text import Text

    from matcher.report.terminal import console, finish, line

    out, to = console()
    asks = {a.id: a for a in plan.asks}
    recognised = {r.credential: r for r in plan.recognition}

    def note(text: str, style: str = "dim", indent: int = 4) -> None:
        if text:
            to.print(Padding(Text(text, style=style), (0, 0, 0, indent)))

    to.print(Text(say.heading(plan), style="bold"))
    to.print(say.summary(plan) + ".")
    if plan.standing:
        to.print(words.standing(plan.standing) + ".")
    to.print(Text(f"Limits: {say.limits(plan)}. {say.method(plan)[0].upper()}{say.method(plan)[1:]}.", style="dim"))
    if plan.steps:
        to.print()
        to.print(line("", "adds", Text("credential"), "learning", "price", style="dim"))
    for s in plan.steps:
        c = s.credential
        name = Text(c.name, style="bold")
        if c.issuer:
            name.append(f" · {c.issuer}", "not bold")
        to.print(line(str(s.number), f"{100 * s.gain:.1f}%", name, words.hours(c), words.price(c)))
        if explain:
            for row in s.covers:
                a = asks[row.requirement]
                text = (
                    f"{row.share:.3f} {say.label(a)}  weight {a.weight:.3f} × gap {a.gap:.2f}, credit {row.credit:.2f}"
                )
                note(f"{text} [{words.manner(row)}] {row.outcome or ''}".rstrip())
            note(f"{s.gain:.3f} = the sum of these rows; together {s.coverage:.3f}")
        else:
            texts = say.covered(s, asks, plan.ads)
            more = f"; and {len(texts) - 5} more" if len(texts) > 5 else ""
            note("; ".join(texts[:5]) + more if texts else "adds nothing by itself", "cyan")
        if s.repeats:
            note("repeats: " + ", ".join(say.repeated(s, asks)[:6]))
        if s.after:
            note("first: " + say.first(s, plan))
        note("; ".join(filter(None, (say.recognition(recognised.get(c.id), plan.ads), *map(words.flag, s.flags)))))
    if plan.stacks:
        to.print()
        to.print(Text(say.STACKS, style="bold"))
        for path in plan.stacks:
            note(say.stack(path, plan), "", 2)
    for front in plan.fronts:
        to.print()
        to.print(Text(f"{say.FRONT}: {say.axis(front)}", style="bold"))
        rows = say.points(front)
        note("; ".join(f"{effort}: {share}" for effort, share, _, _ in rows), "", 2)
    if plan.ads > 1 and plan.ranking:
        to.print()
        to.print(Text(say.SINGLE, style="bold"))
        for r in plan.ranking:
            name = Text(r.credential.name)
            to.print(line(str(r.rank), words.percent(r), name, words.hours(r.credential), words.price(r.credential)))
            note(say.recognition(recognised.get(r.credential.id), plan.ads))
    for title, ids in ((say.NOT_CHOSEN, plan.not_chosen), (say.UNCOVERED, plan.uncovered)):
        if ids:
            to.print()
            to.print(Text(f"{title}: ", style="bold").append(", ".join(say.left(plan, ids)), "not bold"))
    if plan.barriers:
        to.print()
        to.print(Text(say.BARRIERS, style="bold"))
        for b in plan.barriers:
            note(f"{words.BARRIERS[b.kind]}: {say.barrier(b, plan.ads)}", "", 2)
    for warning in plan.warnings:
        to.print(Text(f"! {warning.message}", style="yellow"))
    to.print()
    to.print(Text(NOTICE, style="dim"))
    return finish(out)


def to_md(plan: Plan, *, explain: bool = False) -> str:
    """The plan as Markdown."""
    asks = {a.id: a for a in plan.asks}
    recognised = {r.credential: r for r in plan.recognition}
    parts = [
        f"# {say.heading(plan)}",
        escape(say.summary(plan)) + ".",
        escape(f"Limits: {say.limits(plan)}. {say.method(plan)}") + ".",
    ]
    if plan.standing:
        parts.append(escape(words.standing(plan.standing)) + ".")
    for s in plan.steps:
        c = s.credential
        parts.append(f"## {s.number}. {link(c.name, c.url)}: adds {100 * s.gain:.1f}%")
        parts.append(f"{escape(words.issuer(c))} · {words.hours(c)} · {escape(words.price(c))}")
        if explain and s.covers:
            rows = [
                (escape(say.label(asks[x.requirement])), f"{escape(x.outcome or 'not said in words')} ({words.manner(x)})", f"{100 * x.share:.2f}%")
                for x in s.covers
            ]  # fmt: skip
            parts.append(
                table(
                    ("The ads ask", "The credential gives", "Adds"),
                    [*rows, ("**Sum**", "", f"**{100 * s.gain:.2f}%**")],
                    right=2,
                )
            )
        else:
            parts.append(
                escape("Adds: " + "; ".join(say.covered(s, asks, plan.ads)) if s.covers else "Adds nothing by itself.")
            )
        notes = [
            "Repeats: " + ", ".join(say.repeated(s, asks)) if s.repeats else "",
            "First: " + say.first(s, plan) if s.after else "",
            say.recognition(recognised.get(c.id), plan.ads).capitalize(),
            "Note: " + "; ".join(map(words.flag, s.flags)) if s.flags else "",
        ]
        if any(notes):
            parts.append("\n".join(f"- {escape(n)}" for n in notes if n))
    if plan.stacks:
        parts += [f"## {say.STACKS}", "\n".join(f"- {escape(say.stack(s, plan))}" for s in plan.stacks)]
    for front in plan.fronts:
        rows4 = [tuple(map(escape, row)) for row in say.points(front)]
        parts += [f"## {say.FRONT}: {say.axis(front)}", table((say.axis(front), "Covered", "Found", "Which"), rows4)]
    if plan.ads > 1 and plan.ranking:
        rows5 = [
            (str(r.rank), link(r.credential.name, r.credential.url), words.percent(r), *_counts(recognised.get(r.credential.id)))
            for r in plan.ranking
        ]  # fmt: skip
        head = ("", "Credential", "Covers", "Ads that name it", "its issuer", "a product")
        parts += [f"## {say.SINGLE}", table(head, rows5)]
    for title, ids in ((say.NOT_CHOSEN, plan.not_chosen), (say.UNCOVERED, plan.uncovered)):
        if ids:
            parts += [f"## {title}", escape(", ".join(say.left(plan, ids)))]
    if plan.barriers:
        lines = [f"- **{words.BARRIERS[b.kind]}**: {escape(say.barrier(b, plan.ads))}" for b in plan.barriers]
        parts += [f"## {say.BARRIERS}", "\n".join(lines)]
    if plan.warnings:
        parts += ["## To know", "\n".join(f"- {escape(w.message)}" for w in plan.warnings)]
    return "\n\n".join([*parts, "---", f"*{escape(NOTICE)}*"]) + "\n"


def _counts(r: Recognition | None) -> tuple[str, str, str]:
    return (str(r.named), str(r.issuer), str(r.product)) if r else ("", "", "")


def to_html(plan: Plan, *, explain: bool = False) -> str:
    """The plan as a page that needs no other file, no network and no script."""
    return _template().render(
        plan=plan, asks={a.id: a for a in plan.asks}, recognised={r.credential: r for r in plan.recognition},
        explain=explain, words=words, say=say, notice=NOTICE,
        charts=[_picture(f, f"front{n}") for n, f in enumerate(plan.fronts)],
    )  # fmt: skip


def _picture(front: Front, name: str) -> Markup | None:
    """A picture where there is more than one point to see."""
    return Markup(chart(front, name, say.axis(front))) if len(front.points) > 1 else None


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment("matcher.report").get_template("plan.html.j2")
