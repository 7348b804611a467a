"""CTDL (Credential Engine's JSON-LD): credentials, what they require, what teaches and assesses it; in and out."""

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
from matcher.rows import Log
from matcher.taxonomy import Taxonomy
from matcher.types import Assessment, Credential

CONTEXT = "https://credreg.net/ctdl/schema/context/json"
LEARNING = {"Course", "LearningProgram", "LearningOpportunityProfile"}
_MOST_COMPETENCIES = 500


def is_ours(node: Node) -> bool:
    """Whether a node is a credential or a learning opportunity of CTDL."""
    kinds = types(node)
    if kinds & LEARNING:
        return bool(node.keys() & {"ctid", "ownedBy", "offeredBy", "subjectWebpage", "lifeCycleStatusType"})
    return "provider" not in node and any(
        kind == "Credential" or kind.lower() in vocabulary("ctdl_type") for kind in kinds
    )


def drafts(nodes: list[tuple[str, str, Node]], graph: Graph, log: Log) -> Iterator[Draft]:
    """Drafts of the credentials, and of the learning opportunities that no credential requires."""
    targets = {
        uri
        for _, _, node in nodes
        if not types(node) & LEARNING
        for condition in graph.follow(node, "requires")
        for uri in refs(condition, "targetLearningOpportunity")
    }
    for file, place, node in nodes:
        if types(node) & LEARNING and local(node) in targets:
            log.note("learning opportunities that are part of a credential's entry")
            continue
        yield _draft(file, place, node, graph, log)


def _draft(file: str, place: str, node: Node, graph: Graph, log: Log) -> Draft:
    draft = Draft(file, place, local(node))
    put = draft.put
    put("name", text(node.get("name")))
    kind = next(iter(sorted(types(node))), "")
    put("type", vocabulary("ctdl_type").get(kind.lower()))
    put("issuer_term", kind if kind != "Credential" else None)
    for owner in (*graph.follow(node, "ownedBy"), *graph.follow(node, "offeredBy")):
        put("issuer", text(owner.get("name")))
        kinds = words_of("issuer_kind", _targets(owner, "agentType"))
        put("issuer_kind", kinds[0] if kinds else None)
    put("url", next((u for u in refs(node, "subjectWebpage") if u.startswith("http")), None))
    put("description", text(node.get("description")))
    put("language", language_codes(v for v in items(node.get("inLanguage")) if isinstance(v, str)))
    modes = words_of("delivery", [*_targets(node, "deliveryType"), *_targets(node, "learningDeliveryType")])
    put("mode", modes or (("online",) if refs(node, "availableOnlineAt") else ()))
    levels = words_of("level", _targets(node, "audienceLevelType"))
    put("level", levels[0] if levels else None)
    put("level_note", _target_name(node, "audienceLevelType"))
    statuses = words_of("status", [*_targets(node, "credentialStatusType"), *_targets(node, "lifeCycleStatusType")])
    put("status", statuses[0] if statuses else None)
    put("country", _countries(node, graph))
    _cost(draft, node, graph, log)
    _hours(draft, node, graph, log)
    put_validity(draft, text(node.get("renewalFrequency")), log)
    put("recognised_by", tuple(_recognised(node, graph, draft)))
    _conditions(draft, node, graph)
    draft.links["part_of"] = [*refs(node, "isPartOf"), *_wholes(node, graph)]
    draft.links["leads_to"] = refs(node, "isPreparationFor")
    draft.prose += spoken(node.get("description"))
    keywords = [words for name in ("keyword", "subject") for words in _keywords(node, name)]
    draft.claims += [Claim(words, language=language) for words, language in keywords]
    return draft


def _keywords(node: Node, name: str) -> Iterator[tuple[str, str | None]]:
    for item in items(node.get(name)):
        if isinstance(item, dict) and "targetNodeName" in item:
            yield from spoken(item["targetNodeName"])
        else:
            yield from spoken(item)


