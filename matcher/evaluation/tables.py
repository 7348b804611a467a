"""Figures as tables for a terminal."""

from __future__ import annotations

from typing import Any


def postings_table(figures: dict[str, Any]) -> str:
    """One line over all, one an occupation."""
    head = f"{'':34}{'ads':>4}  {'label P':>7} {'R':>5} {'F1':>5}  {'evid. F1':>8}  {'need':>5}  {'barriers':>8}  traps"
    rows = [head, _row("all", figures["all"])]
    rows += [_row(name, row) for name, row in figures["occupations"].items()]
    return "\n".join(rows)


def _row(name: str, row: dict[str, Any]) -> str:
    def number(value: float | None) -> str:
        return "  –  " if value is None else f"{value:.3f}"

    label = row["label"]
    return (
        f"{name[:33]:34}{row['ads']:>4}  {label['precision']:>7.3f} {label['recall']:>5.3f} {label['f1']:>5.3f}  "
        f"{row['evidence']['f1']:>8.3f}  {number(row['need'])}  {number(row['barrier_recall']):>8}  "
        f"{row['traps_taken']}/{row['traps']}"
    )


def ranking_table(figures: dict[str, Any]) -> str:
    """One line a system: each metric, and how far ours is above it with the paired interval."""
    counts = ", ".join(f"{count} × {grade}" for grade, count in enumerate(figures["grades"]))
    lines = [
        f"{figures['ads']} ads of the half {figures['half']!r}; grades: {counts}; "
        f"{figures['with_have']} ads say what a person has",
        f"{'':25}{'nDCG@5':>7} {'nDCG@10':>8} {'95 %':>14} {'MRR':>6} {'P@3':>6}  ours minus it, nDCG@10    ungraded@10",
    ]
    for name, row in figures["systems"].items():
        ten = row["ndcg@10"]
        low, high = ten["interval"]
        less, more = ten["ours_minus_interval"]
        difference = "" if name == "ours" else f"{ten['ours_minus']:+.3f} [{less:+.3f}, {more:+.3f}]"
        lines.append(
            f"{name[:24]:25}{row['ndcg@5']['mean']:>7.3f} {ten['mean']:>8.3f} [{low:.3f}, {high:.3f}] "
            f"{row['mrr']['mean']:>6.3f} {row['precision@3']['mean']:>6.3f}  {difference:25} {row['ungraded']:>8.1%}"
        )
    return "\n".join(lines)
