"""Skills that a provider names in words -> skills of the taxonomy, each with how sure that is.

The one place where words become skills when credentials are brought in. `link` looks names up; a learnt
linker takes its place there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from matcher.taxonomy import Taxonomy
from matcher.types import Assessment, Credential, Outcome
from matcher.words import cut

Kind = Literal["tag", "title", "prose"]
SKILL_URN = "urn:matcher:skill:"

# Ordered by how often such a look-up is right, not measured: an ordinal that a threshold can be put on.
LABEL, ALIAS, AMBIGUOUS, WITHIN, TITLE, PROSE = 1.0, 0.95, 0.8, 0.7, 0.7, 0.5
_LONGEST = 5000


class Link(NamedTuple):
    """A skill that words stand for."""

    skill: str
    score: float
    whole: bool
    """Whether the words are the skill's name, not words among which a name stands."""


@dataclass(frozen=True)
class Claim:
    """A skill as a record names it: an alignment, a competency, a tag."""

    words: str
    text: str | None = None
    uri: str | None = None
    assessment: Assessment = "unknown"
    declared: bool = False
    """Whether the issuer says that the credential shows just this skill (an alignment, a competency)."""
    language: str | None = None


@dataclass
class Linker:
    """Looks words up in a taxonomy and remembers what it found: providers repeat their tags."""

    taxonomy: Taxonomy
    unknown: set[str] = field(default_factory=set)
    _seen: dict[tuple[str, Kind, bool], tuple[Link, ...]] = field(default_factory=dict)

    def link(self, words: str, kind: Kind, language: str | None = None) -> tuple[Link, ...]:
        """The skills that words stand for, the surest first.

        Words in another language than English name only tools: what stands there of other skills in
        English words is mostly a chance likeness.
        """
        english = language is None or language.lower().startswith("en")
        key = (words, kind, english)
        found = self._seen.get(key)
        if found is None:
            found = tuple(
                link
                for link in _look_up(words[:_LONGEST], kind, self.taxonomy)
                if english or self.taxonomy.brief[link.skill].type == "tool"
            )
            if kind != "prose":
                self._seen[key] = found
        return found

    def outcomes(
        self, claims: Iterable[Claim], title: str | None, prose: Sequence[tuple[str, str | None]] = ()
    ) -> tuple[Outcome, ...]:
        """What a credential covers, from what its record says: declared skills first, then what is inferred.

        Parameters
        ----------
        claims : iterable of Claim
        title : str, optional
        prose : sequence of (str, str or None)
            Texts that describe it, with their languages; skills found there count as mentioned.
        """
        found: dict[str, Outcome] = {}
        later: list[Outcome] = []
        for claim in claims:
            declared, inferred = self._of_claim(claim)
            for outcome in declared:
                found.setdefault(outcome.skill, outcome)
            later.extend(inferred)
        for outcome in later:
            found.setdefault(outcome.skill, outcome)
        if title:
            for link in self.link(title, "title"):
                found.setdefault(link.skill, Outcome(link.skill, "unknown", title, True, link.score))
        for text, language in prose:
            for link in self.link(text, "prose", language):
                found.setdefault(link.skill, Outcome(link.skill, "mentioned", text[:200], True, link.score))
        return tuple(found.values())

    def _of_claim(self, claim: Claim) -> tuple[list[Outcome], list[Outcome]]:
        """Declared and inferred outcomes of one claim."""
        shown = claim.text or claim.words
        skill = self._named(claim)
        if skill is not None:
            return [Outcome(skill, claim.assessment, shown)], []
        links = self.link(claim.words, "tag", claim.language) if claim.words else ()
        if claim.declared and links and links[0].whole:
            return [Outcome(links[0].skill, claim.assessment, shown)], []
        inferred = [Outcome(link.skill, claim.assessment, shown, True, link.score) for link in links]
        if not links and claim.text:
            inferred = [
                Outcome(link.skill, claim.assessment, claim.text, True, link.score)
                for link in self.link(claim.text, "prose", claim.language)
            ]
        if not inferred:
            self.unknown.add(claim.words or claim.uri or "")
        return [], inferred

    def _named(self, claim: Claim) -> str | None:
        """The skill that a claim names by id or URI."""
        if claim.uri:
            if claim.uri.startswith(SKILL_URN):
                id = claim.uri.removeprefix(SKILL_URN)
                return id if id in self.taxonomy.brief else None
            return self.taxonomy.by_uri(claim.uri)
        return None


def _look_up(words: str, kind: Kind, taxonomy: Taxonomy) -> list[Link]:
    """The gazetteer's answer: the seam at which a learnt linker (`matcher.linking`) is asked instead."""
    from matcher.pipeline.skills import names_in

    if kind == "tag":
        phrase = taxonomy.find(cut(words, taxonomy.vocabulary.__contains__).norm)
        if phrase is not None:
            same = phrase.surface.lower() == taxonomy.brief[phrase.skill].label.lower()
            score = AMBIGUOUS if phrase.ambiguous else LABEL if same else ALIAS
            return [Link(phrase.skill, score, True)]
    score = {"tag": WITHIN, "title": TITLE, "prose": PROSE}[kind]
    return [Link(skill, score, False) for skill in names_in(words, taxonomy)]


def relink(credentials: Sequence[Credential], taxonomy: Taxonomy) -> list[Credential]:
    """The same with outcomes on skills of the taxonomy in use.

    An outcome whose skill it does not have (our ids under ESCO) goes to the concept that the bundled
    crosswalk names, else to one of the same name, and is marked inferred; without either it stays as it
    is and covers nothing.
    """
    strange = {o.skill for c in credentials for o in c.outcomes if o.skill not in taxonomy}
    if not strange:
        return list(credentials)
    from matcher.taxonomy import load

    bundled = load()
    linker = Linker(taxonomy)
    to: dict[str, tuple[str, float]] = {}
    for id in strange:
        if id not in bundled:
            continue
        uris = [(code, match) for scheme, code, match in bundled.crosswalk(id) if scheme == "esco" and match in ("exact", "close")]  # fmt: skip
        walked = next(((there, match) for uri, match in uris if (there := taxonomy.by_uri(uri))), None)
        if walked:
            to[id] = (walked[0], 1.0 if walked[1] == "exact" else 0.9)
            continue
        skill = bundled.skill(id)
        links = [link for name in (skill.label, *skill.aliases) for link in linker.link(name, "tag") if link.whole]
        if links:
            best = max(links, key=lambda link: link.score)
            to[id] = (best.skill, best.score)
    if not to:
        return list(credentials)
    return [
        replace(
            c,
            outcomes=tuple(
                Outcome(to[o.skill][0], o.assessment, o.text, True, to[o.skill][1]) if o.skill in to else o
                for o in c.outcomes
            ),
        )
        for c in credentials
    ]
