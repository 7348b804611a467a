"""Recognition measured: how many of some ads name a credential, its issuer as an awarding body, its product.

Columns beside a ranking, never a part of a score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from matcher import cues
from matcher.catalogue import Catalogue
from matcher.ranking.directness import named_in
from matcher.types import Ad, Credential, Recognition
from matcher.words import cut

_NEAR = 4
"""Words between an issuer's name and a word that makes it an awarding body."""


def count_recognition(
    ads: Sequence[Ad], credentials: Sequence[Credential], catalogue: Catalogue
) -> tuple[Recognition, ...]:
    """Count in how many ads each credential is recognised, by what the ads say.

    Parameters
    ----------
    ads : sequence of Ad
    credentials : sequence of Credential
        Those to count for.
    catalogue : Catalogue

    Returns
    -------
    tuple of Recognition
        For each credential, in how many ads: ``named``, the ad asks for this very credential by name
        (as under "asked for"); ``issuer``, the ad's words name the issuer in a certificate that it
        asks for, or beside a word such as "certified" (``corpora/cues/words.csv``); ``product``,
        they name a tool that bears the issuer's name. Where an ad's text is not at hand (a batch's
        tables), the words of its requirements are looked at alone.
    """
    named: Counter[str] = Counter()
    bodies: Counter[str] = Counter()
    products: Counter[str] = Counter()
    wanted = {c.id for c in credentials}
    # first word -> (words of a name, issuer)
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for issuer in sorted({c.issuer for c in credentials if c.issuer}):
        for name in _names(issuer):
            table.setdefault(name[0], []).append((name, issuer))
    for ad in ads:
        named.update(wanted & {id for r in ad.requirements for id in named_in(r, catalogue)})
        awarding: set[str] = set()
        product: set[str] = set()
        for r in ad.requirements:
            if r.type not in ("credential", "tool") or r.need == "not_required":
                continue
            for m in r.mentions:
                names = {issuer for _, _, issuer in _found(cut(m.text).norm, table)}
                (awarding if r.type == "credential" else product).update(names)
            if r.type == "tool":
                product.update(issuer for at, _, issuer in _found(cut(r.label).norm, table) if at == 0)
        if ad.text is not None:
            awarding.update(_beside(cut(ad.text).norm, table))
        bodies.update(awarding)
        products.update(product)
    return tuple(Recognition(c.id, named[c.id], bodies[c.issuer or ""], products[c.issuer or ""]) for c in credentials)


def _names(issuer: str) -> Iterator[tuple[str, ...]]:
    """The words of a name without what is in brackets, and what is in brackets if it is an abbreviation."""
    before, opened, inside = issuer.partition("(")
    if not opened or not before.strip():
        if full := tuple(cut(issuer).norm):
            yield full
        return
    if words := tuple(cut(before).norm):
        yield words
    short = inside.partition(")")[0]
    if short.isupper() and (words := tuple(cut(short).norm)):
        yield words


def _found(words: Sequence[str], table: dict[str, list[tuple[tuple[str, ...], str]]]) -> Iterator[tuple[int, int, str]]:
    """Issuers that some words name: (first word, word after the last, issuer)."""
    for at, word in enumerate(words):
        for name, issuer in table.get(word, ()):
            if tuple(words[at : at + len(name)]) == name:
                yield at, at + len(name), issuer


def _beside(words: Sequence[str], table: dict[str, list[tuple[tuple[str, ...], str]]]) -> Iterator[str]:
    """Issuers with a word of awarding near by."""
    awarding = cues.words("awarding")
    for begin, end, issuer in _found(words, table):
        if awarding.intersection((*words[max(0, begin - _NEAR) : begin], *words[end : end + _NEAR])):
            yield issuer
