"""Whole ads against gold: skills by label and by evidence, needs, barriers, traps."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from matcher.errors import InputError
from matcher.types import Extraction, Posting, Requirement

NEEDS = ("required", "preferred", "unstated")


def label_words(label: str) -> tuple[str, ...]:
    """The words of a label; case, plural s, brackets and punctuation aside.

    >>> label_words("Search engines (SEO)")
    ('search', 'engine', 'seo')
    """
    words = re.findall(r"[^\W_]+[+#]*", label.lower())
    return tuple(w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in words)


def same_label(one: str, others: Iterable[str]) -> bool:
    """Whether a label says the same as one of `others`: same words, or one holds the other (two words or more)."""
    mine = label_words(one)
    bare = label_words(re.sub(r"\([^)]*\)", " ", one))
    for other in others:
        theirs = label_words(other)
        their_bare = label_words(re.sub(r"\([^)]*\)", " ", other))
        if mine in (theirs, their_bare) or bare in (their_bare, theirs):
            return True
        short, long = sorted((bare, their_bare), key=len)
        if len(short) >= 2 and any(long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1)):
            return True
    return False


def overlaps(a: Sequence[int], b: Sequence[int]) -> bool:
    """At least half of the shorter lies in the other, neither over four times as long as the other."""
    common = min(a[1], b[1]) - max(a[0], b[0])
    short, long = sorted((a[1] - a[0], b[1] - b[0]))
    return short > 0 and common * 2 >= short and long <= 4 * short


def _touches(a: Sequence[int], b: Sequence[int]) -> bool:
    return min(a[1], b[1]) > max(a[0], b[0])


def read_gold(path: Path) -> list[dict[str, Any]]:
    """Read gold postings (JSONL)."""
    rows = []
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    row = json.loads(line)
                    if not {"id", "text", "skills"} <= set(row):
                        raise InputError(
                            "gold", f"{path}, line {number}: no id, text or skills", "gold as in corpora/gold/README.md",
                            "mend that line",
                        )  # fmt: skip
                    rows.append(row)
    except OSError as error:
        raise InputError("unreadable", f"{path}: {error.strerror}", "a gold file", "check the path") from error
    except ValueError as error:
        raise InputError(
            "json", f"{path}, line {number}: {error}", "one JSON object a line", "mend that line"
        ) from error
    return rows


class Counts:
    """Running counts of one group of ads."""

    def __init__(self) -> None:
        self.ads = 0
        self.c: Counter[str] = Counter()
        self.needs: list[tuple[str, str]] = []

    def figures(self) -> dict[str, Any]:
        """Precision, recall, F1 and the rest, rounded to four places."""
        c = self.c

        def prf(right: int, found: int, hit: int, gold: int) -> dict[str, float]:
            p, r = right / found if found else 0.0, hit / gold if gold else 0.0
            return {"precision": p, "recall": r, "f1": 2 * p * r / (p + r) if p + r else 0.0}

        result: dict[str, Any] = {
            "ads": self.ads,
            "label": prf(c["right_label"], c["found"], c["hit_label"], c["gold"]),
            "evidence": prf(c["right_evidence"], c["found"], c["hit_evidence"], c["gold"]),
            "salient_recall": c["hit_salience"] / c["salience"] if c["salience"] else 0.0,
            "need": _macro_f1(self.needs),
            "barrier_recall": c["barriers_hit"] / c["barriers"] if c["barriers"] else None,
            "barrier_precision": c["barriers_right"] / c["barriers_found"] if c["barriers_found"] else None,
            "traps": c["traps"],
            "traps_taken": c["traps_taken"],
        }
        return result


def _macro_f1(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Macro-F1 over the needs that occur in the gold of the pairs (gold, predicted)."""
    scores = []
    for need in NEEDS:
        gold = sum(g == need for g, _ in pairs)
        if not gold:
            continue
        found = sum(p == need for _, p in pairs)
        right = sum(g == p == need for g, p in pairs)
        scores.append(2 * right / (gold + found) if gold + found else 0.0)
    return sum(scores) / len(scores) if scores else None


