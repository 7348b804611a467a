"""How reports say things: one wording for the terminal, Markdown and the page."""

from __future__ import annotations

from urllib.parse import urlsplit

from matcher.types import Barrier, Cover, Credential, Extraction, Mention, Ranked, Report, Requirement, Standing

UNKNOWN = "unknown"

NEEDS = {
    "required": "required",
    "preferred": "preferred",
    "unstated": "in the duties",
    "not_required": "not required",
}
NEED_ORDER = ("required", "unstated", "preferred", "not_required")
BARRIERS = {
    "degree": "degree or schooling",
    "years": "years of experience",
    "licence": "licence or registration",
    "clearance": "clearance or check",
    "citizenship": "right to work",
    "age": "age",
    "driving": "driving",
    "other": "other",
}
SHOWN = {
    "practical": "practical work",
    "exam": "proctored exam",
    "quiz": "test",
    "taught": "taught",
    "mentioned": "mentioned",
    "unknown": "not known how",
}
RELATIONS = {"exact": "", "part_of": "a part of it", "broader": "something broader"}
SECTIONS = {
    "title": "in the title",
    "about": "in the words about the employer",
    "duties": "among the duties",
    "requirements": "among the requirements",
    "preferred": "among what is nice to have",
    "benefits": "among the benefits",
    "legal": "in the small print",
    "apply": "in how to apply",
    "none": "under no heading",
}
SKILL_TYPES = {
    "tool": "tool",
    "knowledge": "knowledge",
    "hard": "skill",
    "soft": "soft skill",
    "language": "language",
    "credential": "credential",
}
ISSUER_KINDS = {
    "platform": "learning platform or training company",
    "university": "university, college or school",
    "association": "association or awarding body",
    "vendor": "vendor or employer",
}
STATUS = {"active": "offered", "retired": "retired", "unknown": UNKNOWN}
BARRIERS_TITLE = "Barriers: no short credential gives these"
ASKED_FOR_TITLE = "Asked for by name in the ad"
_MODEL = "model: "
_HEADING = "section: "
_STOPS = ("\n", "\r", ". ", "! ", "? ", "; ")
RANKING_TITLE = "Credentials, ranked by how much of it they cover"
UNCOVERED_TITLE = "No credential here covers"
FLAGS = {
    "holds_elsewhere": "holds only in another country than the ad’s, so it stands below the others",
    "facts_undated": "its sources are undated",
    "facts_over_a_year_old": "facts over a year old",
    "status_unknown": "not known whether still offered",
    "skills_inferred": "skills inferred from its words",
}


def hours(c: Credential) -> str:
    """Hours of learning, or that they are not known."""
    return "?" if c.hours is None else f"{c.hours:g} h"


def price(c: Credential) -> str:
    """Price with currency, or that it is not known."""
    if c.cost is None:
        return "?"
    return "free" if c.cost == 0 else f"{c.currency or ''} {c.cost:,.0f}".strip()


def flag(name: str) -> str:
    """A flag in words."""
    if name.startswith("holds_in:"):
        return "holds in " + name.split(":", 1)[1].replace(",", ", ")
    return FLAGS.get(name, name)


def notes(r: Ranked) -> list[str]:
    """The flags in words, for reports whose facts already say where a credential holds."""
    return [flag(name) for name in r.flags if not name.startswith("holds_in:")]


def heading(report: Report | Extraction) -> str:
    """The ad's title, or its first line."""
    text = report.posting.title or next((s for line in report.posting.text.splitlines() if (s := line.strip())), "")
    return text if len(text) <= 70 else text[:69].rstrip() + "…"


def ordered(requirements: tuple[Requirement, ...]) -> list[Requirement]:
    """By need, then weight, then the place in the ad."""
    return sorted(
        requirements,
        key=lambda r: (NEED_ORDER.index(r.need), -r.weight, r.mentions[0].start if r.mentions else 0),
    )


def summary(report: Report | Extraction) -> str:
    """One line of counts."""
    counts = {need: sum(r.need == need for r in report.requirements) for need in NEED_ORDER}
    parts = [f"{counts[need]} {NEEDS[need]}" for need in NEED_ORDER if counts[need]]
    total = sum(counts[need] for need in NEED_ORDER[:3])
    held = sum(r.gap == 0 and r.weight > 0 for r in report.requirements)
    line = f"{total} skill{'s' * (total != 1)} asked for ({', '.join(parts)})" if parts else "No skills found"
    if held:
        line += f"; you have {held}"
    if report.country:
        line += f"; the ad is from {report.country.code} (“{report.country.cues[0]}”)"
    if barriers := sum(b.need != "not_required" for b in report.barriers):
        line += f"; {barriers} barrier{'s' * (barriers != 1)}"
    return line


