"""One exception tree. Every message says what was given, where, what was expected, what to do."""

from __future__ import annotations


class MatcherError(Exception):
    """A bad input or setting that the user can mend.

    Parameters
    ----------
    code : str
        Short stable name, as it stands in ``errors.csv``.
    what : str
        What was given, and where.
    expected : str
        What was expected instead.
    remedy : str
        What to do.

    Examples
    --------
    >>> print(InputError("empty", "ad.txt: holds no text", "a job ad", "paste the ad's words"))
    ad.txt: holds no text; expected a job ad. Try: paste the ad's words
    """

    def __init__(self, code: str, what: str, expected: str, remedy: str) -> None:
        self.code = code
        self.what = what
        self.expected = expected
        self.remedy = remedy
        super().__init__(code, what, expected, remedy)

    def __str__(self) -> str:
        return f"{self.what}; expected {self.expected}. Try: {self.remedy}"


class InputError(MatcherError):
    """A posting, résumé or requirements file that cannot be used."""


class CorpusError(MatcherError):
    """A taxonomy, catalogue or cue file that cannot be used."""


class OutputError(MatcherError):
    """A place that cannot be written to."""


class ModelError(MatcherError):
    """A trained model that is missing or damaged."""