def _targets(node: Node, name: str) -> list[str]:
    """The concepts that a property names: with prefix where it is known ("deliveryType:OnlineOnly")."""
    found = []
    for item in items(node.get(name)):
        value = (
            item
            if isinstance(item, str)
            else item.get("targetNode", item.get("id"))
            if isinstance(item, dict)
            else None
        )
        if isinstance(value, str):
            prefix, _, last = value.rstrip("/").replace("#", "/").rpartition("/")
            # "https://credreg.net/ctdl/vocabs/audLevel/BeginnerLevel" is audLevel:BeginnerLevel
            found.append(f"{prefix.rsplit('/', 1)[-1]}:{last}" if prefix else last)
    return found


def _target_name(node: Node, name: str) -> str | None:
    return next((found for item in items(node.get(name)) if isinstance(item, dict) and (found := text(item.get("targetNodeName")))), None)  # fmt: skip


def _countries(node: Node, graph: Graph) -> tuple[str, ...]:
    found = []
    for profile in graph.follow(node, "jurisdiction"):
        for place in graph.follow(profile, "mainJurisdiction"):
            found += [words for name in ("addressCountry", "name") if (words := text(place.get(name)))][:1]
    return country_codes(found)


def _cost(draft: Draft, node: Node, graph: Graph, log: Log) -> None:
    """The one price, or the sum where the record gives it; several prices only as words."""
    profiles = [profile for profile in graph.follow(node, "estimatedCost") if profile.get("price") is not None]
    total = [p for p in profiles if "AggregateCost" in str(items(p.get("directCostType"))[:1])]
    chosen = total or profiles
    if len(chosen) == 1:
        number(draft, "cost", chosen[0].get("price"), log)
        given = text(chosen[0].get("currency"))
        draft.put("currency", currency_code(given))
        draft.put("cost_note", text(chosen[0].get("description")))
    elif chosen:
        for profile in chosen:
            number(
                Draft(draft.file, draft.place, values={"name": draft.values.get("name")}), "cost", profile["price"], log
            )
        parts = [
            f"{text(p.get('name')) or 'cost'}: {text(p.get('price'))} {currency_code(text(p.get('currency'))) or ''}".strip()
            for p in chosen
        ]
        draft.put("cost_note", "; ".join(parts))


def _hours(draft: Draft, node: Node, graph: Graph, log: Log) -> None:
    for profile in graph.follow(node, "estimatedDuration"):
        hours, note = time_spent(draft, profile, "exactDuration", log)
        for name in ("minimumDuration", "maximumDuration"):
            time_spent(draft, profile, name, log)
        draft.put("hours", hours)
        ends = (profile.get("minimumDuration"), profile.get("maximumDuration"))
        span = " to ".join(value for value in ends if isinstance(value, str))
        draft.put("hours_note", text(profile.get("description")) or note or span)


def _recognised(node: Node, graph: Graph, draft: Draft) -> Iterator[tuple[str, str]]:
    seen = set()
    for name in ("recognizedBy", "accreditedBy", "approvedBy"):
        for body in graph.follow(node, name):
            words = text(body.get("name"))
            if words and words not in seen:
                seen.add(words)
                yield words, next(iter(refs(body, "subjectWebpage")), "") or draft.values.get("url", "")


def _wholes(node: Node, graph: Graph) -> list[str]:
    """Ids of what names this node as a part."""
    here = local(node)
    return [local(other) for other in graph.nodes if here and here in refs(other, "hasPart")]


def _conditions(draft: Draft, node: Node, graph: Graph) -> None:
    """What the credential requires: competencies, learning, assessments; other credentials; conditions in words."""
    draft.claims += _competencies(node, "teaches", "taught", graph)
    draft.claims += _competencies(node, "assesses", "unknown", graph)
    methods: list[str] = []
    conditions = [("requires", c) for c in graph.follow(node, "requires")]
    conditions += [("entryCondition", c) for c in graph.follow(node, "entryCondition")]
    for name, condition in conditions:
        draft.links.setdefault("prerequisite", []).extend(refs(condition, "targetCredential"))
        if name == "entryCondition":
            draft.put("eligibility", text(condition.get("description")))
            continue
        shown = False
        for assessment in graph.follow(condition, "targetAssessment"):
            shown = True
            found = words_of("ctdl_method", _targets(assessment, "assessmentMethodType"))
            if "proctored exam" not in found and "exam" in found and assessment.get("isProctored") is True:
                found = tuple("proctored exam" if word == "exam" else word for word in found)
            methods += found
            how = next(iter(words_of("shown", found)), "unknown")
            draft.claims += _competencies(assessment, "assesses", how, graph)
        for learning in graph.follow(condition, "targetLearningOpportunity"):
            shown = True
            draft.claims += _competencies(learning, "teaches", "taught", graph)
            draft.prose += spoken(learning.get("description"))
        required = _competencies(condition, "targetCompetency", "unknown", graph)
        draft.claims += required
        if not shown and not required:
            draft.put("eligibility", text(condition.get("description")))
    draft.put("assessment", tuple(dict.fromkeys(methods)))


