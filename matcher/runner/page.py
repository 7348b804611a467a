"""The page of a batch: what the ads ask, what covers it, what nobody's credential covers, and what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Template

from matcher.api import NOTICE
from matcher.report import words
from matcher.report.templates import environment
from matcher.runner.state import write_whole

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_ROWS = 50


def write_page(folder: Path, record: dict[str, Any]) -> None:
    """Write ``report.html`` from the tables of a batch folder; one file, no outside request."""
    page = _template().render(
        record=record,
        words=words,
        notice=NOTICE,
        skills=_demand(folder),
        credentials=_credentials(folder),
        total=max(1, record["postings"]),
    )
    write_whole(folder / "report.html", page.encode("utf-8", "backslashreplace"))


def _parts(folder: Path, name: str, columns: list[str]) -> Iterator[pa.Table]:
    """The parts of a table one after the other, so that memory does not grow with their number."""
    import pyarrow.parquet as pq

    for path in sorted((folder / f"{name}.parquet").glob("part-*.parquet")):
        yield pq.read_table(path, columns=columns)


def _demand(folder: Path) -> list[dict[str, Any]]:
    """Skills of the taxonomy by the number of ads that ask for them, with needs and whether anything covers them."""
    ads: Counter[tuple[str, str]] = Counter()
    covered: set[str] = set()
    for table in _parts(folder, "requirements", ["skill", "label", "need", "covered"]):
        grouped = table.group_by(["skill", "label", "need"]).aggregate([("covered", "max"), ("covered", "count")])
        for row in grouped.to_pylist():
            if row["skill"] is not None and row["need"] != "not_required":
                ads[row["label"], row["need"]] += row["covered_count"]
                if row["covered_max"]:
                    covered.add(row["label"])
    rows: dict[str, dict[str, Any]] = {}
    for (label, need), count in ads.items():
        row = rows.setdefault(label, {"label": label, "ads": 0, "covered": label in covered})
        row["ads"] += count
        row[need] = count
    return sorted(rows.values(), key=lambda row: (-row["ads"], row["label"]))[:_MOST_ROWS]


def _credentials(folder: Path) -> list[dict[str, Any]]:
    """Credentials by the coverage they give, summed over the ads in whose ranking they stand."""
    total: Counter[tuple[str, str | None]] = Counter()
    ads: Counter[tuple[str, str | None]] = Counter()
    for table in _parts(folder, "matches", ["name", "issuer", "score"]):
        grouped = table.group_by(["name", "issuer"]).aggregate([("score", "sum"), ("score", "count")])
        for row in grouped.to_pylist():
            key = row["name"], row["issuer"]
            total[key] += row["score_sum"]
            ads[key] += row["score_count"]
    first = sorted(total, key=lambda key: (-total[key], key[0]))[:_MOST_ROWS]
    return [{"name": name, "issuer": issuer, "ads": ads[name, issuer], "mean": total[name, issuer] / ads[name, issuer]}
            for name, issuer in first]  # fmt: skip


@lru_cache(maxsize=1)
def _template() -> Template:
    return environment("matcher.runner").get_template("page.html.j2")
