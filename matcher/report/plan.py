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
from matcher.report import words
from matcher.report.chart import chart
from matcher.report.markdown import escape, link, table
from matcher.report.plain import credential_record, standing_record
from matcher.report.templates import environment
from matcher.types import Ask, Barred, Cover, Front, Plan, Recognition, Stack, Step

SCHEMA = "matcher/plan/1"
FORMATS = ("table", "json", "jsonl", "csv", "md", "html")
_MOST_LEFT = 25


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
                [*head, label(a), a.ads, a.ads / plan.ads, row.relation, row.assessment, row.share, row.outcome]
            )
        if not s.covers:
            writer.writerow([*head, *[None] * 7])
    return out.getvalue()


# --- how a plan says things: one wording for all


def label(a: Ask) -> str:
    """A requirement in words; alternatives with "or"."""
    return " or ".join(a.labels)


def of_ads(count: int, total: int) -> str:
    """How many of the ads.

    Examples
    --------
    >>> of_ads(3, 20), of_ads(1, 1)
    ('3 of 20 ads', 'the ad')
    """
    return "the ad" if total == 1 and count == 1 else f"{count} of {total} ads"


def heading(plan: Plan) -> str:
    """What the plan is for."""
    return "A plan for one ad" if plan.ads == 1 else f"A plan for {plan.ads} ads"


def summary(plan: Plan) -> str:
    """How much, with what effort."""
    if not plan.steps:
        return "No credential is planned"
    count = len(plan.steps)
    parts = [
        f"{count} credential{'s' * (count != 1)} together cover {percent(plan.coverage, plan.coverage_high)} of what is {'left to you' if plan.standing and plan.standing.share else 'asked'}"
    ]
    parts[0] = parts[0].replace("together cover", "covers") if count == 1 else parts[0]
    return "; ".join([*parts, effort(plan.hours, plan.hours_unknown), price(plan)])


def effort(hours: float, unknown: int) -> str:
    """Hours, and how many are not known."""
    known = f"{hours:g} h of learning"
    if not unknown:
        return known
    return f"{known} and {unknown} of unknown length" if hours else f"{unknown} of unknown length"


def price(plan: Plan) -> str:
    """Prices by currency, and how many are not known."""
    known = " + ".join(f"{currency} {value:,.0f}" for currency, value in plan.costs)
    unknown = f"{plan.costs_unknown} of unknown price" if plan.costs_unknown else ""
    return " and ".join(filter(None, (known, unknown))) or "free"


def percent(low: float, high: float) -> str:
    """A share, or the range of it."""
    least, most = round(100 * low), round(100 * high)
    return f"{least}%" if least == most else f"{least}–{most}%"


def limits(plan: Plan) -> str:
    """The limits in words."""
    x = plan.limits
    parts = [
        f"at most {x.number} credential{'s' * (x.number != 1)}" if x.number is not None else "",
        f"at most {x.hours:g} hours" if x.hours is not None else "",
        f"at most {x.currency or ''} {x.budget:g}".replace("  ", " ") if x.budget is not None else "",
        f"one of each: {', '.join(x.must_include)}" if x.must_include else "",
    ]
    return "; ".join(filter(None, parts)) or "no limits"


def method(plan: Plan) -> str:
    """Exact or greedy, and why."""
    return f"{plan.method.name}: {plan.method.why}"


def recognition(r: Recognition | None, ads: int) -> str:
    """The measured columns in words, those that are 0 left out."""
    if r is None:
        return ""
    parts = [
        f"named in {of_ads(r.named, ads)}" if r.named else "",
        f"its issuer as an awarding body in {of_ads(r.issuer, ads)}" if r.issuer else "",
        f"a product of its issuer in {of_ads(r.product, ads)}" if r.product else "",
    ]
    return "; ".join(filter(None, parts)) or f"named in none of the {ads} ads" * (ads > 1)


def covered(s: Step, asks: dict[str, Ask], ads: int) -> list[str]:
    """What a step adds, each in words."""
    return [
        f"{label(asks[c.requirement])} ({', '.join(filter(None, (words.manner(c), _asked_in(asks[c.requirement], ads))))})"
        for c in s.covers
    ]


def _asked_in(a: Ask, ads: int) -> str:
    return "" if ads == 1 else f"{round(100 * a.ads / ads)}% of ads"


def repeated(s: Step, asks: dict[str, Ask]) -> list[str]:
    """What a step covers that is covered or held already."""
    return [f"{label(asks[id])} ({'you have it' if step == 0 else f'step {step}'})" for id, step in s.repeats]


