"""Open Badges 3.0: achievements, and credentials that award them; in and out. Signatures are not verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matcher.catalogue.drafts import URN, Draft, language_codes
from matcher.catalogue.links import Claim
from matcher.catalogue.nodes import add, inferred_labels, label_of, skill_uri
from matcher.jsonld import Graph, Node, first_text, items, local, refs, spoken, text, theirs, types, vocabulary
from matcher.rows import Log
from matcher.taxonomy import Taxonomy
from matcher.types import Credential

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
_CREDENTIALS = {"OpenBadgeCredential", "AchievementCredential"}
_LISTS = (",", ";", "|")


def is_ours(node: Node) -> bool:
    """Whether a node is an achievement, or a credential whose subject has one."""
    kinds = types(node)
    if kinds & _CREDENTIALS or "Achievement" in kinds:
        return True
    return "VerifiableCredential" in kinds and any("achievement" in s for s in items(node.get("credentialSubject")) if isinstance(s, dict))  # fmt: skip


def drafts(file: str, place: str, node: Node, graph: Graph, log: Log) -> Iterator[Draft]:
    """A draft for each achievement of a node."""
    if "Achievement" in types(node):
        yield _draft(file, place, node, None, graph)
        return
    issuer = next(graph.follow(node, "issuer"), None)
    found = False
    for subject in graph.follow(node, "credentialSubject"):
        for achievement in graph.follow(subject, "achievement"):
            found = True
            yield _draft(file, place, achievement, issuer, graph, outer=node)
    if not found:
        log.problem(
            "no_achievement", file, place, "credentialSubject", "no achievement in the credential's subject",
            "credentialSubject.achievement", "fetch the credential again",
        )  # fmt: skip


def _draft(file: str, place: str, node: Node, issuer: Node | None, graph: Graph, outer: Node | None = None) -> Draft:
    draft = Draft(file, place, local(node))
    put = draft.put
    if "Competency" in types(node):
        # a bare competency as achievement: it names no credential, but says what its holder can do
        draft.claims.append(
            Claim(
                first_text(node, "competencyLabel", "competencyText", "name") or "",
                first_text(node, "competencyText"),
                local(node) or None,
                declared=True,
            )
        )
        return draft
    put("name", text(node.get("name")) or (text(outer.get("name")) if outer else None))
    kind = text(node.get("achievementType"))
    put("type", vocabulary("ob_type").get((kind or "").lower()))
    put("issuer_term", kind)
    for creator in (*graph.follow(node, "creator"), *([issuer] if issuer else [])):
        put("issuer", text(creator.get("name")))
    for identifier in graph.follow(node, "otherIdentifier"):
        value = text(identifier.get("identifier"))
        if value and value.startswith(URN):
            draft.uri = value
    criteria = next(graph.follow(node, "criteria"), {})
    put("url", next((u for u in (local(node), *refs(node, "criteria"), local(criteria)) if u.startswith("http")), None))
    put("description", text(node.get("description")))
    language = text(node.get("inLanguage"))
    put("language", language_codes([language] if language else []))
    credits_ = node.get("creditsAvailable")
    if isinstance(credits_, int | float) and not isinstance(credits_, bool):
        put("hours_note", f"{credits_:g} credits")
    if draft.uri.startswith(URN):
        put("eligibility", None)
    for holder in (node, *graph.follow(node, "resultDescription"), *_levels(node, graph)):
        for alignment in graph.follow(holder, "alignment"):
            draft.claims.append(
                Claim(
                    text(alignment.get("targetName")) or "",
                    text(alignment.get("targetDescription")),
                    next(iter(refs(alignment, "targetUrl")), None),
                    declared=True,
                    language=language,
                )
            )
    draft.claims += [Claim(tag, language=language) for tag in _tags(node)]
    said = [*spoken(node.get("description")), *spoken(criteria.get("narrative"))]
    draft.prose = [(words, own or language) for words, own in said]
    return draft


def _levels(node: Node, graph: Graph) -> Iterator[Node]:
    for result in graph.follow(node, "resultDescription"):
        yield from graph.follow(result, "rubricCriterionLevel")


def _tags(node: Node) -> list[str]:
    found = [tag for tag in items(node.get("tag")) if isinstance(tag, str) and tag.strip()]
    for name in ("specialization", "fieldOfStudy"):
        words = text(node.get(name)) or ""
        for mark in _LISTS:
            words = words.replace(mark, "\n")
        found += [part.strip() for part in words.split("\n") if part.strip()]
    return list(dict.fromkeys(found))


def node(credential: Credential, taxonomy: Taxonomy) -> Node:
    """A credential as an Open Badges 3.0 Achievement.

    Notes
    -----
    Declared outcomes become alignments, inferred ones tags. Not held: how an outcome is shown, hours,
    price, level, assessment, country, mode, eligibility, links to other credentials, recognition,
    validity, status, sources.
    """
    c = credential
    out: dict[str, Any] = {"id": c.url or URN + c.id, "type": ["Achievement"], "name": c.name}
    # the standard asks for a description and for criteria
    out["description"] = c.description or c.name
    out["criteria"] = {"id": c.url} if c.url else {"narrative": c.description or c.name}
    add(out, "achievementType", theirs("ob_type").get(c.type or ""))
    if c.issuer:
        out["creator"] = {"id": f"urn:matcher:issuer:{c.issuer}", "type": ["Profile"], "name": c.issuer}
    if len(c.language) == 1:
        out["inLanguage"] = c.language[0]
    out["otherIdentifier"] = [{"type": "IdentifierEntry", "identifier": URN + c.id, "identifierType": "identifier"}]
    add(out, "alignment", [_alignment(o.skill, o.text, taxonomy) for o in c.outcomes if not o.inferred])
    add(out, "tag", inferred_labels(c, taxonomy))
    return out


def _alignment(id: str, words: str | None, taxonomy: Taxonomy) -> Node:
    out: Node = {"type": ["Alignment"], "targetName": label_of(id, taxonomy)}
    out["targetUrl"] = skill_uri(id, taxonomy)
    if words:
        out["targetDescription"] = words
    return out
