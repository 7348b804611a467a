"""Credentials on their way in: what a record says, before names of skills and references are resolved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from matcher.catalogue.links import Claim, Linker
from matcher.jsonld import Node, duration, vocabulary
from matcher.rows import Log, amount, brief
from matcher.taxonomy.check import cycles
from matcher.taxonomy.read import slug
from matcher.types import CREDENTIAL_TYPES, Credential, Source

URN = "urn:matcher:credential:"
_LINKS = ("prerequisite", "part_of", "leads_to")


@dataclass
class Draft:
    """One credential as a record of some format describes it.

    Attributes
    ----------
    file, place : str
        Where it stands.
    uri : str
        The record's id; empty if it has none.
    values : dict
        Fields of `Credential`; what is not known is not there.
    claims : list of Claim
    prose : list of (str, language or None)
    links : dict
        ``prerequisite``, ``part_of``, ``leads_to`` -> URIs.
    """

    file: str
    place: str
    uri: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    prose: list[tuple[str, str | None]] = field(default_factory=list)
    links: dict[str, list[str]] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """The place with the name, for messages."""
        name = self.values.get("name")
        return f"{self.place} ({name})" if name else self.place

    def put(self, name: str, value: Any) -> None:
        """Set a field if its value is known and it is not set yet."""
        if value not in (None, (), "", []) and name not in self.values:
            self.values[name] = value


def number(draft: Draft, name: str, value: object, log: Log) -> None:
    """Set a field to an amount; a value that is none is a problem of that row."""
    if value is None or value == "":
        return
    found = amount(value)
    if found is None:
        log.problem(
            "number", draft.file, draft.where, name, f"{name} is {brief(value)}", "a number", "leave it empty if it is not known"
        )  # fmt: skip
    else:
        draft.put(name, found)


def time_spent(draft: Draft, node: Node, name: str, log: Log) -> tuple[float | None, str | None]:
    """The `duration` that a property tells; a value that is none is a problem of that row."""
    value = node.get(name)
    found = duration(value)
    if value is not None and found == (None, None):
        log.problem(
            "duration", draft.file, draft.where, name, f"{name} is {brief(value)}", "an ISO 8601 duration such as PT40H",
            "leave it out if it is not known",
        )  # fmt: skip
    return found


def put_validity(draft: Draft, words: str | None, log: Log) -> None:
    """Set how long the credential holds: the words, and the years where they say just that ("P3Y")."""
    draft.put("validity", words)
    if words and words.startswith("P") and words.endswith("Y"):
        number(draft, "validity_years", words[1:-1], log)


def language_codes(values: Iterable[str]) -> tuple[str, ...]:
    """Two-letter codes: "en-US" -> "en", the EU's "ENG" -> "en"; others as they stand, in lower case.

    >>> language_codes(["en-US", "http://publications.europa.eu/resource/authority/language/DEU", "et"])
    ('en', 'de', 'et')
    """
    table = vocabulary("language")
    found = []
    for value in values:
        code = value.rstrip("/").rsplit("/", 1)[-1].lower()
        code = table.get(code) or code.split("-")[0]
        if code.isalpha() and len(code) <= 3:
            found.append(code)
    return tuple(dict.fromkeys(found))


def country_codes(values: Iterable[str]) -> tuple[str, ...]:
    """Two-letter codes of countries; names and three-letter codes where the vocabulary has them."""
    table = vocabulary("country")
    found = []
    for value in values:
        code = value.rstrip("/").rsplit("/", 1)[-1]
        code = table.get(code.lower(), code)
        if len(code) == 2 and code.isalpha():
            found.append(code.upper())
    return tuple(dict.fromkeys(found))


def currency_code(value: str | None) -> str | None:
    """ISO 4217 of a code or a name of a currency.

    >>> currency_code("US Dollar"), currency_code("eur"), currency_code("points")
    ('USD', 'EUR', None)
    """
    if not value:
        return None
    value = value.strip()
    found = vocabulary("currency").get(value.lower())
    return found or (value.upper() if len(value) == 3 and value.isascii() and value.isalpha() else None)


def words_of(name: str, values: Iterable[str]) -> tuple[str, ...]:
    """Our words for theirs; a value may stand for several (``online|on_site``)."""
    table = vocabulary(name)
    return tuple(dict.fromkeys(word for value in values for word in table.get(value.lower(), "").split("|") if word))


def finish(drafts: Iterable[Draft], linker: Linker, log: Log) -> list[Credential]:
    """The credentials of drafts: those of one id put together, references resolved, skills linked.

    What stands twice under one id is one credential: the first, with what later ones add. Those that
    have a name of their own and a different id are different ones.
    """
    merged: dict[str, Draft] = {}
    for number_, draft in enumerate(drafts):
        if not draft.values.get("name"):
            log.problem(
                "no_name", draft.file, draft.where, "name", "no name", "a name in words", "add the credential's name"
            )
            continue
        key = draft.uri or f"\0{number_}"
        held = merged.setdefault(key, draft)
        if held is not draft:
            log.note("entries that stood twice under one id, put together")
            for name, value in draft.values.items():
                held.put(name, value)
            held.claims = held.claims or draft.claims
            held.prose = held.prose or draft.prose
            for name, uris in draft.links.items():
                held.links.setdefault(name, []).extend(uris)
    ids = _ids(merged, log)
    known = {draft.uri: id for id, draft in ids.items() if draft.uri}
    found = [_credential(id, draft, known, linker, log) for id, draft in ids.items()]
    for name in ("prerequisite", "part_of"):
        for cycle in cycles({c.id: list(getattr(c, name)) for c in found}):
            draft = ids[cycle[0]]
            log.problem(
                "cycle", draft.file, draft.where, name, f"{name} leads back to itself: {' -> '.join(cycle[:6])}",
                "links without a cycle", "take one of them out",
            )  # fmt: skip
    if linker.unknown:
        log.note("skills named in words that the taxonomy does not have, left out", len(linker.unknown))
        linker.unknown.clear()
    return found


def _ids(drafts: dict[str, Draft], log: Log) -> dict[str, Draft]:
    ids: dict[str, Draft] = {}
    for draft in drafts.values():
        given = draft.values.pop("id", None) or (draft.uri.removeprefix(URN) if draft.uri.startswith(URN) else None)
        name = draft.values["name"]
        issuer = draft.values.get("issuer")
        id = given or slug(f"{issuer} {name}" if issuer else name)[:120].strip("-") or slug(draft.uri)[-60:].strip("-")
        if not id:
            log.problem(
                "id", draft.file, draft.where, "id", "no letter or digit in its name", "a name or an id", "add an id"
            )
            continue
        base, same = id, 1
        while id in ids:
            same += 1
            id = f"{base}-{same}"
        ids[id] = draft
    return ids


def _credential(id: str, draft: Draft, known: dict[str, str], linker: Linker, log: Log) -> Credential:
    values = dict(draft.values)
    for name in _LINKS:
        uris = draft.links.get(name, ())
        targets = tuple(dict.fromkeys(known[uri] for uri in uris if uri in known and known[uri] != id))
        if len(targets) < len(set(uris)):
            log.note("links to credentials that are not in the files, left out", len(set(uris)) - len(targets))
        if targets:
            values[name] = targets
    kind = values.get("type")
    if kind is not None and kind not in CREDENTIAL_TYPES:
        values["type"] = None
    if values.get("cost") and not values.get("currency"):
        # an amount of unknown money is no price
        values["cost_note"] = values.get("cost_note") or f"{values.pop('cost'):g}, currency not stated"
        values.pop("cost", None)
    declared = tuple(sorted(set(values) - {"sources", "status"}))
    if draft.uri.startswith(("https://", "http://")) and "sources" not in values:
        # the record under its own address is where the facts stand, not the page that it points to
        values["sources"] = (Source(draft.uri, declared),)
    prose = draft.prose
    title = values["name"] if prose_is_english(draft) else None
    outcomes = linker.outcomes(draft.claims, title, prose)
    return replace(Credential(id=id, **values), outcomes=outcomes)


def prose_is_english(draft: Draft) -> bool:
    """Whether the title is in English as far as the record tells: its language, or that of the texts."""
    languages = [language for _, language in draft.prose if language] or list(draft.values.get("language", ()))
    return not languages or any(code.lower().startswith("en") for code in languages)