def barrier(b: Barrier) -> str:
    """A barrier in the ad's words, with what softens it."""
    tail = " (or equivalent experience)" if b.detail == "or equivalent" else ""
    need = "" if b.need == "required" else f" ({NEEDS[b.need]})"
    return f"“{' '.join(b.text.split())}”{tail}{need}"


def details(r: Requirement) -> str:
    """Level, years and alternatives of a requirement."""
    parts = []
    if r.level:
        parts.append(r.level)
    if r.years:
        parts.append(f"{r.years:g} year{'s' * (r.years != 1)}")
    return ", ".join(parts)


def held(r: Requirement) -> str:
    """Whether the person has what is asked."""
    if r.gap == 0:
        return "you have it"
    return "you have it at a lower level" if r.gap < 1 else ""


def gathered(requirements: tuple[Requirement, ...]) -> list[tuple[str, Requirement]]:
    """`ordered`, the alternatives of a group together, each with "either", "or" or nothing before it."""
    rows: list[tuple[str, Requirement]] = []
    seen: set[str] = set()
    for r in (inorder := ordered(requirements)):
        if not r.group:
            rows.append(("", r))
        elif r.group not in seen:
            seen.add(r.group)
            group = [other for other in inorder if other.group == r.group]
            rows += [("or" if i else "either" if len(group) > 1 else "", one) for i, one in enumerate(group)]
    return rows


def deciding(r: Requirement) -> Mention | None:
    """The mention that decided the need: one that has it, with a cue rather than a heading; else the first."""

    def order(m: Mention) -> tuple[bool, bool, bool]:
        return m.need != r.need, not m.cue, (m.cue or "").startswith(_HEADING)

    return min(r.mentions, key=order, default=None)


def reason(m: Mention) -> str:
    """Why a mention has its need: the ad's cue, its heading, or where it stands."""
    if m.cue and m.cue.startswith(_HEADING):
        return f"because of the heading “{m.cue.removeprefix(_HEADING)}”"
    if m.cue and m.cue.startswith(_MODEL):
        return f"as the model reads the lines around it ({m.cue.removeprefix(_MODEL).split()[0]} sure)"
    return f"because “{m.cue}”" if m.cue else f"because it stands {SECTIONS[m.section]}"


