"""How a plan says things: one wording for the terminal, Markdown and the page."""

from __future__ import annotations

from matcher.report import words
from matcher.types import Ask, Barred, Front, Plan, Recognition, Stack, Step

_MOST_LEFT = 25

NOT_CHOSEN = "Left open by this plan, though something in the catalogue covers it"
UNCOVERED = words.UNCOVERED_TITLE
BARRIERS = words.BARRIERS_TITLE
SINGLE = "Single credentials, ranked by how much of all ads they cover"
FRONT = "More effort, more coverage"
STACKS = "Where these lead"


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