def _competencies(node: Node, name: str, how: str, graph: Graph) -> list[Claim]:
    """The competencies that a property names, with those under them."""
    found: list[Claim] = []
    seen: set[int] = set()
    stack = list(reversed(items(node.get(name))))
    while stack and len(found) < _MOST_COMPETENCIES:
        item = stack.pop()
        target: Any = graph.get(item) if isinstance(item, str) else item
        if not isinstance(target, dict):
            if isinstance(item, str) and item.strip():
                found.append(
                    _claim("" if "://" in item or item.startswith(("urn:", "_:")) else item, None, item, how, None)
                )
            continue
        if id(target) in seen:
            continue
        seen.add(id(target))
        uri = target.get("targetNode") if isinstance(target.get("targetNode"), str) else local(target)
        meant = graph.get(uri) if uri else None
        if meant is not None and meant is not target and "Competency" in types(meant):
            stack.append(uri)
            continue
        words = first_text(target, "targetNodeName", "competencyLabel", "competencyText", "name")
        more = first_text(target, "targetNodeDescription", "competencyText", "description")
        language = next(
            (lang for _, lang in spoken(target.get("targetNodeName") or target.get("competencyText"))), None
        )
        if words:
            found.append(_claim(words, more, uri, how, language))
        stack.extend(reversed(items(target.get("hasChild"))))
    return found


def _claim(words: str, more: str | None, uri: str | None, how: str, language: str | None) -> Claim:
    shown: dict[str, Assessment] = {"practical": "practical", "exam": "exam", "quiz": "quiz", "taught": "taught"}
    return Claim(words, more, uri or None, shown.get(how, "unknown"), True, language)


# --- out


def node(credential: Credential, taxonomy: Taxonomy) -> Node:
    """A credential as a CTDL node.

    Notes
    -----
    What was inferred stands among the keywords, never as a competency that the issuer declares. Not
    held: the sources, when they were looked at, notes on the price, the word that the issuer uses,
    status unknown, a platform as kind of issuer, awards
    (they go out as certificates), quizzes and projects as kinds of assessment, whole days and weeks.
    """
    c = credential
    out: Node = {
        "@type": f"ceterms:{theirs('ctdl_type').get(c.type or '', 'Certificate' if c.type else 'Credential')}",
        "@id": URN + c.id,
    }
    out["ceterms:name"] = {"en": c.name}
    _add(out, "description", {"en": c.description} if c.description else None)
    _add(out, "subjectWebpage", c.url)
    if c.issuer:
        owner: Node = {"@type": "ceterms:CredentialOrganization", "ceterms:name": {"en": c.issuer}}
        kind = theirs("issuer_kind").get(c.issuer_kind or "")
        _add(owner, "agentType", [_aligned(kind)] if kind else None)
        out["ceterms:ownedBy"] = [owner]
    _add(out, "inLanguage", list(c.language))
    delivery = theirs("delivery")
    both = delivery.get("online|on_site") if set(c.mode) == {"online", "on_site"} else None
    kinds = [both] if both else [delivery[mode] for mode in c.mode if mode in delivery]
    _add(out, "learningDeliveryType", [_aligned(kind) for kind in kinds])
    if c.level in theirs("level"):
        out["ceterms:audienceLevelType"] = [_aligned(theirs("level")[c.level], c.level_note)]
    if c.status in ("active", "retired"):
        out["ceterms:credentialStatusType"] = _aligned(
            "credentialStat:Active" if c.status == "active" else "credentialStat:Deprecated"
        )
    _add(
        out, "jurisdiction",
        [{"@type": "ceterms:JurisdictionProfile", "ceterms:mainJurisdiction": [{"@type": "ceterms:Place", "ceterms:addressCountry": {"en": code}}]} for code in c.country],
    )  # fmt: skip
    if c.cost is not None:
        out["ceterms:estimatedCost"] = [{"@type": "ceterms:CostProfile", "ceterms:price": c.cost, **({"ceterms:currency": c.currency} if c.currency else {})}]  # fmt: skip
    if c.hours is not None or c.hours_note:
        profile: Node = {"@type": "ceterms:DurationProfile"}
        _add(profile, "exactDuration", iso_hours(c.hours))
        _add(profile, "description", {"en": c.hours_note} if c.hours_note else None)
        out["ceterms:estimatedDuration"] = [profile]
    _add(out, "renewalFrequency", iso_years(c.validity_years))
    _add(out, "recognizedBy", [_body(body, source) for body, source in c.recognised_by])
    _add(out, "isPartOf", [URN + id for id in c.part_of])
    _add(out, "isPreparationFor", [URN + id for id in c.leads_to])
    _add(out, "requires", _requirements(c, taxonomy))
    _add(out, "entryCondition", [{"@type": "ceterms:ConditionProfile", "ceterms:description": {"en": c.eligibility}}] if c.eligibility else None)  # fmt: skip
    inferred = inferred_labels(c, taxonomy)
    _add(out, "keyword", {"en": inferred} if inferred else None)
    return out


