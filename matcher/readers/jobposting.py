"""Schema.org JobPosting, and any other object that holds an ad, -> Record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from matcher.readers.lists import column, names, no_text_column
from matcher.readers.markup import cell_text
from matcher.readers.record import Record

DEPTH = 6


def is_posting(value: Any) -> bool:
    """Whether an object says that it is a JobPosting.

    Examples
    --------
    >>> is_posting({"@type": ["https://schema.org/JobPosting"]}), is_posting({"@type": "Organization"})
    (True, False)
    """
    if not isinstance(value, dict):
        return False
    types = value.get("@type")
    types = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and name.replace(":", "/").split("/")[-1] == "JobPosting" for name in types)


def find_postings(value: Any, depth: int = DEPTH) -> Iterator[dict[str, Any]]:
    """The JobPostings in a JSON-LD value, however deep in lists, ``@graph`` or other objects.

    Examples
    --------
    >>> [job["title"] for job in find_postings({"@graph": [{"@type": "JobPosting", "title": "Nurse"}]})]
    ['Nurse']
    """
    if is_posting(value):
        yield value
    elif depth and isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from find_postings(item, depth - 1)


def posting_record(job: dict[str, Any], row: int | None) -> Record:
    """A JobPosting as one text: its description, then the fields that it does not repeat, each under a heading.

    Examples
    --------
    >>> job = {"@type": "JobPosting", "description": "<p>Care for patients.</p>", "skills": ["Triage", "First aid"]}
    >>> posting_record(job, None).text
    'Care for patients.\\n\\nSkills\\n• Triage\\n• First aid'
    """
    job = {key.removeprefix("schema:").rsplit("/", 1)[-1]: value for key, value in job.items()}
    parts = ["\n".join(_lines(job.get("description")))]
    for field, heading in names("section").items():
        lines = [line for line in _lines(job.get(field)) if _squeezed(line) not in _squeezed(parts[0])]
        if lines:
            bullet = "• " if len(lines) > 1 else ""
            parts.append(heading + "\n" + "\n".join(bullet + line for line in lines))
    title = next(iter(_lines(job.get("title"))), None) or next(iter(_lines(job.get("name"))), None)
    text = "\n\n".join(part for part in parts if part)
    return Record(text=text, id=_identifier(job.get("identifier")), title=title, row=row)


def object_record(value: Any, row: int | None, where: str) -> Record:
    """The ad in one JSON object: a JobPosting, or one with a field that is known to hold text.

    Examples
    --------
    >>> object_record({"jobId": 7, "jobDescription": "Drive the van."}, 1, "ads.jsonl")
    Record(text='Drive the van.', id='7', title=None, row=1, error=None, by=None)
    """
    if is_posting(value):
        return posting_record(value, row)
    if not isinstance(value, dict):
        error = no_text_column(f"{where}: {type(value).__name__} where an object should stand", ())
        return Record(row=row, error=error)
    strings = [key for key, item in value.items() if isinstance(item, str)]
    text, title, id = (column("text", strings), column("title", strings), _id_field(value))
    if text is None:
        return Record(id=id, row=row, error=no_text_column(where, value))
    return Record(text=cell_text(value[text]), id=id, title=value[title] if title else None, row=row)


def with_column(record: Record, value: Any, by: str | None) -> Record:
    """The record with what the field `by` of its object says: a string, a number, or the name of what stands there.

    Examples
    --------
    >>> with_column(Record("Drive."), {"hiringOrganization": {"name": "Bramble"}}, "hiringOrganization").by
    'Bramble'
    """
    if by is None or not isinstance(value, dict):
        return record
    found = value.get(by)
    if isinstance(found, dict):
        found = found.get("name")
    return replace(record, by=str(found)) if isinstance(found, (str, int, float)) else record


def _id_field(value: dict[str, Any]) -> str | None:
    keys = [key for key, item in value.items() if isinstance(item, (str, int)) and not isinstance(item, bool)]
    key = column("id", keys)
    return str(value[key]) if key else None


def _identifier(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("value")
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None


def _lines(value: Any, depth: int = DEPTH) -> list[str]:
    """What a field says, in lines: of strings, numbers, lists and the objects schema.org has for them."""
    if isinstance(value, str):
        return [text] if (text := cell_text(value).strip()) else []
    if isinstance(value, list) and depth:
        return [line for item in value for line in _lines(item, depth - 1)]
    if isinstance(value, dict) and depth:
        months = value.get("monthsOfExperience")
        if isinstance(months, (int, float, str)) and str(months).strip():
            return [f"{months} months of experience", *_lines(value.get("description"), depth - 1)]
        for key in ("name", "@value", "credentialCategory", "description"):
            if lines := _lines(value.get(key), depth - 1):
                return lines
    return []


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
