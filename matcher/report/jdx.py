"""What an ad asks for as a JobPosting of the JDX JobSchema+ (U.S. Chamber of Commerce Foundation), in JSON-LD."""

from __future__ import annotations

import json
from typing import Any

from matcher.types import Barrier, Extraction, Report, Requirement

CONTEXT = {"jdx": "http://purl.org/jdx/terms/", "schema": "http://schema.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"}  # fmt: skip
_PROPERTY = {"tool": "jdx:technology", "knowledge": "jdx:knowledge", "hard": "jdx:skill", "soft": "jdx:skill", "language": "jdx:competency"}  # fmt: skip
_NEEDED = {"required": "required", "preferred": "preferred"}


def to_jdx(report: Report | Extraction, *, explain: bool = False) -> str:
    """The requirements as competencies with ``jdx:required`` and ``jdx:preferred``.

    Notes
    -----
    What stands among the duties has neither; what the ad says it does not require is left out. A group of
    alternatives is named in the description of each. Not held: offsets, weights, the words that decided.
    """
    return json.dumps(to_dict(report), ensure_ascii=False, indent=1) + "\n"


def to_dict(report: Report | Extraction) -> dict[str, Any]:
    """The posting as plain values."""
    posting = report.posting
    out: dict[str, Any] = {"@context": CONTEXT, "@type": "jdx:JobPosting", "jdx:postingID": posting.id}
    if posting.title:
        out["schema:title"] = posting.title
    if posting.language:
        out["schema:inLanguage"] = posting.language
    out["schema:description"] = posting.text
    groups: dict[str, list[str]] = {}
    for r in report.requirements:
        if r.group:
            groups.setdefault(r.group, []).append(r.label)
    for r in report.requirements:
        if r.need == "not_required":
            continue
        if r.type == "credential":
            name = "jdx:preferredCredential" if r.need == "preferred" else "jdx:requiredCredential"
            out.setdefault(name, []).append({"@type": "jdx:Credential", "schema:description": r.label})
        else:
            out.setdefault(_PROPERTY[r.type], []).append(_term(r, groups.get(r.group or "", [])))
    for barrier in report.barriers:
        _barrier(barrier, out)
    return out


def _term(r: Requirement, alternatives: list[str]) -> dict[str, Any]:
    term: dict[str, Any] = {"@type": "jdx:AnnotatedDefinedTerm", "schema:name": r.label}
    if r.skill:
        term["schema:termCode"] = r.skill
    others = [label for label in alternatives if label != r.label]
    said = [f"or {' or '.join(others)}"] if others else []
    said += [f"level: {r.level}"] if r.level else []
    said += [f"{r.years:g} years"] if r.years else []
    if said:
        term["schema:description"] = "; ".join(said)
    if r.need in _NEEDED:
        term["jdx:annotation"] = {"@type": "jdx:ScaleAnnotation", f"jdx:{_NEEDED[r.need]}": True}
    return term


def _barrier(b: Barrier, out: dict[str, Any]) -> None:
    """What no short credential gives, where JDX has a place for it; the rest as a summary."""
    if b.need == "not_required":
        return
    wanted = "preferred" if b.need == "preferred" else "required"
    if b.kind in ("degree", "years"):
        name = f"jdx:{wanted}{'Education' if b.kind == 'degree' else 'Experience'}"
        out.setdefault(name, []).append({"@type": "jdx:QualifyingExperience", "schema:description": b.text})
    elif b.kind == "licence":
        out.setdefault(f"jdx:{wanted}Credential", []).append({"@type": "jdx:Credential", "schema:description": b.text})
    elif b.kind == "clearance":
        out.setdefault("jdx:securityClearanceRequirement", []).append(b.text)
    else:
        out.setdefault("jdx:qualificationSummary", []).append(b.text)
