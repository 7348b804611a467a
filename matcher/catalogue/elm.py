"""European Digital Credentials (European Learning Model, JSON-LD): what a learner achieved. Signatures are not verified."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.catalogue.drafts import Draft, language_codes, time_spent, words_of
from matcher.catalogue.links import Claim
from matcher.jsonld import Graph, Node, first_text, local, refs, spoken, text, types
from matcher.rows import Log

_CREDENTIALS = {"EuropeanDigitalCredential", "EuropassCredential"}
_ACHIEVEMENTS = {"LearningAchievement", "LearningAchievementSpecification"}


def is_ours(node: Node) -> bool:
    """Whether a node is a European Digital Credential, or a learning achievement of one."""
    return bool(types(node) & (_CREDENTIALS | _ACHIEVEMENTS))


def drafts(file: str, place: str, node: Node, graph: Graph, log: Log) -> Iterator[Draft]:
    """A draft for each learning achievement that the credential claims; those inside one belong to it."""
    if types(node) & _ACHIEVEMENTS:
        yield _draft(file, place, node, node, graph, log)
        return
    found = False
    for subject in graph.follow(node, "credentialSubject"):
        for claim in graph.follow(subject, "hasClaim"):
            if types(claim) & _ACHIEVEMENTS:
                found = True
                yield _draft(file, place, claim, node, graph, log)
    if not found:
        log.problem(
            "no_achievement", file, place, "credentialSubject", "no LearningAchievement among the subject's claims",
            "credentialSubject.hasClaim", "fetch the credential again",
        )  # fmt: skip


def _draft(file: str, place: str, node: Node, outer: Node, graph: Graph, log: Log) -> Draft:
    # ids such as urn:epass:learningAchievement:1 are unique in their own file only
    own = local(node)
    draft = Draft(file, place, own if own.startswith("http") else f"{local(outer) or file}#{own}")
    put = draft.put
    put("name", text(node.get("title")))
    put("type", "microcredential")
    put("description", text(node.get("description")))
    for process in graph.follow(node, "awardedBy"):
        for body in graph.follow(process, "awardingBody"):
            put("issuer", first_text(body, "legalName", "prefLabel", "title"))
    specifications = [*graph.follow(node, "specifiedBy")]
    for specification in specifications or [node]:
        _specification(draft, specification, graph, log)
    methods = [first_text(exam, "title") or "" for exam in graph.follow(node, "provenBy")]
    methods += [
        first_text(kind, "prefLabel") or ""
        for exam in graph.follow(node, "provenBy")
        for specification in graph.follow(exam, "specifiedBy")
        for kind in graph.follow(specification, "dcType")
    ]
    found = words_of("assessment_words", methods)
    put("assessment", found[:1])
    draft.prose += spoken(node.get("description"))
    seen = {id(node)}
    parts = [*graph.follow(node, "hasPart")]
    while parts:
        part = parts.pop(0)
        if id(part) in seen or len(seen) > 500:
            continue
        seen.add(id(part))
        for specification in graph.follow(part, "specifiedBy"):
            draft.claims += _outcomes(specification, graph)
        parts += graph.follow(part, "hasPart")
    return draft


def _specification(draft: Draft, node: Node, graph: Graph, log: Log) -> None:
    put = draft.put
    put("language", language_codes([local(lang) for lang in graph.follow(node, "language")] + refs(node, "language")))
    modes = [first_text(mode, "prefLabel") or "" for mode in graph.follow(node, "mode")]
    put("mode", words_of("delivery", modes))
    levels = [words for name in ("eqfLevel", "nqfLevel") for level in graph.follow(node, name) if (words := first_text(level, "prefLabel"))]  # fmt: skip
    put("level_note", "; ".join(levels))
    hours, note = time_spent(draft, node, "volumeOfLearning", log)
    put("hours", hours)
    points = [
        f"{text(credit.get('point'))} {next((first_text(f, 'prefLabel') or '' for f in graph.follow(credit, 'framework')), '')}".strip()
        for credit in graph.follow(node, "creditPoint")
        if text(credit.get("point"))
    ]
    put("hours_note", note or "; ".join(points))
    put("url", next((u for page in graph.follow(node, "homepage") for u in refs(page, "contentURL") if u.startswith("http")), None))  # fmt: skip
    put("eligibility", text(node.get("entryRequirement")))
    draft.claims += _outcomes(node, graph)


def _outcomes(node: Node, graph: Graph) -> list[Claim]:
    """Learning outcomes: the skills of ESCO that they name, else their words."""
    found: list[Claim] = []
    for outcome in graph.follow(node, "learningOutcome"):
        said = spoken(outcome.get("title")) or spoken(outcome.get("prefLabel"))
        words, language = said[0] if said else (None, None)
        skills = [s for name in ("relatedESCOSkill", "relatedSkill") for s in graph.follow(outcome, name)]
        for skill in skills:
            label = spoken(skill.get("prefLabel"))
            found.append(Claim(label[0][0] if label else "", words, local(skill) or None, declared=True, language=label[0][1] if label else None))  # fmt: skip
        if not skills and words:
            found.append(Claim(words, text(outcome.get("additionalNote")), language=language))
    return found