def first(s: Step, plan: Plan) -> str:
    """What has to come before a step."""
    names = {o.credential.id: f"step {o.number}" for o in plan.steps}
    return ", ".join(names.get(id, id + (" (you have it)" if id in plan.limits.holds else "")) for id in s.after)


def stack(s: Stack, plan: Plan) -> str:
    """A path in words, with whose word it is."""
    names = {o.credential.id: o.credential.name for o in plan.steps}
    verb = "counts towards" if s.relation == "part_of" else "leads on to"
    verb = verb.replace("counts", "count").replace("leads", "lead") if len(s.members) > 1 else verb
    more = f"; so do {len(s.others)} others of the catalogue" if s.others else ""
    word = f"says {s.source}" if s.source else "no source is named for it"
    when = f", as of {s.as_of}" if s.as_of else ", undated"
    return f"{' and '.join(names[id] for id in s.members)} {verb} {s.name}{more} ({word}{when})"


def barrier(b: Barred, ads: int) -> str:
    """A kind of barrier, with how many ads state it."""
    required = "" if b.required == b.ads else f", {b.required} require it"
    return f"{of_ads(b.ads, ads)}{required}; “{b.example}”"


def left(plan: Plan, ids: tuple[str, ...]) -> list[str]:
    """Requirements in words, the heaviest first, with the share of ads."""
    asks = {a.id: a for a in plan.asks}
    shown = [asks[id] for id in ids[:_MOST_LEFT]]
    texts = [label(a) + (f" ({a.ads})" if plan.ads > 1 else "") for a in shown]
    return texts + ([f"and {len(ids) - _MOST_LEFT} more"] if len(ids) > _MOST_LEFT else [])


def axis(front: Front) -> str:
    """What the effort of a front is."""
    return "hours of learning" if front.unit == "h" else f"price in {front.unit}"


def points(front: Front) -> list[tuple[str, str, str, str]]:
    """The points of a front as rows: effort, coverage, how found, which."""
    return [
        (
            f"{p.effort:g}", f"{100 * p.coverage:.1f}%", "exact" if p.exact else "greedy",
            ", ".join(p.names),
        )
        for p in front.points
    ]  # fmt: skip


NOT_CHOSEN = "Left open by this plan, though something in the catalogue covers it"
UNCOVERED = words.UNCOVERED_TITLE
BARRIERS = words.BARRIERS_TITLE
SINGLE = "Single credentials, ranked by how much of all ads they cover"
FRONT = "More effort, more coverage"
STACKS = "Where these lead"


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

    to.print(Text(heading(plan), style="bold"))
    to.print(summary(plan) + ".")
    if plan.standing:
        to.print(words.standing(plan.standing) + ".")
    to.print(Text(f"Limits: {limits(plan)}. {method(plan)[0].upper()}{method(plan)[1:]}.", style="dim"))
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
                text = f"{row.share:.3f} {label(a)}  weight {a.weight:.3f} × gap {a.gap:.2f}, credit {row.credit:.2f}"
                note(f"{text} [{words.manner(row)}] {row.outcome or ''}".rstrip())
            note(f"{s.gain:.3f} = the sum of these rows; together {s.coverage:.3f}")
        else:
            texts = covered(s, asks, plan.ads)
            more = f"; and {len(texts) - 5} more" if len(texts) > 5 else ""
            note("; ".join(texts[:5]) + more if texts else "adds nothing by itself", "cyan")
        if s.repeats:
            note("repeats: " + ", ".join(repeated(s, asks)[:6]))
        if s.after:
            note("first: " + first(s, plan))
        note("; ".join(filter(None, (recognition(recognised.get(c.id), plan.ads), *map(words.flag, s.flags)))))
    if plan.stacks:
        to.print()
        to.print(Text(STACKS, style="bold"))
        for path in plan.stacks:
            note(stack(path, plan), "", 2)
    for front in plan.fronts:
        to.print()
        to.print(Text(f"{FRONT}: {axis(front)}", style="bold"))
        rows = points(front)
        note("; ".join(f"{effort}: {share}" for effort, share, _, _ in rows), "", 2)
    if plan.ads > 1 and plan.ranking:
        to.print()
        to.print(Text(SINGLE, style="bold"))
        for r in plan.ranking:
            name = Text(r.credential.name)
            to.print(line(str(r.rank), words.percent(r), name, words.hours(r.credential), words.price(r.credential)))
            note(recognition(recognised.get(r.credential.id), plan.ads))
    for title, ids in ((NOT_CHOSEN, plan.not_chosen), (UNCOVERED, plan.uncovered)):
        if ids:
            to.print()
            to.print(Text(f"{title}: ", style="bold").append(", ".join(left(plan, ids)), "not bold"))
    if plan.barriers:
        to.print()
        to.print(Text(BARRIERS, style="bold"))
        for b in plan.barriers:
            note(f"{words.BARRIERS[b.kind]}: {barrier(b, plan.ads)}", "", 2)
    for warning in plan.warnings:
        to.print(Text(f"! {warning.message}", style="yellow"))
    to.print()
    to.print(Text(NOTICE, style="dim"))
    return finish(out)


