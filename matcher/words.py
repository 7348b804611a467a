"""Cut messy text into words, the same way for ads and for the names of skills.

spaCy's own tokens are not used for look-ups: pasted ads glue lines ("experienceSolid knowledge of"),
slashes ("C++/C#") and bullets ("systems•A minimum"), and one cut that serves both sides keeps the
compiled inventories independent of anybody's tokenizer. Offsets are code points of the text as given.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# A word keeps inner . ' & and a trailing + ++ or # (Node.js, bachelor's, R&D, C++, C#); ".NET" keeps its dot.
_WORD = re.compile(
    r"(?<!\w)\.[A-Za-z]\w*"
    r"|[^\W_]+(?:['’.&][^\W_]+)*(?:\+\+|\+(?!\w)|\#)?"
    r"|\n\s*"
    r"|(?<=[a-z]{4})-(?=[A-Z][a-z]{2})|(?<=\))-(?=[A-Z])"
    r"|(?!(?<=\w)[-‐‑](?=\w))[^\w\s]"
)
_GLUE = re.compile(r"(?<=[a-z0-9)])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z]{6})(?=\d)")
# "What we're looking for3+ years"
_NUMBERED = re.compile(r"[A-Za-z]{3,}(?=\d{1,2}\+?(?:\s*(?:-|–|to)\s*\d{1,2})?\+?\s*(?:years?|yrs?|months?)\b)")
_INNER = re.compile(r"[.&]")
_APOSTROPHES = ("'s", "’s")

BREAK = "\n"
"""The norm of a line break, real or lost; a lost one is zero characters wide."""


class Words:
    """The words of a text: three parallel lists.

    Attributes
    ----------
    norm : list of str
        Lower-case form that look-ups use; ``"and"`` for ``&``, possessives without ``'s``.
    start, end : list of int
        Code points in the text; ``text[start[i]:end[i]]`` is the word as written.
    """

    __slots__ = ("end", "norm", "start")

    def __init__(self) -> None:
        self.norm: list[str] = []
        self.start: list[int] = []
        self.end: list[int] = []

    def __len__(self) -> int:
        return len(self.norm)


def cut(text: str, known: Callable[[str], bool] | None = None) -> Words:
    """Cut `text` into words.

    Parameters
    ----------
    text : str
    known : callable, optional
        Says whether a lower-case word stands as such in the inventory; words with inner capitals or
        dots that are not known are taken apart ("experienceSolid", "skills.Java"), since ads lose
        their line breaks when they are pasted. Without it nothing is taken apart.

    Returns
    -------
    Words

    Examples
    --------
    >>> cut("C++/C# & problem-solving").norm
    ['c++', '/', 'c#', 'and', 'problem', 'solving']
    >>> cut("Degree.Knowledge of JavaScriptAjax", {"javascript"}.__contains__).norm
    ['degree', '.', '\\n', 'knowledge', 'of', 'javascript', '\\n', 'ajax']
    """
    words = Words()
    norm, start, end = words.norm, words.start, words.end
    add_norm, add_start, add_end = norm.append, start.append, end.append
    line_start = 0
    for match in _WORD.finditer(text):
        first, last = match.span()
        word = text[first:last]
        if word.isalpha() and word.islower():
            # the common case, and most of the time
            add_norm(word)
            add_start(first)
            add_end(last)
            continue
        low = word.lower()
        if low[-2:] in _APOSTROPHES:
            low = low[:-2]
            last_kept = last - 2
        else:
            last_kept = last
        if low == "&":
            low = "and"
        elif low == "-" and last < len(text) and not text[last].isspace() and not text[first - 1].isspace():
            # a lost bullet: "… optical comparators-Program CMM"; not "Front-End"
            if not norm or text[start[-1]].isupper():
                continue
            low, last_kept = BREAK, first + 1
        elif word[0] == "\n":
            if _soft_wrap(text, line_start, first, last):
                line_start = last
                continue
            line_start = last
            low, last_kept = BREAK, first + 1
        elif (
            known is not None
            and len(word) > 3
            and not word.islower()
            and not word.isupper()
            and (not word[1:].islower() or "." in word or word[-1].isdigit())
            and not known(low)
        ):
            for piece, at in _apart(word, first, known):
                add_norm(piece.lower() if piece != "&" else "and")
                add_start(at)
                add_end(at + len(piece) if piece != BREAK else at)
            continue
        elif known is not None and low[-1] in "0123456789+" and (glued := _NUMBERED.match(text, first)):
            at = glued.end()
            for piece, place in ((text[first:at], first), (BREAK, at), (text[at:last], at)):
                add_norm(piece.lower())
                add_start(place)
                add_end(place + len(piece) if piece != BREAK else place)
            continue
        elif known is not None and "." in low and len(low) > 4 and not known(low):
            for piece, at in _apart(word, first, known):
                add_norm(piece.lower())
                add_start(at)
                add_end(at + len(piece) if piece != BREAK else at)
            continue
        add_norm(low)
        add_start(first)
        add_end(last_kept)
    return words


def _soft_wrap(text: str, line_start: int, first: int, last: int) -> bool:
    """Whether a line break only wraps a long line: one break, a small letter after, no full stop before."""
    return (
        first - line_start >= 60
        and last < len(text)
        and text[last].islower()
        and text[first - 1] not in ".:;!?"
        and text.count("\n", first, last) == 1
    )


def _apart(word: str, offset: int, known: Callable[[str], bool]) -> list[tuple[str, int]]:
    """Take one glued word apart; pieces with their offsets, BREAK where a line break was lost."""
    inner = _INNER.search(word, 1)
    if inner and inner.end() < len(word):
        left, right = word[: inner.start()], word[inner.end() :]
        pieces = [*_apart(left, offset, known), (inner.group(), offset + inner.start())]
        if inner.group() == "." and right[0].isupper() and len(left) > 1:
            pieces.append((BREAK, offset + inner.end()))
        return pieces + _apart(right, offset + inner.end(), known)
    if known(word.lower()) or word.isupper():
        return [(word, offset)]
    cuts = [
        m.start() for m in _GLUE.finditer(word)
        # "doBuild", "usWhat"; "eBay" stays whole
        if (m.start() >= 3 or word[: m.start()] == "Us" or (m.start() == 2 and word[:2].islower() and len(word) > 4)) and (m.start() <= len(word) - 2 or word[-1].isdigit())
    ]  # fmt: skip
    if not cuts or word[cuts[-1] :].lower() in ("s", "qs"):
        return [(word, offset)]
    # the longest known left part wins ("PostgreSQLExperience"), else the first change of case
    at = next((c for c in reversed(cuts) if known(word[:c].lower())), cuts[0])
    return [
        (word[:at], offset),
        (BREAK, offset + at),
        *_apart(word[at:], offset + at, known),
    ]
