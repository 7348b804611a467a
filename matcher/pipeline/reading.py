"""What the components know about one ad while they work on it; hung on ``doc._.reading``."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from matcher.cues import NeedCue
from matcher.types import Barrier, Mention, Need, Requirement, Section, SectionKind
from matcher.words import Words


class Segment(NamedTuple):
    """A line, bullet or sentence: words ``first`` to ``last`` (exclusive), in a section."""

    first: int
    last: int
    section: SectionKind
    heading: str | None


class CueHit(NamedTuple):
    """A cue at words ``first`` to ``last`` (exclusive); `opened` is the bracket that it stands in."""

    first: int
    last: int
    cue: NeedCue
    bracketed: bool
    opened: int | None


@dataclass(slots=True)
class Hit:
    """A skill found at words ``first`` to ``last`` (exclusive) of a segment.

    `against` names the rule that speaks against it; without learnt judgement that rule has the last word.
    """

    first: int
    last: int
    start: int
    end: int
    skill: str
    label: str
    type: str
    segment: int
    source: str
    need: Need | None = None
    cue: str | None = None
    level: str | None = None
    years: float | None = None
    group: str | None = None
    against: str | None = None
    score: float = 1.0
    central: float = 0.0

    @property
    def outright(self) -> bool:
        """Whether words of the ad, not its section, say that it is required or preferred."""
        return self.need in ("required", "preferred") and bool(self.cue) and not str(self.cue).startswith("section")


class Tagged(NamedTuple):
    """A span that a model sees in an ad: words ``first`` to ``last`` (exclusive) of a segment; `kind` is ``asked`` or a barrier's."""

    first: int
    last: int
    segment: int
    score: float
    kind: str = "asked"


@dataclass(slots=True)
class Reading:
    """One ad, read: words, segments with their sections, hits, barriers, requirements."""

    text: str
    words: Words
    segments: list[Segment] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    barriers: list[Barrier] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    doubts: list[Hit] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    """Chance of each word to stand in something that is asked for, where a span model has read the ad."""
    needed: list[tuple[float, ...]] = field(default_factory=list)
    """Beside it the chances that this is required, preferred or only implied (`unstated`)."""
    salient: list[tuple[float, float]] = field(default_factory=list)
    """And the chances that it is central to the job, and that it is marginal."""
    tagged: list[Tagged] = field(default_factory=list)
    conditions: list[Tagged] = field(default_factory=list)
    cues: dict[int, list[CueHit]] = field(default_factory=dict)
    requirements: list[Requirement] = field(default_factory=list)

    def segment_at(self, start: int) -> int:
        """Index of the segment that holds or follows the code point `start`."""
        starts = [self.words.start[s.first] if s.first < len(self.words) else len(self.text) for s in self.segments]
        return max(0, bisect_right(starts, start) - 1)

    def mention(self, hit: Hit) -> Mention:
        """The hit as it leaves the pipeline."""
        return Mention(
            hit.start, hit.end, self.text[hit.start : hit.end],
            self.segments[hit.segment].section, hit.cue, hit.source, hit.score, hit.need or "unstated",
        )  # fmt: skip
