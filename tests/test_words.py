"""Cutting text into words: every word has its place in the text as given; lines that lost their breaks are found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.words import BREAK, cut

KNOWN = frozenset(
    [
        "java",
        "javascript",
        "postgresql",
        "knowledge",
        "experience",
        "degree",
        "skills",
        "sql",
        "node.js",
        ".net",
        "c++",
        "c#",
        "excel",
        "powerpivot",
        "powerview",
        "github",
        "ios",
        "qa",
        "3d",
        "office365",
        "r&d",
    ]
)
PIECES = st.sampled_from(
    ["experienceSolid", "C++/C#", "Node.js", ".NET", "R&D", "skills.Java", "bachelor’s", "team's", "  ", "\n", "\n\n",
     "\r\n", "•", "- ", "-", "/", "&", " & ", ",", ".", "(3 years)Knowledge", "PostgreSQLExperience", "é", "e\u0301",
     "ß", "İ", "🙂", "\u200b", "日本語", "a_b", "'s", "’s", "SQL", "Java", "iOS", "QAs", "e.g.", "U.S.", "10+", "…", "x"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join))


@pytest.mark.parametrize("known", [None, KNOWN.__contains__])
@given(text=TEXTS)
def test_every_word_is_where_it_says(known, text: str) -> None:
    words = cut(text, known)
    assert len(words) == len(words.norm) == len(words.start) == len(words.end)
    at = 0
    for norm, start, end in zip(words.norm, words.start, words.end, strict=True):
        assert at <= start <= end <= len(text)
        at = end
        written = text[start:end]
        if norm == BREAK:
            assert written in ("", "\n", "-")
        else:
            assert written
            assert written.lower() == norm or (written, norm) == ("&", "and")


@pytest.mark.parametrize("known", [None, KNOWN.__contains__])
@given(text=TEXTS)
def test_no_letter_or_digit_is_lost(known, text: str) -> None:
    words = cut(text, known)
    held = {i for start, end in zip(words.start, words.end, strict=True) for i in range(start, end)}
    lost = [i for i, sign in enumerate(text) if sign.isalnum() and i not in held]
    assert all(text[i] in "sS" and text[i - 1] in "'’" for i in lost), [text[i - 2 : i + 2] for i in lost]


@given(text=TEXTS)
def test_the_cut_is_always_the_same(text: str) -> None:
    assert cut(text, KNOWN.__contains__).norm == cut(text, KNOWN.__contains__).norm


@pytest.mark.parametrize(
    ("text", "norm"),
    [
        ("", []), ("   \t ", []), ("C++, C# & .NET", ["c++", ",", "c#", "and", ".net"]), ("Node.js", ["node.js"]),
        ("R&D", ["r&d"]), ("a bachelor's", ["a", "bachelor"]), ("a bachelor’s", ["a", "bachelor"]),
        ("problem-solving", ["problem", "solving"]), ("Word/Excel", ["word", "/", "excel"]),
        ("PowerPivot/PowerView", ["powerpivot", "/", "powerview"]), ("3+ years", ["3+", "years"]),
        ("one\ntwo", ["one", BREAK, "two"]), ("one\n \n\ttwo", ["one", BREAK, "two"]),
    ],
)  # fmt: skip
def test_words(text: str, norm: list[str]) -> None:
    assert cut(text).norm == norm
    assert cut(text, KNOWN.__contains__).norm == norm


@pytest.mark.parametrize(
    ("text", "norm"),
    [
        ("experienceSolid knowledge", ["experience", BREAK, "solid", "knowledge"]),
        ("a degree.Knowledge of SQL", ["a", "degree", ".", BREAK, "knowledge", "of", "sql"]),
        ("PostgreSQLExperience", ["postgresql", BREAK, "experience"]),
        ("(3 years)Knowledge", ["(", "3", "years", ")", "knowledge"]),
        ("skills.Java", ["skills", ".", BREAK, "java"]),
        ("systems•A minimum", ["systems", "•", "a", "minimum"]),
        ("JavaScript and GitHub", ["javascript", "and", "github"]),
        ("iOS", ["ios"]), ("QAs", ["qas"]), ("McDonald", ["mcdonald"]),
    ],
)  # fmt: skip
def test_lost_line_breaks(text: str, norm: list[str]) -> None:
    assert cut(text, KNOWN.__contains__).norm == norm


def test_nothing_is_taken_apart_without_an_inventory() -> None:
    assert cut("experienceSolid skills.Java").norm == ["experiencesolid", "skills.java"]


def test_a_soft_wrap_is_no_line_end() -> None:
    line = "We are looking for somebody who has worked with large tables and"
    assert BREAK not in cut(f"{line}\nwith people for a while").norm
    assert BREAK in cut(f"{line}.\nWith people for a while").norm
    assert BREAK in cut(f"{line}\n\nwith people for a while").norm
