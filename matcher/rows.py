"""Files of many rows, in and out: CSV, JSON, Parquet; what goes wrong is collected row by row and told once."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from matcher.errors import CorpusError, InputError

_SHOWN = 8
_WIDE = 80
_LARGEST_CELL = 131_072


@dataclass(frozen=True, slots=True)
class Problem:
    """One row that cannot be used."""

    code: str
    file: str
    row: str
    field: str
    what: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.row}: {self.what}, not {self.expected}" if self.row else f"{self.what}, not {self.expected}"


class RowsError(CorpusError):
    """A file some of whose rows cannot be used; `problems` has one entry a row."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        first = problems[0]
        if len(problems) == 1:
            where = f"{first.file}, {first.row}" if first.row else first.file
            super().__init__(first.code, f"{where}: {first.what}", first.expected, first.remedy)
            return
        shown = "; ".join(map(str, problems[:_SHOWN]))
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        files = dict.fromkeys(problem.file for problem in problems)
        named = ", ".join(list(files)[:3]) + (f" and {len(files) - 3} more files" if len(files) > 3 else "")
        super().__init__(
            "rows", f"{named}: {len(problems)} rows cannot be used, so none is: {shown}{more}", "rows that can all be used",
            "mend them; `import --skip-errors` takes the others, `--errors FILE` lists all",
        )  # fmt: skip


@dataclass
class Log:
    """What an import has to tell: rows that cannot be used, and counts of what was done with the others.

    Examples
    --------
    >>> log = Log()
    >>> log.problem("number", "my.csv", "line 3 (Welding)", "hours", "hours is 'a day'", "a number", "leave it empty")
    >>> log.stop_if_any()
    Traceback (most recent call last):
    ...
    matcher.rows.RowsError: my.csv, line 3 (Welding): hours is 'a day'; expected a number. Try: leave it empty
    """

    problems: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def problem(self, code: str, file: object, row: str, field: str, what: str, expected: str, remedy: str) -> None:
        """One more row that cannot be used."""
        self.problems.append(Problem(code, str(file), one_line(row), field, one_line(what), expected, remedy))

    def note(self, text: str, count: int = 1) -> None:
        """Something that was done with rows: they were merged, left out, or lost a value."""
        self.notes[text] += count

    def stop_if_any(self) -> None:
        """Raise what was collected, if anything was."""
        if self.problems:
            raise RowsError(self.problems)


