"""schema.org ``EducationalOccupationalCredential``, and the Estonian micro-credentials' JSON-LD; in, the first also out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matcher.catalogue.drafts import (
    URN,
    Draft,
    country_codes,
    currency_code,
    language_codes,
    number,
    put_validity,
    time_spent,
    words_of,
)
from matcher.catalogue.links import Claim
from matcher.catalogue.nodes import add, inferred_labels, iso_hours, iso_years, label_of, skill_uri
from matcher.jsonld import Graph, Node, first_text, items, local, refs, spoken, text, theirs, types, vocabulary
from matcher.rows import Log, brief
from matcher.taxonomy import Taxonomy
from matcher.types import Credential

CONTEXT = "https://schema.org/"
_OURS = {"EducationalOccupationalCredential", "MicroCredential"}


def is_ours(node: Node) -> bool:
    """Whether a node is a credential in schema.org's or in the Estonian catalogue's terms."""
    return bool(types(node) & _OURS) or ("Course" in types(node) and "provider" in node)


def drafts(file: str, place: str, node: Node, graph: Graph, log: Log) -> Iterator[Draft]:
    """The draft of a node."""
    draft = Draft(file, place, local(node))
    put = draft.put
    put("name", text(node.get("name")))
    category = first_text(node, "credentialCategory") or (
        "microcredential" if "MicroCredential" in types(node) else None
    )
    put("type", vocabulary("schemaorg_category").get((category or "").lower()))
    put("issuer_term", text(node.get("credentialCategory")))
    for name in ("creator", "publisher", "provider"):
        for body in graph.follow(node, name):
            put("issuer", text(body.get("name")))
    put("url", next((u for u in (*refs(node, "url"), local(node)) if u.startswith("http")), None))
    put("description", first_text(node, "description", "summary"))
    languages = [v for name in ("inLanguage", "language") for v in items(node.get(name)) if isinstance(v, str)]
    put("language", language_codes(languages))
    _facts(draft, node, graph, log)
    language = draft.values.get("language", (None,))[0]
    for term in items(node.get("competencyRequired")):
        if isinstance(term, str):
            draft.claims.append(Claim(term, declared=True, language=language))
        elif isinstance(term, dict):
            uri = next(iter(refs(term, "url")), "") or local(term) or None
            draft.claims.append(
                Claim(
                    text(term.get("name")) or "", text(term.get("description")), uri, declared=True, language=language
                )
            )
    for name in ("teaches", "learningOutcome", "assesses"):
        for words, own in spoken(node.get(name)):
            draft.claims.append(Claim(words, words, language=own or language))
    draft.claims += [Claim(words, language=own or language) for words, own in spoken(node.get("keywords"))]
    said = spoken(node.get("description")) or spoken(node.get("summary"))
    draft.prose += [(words, own or language) for words, own in said]
    yield draft


def _facts(draft: Draft, node: Node, graph: Graph, log: Log) -> None:
    put = draft.put
    hours, note = time_spent(draft, node, "timeRequired", log)
    put("hours", hours)
    credits_ = node.get("ectsCredits")
    if credits_ is not None:
        if isinstance(credits_, int | float) and not isinstance(credits_, bool) and 0 < credits_ < 1000:
            # how many hours a credit stands for differs from country to country
            put("hours_note", f"{credits_:g} ECTS credits")
        else:
            log.problem(
                "number", draft.file, draft.where, "ectsCredits", f"ectsCredits is {brief(credits_)}", "a number of credits",
                "leave it out if it is not known",
            )  # fmt: skip
    put("hours_note", note)
    offers = [*graph.follow(node, "offers")]
    if len(offers) == 1:
        number(draft, "cost", offers[0].get("price"), log)
        put("currency", currency_code(text(offers[0].get("priceCurrency"))))
    level = text(node.get("educationalLevel"))
    put("level", next(iter(words_of("level", [level or ""])), None))
    if level and "level" not in draft.values:
        put("level_note", level)
    put_validity(draft, text(node.get("validFor")), log)
    places = [
        first_text(place, "addressCountry", "identifier", "name") or "" for place in graph.follow(node, "validIn")
    ]
    put("country", country_codes(places))
    status = text(node.get("creativeWorkStatus"))
    put("status", next(iter(words_of("status", [status or ""])), None))
    put("as_of", (text(node.get("dateModified")) or "")[:10])
    put("recognised_by", tuple(_recognised(node, graph)))
    put("eligibility", text(node.get("credentialPrerequisites")))
    draft.links["part_of"] = refs(node, "isPartOf")


def _recognised(node: Node, graph: Graph) -> Iterator[tuple[str, str]]:
    for body in graph.follow(node, "recognizedBy"):
        words = text(body.get("name"))
        if words:
            yield words, next(iter(refs(body, "url")), "")


def node(credential: Credential, taxonomy: Taxonomy) -> Node:
    """A credential as a schema.org node.

    Notes
    -----
    Declared outcomes become ``competencyRequired``, inferred ones keywords. Not held: how an outcome is
    shown, assessment, mode, what it leads to and what comes before, the kind of issuer, notes, sources.
    """
    c = credential
    out: dict[str, Any] = {"@type": "EducationalOccupationalCredential", "@id": URN + c.id, "name": c.name}
    add(out, "description", c.description)
    add(out, "url", c.url)
    add(out, "credentialCategory", theirs("schemaorg_category").get(c.type or ""))
    add(out, "creator", {"@type": "Organization", "name": c.issuer} if c.issuer else None)
    add(out, "inLanguage", list(c.language))
    add(out, "educationalLevel", c.level)
    add(out, "timeRequired", iso_hours(c.hours))
    if c.cost is not None:
        out["offers"] = {"@type": "Offer", "price": c.cost, **({"priceCurrency": c.currency} if c.currency else {})}
    add(out, "validFor", iso_years(c.validity_years))
    add(out, "validIn", [{"@type": "Country", "name": code} for code in c.country])
    add(out, "creativeWorkStatus", {"active": "Active", "retired": "Deprecated"}.get(c.status))
    add(out, "dateModified", c.as_of)
    add(out, "recognizedBy", [_body(name, url) for name, url in c.recognised_by])
    add(out, "isPartOf", [{"@id": URN + id} for id in c.part_of])
    add(out, "credentialPrerequisites", c.eligibility)
    add(out, "competencyRequired", [_term(o.skill, o.text, taxonomy) for o in c.outcomes if not o.inferred])
    add(out, "keywords", inferred_labels(c, taxonomy))
    return out


def _body(name: str, url: str) -> Node:
    return {"@type": "Organization", "name": name, **({"url": url} if url else {})}


def _term(id: str, words: str | None, taxonomy: Taxonomy) -> Node:
    out: Node = {"@type": "DefinedTerm", "name": label_of(id, taxonomy)}
    out["url"] = skill_uri(id, taxonomy)
    if words:
        out["description"] = words
    return out
