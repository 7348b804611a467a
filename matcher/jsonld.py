"""JSON-LD as the field writes it, read without the network: local names, language maps, references, durations.

No JSON-LD processor: its expansion asks for contexts that lie on servers, and the formats that are read
here keep their terms' local names whatever prefix stands before them ("ceterms:name", "name",
"http://purl.org/ctdl/terms/name"). What is lost is a file that renames terms in a context of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from matcher import store
from matcher.errors import CorpusError

Node = dict[str, Any]
_DEEPEST = 200
_MOST_LINKS = 10_000


class Graph:
    """The nodes of one or more documents, with an index of everything that has an id.

    Attributes
    ----------
    nodes : list of dict
        Those at the top, or in ``@graph``, in order; keys are local names (``id``, ``type``, ``name``).
    places : list of str
        For each of them, the document and its number in it.

    Examples
    --------
    >>> graph = Graph()
    >>> graph.add({"@graph": [{"@id": "a", "ceterms:hasPart": ["b"]}, {"@id": "b", "ceterms:name": {"en-US": "B"}}]}, "x")
    >>> [text(part["name"]) for part in graph.follow(graph.nodes[0], "hasPart")]
    ['B']
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.places: list[str] = []
        self.files: list[str] = []
        self._by_id: dict[str, Node] = {}

    def add(self, value: object, where: object) -> None:
        """Add a document: a node, a list of nodes, or an object with ``@graph``."""
        value = _named(value, where)
        tops = value if isinstance(value, list) else [value]
        number = 0
        for top in tops:
            inside = top.get("graph") if isinstance(top, dict) else None
            for node in inside if isinstance(inside, list) else [inside] if isinstance(inside, dict) else [top]:
                number += 1
                self.nodes.append(node if isinstance(node, dict) else {"_not_a_node": node})
                self.places.append(f"entry {number}")
                self.files.append(str(where))
                self._index(node)

    def _index(self, node: object) -> None:
        stack: list[object] = [node]
        while stack:
            item = stack.pop()
            if isinstance(item, dict):
                id = item.get("id")
                # a bare {"id": …} is a reference; the first that says something stands
                if isinstance(id, str) and len(item) > 1:
                    self._by_id.setdefault(id, item)
                stack.extend(item.values())
            elif isinstance(item, list):
                stack.extend(item)

    def get(self, id: str) -> Node | None:
        """The node with this id, if one of the documents has it."""
        return self._by_id.get(id)

    def follow(self, node: Mapping[str, Any], key: str) -> Iterator[Node]:
        """The nodes to which a property leads, written inside or named by id."""
        for number, item in enumerate(items(node.get(key))):
            if number >= _MOST_LINKS:
                return
            if isinstance(item, str):
                found = self._by_id.get(item)
                if found is not None:
                    yield found
            elif isinstance(item, dict):
                id = item.get("id")
                yield self._by_id.get(id, item) if isinstance(id, str) and len(item) == 1 else item


def _named(value: object, where: object) -> Any:
    """The same with local names as keys; an error where it is nested too deep."""
    root: list[object] = [None]
    stack: list[tuple[object, Any, Any, int]] = [(value, root, 0, 0)]
    while stack:
        item, holder, key, depth = stack.pop()
        if depth > _DEEPEST:
            raise CorpusError(
                "json", f"{where}: nested deeper than {_DEEPEST} levels", "a file of credentials or skills",
                "it is no file of this kind",
            )  # fmt: skip
        if isinstance(item, dict):
            named: Node = {}
            holder[key] = named
            for name, inner in item.items():
                short = local_name(name)
                named.setdefault(short, None)
                stack.append((inner, named, short, depth + 1))
        elif isinstance(item, list):
            copied: list[object] = [None] * len(item)
            holder[key] = copied
            stack.extend((inner, copied, place, depth + 1) for place, inner in enumerate(item))
        else:
            holder[key] = item
    return root[0]


@lru_cache(maxsize=4096)
def local_name(name: str) -> str:
    """A term without its prefix.

    >>> local_name("ceterms:name"), local_name("@id"), local_name("http://purl.org/ctdl/terms/name"), local_name("en-US")
    ('name', 'id', 'name', 'en-US')
    """
    name = name.removeprefix("@")
    if "://" in name:
        return name.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]
    return name.rsplit(":", 1)[-1]


def items(value: object) -> list[Any]:
    """A value as a list: JSON-LD writes one of something without the brackets."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def types(node: Mapping[str, Any]) -> set[str]:
    """Local names of the node's types."""
    return {local_name(item) for item in items(node.get("type")) if isinstance(item, str)}


def local(node: Mapping[str, Any]) -> str:
    """The node's id, empty if it has none."""
    id = node.get("id")
    return id if isinstance(id, str) else ""


