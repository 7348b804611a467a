"""The nouns of the project: small frozen dataclasses that cross every border.

The way of the data is ``text -> Posting -> Requirement (with its Mentions) -> Ranking``.
Offsets are code points into ``Posting.text``; the text is never rewritten after it was read, so
``posting.text[m.start:m.end]`` is always what the ad says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

SkillType = Literal["tool", "knowledge", "hard", "soft", "language", "credential"]
Need = Literal["required", "preferred", "unstated", "not_required"]
Relation = Literal["exact", "part_of", "broader"]
Assessment = Literal["practical", "exam", "quiz", "taught", "mentioned", "unknown"]
BarrierKind = Literal["degree", "years", "licence", "clearance", "citizenship", "age", "driving", "other"]
SectionKind = Literal[
    "title", "about", "duties", "requirements", "preferred", "not_required", "benefits", "legal", "apply", "none"
]

Mode = Literal["fast", "accurate"]
"""How an ad is read: by the inventory and a judgement over rules alone, or by an encoder too."""

SKILL_TYPES: tuple[SkillType, ...] = (
    "tool", "knowledge", "hard", "soft", "language", "credential",
)  # fmt: skip
ASSESSMENTS: tuple[Assessment, ...] = (
    "practical", "exam", "quiz", "taught", "mentioned", "unknown",
)  # fmt: skip
ISSUER_KINDS = ("platform", "university", "association", "vendor")
BARRIER_KINDS: tuple[BarrierKind, ...] = (
    "degree", "years", "licence", "clearance", "citizenship", "age", "driving", "other",
)  # fmt: skip
PROPER_TYPES: frozenset[SkillType] = frozenset({"tool", "language", "credential"})
"""Types whose skills have proper names: one thing under any of them, and no phrase that only comes near."""
ASKS_NOTHING: frozenset[SectionKind] = frozenset({"benefits", "legal", "apply"})
"""Sections that ask nothing of an applicant."""
CREDENTIAL_TYPES = (
    "badge", "certificate", "professional_certificate", "certification", "award",
    "microcredential", "card", "degree",
)  # fmt: skip
CREDENTIAL_ASSESSMENTS = (
    "project", "portfolio", "practical", "proctored exam", "exam", "quiz", "attendance",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posting:
    """One job ad as it was read; `text` is what every offset points into, `by` what a batch groups by."""

    id: str
    text: str
    title: str | None = None
    source: str = "-"
    language: str | None = "en"
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Skill:
    """One entry of a taxonomy."""

    id: str
    label: str
    type: SkillType = "hard"
    aliases: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    uri: str | None = None
    note: str | None = None
    field: str | None = None
    group: bool = False
    """A heading of the hierarchy (ESCO's skill groups): never looked for in an ad, never linked to."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of an ad under one heading (or recognised without one)."""

    kind: SectionKind
    start: int
    end: int
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where the ad asks for something, with the words (`cue`) that decided its need."""

    start: int
    end: int
    text: str
    section: SectionKind
    cue: str | None
    source: str
    score: float = 1.0
    need: Need = "unstated"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A span that a trained model proposes; `start` and `end` point into the text it was given.

    Attributes
    ----------
    score : float
        How probable the model holds it, 0 to 1, of its weakest word.
    """

    start: int
    end: int
    layer: Literal["skill", "knowledge"]
    score: float


@dataclass(frozen=True, slots=True)
class Requirement:
    """What the employer asks of the applicant, gathered over all its mentions.

    Attributes
    ----------
    skill : str or None
        Id in the taxonomy in use; None where the taxonomy does not have it.
    weight : float
        Need × salience (`matcher.ranking.policy`); 0 for ``not_required``.
    gap : float
        1 if the person does not have it, 0 if they do.
    group : str or None
        The same string on the alternatives of one "X or Y".
    central : float
        A model's chance that it is central to the job, less the chance that it is marginal; 0 where no
        model has read the ad.
    """

    id: str
    skill: str | None
    label: str
    type: SkillType
    need: Need
    mentions: tuple[Mention, ...]
    weight: float = 0.0
    gap: float = 1.0
    level: str | None = None
    years: float | None = None
    group: str | None = None
    central: float = 0.0


@dataclass(frozen=True, slots=True)
class Barrier:
    """Something the ad asks for that no short credential gives."""

    kind: BarrierKind
    need: Need
    text: str
    start: int
    end: int
    detail: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A credential that the ad itself names; `credential` is None if the catalogue does not have it."""

    credential: str | None
    need: Need
    start: int
    end: int
    text: str
    name: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a credential covers, in our words, and how it is shown."""

    skill: str
    assessment: Assessment
    text: str | None = None
    inferred: bool = False
    """Linked by us from the provider's words; never shown as declared by the issuer."""
    score: float | None = None
    """How sure such a link is; None where nothing was linked."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts about a credential come from."""

    url: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credential:
    """One real micro-credential; what is not known is None or empty, never guessed."""

    id: str
    name: str
    issuer: str | None = None
    issuer_kind: str | None = None
    url: str | None = None
    issuer_term: str | None = None
    type: str | None = None
    hours: float | None = None
    hours_note: str | None = None
    cost: float | None = None
    currency: str | None = None
    cost_note: str | None = None
    level: str | None = None
    level_note: str | None = None
    assessment: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    mode: tuple[str, ...] = ()
    eligibility: str | None = None
    prerequisite: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()
    validity: str | None = None
    validity_years: float | None = None
    status: str = "unknown"
    as_of: str | None = None
    checked: str | None = None
    description: str | None = None
    sources: tuple[Source, ...] = ()
    recognised_by: tuple[tuple[str, str], ...] = ()
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Cover:
    """One row of a score: this credential covers that requirement, so much, and why."""

    requirement: str
    skill: str
    relation: Relation
    assessment: Assessment
    credit: float
    credit_high: float
    share: float
    outcome: str | None
    outcome_skill: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A credential in its place; `score` is the sum of the shares of `covers`.

    `repeats` are requirements that it covers and that the person has: they add nothing.
    """

    rank: int
    credential: Credential
    score: float
    score_high: float
    focus: float
    covers: tuple[Cover, ...]
    related: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warning_:
    """Something the reader of a report has to know."""

    code: str
    message: str


class Country(NamedTuple):
    """The country that an ad is from (ISO 3166), and its words that show it, the telling ones first."""

    code: str
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an ad asks for: the result of `matcher.extract`."""

    posting: Posting
    requirements: tuple[Requirement, ...]
    barriers: tuple[Barrier, ...]
    asked_for: tuple[AskedFor, ...] = ()
    sections: tuple[Section, ...] = ()
    warnings: tuple[Warning_, ...] = ()
    country: Country | None = None


@dataclass(frozen=True, slots=True)
class Stability:
    """How much the order hangs on the numbers of the policy, drawn anew `draws` times.

    Attributes
    ----------
    tau, tau_low : float
        Kendall's tau of the first ten with the order shown: its mean, and what 95 % of the draws reach.
    first : tuple of (str, float)
        Credentials by the share of the draws in which they come first.
    rival : str or None
        Where the first place is not robust: who takes it most often.
    """

    draws: int
    tau: float
    tau_low: float
    first: tuple[tuple[str, float], ...]
    robust: bool
    rival: str | None
    rival_name: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands before an ad, by what they say they have; nothing else is known of them.

    Attributes
    ----------
    share : float
        Part of the weighed requirements that they have.
    case : {'newcomer', 'partly', 'experienced'}
        Little, some, or most of what is asked is held (`matcher.ranking.weights`).
    """

    share: float
    case: Literal["newcomer", "partly", "experienced"]


@dataclass(frozen=True, slots=True)
class Report:
    """An ad and its ranked credentials: the result of `matcher.match`."""

    posting: Posting
    requirements: tuple[Requirement, ...]
    barriers: tuple[Barrier, ...]
    asked_for: tuple[AskedFor, ...]
    ranking: tuple[Ranked, ...]
    uncovered: tuple[str, ...]
    warnings: tuple[Warning_, ...] = ()
    sections: tuple[Section, ...] = field(default=(), repr=False)
    country: Country | None = None
    stability: Stability | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Ad:
    """What a plan over many ads needs of one of them.

    Attributes
    ----------
    requirements : tuple of Requirement
        Weighed, with their gaps.
    text : str or None
        None where only the tables of a batch are at hand.
    country : str or None
        ISO 3166 code, where the ad shows it.
    """

    id: str
    requirements: tuple[Requirement, ...]
    barriers: tuple[tuple[BarrierKind, Need, str], ...] = ()
    text: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One requirement over all ads: a skill, or the alternatives of one "X or Y".

    Attributes
    ----------
    skills : tuple of (str or None)
        In the order of `labels`; None where the taxonomy does not have it.
    needs : tuple of (Need, int)
        How many ads ask for it with which need.
    weight : float
        Sum of its weights in the ads that ask, over the number of all ads: it carries the share of ads.
    gap : float
        Part of the weight that the person does not have.
    """

    id: str
    skills: tuple[str | None, ...]
    labels: tuple[str, ...]
    type: SkillType
    needs: tuple[tuple[Need, int], ...]
    ads: int
    weight: float
    gap: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """How many of these very ads name a credential, its issuer as an awarding body, a product of its issuer."""

    credential: str
    named: int
    issuer: int
    product: int


@dataclass(frozen=True, slots=True)
class Step:
    """One credential of a plan; `gain` is what it adds to those before it, the sum of the shares of `covers`.

    Attributes
    ----------
    repeats : tuple of (str, int)
        Requirements that it covers no better than step n already does; 0: the person has it.
    after : tuple of str
        Credentials of the catalogue that have to come first.
    """

    number: int
    credential: Credential
    gain: float
    coverage: float
    covers: tuple[Cover, ...]
    repeats: tuple[tuple[str, int], ...] = ()
    after: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stack:
    """Credentials of a plan that count towards another one, and whose word that is."""

    towards: str
    name: str
    members: tuple[str, ...]
    others: tuple[str, ...]
    relation: Literal["part_of", "leads_to"]
    source: str | None
    as_of: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a front: no set of the same or less effort was found that covers more."""

    effort: float
    coverage: float
    credentials: tuple[str, ...]
    exact: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Front:
    """Coverage against hours, or against cost in one currency."""

    unit: str
    points: tuple[Point, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class Barred:
    """What only a degree, a licence or years can give, and how many ads ask it."""

    kind: BarrierKind
    ads: int
    required: int
    example: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan has to stay within; None: no limit.

    Attributes
    ----------
    currency : str or None
        Of the budget. A cost in another currency is unknown, it is never converted.
    unknown : {'include', 'leave-out'}
        What becomes of credentials whose hours or cost, where limited, are not known.
    must_include : tuple of str
        At least one of each: ``project``, ``free``, ``online`` or a kind of issuer.
    holds : tuple of str
        Ids of credentials that the person has: not planned again, done as prerequisites.
    """

    number: int | None = None
    hours: float | None = None
    budget: float | None = None
    currency: str | None = None
    unknown: Literal["include", "leave-out"] = "leave-out"
    must_include: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """How a set was found: ``exact`` (proved) or ``greedy``, and what no set can exceed."""

    name: Literal["exact", "greedy"]
    bound: float
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The set of credentials that together cover most of what ads ask: the result of `matcher.plan`."""

    ads: int
    duplicates: int
    asks: tuple[Ask, ...]
    limits: Limits
    method: Method
    steps: tuple[Step, ...]
    coverage: float
    coverage_high: float
    hours: float
    hours_unknown: int
    costs: tuple[tuple[str, float], ...]
    costs_unknown: int
    considered: int
    uncovered: tuple[str, ...]
    not_chosen: tuple[str, ...]
    stacks: tuple[Stack, ...]
    fronts: tuple[Front, ...]
    ranking: tuple[Ranked, ...]
    recognition: tuple[Recognition, ...]
    barriers: tuple[Barred, ...]
    countries: tuple[tuple[str, int], ...] = ()
    warnings: tuple[Warning_, ...] = ()
    standing: Standing | None = None