def to_md(plan: Plan, *, explain: bool = False) -> str:
    """The plan as Markdown."""
    asks = {a.id: a for a in plan.asks}
    recognised = {r.credential: r for r in plan.recognition}
    parts = [f"# {heading(plan)}", escape(summary(plan)) + ".", escape(f"Limits: {limits(plan)}. {method(plan)}") + "."]
    if plan.standing:
        parts.append(escape(words.standing(plan.standing)) + ".")
    for s in plan.steps:
        c = s.credential
        parts.append(f"## {s.number}. {link(c.name, c.url)}: adds {100 * s.gain:.1f}%")
        parts.append(f"{escape(words.issuer(c))} · {words.hours(c)} · {escape(words.price(c))}")
        if explain and s.covers:
            rows = [
                (escape(label(asks[x.requirement])), f"{escape(x.outcome or 'not said in words')} ({words.manner(x)})", f"{100 * x.share:.2f}%")
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
                escape("Adds: " + "; ".join(covered(s, asks, plan.ads)) if s.covers else "Adds nothing by itself.")
            )
        notes = [
            "Repeats: " + ", ".join(repeated(s, asks)) if s.repeats else "",
            "First: " + first(s, plan) if s.after else "",
            recognition(recognised.get(c.id), plan.ads).capitalize(),
            "Note: " + "; ".join(map(words.flag, s.flags)) if s.flags else "",
        ]
        if any(notes):
            parts.append("\n".join(f"- {escape(n)}" for n in notes if n))
    if plan.stacks:
        parts += [f"## {STACKS}", "\n".join(f"- {escape(stack(s, plan))}" for s in plan.stacks)]
    for front in plan.fronts:
        rows4 = [tuple(map(escape, row)) for row in points(front)]
        parts += [f"## {FRONT}: {axis(front)}", table((axis(front), "Covered", "Found", "Which"), rows4)]
    if plan.ads > 1 and plan.ranking:
        rows5 = [
            (str(r.rank), link(r.credential.name, r.credential.url), words.percent(r), *_counts(recognised.get(r.credential.id)))
            for r in plan.ranking
        ]  # fmt: skip
        head = ("", "Credential", "Covers", "Ads that name it", "its issuer", "a product")
        parts += [f"## {SINGLE}", table(head, rows5)]
    for title, ids in ((NOT_CHOSEN, plan.not_chosen), (UNCOVERED, plan.uncovered)):
        if ids:
            parts += [f"## {title}", escape(", ".join(left(plan, ids)))]
    if plan.barriers:
        lines = [f"- **{words.BARRIERS[b.kind]}**: {escape(barrier(b, plan.ads))}" for b in plan.barriers]
        parts += [f"## {BARRIERS}", "\n".join(lines)]
    if plan.warnings:
        parts += ["## To know", "\n".join(f"- {escape(w.message)}" for w in plan.warnings)]
    return "\n\n".join([*parts, "---", f"*{escape(NOTICE)}*"]) + "\n"


def _counts(r: Recognition | None) -> tuple[str, str, str]:
    return (str(r.named), str(r.issuer), str(r.product)) if r else ("", "", "")


def to_html(plan: Plan, *, explain: bool = False) -> str:
    """The plan as a page that needs no other file, no network and no script."""
    import sys

    return _template().render(
        plan=plan, asks={a.id: a for a in plan.asks}, recognised={r.credential: r for r in plan.recognition},
        explain=explain, words=words, say=sys.modules[__name__], notice=NOTICE,
        charts=[_picture(f, f"front{n}") for n, f in enumerate(plan.fronts)],
    )  # fmt: skip


def _picture(front: Front, name: str) -> Markup | None:
    """A picture where there is more than one point to see."""
    return Markup(chart(front, name, axis(front))) if len(front.points) > 1 else None


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment("matcher.report").get_template("plan.html.j2")
