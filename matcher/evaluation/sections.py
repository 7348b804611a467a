"""Ads with the employer's own split into minimum and preferred qualifications: free gold for the need."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matcher.errors import InputError
from matcher.types import Extraction, Posting

OWN_HEADINGS = (("Minimum qualifications", "Preferred qualifications"),)
PARAPHRASES = (
    ("What you'll bring", "Bonus points"), ("Requirements", "Nice to have"), ("What we're looking for", "You might also have"),
    ("Essential criteria", "Desirable criteria"), ("Must haves", "Nice to haves"), ("About you", "It would be great if you have"),
    ("You have", "Ideally, you also have"), ("Required skills", "Desired skills"), ("Who you are", "What would make you stand out"),
    ("Basic requirements", "Preferred experience"), ("What you need", "Even better if you have"),
    ("Your profile", "Would be a plus"), ("Skills and experience", "Good to have"), ("The must-haves", "The nice-to-haves"),
    ("To be successful you will need", "Additional skills that help"), ("We expect", "Added advantage"),
    ("Key requirements", "Plus points"), ("What it takes", "Extra credit"),
    ("You'll need to have", "We'd love it if you also have"), ("Candidate requirements", "Not essential but beneficial"),
)  # fmt: skip


def evaluate_sections(
    path: Path,
    extract: Callable[[Posting], Extraction],
    headings: Sequence[tuple[str, str]] = OWN_HEADINGS,
    errors: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Accuracy of required/preferred on mentions in the two lists.

    Parameters
    ----------
    path : Path
        JSONL with ``responsibilities``, ``minimum`` and ``preferred``.
    extract : callable
    headings : sequence of (str, str)
        Pairs of headings, given to the ads in turn.
    errors : list, optional
        Filled with the mentions that were wrong.

    Returns
    -------
    dict
        ``accuracy``, ``mentions``, ``ads`` and the accuracy of each list.
    """
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    ads = 0
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise InputError(
            "sections", f"{path}: {error}", "JSONL with minimum and preferred", "check the file"
        ) from error
    for number, row in enumerate(rows):
        if not row.get("minimum") or not row.get("preferred"):
            continue
        minimum, preferred = headings[number % len(headings)]
        head = f"{row.get('title') or 'Position'}\n\nResponsibilities\n{row.get('responsibilities', '')}\n\n"
        first = head + f"{minimum}:\n{row['minimum']}\n\n"
        text = first + f"{preferred}:\n{row['preferred']}\n"
        ads += 1
        for requirement in extract(Posting(str(row.get("id", number)), text)).requirements:
            for mention in requirement.mentions:
                if mention.start < len(head):
                    continue
                gold = "required" if mention.start < len(first) else "preferred"
                total[gold] += 1
                right[gold] += mention.need == gold
                if errors is not None and mention.need != gold:
                    errors.append({"id": row.get("id"), "gold": gold, "got": mention.need, "cue": mention.cue,
                                   "text": text[max(0, mention.start - 60) : mention.end + 60], "headings": (minimum, preferred)})  # fmt: skip
    return {
        "ads": ads,
        "mentions": sum(total.values()),
        "accuracy": sum(right.values()) / max(1, sum(total.values())),
        "required": right["required"] / max(1, total["required"]),
        "preferred": right["preferred"] / max(1, total["preferred"]),
    }
