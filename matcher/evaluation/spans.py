"""Exact-match span F1 on sentences in SkillSpan's format: tokens, with B, I and O of two layers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matcher.errors import InputError

COLUMNS = {"skill": "tags_skill", "knowledge": "tags_knowledge"}
_CODES = {"O": 0, "B": 1, "I": 2}


class Tagged(NamedTuple):
    """One sentence: its words, a tag a word in each layer (0 O, 1 B, 2 I), and the ad it stands in."""

    words: list[str]
    tags: dict[str, list[int]]
    ad: str


def read_tagged(path: Path, columns: dict[str, str] | None = None) -> list[Tagged]:
    """Read sentences in SkillSpan's format.

    Parameters
    ----------
    path : Path
        JSON, a list of objects or one a line: ``tokens``, ``tags_skill``, ``tags_knowledge``, and ``idx``
        and ``source`` where known.
    columns : dict, optional
        Which field holds the tags of which layer.

    Returns
    -------
    list of Tagged

    Raises
    ------
    InputError
        If the file cannot be read or a line is not of this form.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(f"{path}: {'not UTF-8' if isinstance(error, UnicodeDecodeError) else error.strerror}") from error
    whole = text.lstrip().startswith("[")
    try:
        rows = json.loads(text) if whole else None
    except json.JSONDecodeError as error:
        raise _wrong(f"{path}: not JSON ({error})") from error
    out: list[Tagged] = []
    for number, item in enumerate(rows if rows is not None else text.split("\n"), 1):
        where = f"{path}, {'item' if whole else 'line'} {number}"
        if isinstance(item, str) and not whole:
            if not item.strip():
                continue
            try:
                item = json.loads(item)
            except json.JSONDecodeError as error:
                raise _wrong(f"{where}: not JSON ({error.msg})") from error
        sentence = _tagged(item, columns or COLUMNS, where)
        if sentence.words:
            out.append(sentence)
    if not out:
        raise _wrong(f"{path}: holds no sentences")
    return out


def _tagged(row: Any, columns: dict[str, str], where: str) -> Tagged:
    """One sentence, its tokens of mere space left out."""
    words = row.get("tokens") if isinstance(row, dict) else None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise _wrong(f"{where}: has no list `tokens`")
    kept = [i for i, word in enumerate(words) if word.strip()]
    tags: dict[str, list[int]] = {}
    for layer, name in columns.items():
        given = row.get(name)
        if not isinstance(given, list) or len(given) != len(words):
            raise _wrong(f"{where}: `{name}` is not a list as long as `tokens`")
        codes = [_CODES.get(str(tag).partition("-")[0]) for tag in given]
        if None in codes:
            raise _wrong(f"{where}: `{name}` holds {given[codes.index(None)]!r}")
        tags[layer] = [code for i in kept if (code := codes[i]) is not None]
    return Tagged([words[i] for i in kept], tags, f"{row.get('source', '')}-{row.get('idx', '')}")


def _wrong(what: str) -> InputError:
    return InputError(
        "spans", what, "sentences with `tokens`, `tags_skill` and `tags_knowledge`, each tag O, B or I",
        "give a file in SkillSpan's format",
    )  # fmt: skip


def spans_of(tags: Sequence[int]) -> list[tuple[int, int]]:
    """Spans of a sequence of tags; an I after an O begins one.

    Examples
    --------
    >>> spans_of([1, 2, 0, 1, 1])
    [(0, 2), (3, 4), (4, 5)]
    """
    out: list[tuple[int, int]] = []
    before = 0
    for i, tag in enumerate(tags):
        if tag == 1 or (tag == 2 and before == 0):
            out.append((i, i + 1))
        elif tag == 2:
            out[-1] = (out[-1][0], i + 1)
        before = tag
    return out


def evaluate_spans(
    path: Path, tag: Callable[[Sequence[Sequence[str]]], Sequence[Sequence[tuple[int, int, int, float]]]]
) -> dict[str, Any]:
    """Precision, recall and F1 of exact spans, micro over all sentences.

    Parameters
    ----------
    path : Path
        Sentences in SkillSpan's format.
    tag : callable
        What `matcher.pipeline.proposals.SpanModel.tag` does: words to ``(first, last, layer, score)``.

    Returns
    -------
    dict
        ``{"skill": {"precision", "recall", "f1"}, "knowledge": {…}, "sentences"}``
    """
    gold = read_tagged(path)
    found = tag([sentence.words for sentence in gold])
    figures: dict[str, Any] = {}
    for k, layer in enumerate(COLUMNS):
        right = given = asked = 0
        for sentence, spans in zip(gold, found, strict=True):
            theirs = set(spans_of(sentence.tags[layer]))
            ours = {(first, last) for first, last, of, _ in spans if of == k}
            right, given, asked = right + len(ours & theirs), given + len(ours), asked + len(theirs)
        figures[layer] = {
            "precision": round(right / given, 4) if given else 0.0,
            "recall": round(right / asked, 4) if asked else 0.0,
            "f1": round(2 * right / (given + asked), 4) if given + asked else 0.0,
        }
    figures["sentences"] = len(gold)
    return figures
