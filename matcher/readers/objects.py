"""JSON and JSONL -> records; HTML with JSON-LD in it too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matcher.errors import InputError
from matcher.readers.decoding import decode
from matcher.readers.files import MAX_BYTES, opened, read_whole, shown
from matcher.readers.jobposting import find_postings, object_record, posting_record, with_column
from matcher.readers.markup import html_text, json_ld, page_title
from matcher.readers.record import Record


def read_json(path: Path, by: str | None = None) -> Iterator[Record]:
    """One object, a list of them, an object with one list of them, or JSON-LD with JobPostings."""
    where = shown(path)
    value = _loads(decode(read_whole(path)), where)
    if isinstance(value, dict):
        if jobs := list(find_postings(value)):
            yield from _postings(jobs, by)
            return
        lists = [item for item in value.values() if isinstance(item, list) and item and isinstance(item[0], dict)]
        record = with_column(object_record(value, None, where), value, by)
        if record.error is None or len(lists) != 1:
            yield record
            return
        value = lists[0]
    if not isinstance(value, list):
        raise _not_an_object(where, value)
    if not value:
        raise InputError("empty", f"{where}: an empty list", "a list of job ads", "put the ads in it")
    row = 0
    for item in value:
        for job in list(find_postings(item)) or [item]:
            row += 1
            yield with_column(object_record(job, row, f"{where}#{row}"), job, by)


def read_jsonl(path: Path, by: str | None = None) -> Iterator[Record]:
    """An object a line; a broken line is an error of its own. The row is the number of the line."""
    where = shown(path)
    with opened(path) as file:
        row = 0
        while line := file.readline(MAX_BYTES + 1):
            row += 1
            place = f"{where}#{row}"
            if len(line) > MAX_BYTES:
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_BYTES)
                error = InputError(
                    "too_large", f"{place}: a line of more than {MAX_BYTES // 1_000_000} MB", "one ad a line",
                    "split it into one object a line",
                )  # fmt: skip
                yield Record(row=row, error=error)
            elif line.strip():
                try:
                    value = _loads(decode(line), where, row)
                    yield with_column(object_record(value, row, place), value, by)
                except InputError as error:
                    yield Record(row=row, error=error)


def read_html(path: Path, by: str | None = None) -> Iterator[Record]:
    """The JobPostings that a page carries as JSON-LD, else the words of the page."""
    page = decode(read_whole(path))
    jobs = [job for value in json_ld(page) for job in find_postings(value)]
    if len(jobs) == 1:
        record = posting_record(jobs[0], None)
        if record.text:
            found = Record(text=record.text, title=record.title or page_title(page))
            yield with_column(found, jobs[0], by)
            return
    if len(jobs) > 1:
        yield from _postings(jobs, by)
    else:
        yield Record(text=html_text(page), title=page_title(page))


def count_json(path: Path, by: str | None = None) -> int | None:
    """How many ads a JSON file gives; None for those that have to be read to know."""
    # a small file is most often one ad; what may hold a list is not parsed twice
    data = read_whole(path)
    return 1 if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and b"[" not in data else None


def count_jsonl(path: Path, by: str | None = None) -> int:
    """How many lines of a file have anything in them."""
    with opened(path) as file:
        return sum(1 for line in file if line.strip())


def count_html(path: Path, by: str | None = None) -> int | None:
    """How many ads a page gives; None where it may hold several."""
    return 1 if read_whole(path).count(b"JobPosting") <= 1 else None


def _postings(jobs: list[dict[str, Any]], by: str | None) -> Iterator[Record]:
    if len(jobs) == 1:
        yield with_column(posting_record(jobs[0], None), jobs[0], by)
    else:
        yield from (with_column(posting_record(job, row), job, by) for row, job in enumerate(jobs, 1))


def _loads(text: str, where: str, line: int | None = None) -> Any:
    """Parse JSON; of a line of JSONL, `line` is its number."""
    try:
        return json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        place = f"line {line or error.lineno}, column {error.colno}"
        what = f"{where}: broken JSON at {place} ({error.msg})"
    except (ValueError, RecursionError) as error:
        what = f"{where}: JSON that cannot be read{f' at line {line}' if line else ''} ({str(error).split(';')[0]})"
    remedy = "mend it there, or write it again with a JSON library" if text.strip() else "put the ads in it"
    raise InputError("malformed", what, "JSON", remedy)


def _not_an_object(where: str, value: Any) -> InputError:
    return InputError(
        "malformed", f"{where}: JSON with a {type(value).__name__} at the top", "an object or a list of objects",
        'write it as {"text": "the ad\'s words"}',
    )  # fmt: skip