def one_line(text: str, wide: int = 300) -> str:
    """White space as single spaces, nothing that does not print, and not more than `wide` characters."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text[:10_000].split()))
    return text if len(text) <= wide else text[: wide - 1] + "…"


def brief(value: object) -> str:
    """A value as a message shows it.

    >>> brief("a  day"), brief(10**5000)
    ("'a day'", 'a number of more than 60 digits')
    """
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    try:
        return one_line(repr(value), _WIDE)
    except (RecursionError, ValueError):
        return f"a {type(value).__name__} too deep or large to show"


def amount(value: object) -> float | None:
    """A number of zero or more, from a number or from a text such as "1,200"; None if it is none.

    >>> amount("1,200"), amount(9.5), amount("-3"), amount("1e999"), amount(True), amount("a day")
    (1200.0, 9.5, None, None, None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip().replace(",", "")
        if not value or len(value) > 40 or "_" in value:
            return None
    elif not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number < 1e12 else None


def read_text(path: Path, code: str, expected: str) -> str:
    """The text of a file, UTF-8 with or without a mark."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(
            "encoding", f"{path}: not UTF-8 at byte {error.start}", "UTF-8", "save it as UTF-8"
        ) from error
    except OSError as error:
        raise CorpusError(code, f"{path}: {error.strerror}", expected, "check the path") from error


def read_json(text: str, where: object) -> Any:
    """JSON as plain values; refuses what is cut off, nested without end, or no number in JSON.

    >>> read_json('{"a": [1, 2', "my.json")
    Traceback (most recent call last):
    ...
    matcher.errors.CorpusError: my.json, line 1, column 12: Expecting ',' delimiter; expected well-formed JSON. Try: \
it may be cut off: fetch or export it again
    """

    def no_number(name: str) -> NoReturn:
        raise ValueError(f"{name} is no number in JSON")

    try:
        return json.loads(text, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise CorpusError(
            "json", f"{where}, line {error.lineno}, column {error.colno}: {error.msg}", "well-formed JSON",
            "it may be cut off: fetch or export it again",
        ) from error  # fmt: skip
    except RecursionError as error:
        raise CorpusError(
            "json", f"{where}: nested too deep", "JSON with some tens of levels at most", "it is no file of this kind"
        ) from error
    except ValueError as error:
        raise CorpusError("json", f"{where}: {error}", "well-formed JSON", "mend that value") from error


def csv_rows(
    path: Path, needed: Collection[str], log: Log, *, whole: bool = False, delimiter: str = ","
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with a heading, each with its line; cells that are not there are empty.

    Parameters
    ----------
    path : Path
        UTF-8 with or without a mark.
    needed : collection of str
        Columns that must be there.
    log : Log
        Takes rows with more cells than columns and, if `whole`, with fewer: those of a file that was cut off.
    whole : bool
    delimiter : str
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, delimiter=delimiter)
            names = reader.fieldnames or []
            lacking = [name for name in needed if name not in names]
            if lacking:
                raise CorpusError(
                    f"no_{lacking[0]}", f"{path}: columns are {one_line(', '.join(names), _WIDE) or 'missing'}",
                    f"a column `{lacking[0]}`", f"rename the column that holds it to {lacking[0]}",
                )  # fmt: skip
            for row in reader:
                log.rows += 1
                # a quoted cell may run over lines: the row is named by the line on which it ends, as editors show it
                where = f"line {reader.line_num}"
                if None in row:
                    log.problem(
                        "cells", path, where, "", f"{len(names) + len(row[None])} cells under {len(names)} columns",
                        "as many cells as columns", "put cells that hold a comma into quotes",
                    )  # fmt: skip
                    continue
                longest = max((len(cell) for cell in row.values() if cell), default=0)
                if longest > _LARGEST_CELL:
                    log.problem(
                        "cells", path, where, "", f"a cell of {longest} characters", f"at most {_LARGEST_CELL}",
                        "a quote may be missing; mend the row",
                    )  # fmt: skip
                    continue
                if whole and None in row.values():
                    log.problem(
                        "cells", path, where, "", f"{sum(v is not None for v in row.values())} cells under {len(names)} columns",
                        "as many cells as columns", "the file may be cut off: fetch it again",
                    )  # fmt: skip
                    continue
                yield reader.line_num, {name: value or "" for name, value in row.items()}
    except UnicodeDecodeError as error:
        raise CorpusError(
            "encoding", f"{path}: not UTF-8 at byte {error.start}", "UTF-8", "save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise CorpusError(
            "csv", f"{path}, after line {reader.line_num}: {error}", "a well-formed CSV",
            "it may be cut off; open it in a spreadsheet and save it again",
        ) from error  # fmt: skip


def csv_header(path: Path) -> list[str]:
    """The names of the columns, empty if the file is not one of columns."""
    try:
        with path.open("rb") as file:
            line = file.readline(1 << 16).decode("utf-8-sig")
        return next(csv.reader([line], delimiter="\t" if "\t" in line else ","), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return []


def numbered(path: Path, records: Iterable[object], expected: str, log: Log) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of a JSON or Parquet file, each with its place; one that is no object is a problem.

    >>> log = Log()
    >>> list(numbered(Path("my.json"), [{"name": "Welding"}, 3], "an object with a name", log)), len(log.problems)
    ([('entry 1', {'name': 'Welding'})], 1)
    """
    for number, record in enumerate(records, 1):
        log.rows += 1
        if isinstance(record, dict):
            yield f"entry {number}", record
        else:
            log.problem("kind", path, f"entry {number}", "", f"it is {brief(record)}", expected, "mend it")


def read_parquet(path: Path, needed: str | None = None) -> list[object]:
    """The rows of a Parquet file as plain values; `needed` names a column that must be there."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        rows: list[object] = table.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise CorpusError(
            "parquet", f"{path}: {error}", "a whole Parquet file", "it may be cut off: write it again"
        ) from error
    if needed is not None and needed not in table.column_names:
        raise CorpusError(
            f"no_{needed}", f"{path}: columns are {', '.join(table.column_names)[:200]}", f"a column `{needed}`",
            "rename the column",
        )  # fmt: skip
    return rows


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows under a heading, lines ended as on Unix."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[name] for name in columns] for row in rows)
    return out.getvalue().encode()


def to_parquet(kinds: Mapping[str, Any], rows: list[dict[str, Any]]) -> bytes:
    """Rows under columns of these Arrow types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(kinds.items())), out)
    return out.getvalue()


def in_one_cell(words: Iterable[str], where: str, remedy: str) -> str:
    """Several words as one cell of a CSV, separated by ``|``.

    >>> in_one_cell(["MIG", "TIG"], "welding: aliases", "--format json")
    'MIG|TIG'
    """
    words = list(words)
    if any("|" in word for word in words):
        raise InputError("bar", f"{where} holds words with |", "words without |, which separates them in CSV", remedy)
    return "|".join(words)