def sentence(text: str, start: int, end: int, most: int = 140) -> tuple[str, str, str]:
    """The words before a place, at it and after it, from the line or sentence that holds it.

    Examples
    --------
    >>> sentence("We bake.\\n- Must know SQL well. Apply!", 21, 24)
    ('Must know ', 'SQL', ' well.')
    """
    left = max((at + len(stop) for stop in _STOPS if (at := text.rfind(stop, 0, start)) >= 0), default=0)
    right = min((at + 1 for stop in _STOPS if (at := text.find(stop, end)) >= 0), default=len(text))
    before = " ".join(("x" + text[left:start] + "x").split())[1:-1].lstrip(" *•·‣◦▪-–—#>")
    after = " ".join(("x" + text[end:right] + "x").split())[1:-1].rstrip(" ;")
    room = max(20, (most - (end - start)) // 2)
    if len(before) > room:
        before = "…" + before[-room:].partition(" ")[2]
    if len(after) > room:
        after = after[:room].rpartition(" ")[0] + "…"
    return before, " ".join(text[start:end].split()), after


def percent(r: Ranked) -> str:
    """The score as a share; a range where it is not known how an outcome is shown."""
    low, high = round(100 * r.score), round(100 * r.score_high)
    return f"{low}%" if low == high else f"{low}–{high}%"


_CASES = {
    "newcomer": "little of what is asked. One credential alone rarely tells the story of somebody new to a field: see what "
    "several cover together (`matcher plan`), and what else shows that you can do it",
    "partly": "a part of what is asked",
    "experienced": "most of what is asked. A credential is then a targeted proof of what is left, not of all of it",
}


def standing(s: Standing | None) -> str:
    """Where the person stands, in words; what they hold is all that is known of them."""
    if s is None:
        return ""
    return f"By what you say you have, you hold {100 * s.share:.0f}% (weighed): {_CASES[s.case]}"


def gap(report: Report) -> str:
    """What is left of the ad for the person, the heaviest first."""
    if report.standing is None:
        return ""
    left = [
        f"{before + ' ' if before else ''}{r.label}" for before, r in gathered(report.requirements) if _open(r, report)
    ]
    return "Left to you: " + ", ".join(left) if left else ""


def _open(r: Requirement, report: Report) -> bool:
    """Whether a requirement is asked for and not held, nor an alternative of it."""
    alike = [o for o in report.requirements if o.group == r.group] if r.group else [r]
    return r.weight > 0 and all(o.gap > 0 for o in alike)


def firmness(report: Report) -> str:
    """How firm the first place is, and the order, when the policy's numbers are drawn anew."""
    s = report.stability
    if s is None or not report.ranking:
        return ""
    shares = dict(s.first)
    mine = shares.get(report.ranking[0].credential.id, 0.0)
    line = f"first in {100 * mine:.0f}% of {s.draws:,} draws of the policy’s numbers; Kendall’s tau of the order {s.tau:.2f}"
    if s.robust:
        return f"The first place is robust: {line}"
    theirs = f"{s.rival_name} (first in {100 * shares.get(s.rival or '', 0.0):.0f}%)"
    return f"The first place is a close call with {theirs}: {line}"


def part(low: float, high: float) -> str:
    """A share to a tenth of a percent, or the range of it."""
    least, most = f"{100 * low:.1f}", f"{100 * high:.1f}"
    return f"{least}%" if least == most else f"{least}–{most}%"


def share(c: Cover) -> str:
    """What a row adds to the score."""
    return part(c.share, c.share * c.credit_high / c.credit if c.credit else c.share)


def account(c: Cover) -> str:
    """How a share comes about: the part of the ad that the requirement is, and the credit."""
    worth = f"{100 * c.share / c.credit:.1f}% of the ad" if c.credit else "its part of the ad"
    credit = f"{100 * c.credit:.3g}" + (f"–{100 * c.credit_high:.3g}" if c.credit_high > c.credit else "")
    return f"{worth} × {credit}% credit"


def manner(c: Cover) -> str:
    """How an outcome is shown and how near it is to what is asked."""
    return ", ".join(filter(None, (SHOWN[c.assessment], RELATIONS[c.relation])))


def address(url: str | None) -> str | None:
    """The URL if it may become a link: http or https, with a host."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def issuer(c: Credential) -> str:
    """Who awards it, and what kind of body that is."""
    kind = ISSUER_KINDS.get(c.issuer_kind or "", c.issuer_kind)
    return f"{c.issuer or 'issuer ' + UNKNOWN} ({kind or 'kind ' + UNKNOWN})"


def facts(c: Credential) -> list[tuple[str, str, str | None]]:
    """Facts about a credential as (name, value, note); what is not known says so."""
    kind = (c.type or UNKNOWN).replace("_", " ")
    said = f"the issuer says “{c.issuer_term}”" if (c.issuer_term or kind).lower() != kind else None
    first = "first: " + ", ".join(c.prerequisite) if c.prerequisite else None
    years = f"{c.validity_years:g} year{'s' * (c.validity_years != 1)}" if c.validity_years else UNKNOWN
    return [
        ("Type", kind, said),
        ("Learning", UNKNOWN if c.hours is None else hours(c), c.hours_note),
        ("Price", UNKNOWN if c.cost is None else price(c), c.cost_note),
        ("Level", c.level or UNKNOWN, c.level_note),
        ("Assessed by", ", ".join(c.assessment) or UNKNOWN, None),
        ("Where", ", ".join(c.mode).replace("_", " ") or UNKNOWN, None),
        ("Language", ", ".join(c.language) or UNKNOWN, None),
        ("Holds in", ", ".join(c.country) or "not tied to a country", None),
        ("Valid for", c.validity or years, None),
        ("Who may take it", c.eligibility or UNKNOWN, first),
        ("Status", STATUS.get(c.status, c.status), None),
        ("Facts as of", c.as_of or UNKNOWN, f"checked {c.checked}" if c.checked else None),
    ]
