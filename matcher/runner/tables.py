"""The tables of a batch folder: their columns, and how rows become bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = ("postings", "requirements", "matches")


class Column(NamedTuple):
    """A column of a table: its type as Arrow calls it, whether it may be empty, and what it says."""

    type: str
    nullable: bool
    meaning: str


def _c(type: str, meaning: str, nullable: bool = False) -> Column:
    return Column(type, nullable, meaning)


COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "postings": {
        "posting": _c("string", "Id of the posting, unique in the run; the other tables refer to it."),
        "source": _c("string", "The file it came from; `#n` is row n of a table, `a.zip!b` the file b in the archive a."),
        "title": _c("string", "Title, where the file tells one.", True),
        "language": _c("string", "Language that was recognised.", True),
        "country": _c("string", "Where the ad shows that it is from.", True),
        "characters": _c("int32", "Length of the text in code points."),
        "requirements": _c("int32", "How many requirements it has, those with need `not_required` not counted."),
        "barriers": _c("string", "JSON: a list of [kind, need, the ad's words]."),
        "best_score": _c("double", "Score of the first credential; empty where nothing was ranked.", True),
        "warnings": _c("string", "JSON: a list of codes, such as `no_requirements`."),
        "by": _c("string", "What to group by: the column named with `--by`, else the folder of the source.", True),
        "duplicate_of": _c("string", "Id of the posting with the same title and text that came first.", True),
        "group": _c("string", "Id of the first posting of the vacancy: equal on duplicates and near-duplicates. Postings with `posting = group` count every vacancy once."),
    },
    "requirements": {
        "posting": _c("string", "Id of the posting."),
        "requirement": _c("string", "Id of the requirement, unique in the posting."),
        "skill": _c("string", "Id in the taxonomy in use; empty where it does not have the skill.", True),
        "label": _c("string", "The skill's name, or the ad's own words."),
        "type": _c("string", "tool, knowledge, hard, soft, language or credential."),
        "need": _c("string", "required, preferred, unstated (in the duties) or not_required."),
        "weight": _c("double", "Need × salience; 0 for not_required."),
        "level": _c("string", "Level asked for.", True),
        "years": _c("double", "Years asked for.", True),
        "group": _c("string", "The same string on the alternatives of one “X or Y”.", True),
        "covered": _c("bool", "Whether any credential of the catalogue, within the limits, covers some of it."),
        "start": _c("int32", "First code point of the first mention."),
        "end": _c("int32", "One after its last."),
        "text": _c("string", "The ad's words there."),
        "before": _c("string", "The words before them in the same line or sentence, shortened."),
        "after": _c("string", "The words after them, shortened."),
        "cue": _c("string", "The words that decided the need, where there are such.", True),
        "mentions": _c("int32", "How often the ad mentions it."),
    },
    "matches": {
        "posting": _c("string", "Id of the posting."),
        "rank": _c("int32", "Place in the ranking, from 1."),
        "credential": _c("string", "Id in the catalogue in use."),
        "name": _c("string", "Name of the credential."),
        "issuer": _c("string", "Who issues it.", True),
        "score": _c("double", "Share of the weighted requirements that it covers."),
        "score_high": _c("double", "The same if whatever is not known were at its best."),
        "focus": _c("double", "Share of what the credential covers that this ad asks for."),
        "covers": _c("string", "JSON: a list of [requirement, skill, relation, assessment, share]; the shares sum to the score."),
    },
}  # fmt: skip


@cache
def schemas() -> dict[str, pa.Schema]:
    """The Arrow schemas of the tables.

    Examples
    --------
    >>> schemas()["matches"].names[:3]
    ['posting', 'rank', 'credential']
    """
    import pyarrow as pa

    return {
        name: pa.schema([pa.field(key, pa.type_for_alias(column.type)) for key, column in columns.items()])
        for name, columns in COLUMNS.items()
    }


def dictionary() -> str:
    """The data dictionary as Markdown, from the same table that makes the schemas.

    Examples
    --------
    >>> dictionary().splitlines()[0]
    '### `postings.parquet`'
    """
    lines = []
    for name, columns in COLUMNS.items():
        lines += [f"### `{name}.parquet`", "", "| column | type | may be empty | meaning |", "|---|---|---|---|"]
        for key, column in columns.items():
            meaning = column.meaning.replace("|", "\\|")
            lines.append(f"| `{key}` | {column.type} | {'yes' if column.nullable else ''} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


def encode(table: pa.Table) -> bytes:
    """A table as the bytes of a Parquet file: the same bytes for the same rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table.combine_chunks(), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def from_rows(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table with the columns of `name`; what a row lacks is empty."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=schemas()[name])


def parts(folder: Path, name: str, columns: Sequence[str] | None = None) -> Iterator[tuple[str, pa.Table]]:
    """The parts of a table, one after the other: memory does not grow with their number."""
    import pyarrow.parquet as pq

    for path in sorted((folder / f"{name}.parquet").glob("part-*.parquet")):
        # not read_table: that would look at the names of the folders for more columns
        with pq.ParquetFile(path) as file:
            yield path.name, file.read(columns=None if columns is None else list(columns))


def as_csv(tables: Iterable[pa.Table], name: str, file: io.BufferedWriter) -> None:
    """A table as CSV, a part at a time."""
    import pyarrow.csv as arrow_csv

    with arrow_csv.CSVWriter(file, schemas()[name]) as writer:
        for table in tables:
            if table.num_rows:
                writer.write_table(table)


def as_jsonl(tables: Iterable[pa.Table], name: str, file: io.BufferedWriter) -> None:
    """A table as an object a line, a part at a time."""
    import json

    for table in tables:
        for row in table.to_pylist():
            file.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
