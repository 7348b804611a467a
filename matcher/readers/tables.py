"""CSV, TSV and Parquet -> a record a row; read in pieces, never whole."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matcher.errors import InputError
from matcher.readers.decoding import decode, encoding_of
from matcher.readers.files import HEAD, opened, shown
from matcher.readers.lists import column, no_such_column, no_text_column
from matcher.readers.markup import cell_text
from matcher.readers.record import Record
from matcher.readers.text import MAX_CHARACTERS

BATCH = 256
DELIMITERS = ",;\t|"

_UNDECODED = re.compile("[\udc80-\udcff]")


def read_csv(path: Path, by: str | None = None) -> Iterator[Record]:
    """The rows of a CSV file; the sign between cells is the commonest of ``, ; | tab`` in the first line."""
    where = shown(path)
    with _table(path, by) as (header, rows):
        text, title, id = (_place(role, header) for role in ("text", "title", "id"))
        assert text is not None
        kept = None if by is None else header.index(by)
        for row, cells in enumerate(rows, 1):
            if isinstance(cells, str):
                yield Record(row=row, error=_bad_row(f"{where}#{row}", cells))
            else:
                yield _csv_record(cells, header, text, title, id, kept, row, f"{where}#{row}")


def count_csv(path: Path, by: str | None = None) -> int:
    """How many rows a CSV file has, as `read_csv` numbers them."""
    with _table(path, by) as (_, rows):
        return sum(1 for _ in rows)


@contextmanager
def _table(path: Path, by: str | None) -> Iterator[tuple[list[str], Iterator[list[str] | str]]]:
    """The names of the columns, and the rows: cells, or what is wrong with them."""
    where = shown(path)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CHARACTERS + 1))
    with opened(path) as file:
        head = file.read(HEAD)
        file.seek(0)
        encoding = encoding_of(head)
        errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
        stream = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
        first = head.decode(encoding, "replace").lstrip("\ufeff").split("\n", 1)[0]
        reader = csv.reader(iter(stream), delimiter=max(DELIMITERS, key=first.count), skipinitialspace=True)
        header = _header(reader, where)
        if _place("text", header) is None:
            raise no_text_column(where, header)
        if by is not None and by not in header:
            raise no_such_column(where, by, header)
        yield header, _rows(reader)


def _rows(reader: Any) -> Iterator[list[str] | str]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"line {reader.line_num}: {error}"
            continue
        if any(cells):
            yield cells


def _header(reader: Iterator[list[str]], where: str) -> list[str]:
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise _bad_row(where, f"the first line: {error}") from error
    if not header or not any(header):
        raise InputError(
            "empty", f"{where}: no first line with the names of the columns", "a table of job ads",
            "put the names of the columns, one of them text, in the first line",
        )  # fmt: skip
    return [_cell(name).strip() for name in header]


def _place(role: str, header: list[str]) -> int | None:
    name = column(role, header)
    return None if name is None else header.index(name)


def _csv_record(
    cells: list[str], header: list[str], text: int, title: int | None, id: int | None, by: int | None, row: int,
    where: str,
) -> Record:  # fmt: skip
    def cell(place: int | None) -> str | None:
        return _cell(cells[place]) if place is not None and place < len(cells) else None

    if any(cells[len(header) :]):
        error = _bad_row(where, f"{len(cells)} cells where the first line has {len(header)}")
        return Record(id=None, row=row, error=error)
    return Record(text=cell_text(cell(text) or ""), id=cell(id), title=cell(title), row=row, by=cell(by))


def _cell(value: str) -> str:
    """A cell whose bytes were not UTF-8, decoded on its own."""
    if value.isascii() or not _UNDECODED.search(value):
        return value
    return decode(value.encode("utf-8", "surrogateescape"))


def _bad_row(where: str, what: str) -> InputError:
    return InputError(
        "bad_row", f"{where}: {what}", "as many cells as the first line has",
        "put double quotes around cells that hold the delimiter or line breaks",
    )  # fmt: skip


def read_parquet(path: Path, by: str | None = None) -> Iterator[Record]:
    """The rows of a Parquet file; only the columns that are needed are read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    where = shown(path)
    try:
        with pq.ParquetFile(path) as table:
            schema = table.schema_arrow
            texts = [name for name in schema.names if _holds_text(pa, schema.field(name).type)]
            text, title, id = column("text", texts), column("title", texts), column("id", schema.names)
            if text is None:
                raise no_text_column(where, schema.names)
            if by is not None and by not in schema.names:
                raise no_such_column(where, by, schema.names)
            row = 0
            needed = sorted({name for name in (text, title, id, by) if name is not None})
            for batch in table.iter_batches(batch_size=BATCH, columns=needed):
                cells = {name: _strings(pa, batch.column(name)) for name in needed}
                empty = [None] * len(batch)
                for key, heading, words, group in zip(
                    cells[id] if id else empty, cells[title] if title else empty, cells[text],
                    cells[by] if by else empty, strict=True,
                ):  # fmt: skip
                    row += 1
                    yield Record(text=cell_text(words or ""), id=key, title=heading, row=row, by=group)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise InputError(
            "unreadable", f"{where}: broken, or no Parquet file ({' '.join(str(error).split())[:200]})",
            "a whole Parquet file", "write or download it again",
        ) from error  # fmt: skip


def count_parquet(path: Path, by: str | None = None) -> int:
    """How many rows a Parquet file says that it has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as table:
            schema = table.schema_arrow
            texts = [name for name in schema.names if _holds_text(pa, schema.field(name).type)]
            if column("text", texts) is None or (by is not None and by not in schema.names):
                return 1  # what `read_parquet` says of it
            return int(table.metadata.num_rows)
    except (pa.ArrowException, OSError, ValueError, KeyError):
        return 1


def _strings(pa: Any, cells: Any) -> list[str | None]:
    """The cells of a column as strings; bytes that are not UTF-8 are decoded as they are elsewhere."""
    try:
        values = cells.to_pylist()
    except UnicodeDecodeError:
        values = [None if cell is None else decode(cell) for cell in cells.cast(pa.binary()).to_pylist()]
    return [None if value is None else str(value) for value in values]


def _holds_text(pa: object, kind: object) -> bool:
    return "string" in str(kind) and "<" not in str(kind).replace("dictionary<values=", "").removesuffix(">")