def _body(name: str, source: str) -> Node:
    found: Node = {"@type": "ceterms:QACredentialOrganization", "ceterms:name": {"en": name}}
    if source:
        found["ceterms:subjectWebpage"] = source
    return found


def _requirements(c: Credential, taxonomy: Taxonomy) -> list[Node]:
    """A condition profile for each way of showing what the credential covers."""
    found: list[Node] = []
    if c.prerequisite:
        found.append(
            {"@type": "ceterms:ConditionProfile", "ceterms:targetCredential": [URN + id for id in c.prerequisite]}
        )
    by_way: dict[str, list[Node]] = {}
    for o in c.outcomes:
        if not o.inferred:
            by_way.setdefault(o.assessment, []).append(competency(o.skill, o.text, taxonomy))
    methods = {"exam": "assessMethod:Exam", "practical": "assessMethod:Performance", "quiz": None}
    stated = set(c.assessment)
    for way, skills in by_way.items():
        profile: Node = {"@type": "ceterms:ConditionProfile"}
        if way == "taught":
            profile["ceterms:targetLearningOpportunity"] = [{"@type": "ceterms:LearningOpportunityProfile", "ceterms:teaches": skills}]  # fmt: skip
        elif way in ("exam", "practical"):
            assessment: Node = {"@type": "ceterms:AssessmentProfile", "ceterms:assesses": skills}
            assessment["ceterms:assessmentMethodType"] = [_aligned(str(methods[way]))]
            if way == "exam" and "proctored exam" in stated:
                assessment["ceterms:isProctored"] = True
            profile["ceterms:targetAssessment"] = [assessment]
        else:
            profile["ceterms:targetCompetency"] = skills
        found.append(profile)
    return found


def competency(id: str, words: str | None, taxonomy: Taxonomy) -> Node:
    """A skill as an alignment object: named by its ESCO URI where it has one, else by our id."""
    out = _aligned(skill_uri(id, taxonomy))
    out["ceterms:targetNodeName"] = {"en": label_of(id, taxonomy)}
    if words:
        out["ceterms:targetNodeDescription"] = {"en": words}
    return out


def _aligned(target: str, name: str | None = None) -> Node:
    out: Node = {"@type": "ceterms:CredentialAlignmentObject", "ceterms:targetNode": target}
    if name:
        out["ceterms:targetNodeName"] = {"en": name}
    return out


def _add(out: Node, name: str, value: Any) -> None:
    add(out, f"ceterms:{name}", value)
