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