def evaluate_postings(
    path: Path, extract: Callable[[Posting], Extraction], errors: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Figures over all ads of a gold file and for each occupation.

    Parameters
    ----------
    path : Path
        Gold, JSONL.
    extract : callable
        Posting -> Extraction.
    errors : list, optional
        Filled with what was wrong, a dict a finding, for those who read errors.

    Returns
    -------
    dict
        ``all`` and ``occupations``, each with the figures of `Counts.figures`.
    """
    total = Counts()
    by_occupation: dict[str, Counts] = defaultdict(Counts)
    for row in read_gold(path):
        found = extract(Posting(str(row["id"]), row["text"]))
        for counts in (total, by_occupation[str(row.get("occupation", "unknown"))]):
            _count(row, found, counts, errors if counts is total else None)
    return {
        "all": total.figures(),
        "occupations": {name: counts.figures() for name, counts in sorted(by_occupation.items())},
    }


def _count(row: dict[str, Any], found: Extraction, counts: Counts, errors: list[dict[str, Any]] | None) -> None:
    c = counts.c
    counts.ads += 1
    gold = [s for s in row["skills"] if s["need"] != "not_required"]
    asked = [r for r in found.requirements if r.need != "not_required"]
    text = row["text"]

    def by_label(r: Requirement, s: dict[str, Any]) -> bool:
        return same_label(r.label, [s["label"], *s.get("also", ())])

    def by_place(r: Requirement, s: dict[str, Any]) -> bool:
        return any(overlaps((m.start, m.end), span) for m in r.mentions for span in s["spans"])

    label_pairs = {(i, j) for i, r in enumerate(asked) for j, s in enumerate(gold) if by_label(r, s)}
    pairs = label_pairs | {(i, j) for i, r in enumerate(asked) for j, s in enumerate(gold) if by_place(r, s)}
    c["found"] += len(asked)
    c["gold"] += len(gold)
    c["right_label"] += len({i for i, _ in label_pairs})
    c["hit_label"] += len({j for _, j in label_pairs})
    c["right_evidence"] += len({i for i, _ in pairs})
    c["hit_evidence"] += len({j for _, j in pairs})
    hit = {j for _, j in label_pairs}
    c["salience"] += sum(s.get("salience", 1) for s in gold)
    c["hit_salience"] += sum(s.get("salience", 1) for j, s in enumerate(gold) if j in hit)
    for j, s in enumerate(gold):
        partners = [i for i, k in label_pairs if k == j] or [i for i, k in pairs if k == j]
        if partners:
            counts.needs.append((s["need"], asked[min(partners)].need))
            if errors is not None and s["need"] != asked[min(partners)].need:
                r = asked[min(partners)]
                errors.append({"id": row["id"], "kind": "need", "gold": s["need"], "got": r.need, "label": s["label"],
                               "cues": [(m.text, m.cue, m.section) for m in r.mentions],
                               "gold_text": [text[a:b] for a, b in s["spans"]]})  # fmt: skip
    spans = [span for b in row.get("barriers", ()) for span in [b["spans"]]]
    c["barriers"] += len(spans)
    for b, places in zip(row.get("barriers", ()), spans, strict=True):
        got = any(_touches((x.start, x.end), place) for x in found.barriers for place in places)
        c["barriers_hit"] += got
        if errors is not None and not got:
            errors.append(
                {
                    "id": row["id"],
                    "kind": "barrier missed",
                    "what": b["kind"],
                    "gold_text": [text[a:e] for a, e in places],
                }
            )
    c["barriers_found"] += len(found.barriers)
    for x in found.barriers:
        right = any(_touches((x.start, x.end), place) for places in spans for place in places)
        c["barriers_right"] += right
        if errors is not None and not right:
            errors.append({"id": row["id"], "kind": "barrier wrong", "what": x.kind, "text": x.text})
    mentions = [(m, r) for r in asked for m in r.mentions]
    for trap in row.get("traps", ()):
        c["traps"] += 1
        on = [(m, r) for m, r in mentions if any(_touches((m.start, m.end), span) for span in trap["spans"])]
        c["traps_taken"] += bool(on)
        if errors is not None and on:
            errors.append({"id": row["id"], "kind": "trap", "why": trap.get("why"), "label": on[0][1].label,
                           "text": text[max(0, on[0][0].start - 40) : on[0][0].end + 30], "section": on[0][0].section})  # fmt: skip
    if errors is not None:
        wrong = set(range(len(asked))) - {i for i, _ in label_pairs}
        for i in sorted(wrong):
            r = asked[i]
            m = r.mentions[0]
            errors.append({"id": row["id"], "kind": "wrong" if i not in {k for k, _ in pairs} else "wrong label",
                           "label": r.label, "type": r.type, "need": r.need, "section": m.section,
                           "text": text[max(0, m.start - 40) : m.end + 30],
                           "gold": [gold[j]["label"] for k, j in pairs if k == i]})  # fmt: skip
        for j, s in enumerate(gold):
            if j not in hit:
                errors.append({"id": row["id"], "kind": "missed" if j not in {k for _, k in pairs} else "missed label",
                               "label": s["label"], "also": s.get("also"), "need": s["need"], "type": s["type"],
                               "gold_text": [text[a:b] for a, b in s["spans"]]})  # fmt: skip
