"""Which country an ad is from, where it shows: its currency, its places, words that only one country uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from matcher import cues
from matcher.types import Country
from matcher.words import cut

ENOUGH = 2
"""Points that a country needs: one cue that decides alone, or two hints."""


def country_of(text: str, words: Iterable[str] | None = None) -> Country | None:
    """The country of an ad, or None where it does not show or the cues disagree.

    Every cue of ``corpora/cues/countries.csv`` counts once, however often it stands there. A country
    has to have `ENOUGH` points and more than any other.

    Parameters
    ----------
    text : str
    words : iterable of str, optional
        The words of the text in lower case, where they are known already.

    Examples
    --------
    >>> country_of("Teaching assistant, £21,500 pro rata. GCSE English needed.")
    Country(code='GB', cues=('£', 'GCSE', 'pro rata'))
    >>> country_of("Baker wanted.") is None
    True
    """
    # phrases go over the ends of lines; all else stays in its place
    flat = text.replace("\n", " ")
    low = flat.lower()
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    by_word = cues.countries()
    known = by_word.keys() & set(cut(text).norm if words is None else words)
    # a cue may be under two of the words
    near = dict.fromkeys((*by_word[""], *(cue for word in sorted(known) for cue in by_word[word])))
    for cue in near:
        at = _place(low if cue.kind == "any" else flat, cue)
        if at is not None:
            found[cue.country].append((cue.weight, flat[at : at + len(cue.words)]))
    points = {country: sum(weight for weight, _ in rows) for country, rows in found.items()}
    best = max(points, key=lambda country: points[country], default=None)
    if best is None or points[best] < ENOUGH or sum(value == points[best] for value in points.values()) > 1:
        return None
    ordered = sorted(found[best], key=lambda row: (-row[0], flat.find(row[1])))
    return Country(best, tuple(dict.fromkeys(cue for _, cue in ordered)))


def _place(text: str, cue: cues.CountryCue) -> int | None:
    """Where a cue stands as words of its own; a plain search, since all cues are looked for in every ad."""
    words = f", {cue.words}" if cue.kind == "state" else cue.words
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        before, after = text[at - 1 : at], text[end : end + 2]
        whole = not (before.isalnum() and words[0].isalnum()) and not (after[:1].isalnum() and words[-1].isalnum())
        if cue.kind == "state":
            if before.islower() and not after[:1].isalnum():
                return end - len(cue.words)
        elif cue.kind == "sign":
            amount_before = text[max(0, at - 2) : at].strip()[-1:]
            if after.strip()[:1].isdigit() and not (before.isalpha() and words[0].isalpha()):
                return at
            if not after[:1].isalpha() and (amount_before.isdigit() or amount_before in ("k", "K")):
                return at
        elif whole:
            return at
        at = text.find(words, at + 1)
    return None
