"""The nouns of the project: small frozen dataclasses that cross every border.

The way of the data is ``text -> Posting -> Requirement (with its Mentions) -> Ranking``.
Offsets are code points into ``Posting.text``; the text is never rewritten after it was read, so
``posting.text[m.start:m.end]`` is always what the ad says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SkillType = Literal["tool", "knowledge", "hard", "soft", "language", "credential"]
Need = Literal["required", "preferred", "unstated", "not_required"]
Relation = Literal["exact", "part_of", "broader"]
Assessment = Literal["practical", "exam", "quiz", "taught", "mentioned", "unknown"]
BarrierKind = Literal["degree", "years", "licence", "clearance", "citizenship", "age", "driving", "other"]
SectionKind = Literal[
    "title", "about", "duties", "requirements", "preferred", "not_required", "benefits", "legal", "apply", "none"
]

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
CREDENTIAL_TYPES = (
    "badge", "certificate", "professional_certificate", "certification", "award",
    "microcredential", "card",
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
    """A credential in its place; `score` is the sum of the shares of `covers`."""

    rank: int
    credential: Credential
    score: float
    score_high: float
    focus: float
    covers: tuple[Cover, ...]
    related: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warning_:
    """Something the reader of a report has to know."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Extraction:
    """What an ad asks for: the result of `matcher.extract`."""

    posting: Posting
    requirements: tuple[Requirement, ...]
    barriers: tuple[Barrier, ...]
    asked_for: tuple[AskedFor, ...] = ()
    sections: tuple[Section, ...] = ()
    warnings: tuple[Warning_, ...] = ()


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
