"""The page of a batch: what the ads ask, what covers it, what nobody's credential covers, and what failed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from matcher.api import NOTICE
from matcher.report import words

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
    (folder / "report.html").write_text(page, encoding="utf-8")


def _read(folder: Path, name: str, columns: list[str]) -> pa.Table | None:
    import pyarrow.dataset as ds

    paths = sorted((folder / f"{name}.parquet").glob("part-*.parquet"))
    return ds.dataset([str(path) for path in paths], format="parquet").to_table(columns=columns) if paths else None


def _demand(folder: Path) -> list[dict[str, Any]]:
    """Skills by the number of ads that ask for them, with needs and whether anything covers them."""
    import pyarrow.compute as pc

    table = _read(folder, "requirements", ["label", "need", "covered", "posting"])
    if table is None:
        return []
    table = table.filter(pc.not_equal(table["need"], "not_required"))
    counts: dict[str, dict[str, Any]] = {}
    grouped = table.group_by(["label", "need"]).aggregate([("posting", "count"), ("covered", "max")])
    for row in grouped.to_pylist():
        entry = counts.setdefault(row["label"], {"label": row["label"], "ads": 0, "covered": False})
        entry["ads"] += row["posting_count"]
        entry[row["need"]] = row["posting_count"]
        entry["covered"] = entry["covered"] or row["covered_max"]
    return sorted(counts.values(), key=lambda entry: (-entry["ads"], entry["label"]))[:_MOST_ROWS]


def _credentials(folder: Path) -> list[dict[str, Any]]:
    """Credentials by the coverage they give, summed over the ads in whose ranking they stand."""
    table = _read(folder, "matches", ["credential", "name", "issuer", "score", "rank"])
    if table is None:
        return []
    grouped = table.group_by(["credential", "name", "issuer"]).aggregate(
        [("score", "sum"), ("score", "count"), ("rank", "min")]
    )
    rows = sorted(grouped.to_pylist(), key=lambda row: (-row["score_sum"], row["name"]))[:_MOST_ROWS]
    return [{**row, "mean": row["score_sum"] / row["score_count"]} for row in rows]


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("matcher.runner", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html.j2")
