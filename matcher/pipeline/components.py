"""The reading functions as spaCy components, for anybody's own `nlp`.

matcher itself calls the functions directly: they need no tokens of spaCy's, and making a `Doc` would
take more time than all of them together (``BENCHMARKS.md``). A test asserts that both give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from matcher.pipeline import asked
from matcher.pipeline.barriers import read_barriers
from matcher.pipeline.needs import decide_needs, gather
from matcher.pipeline.sections import read_sections
from matcher.pipeline.skills import read_skills
from matcher.pipeline.spans import read_spans
from matcher.taxonomy import load

if not Doc.has_extension("reading"):
    Doc.set_extension("reading", default=None)

COMPONENTS = ("matcher_sections", "matcher_barriers", "matcher_skills", "matcher_needs")


def add_to(nlp: Language, taxonomy: Sequence[str | Path] = ("bundled",)) -> Language:
    """Add the four components to a pipeline, in order.

    Parameters
    ----------
    nlp : Language
        Any English pipeline; nothing that it holds is needed.
    taxonomy : sequence of str or Path
        As in `matcher.taxonomy.load`.

    Returns
    -------
    Language
        The same `nlp`. Its docs carry ``doc.spans["sections"]`` (label the kind),
        ``doc.spans["barriers"]`` (label the kind) and ``doc.spans["skills"]`` (label the need,
        ``kb_id_`` the skill), aligned to tokens; exact offsets stand in ``doc._.reading``.

    Examples
    --------
    >>> import spacy
    >>> from matcher.pipeline.components import add_to
    >>> doc = add_to(spacy.blank("en"))("Requirements: Excel and SQL. French is a plus.")
    >>> [(span.text, span.label_, span.kb_id_) for span in doc.spans["skills"]]
    [('Excel', 'required', 'microsoft-excel'), ('SQL', 'required', 'sql'), ('French', 'preferred', 'french')]
    """
    names = [str(path) for path in taxonomy]
    for component in COMPONENTS:
        nlp.add_pipe(component, config={"taxonomy": names} if component != "matcher_barriers" else {})
    return nlp


def _spans(doc: Doc, name: str, places: Iterable[tuple[int, int, str, str]]) -> None:
    """Write a span group; the tokens that the code points touch."""
    found = (doc.char_span(a, b, label=label, kb_id=kb, alignment_mode="expand") for a, b, label, kb in places)
    doc.spans[name] = [span for span in found if isinstance(span, Span)]


@Language.factory("matcher_sections", assigns=["doc._.reading", "doc.spans"], default_config={"taxonomy": ["bundled"]})
def make_sections(nlp: Language, name: str, taxonomy: list[str]) -> Callable[[Doc], Doc]:
    """Make the component that finds sections."""
    known = load(taxonomy).vocabulary.__contains__

    def sections(doc: Doc) -> Doc:
        reading = doc._.reading = read_sections(doc.text, known)
        _spans(doc, "sections", ((s.start, s.end, s.kind, "") for s in reading.sections))
        return doc

    return sections


@Language.factory("matcher_barriers", requires=["doc._.reading"], assigns=["doc.spans"])
def make_barriers(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """Make the component that finds barriers."""

    def barriers(doc: Doc) -> Doc:
        read_barriers(doc._.reading)
        _spans(doc, "barriers", ((b.start, b.end, b.kind, "") for b in doc._.reading.barriers))
        return doc

    return barriers


@Language.factory("matcher_skills", requires=["doc._.reading"], default_config={"taxonomy": ["bundled"]})
def make_skills(nlp: Language, name: str, taxonomy: list[str]) -> Callable[[Doc], Doc]:
    """Make the component that finds skills."""
    inventory = load(taxonomy)

    def skills(doc: Doc) -> Doc:
        read_skills(doc._.reading, inventory)
        read_spans(doc._.reading, inventory)
        return doc

    return skills


@Language.factory(
    "matcher_needs", requires=["doc._.reading"], assigns=["doc.spans"], default_config={"taxonomy": ["bundled"]}
)
def make_needs(nlp: Language, name: str, taxonomy: list[str]) -> Callable[[Doc], Doc]:
    """Make the component that decides needs, keeps what is asked for and gathers requirements."""
    inventory = load(taxonomy)
    judge = asked.load()

    def needs(doc: Doc) -> Doc:
        reading = doc._.reading
        decide_needs(reading)
        reading.hits = judge.keep(reading, reading.hits, inventory)
        gather(reading)
        _spans(doc, "skills", ((h.start, h.end, h.need or "", h.skill) for h in doc._.reading.hits))
        return doc

    return needs