def refs(node: Mapping[str, Any], key: str) -> list[str]:
    """The ids that a property names."""
    found = [item if isinstance(item, str) else local(item) for item in items(node.get(key)) if isinstance(item, str | dict)]  # fmt: skip
    return [id for id in found if id]


def text(value: object) -> str | None:
    """Words out of a string, a list, or a language map: English if it is there.

    >>> text({"et": "Keevitus", "en": "Welding"}), text(["a", "b"]), text({"@language": "de", "@value": "Schweißen"})
    ('Welding', 'a', 'Schweißen')
    """
    found = texts(value)
    return found[0] if found else None


def texts(value: object) -> list[str]:
    """All of the strings in a value; of a language map those in English, else in the first language."""
    return [words for words, _ in spoken(value)]


def spoken(value: object) -> list[tuple[str, str | None]]:
    """The strings in a value, each with its language where that is stated; of several languages, English."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, str):
        words = " ".join(value.split())
        return [(words, None)] if words else []
    if isinstance(value, int | float):
        return [(str(value), None)] if abs(value) < 1e15 else []
    if isinstance(value, list):
        tagged = [item for item in value if isinstance(item, dict) and "value" in item and "language" in item]
        if len(tagged) > 1:
            english = [item for item in tagged if str(item["language"]).lower().startswith("en")]
            return [found for item in (english or tagged[:1]) for found in spoken(item)]
        return [found for item in value[:_MOST_LINKS] if not isinstance(item, list) for found in spoken(item)]
    if isinstance(value, dict):
        for name in ("value", "@value", "noteLiteral"):
            if name in value:
                language = value.get("language", value.get("@language"))
                return [(words, language if isinstance(language, str) else found) for words, found in spoken_flat(value[name])]  # fmt: skip
        return spoken_flat(value)
    return []


def spoken_flat(value: object) -> list[tuple[str, str | None]]:
    """As `spoken`, for what stands under a language."""
    if not isinstance(value, dict):
        return spoken(value) if not isinstance(value, list) or all(isinstance(v, str) for v in value) else []
    named = {key: inner for key, inner in value.items() if _is_language(key)}
    chosen = next((key for key in named if key.lower() == "en"), None) or next(
        (key for key in named if key.lower().startswith("en")), next(iter(named), None)
    )
    if chosen is None:
        return []
    inner = named[chosen]
    strings = [item for item in items(inner) if isinstance(item, str) and item.strip()]
    return [(" ".join(item.split()), chosen) for item in strings]


def _is_language(key: str) -> bool:
    return key == "none" or (2 <= len(key.split("-")[0]) <= 3 and key.replace("-", "").isalnum() and key.isascii())


def first_text(node: Mapping[str, Any], *keys: str) -> str | None:
    """The words of the first of these properties that has any."""
    return next((found for key in keys if (found := text(node.get(key)))), None)


def duration(value: object) -> tuple[float | None, str | None]:
    """Hours of learning in an ISO 8601 duration, and the words where it gives none.

    Only hours and minutes are time spent; months, weeks and days say how long it runs.

    >>> duration("PT45H"), duration("PT1H30M"), duration("P9M")
    ((45.0, None), (1.5, None), (None, 'P9M'))
    >>> duration("P1Y2"), duration("PT9999999999999999999H"), duration(3)
    ((None, None), (None, None), (None, None))
    """
    if not isinstance(value, str) or not value.strip() or len(value) > 40:
        return None, None
    import datetime

    import isodate

    value = value.strip()
    try:
        found = isodate.parse_duration(value)
    except (isodate.ISO8601Error, OverflowError, ValueError, ArithmeticError):
        return None, None
    if not value.upper().startswith("PT") or not isinstance(found, datetime.timedelta):
        return None, value
    hours = found.total_seconds() / 3600
    return (hours, None) if 0 <= hours < 100_000 else (None, None)


@lru_cache(maxsize=None)
def vocabulary(name: str) -> dict[str, str]:
    """Their words -> ours (``corpora/formats/vocabularies.csv``), keys in lower case."""
    return {row[1].lower(): row[2] for row in _vocabularies() if row[0] == name}


@lru_cache(maxsize=None)
def theirs(name: str) -> dict[str, str]:
    """Our words -> the first of theirs."""
    found: dict[str, str] = {}
    for row in _vocabularies():
        if row[0] == name:
            found.setdefault(row[2], row[1])
    return found


@lru_cache(maxsize=1)
def _vocabularies() -> tuple[tuple[str, str, str], ...]:
    path = store.corpora() / "formats" / "vocabularies.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple((row["vocabulary"], row["theirs"], row["ours"]) for row in csv.DictReader(file))
