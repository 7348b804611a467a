"""Reports for programs: the contract's JSON, one line of it, or one CSV row a covered requirement."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from matcher.api import NOTICE
from matcher.types import Credential, Extraction, Ranked, Report, Requirement, Standing

SCHEMA = "matcher/report/1"
_CREDENTIAL = (
    "id", "name", "issuer", "issuer_kind", "url", "type", "hours", "cost", "currency", "level",
    "assessment", "language", "country", "mode", "status", "as_of",
)  # fmt: skip


def to_dict(report: Report | Extraction) -> dict[str, Any]:
    """The report as plain values, keys as in the contract; what is not known is None."""
    posting = report.posting
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "posting": {
            "id": posting.id,
            "title": posting.title,
            "source": posting.source,
            "language": posting.language,
            "text": posting.text,
            "country": report.country.code if report.country else None,
            "country_cues": list(report.country.cues) if report.country else [],
        },
        "requirements": [_requirement(r) for r in report.requirements],
        "barriers": [
            {
                "kind": b.kind, "need": b.need, "text": b.text, "start": b.start, "end": b.end,
                "detail": b.detail, "group": b.group,
            }
            for b in report.barriers
        ],
        "asked_for": [
            {
                "credential": a.credential, "name": a.name, "url": a.url, "need": a.need, "start": a.start,
                "end": a.end, "text": a.text,
            }
            for a in report.asked_for
        ],
    }  # fmt: skip
    if isinstance(report, Report):
        result["ranking"] = [_ranked(r) for r in report.ranking]
        result["uncovered"] = list(report.uncovered)
        result["standing"] = standing_record(report.standing)
        s = report.stability
        result["stability"] = s and {
            "draws": s.draws, "tau": s.tau, "tau_low": s.tau_low, "robust": s.robust, "rival": s.rival, "rival_name": s.rival_name,
            "first": [{"credential": id, "share": share} for id, share in s.first],
        }  # fmt: skip
    result["warnings"] = [{"code": w.code, "message": w.message} for w in report.warnings]
    result["notice"] = NOTICE
    return result


def standing_record(standing: Standing | None) -> dict[str, Any] | None:
    """Where the person stands, as plain values."""
    return None if standing is None else {"share": standing.share, "case": standing.case}


def _requirement(r: Requirement) -> dict[str, Any]:
    return {
        "id": r.id, "skill": r.skill, "label": r.label, "type": r.type, "need": r.need, "weight": r.weight,
        "gap": r.gap, "level": r.level, "years": r.years, "group": r.group,
        "central": round(r.central, 4),
        "mentions": [
            {
                "start": m.start, "end": m.end, "text": m.text, "section": m.section, "cue": m.cue,
                "source": m.source, "score": m.score, "need": m.need,
            }
            for m in r.mentions
        ],
    }  # fmt: skip


def credential_record(c: Credential) -> dict[str, Any]:
    """The credential's facts that stand in every report."""
    return {name: list(v) if isinstance(v := getattr(c, name), tuple) else v for name in _CREDENTIAL}


def _ranked(r: Ranked) -> dict[str, Any]:
    return {
        "rank": r.rank,
        "credential": credential_record(r.credential),
        "score": r.score,
        "score_high": r.score_high,
        "focus": r.focus,
        "covers": [
            {
                "requirement": c.requirement, "skill": c.skill, "relation": c.relation,
                "assessment": c.assessment, "credit": c.credit, "credit_high": c.credit_high,
                "share": c.share, "outcome": c.outcome, "outcome_skill": c.outcome_skill,
            }
            for c in r.covers
        ],
        "repeats": list(r.repeats),
        "related": list(r.related),
        "missing": list(r.missing),
        "flags": list(r.flags),
    }  # fmt: skip


def to_json(report: Report | Extraction, *, explain: bool = False) -> str:
    """Indented JSON."""
    return json.dumps(to_dict(report), ensure_ascii=False, indent=1) + "\n"


def to_jsonl(report: Report | Extraction, *, explain: bool = False) -> str:
    """The same on one line."""
    return json.dumps(to_dict(report), ensure_ascii=False) + "\n"


def to_csv(report: Report | Extraction, *, explain: bool = False) -> str:
    """One row a covered requirement of a ranked credential; of an extraction, one row a mention."""
    out = io.StringIO()
    labels = {r.id: r for r in report.requirements}
    if isinstance(report, Report):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(
            ["posting", "rank", "credential_id", "credential", "issuer", "url", "score", "score_high", "focus", "hours",
             "cost", "currency", "requirement", "need", "ad_words", "relation", "assessment", "share", "outcome"]
        )  # fmt: skip
        for r in report.ranking:
            c = r.credential
            for row in r.covers:
                asked = labels[row.requirement]
                words = asked.mentions[0].text if asked.mentions else ""
                writer.writerow(
                    [report.posting.id, r.rank, c.id, c.name, c.issuer, c.url, r.score, r.score_high, r.focus, c.hours,
                     c.cost, c.currency, asked.label, asked.need, words, row.relation, row.assessment, row.share,
                     row.outcome]
                )  # fmt: skip
        return out.getvalue()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["posting", "requirement", "skill", "label", "type", "need", "weight", "level", "years", "group", "start", "end",
         "text", "section", "cue"]
    )  # fmt: skip
    for q in report.requirements:
        for m in q.mentions:
            writer.writerow(
                [report.posting.id, q.id, q.skill, q.label, q.type, q.need, q.weight, q.level, q.years, q.group,
                 m.start, m.end, m.text, m.section, m.cue]
            )  # fmt: skip
    return out.getvalue()
