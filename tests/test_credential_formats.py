"""Credentials in and out: CTDL, Open Badges, European Digital Credentials, schema.org, Estonian, CSV; bad files; wallets."""

from __future__ import annotations

import base64
import csv
import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher import api
from matcher.catalogue import Catalogue, load, read_credentials
from matcher.catalogue.export import export
from matcher.catalogue.links import Linker
from matcher.catalogue.read import read_all
from matcher.catalogue.stale import stale
from matcher.cli import main
from matcher.errors import CorpusError, InputError
from matcher.have import read_have
from matcher.jsonld import Graph, duration, text, vocabulary
from matcher.rows import Log, RowsError
from matcher.taxonomy import Taxonomy
from matcher.taxonomy import load as load_taxonomy
from matcher.types import ASSESSMENTS, CREDENTIAL_TYPES, ISSUER_KINDS, Credential, Outcome, Source

from .conftest import DATA, needs_data

SKILL_IDS = ["sql", "java", "docker", "haccp", "microsoft-excel", "french"]


def written(path: Path, content: object) -> Path:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def shown(credential: Credential) -> dict[str, tuple[str, bool]]:
    return {o.skill: (o.assessment, o.inferred) for o in credential.outcomes}


# --- CTDL

ORGANISATION = {"@id": "http://x/org", "@type": "ceterms:CredentialOrganization", "ceterms:name": {"en-US": "Wrench College"},
                "ceterms:agentType": [{"ceterms:targetNode": "orgType:Postsecondary"}]}  # fmt: skip
BADGE: dict[str, Any] = {
    "@id": "http://x/badge", "@type": "ceterms:Badge", "ceterms:name": {"de": "Datenabzeichen", "en-US": "Data badge"},
    "ceterms:ownedBy": ["http://x/org"], "ceterms:subjectWebpage": "https://wrench.example/badge", "ceterms:inLanguage": ["en-US"],
    "ceterms:description": {"en": "Teaches Docker on the side."},
    "ceterms:credentialStatusType": {"ceterms:targetNode": "credentialStat:Active"},
    "ceterms:estimatedCost": [{"ceterms:price": 40, "ceterms:currency": "US Dollar"}],
    "ceterms:estimatedDuration": [{"ceterms:exactDuration": "PT12H30M"}],
    "ceterms:recognizedBy": [{"@type": "ceterms:QACredentialOrganization", "ceterms:name": {"en": "Guild"}}],
    "ceterms:isPartOf": ["http://x/whole"],
    "ceterms:jurisdiction": [{"ceterms:mainJurisdiction": [{"ceterms:addressCountry": {"en": "United States"}}]}],
    "ceterms:requires": [{
        "@type": "ceterms:ConditionProfile",
        "ceterms:targetCompetency": [{"ceterms:targetNodeName": {"en": "Java"}}],
        "ceterms:targetLearningOpportunity": ["http://x/course"],
        "ceterms:targetAssessment": [{
            "@type": "ceterms:AssessmentProfile", "ceterms:assessmentMethodType": [{"ceterms:targetNode": "assessMethod:Performance"}],
            "ceterms:assesses": [{"ceterms:targetNode": "http://x/comp"}],
        }],
    }],
}  # fmt: skip
COURSE = {"@id": "http://x/course", "@type": "ceterms:Course", "ceterms:name": {"en": "Course"}, "ceterms:ctid": "ce-1",
          "ceterms:teaches": [{"ceterms:targetNodeName": {"en": "HACCP principles"}}]}  # fmt: skip
COMPETENCIES = [
    {"@id": "http://x/comp", "@type": "ceasn:Competency", "ceasn:competencyText": {"en": "Query things"}, "ceasn:hasChild": ["http://x/c2"]},
    {"@id": "http://x/c2", "@type": "ceasn:Competency", "ceasn:competencyText": {"en": "SQL"}, "ceasn:hasChild": ["http://x/comp"]},
]  # fmt: skip
WHOLE = {"@id": "http://x/whole", "@type": "ceterms:Certificate", "ceterms:name": {"en": "Whole"}}


def test_ctdl_is_followed_over_files(tmp_path: Path, small: Taxonomy) -> None:
    files = [
        written(tmp_path / "a.json", {"@context": "x", "@graph": [BADGE, *COMPETENCIES]}),
        written(tmp_path / "b.json", [ORGANISATION, COURSE, WHOLE]),
    ]
    log = Log()
    found = {c.id: c for c in read_all(files, small, None, log)}
    assert set(found) == {"wrench-college-data-badge", "whole"}
    badge = found["wrench-college-data-badge"]
    assert (badge.name, badge.issuer, badge.issuer_kind, badge.type) == (
        "Data badge",
        "Wrench College",
        "university",
        "badge",
    )
    assert (badge.hours, badge.cost, badge.currency, badge.status) == (12.5, 40, "USD", "active")
    assert (badge.language, badge.country, badge.part_of) == (("en",), ("US",), ("whole",))
    assert badge.recognised_by == (("Guild", "https://wrench.example/badge"),)
    assert shown(badge) == {
        "sql": ("practical", False), "haccp": ("taught", False), "java": ("unknown", False), "docker": ("mentioned", True),
    }  # fmt: skip
    assert log.problems == []


def test_a_course_that_no_credential_requires_is_an_entry(tmp_path: Path, small: Taxonomy) -> None:
    (course,) = read_credentials(written(tmp_path / "c.json", COURSE), small)
    assert (course.name, course.issuer_term, course.type) == ("Course", "Course", None)


def test_several_prices_are_no_price(tmp_path: Path, small: Taxonomy) -> None:
    costs = [{"ceterms:name": {"en": "Tuition"}, "ceterms:price": 40, "ceterms:currency": "EUR"}, {"ceterms:name": {"en": "Exam"}, "ceterms:price": "60.5", "ceterms:currency": "EUR"}]  # fmt: skip
    (c,) = read_credentials(written(tmp_path / "c.json", {**WHOLE, "ceterms:estimatedCost": costs}), small)
    assert (c.cost, c.cost_note) == (None, "Tuition: 40 EUR; Exam: 60.5 EUR")
    total = [*costs, {"ceterms:price": 100.5, "ceterms:currency": "EUR", "ceterms:directCostType": {"ceterms:targetNode": "costType:AggregateCost"}}]  # fmt: skip
    (c,) = read_credentials(written(tmp_path / "c.json", {**WHOLE, "ceterms:estimatedCost": total}), small)
    assert (c.cost, c.currency) == (100.5, "EUR")
    (c,) = read_credentials(written(tmp_path / "c.json", {**WHOLE, "ceterms:estimatedCost": [{"ceterms:price": 9, "ceterms:currency": "points"}]}), small)  # fmt: skip
    assert (c.cost, c.cost_note) == (None, "9, currency not stated")


def test_months_are_no_hours(tmp_path: Path, small: Taxonomy) -> None:
    (c,) = read_credentials(written(tmp_path / "c.json", {**WHOLE, "ceterms:estimatedDuration": [{"ceterms:exactDuration": "P9M"}]}), small)  # fmt: skip
    assert (c.hours, c.hours_note) == (None, "P9M")


def test_degrees_are_read_and_never_ranked(tmp_path: Path, small: Taxonomy) -> None:
    degree = {**BADGE, "@type": "ceterms:BachelorDegree"}
    path = written(tmp_path / "d.json", [degree, ORGANISATION])
    assert read_credentials(path, small)[0].type == "degree"
    report = api.match("Programmer\nYou must know Java.", taxonomy=small, catalogue=load([path], small))
    assert report.ranking == ()
    assert any("a degree, not a short credential" in w.message for w in report.warnings)


# --- Open Badges 3.0, European Digital Credentials, schema.org, Estonian

ACHIEVEMENT: dict[str, Any] = {
    "type": ["Achievement"], "id": "https://b.example/a1", "name": "Query badge", "achievementType": "Badge", "creator": {"type": ["Profile"], "name": "Badgers"},
    "criteria": {"narrative": "Hand in a project that uses Docker."}, "tag": ["MS Excel", "Zymurgy"], "inLanguage": "en", "creditsAvailable": 2,
    "alignment": [{"type": ["Alignment"], "targetName": "SQL", "targetUrl": "http://e/sql", "targetDescription": "Write queries"},
                  {"type": "Alignment", "targetName": "Keep Java programs running", "targetUrl": "http://e/other"}],
    "resultDescription": [{"alignment": [{"targetName": "French"}]}],
}  # fmt: skip
AWARD: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", "OpenBadgeCredential"], "id": "urn:uuid:1",
    "issuer": {"name": "Other"}, "credentialSubject": {"type": ["AchievementSubject"], "achievement": ACHIEVEMENT}, "proof": [],
}  # fmt: skip


@pytest.mark.parametrize(
    "value", [ACHIEVEMENT, AWARD, [AWARD], {"type": "VerifiablePresentation", "verifiableCredential": [AWARD]}]
)
def test_open_badges(tmp_path: Path, small: Taxonomy, value: object) -> None:
    (c,) = read_credentials(written(tmp_path / "b.txt", value), small)
    assert (c.id, c.issuer, c.type, c.url, c.hours_note) == ("badgers-query-badge", "Badgers", "badge", "https://b.example/a1", "2 credits")  # fmt: skip
    assert shown(c) == {
        "sql": ("unknown", False), "french": ("unknown", False), "java": ("unknown", True),
        "microsoft-excel": ("unknown", True), "docker": ("mentioned", True),
    }  # fmt: skip
    assert {o.skill: o.score for o in c.outcomes}["microsoft-excel"] == 0.95
    assert {o.skill: o.score for o in c.outcomes}["sql"] is None


def test_an_alignment_by_uri(tmp_path: Path) -> None:
    skills = load_taxonomy([written(tmp_path / "s.csv", "label,uri\nQuerying,http://e/sql\n")])
    (c,) = read_credentials(written(tmp_path / "b.json", AWARD), skills)
    assert shown(c) == {"querying": ("unknown", False)}


ELM: dict[str, Any] = {
    "@context": ["http://data.europa.eu/snb/model/context/edc-ap"], "type": ["VerifiableCredential", "EuropeanDigitalCredential"], "id": "urn:c:1",
    "credentialSubject": {"type": "Person", "hasClaim": [{
        "type": "LearningAchievement", "id": "urn:epass:1", "title": {"de": "Daten", "en": "Data handling"},
        "awardedBy": {"awardingBody": {"legalName": {"en": "Uni"}}}, "provenBy": {"title": {"en": "Written Exam"}},
        "hasPart": [{"type": "LearningAchievement", "specifiedBy": {"learningOutcome": {"title": {"en": "Runs Docker containers"}}}}],
        "specifiedBy": {
            "volumeOfLearning": "PT45H", "mode": {"prefLabel": {"en": "Online"}}, "eqfLevel": {"prefLabel": {"en": "Level 6"}},
            "language": {"id": "http://publications.europa.eu/resource/authority/language/DEU"},
            "creditPoint": {"point": "2", "framework": {"prefLabel": {"en": "ECTS"}}},
            "learningOutcome": [{"title": {"en": "Ask"}, "relatedESCOSkill": [{"id": "urn:x", "prefLabel": {"en": "SQL"}}]}],
        },
    }]},
}  # fmt: skip


def test_european_digital_credentials(tmp_path: Path, small: Taxonomy) -> None:
    (c,) = read_credentials(written(tmp_path / "e.json", ELM), small)
    assert (c.name, c.issuer, c.hours, c.hours_note, c.level_note) == ("Data handling", "Uni", 45, "2 ECTS", "Level 6")
    assert (c.language, c.mode, c.assessment) == (("de",), ("online",), ("exam",))
    assert shown(c) == {"sql": ("unknown", False), "docker": ("unknown", True)}


def test_schema_org(tmp_path: Path, small: Taxonomy) -> None:
    node = {
        "@context": "https://schema.org/", "@type": "EducationalOccupationalCredential", "name": "C", "url": "https://s.example/",
        "credentialCategory": "Certification", "publisher": {"name": "P"}, "timeRequired": "PT6H", "validFor": "P2Y", "dateModified": "2025-03-04T10:00",
        "offers": {"price": "1,200", "priceCurrency": "GBP"}, "educationalLevel": "Beginner", "validIn": {"@type": "Country", "name": "GBR"},
        "competencyRequired": [{"@type": "DefinedTerm", "name": "Java"}, "SQL"], "keywords": "Docker",
    }  # fmt: skip
    (c,) = read_credentials(written(tmp_path / "s.json", node), small)
    assert (c.type, c.issuer, c.hours, c.cost, c.currency) == ("certification", "P", 6, 1200, "GBP")
    assert (c.validity_years, c.as_of, c.level, c.country) == (2, "2025-03-04", "introductory", ("GB",))
    assert shown(c) == {"java": ("unknown", False), "sql": ("unknown", False), "docker": ("unknown", True)}


def test_estonian(tmp_path: Path, small: Taxonomy) -> None:
    entry = {"@type": "MicroCredential", "@id": "https://x.ee/1", "name": "Marketing ja SQL", "summary": "Kava", "url": "https://x.ee/1",
             "language": "et", "provider": {"name": "Ülikool"}, "ectsCredits": 6, "learningOutcome": ["Teeb SQL päringuid marketing"]}  # fmt: skip
    log = Log()
    (c,) = read_all(
        [written(tmp_path / "c.jsonld", {"@graph": [entry, {**entry, "learningOutcome": []}]})], small, None, log
    )
    assert (c.name, c.issuer, c.type, c.hours, c.hours_note) == ("Marketing ja SQL", "Ülikool", "microcredential", None, "6 ECTS credits")  # fmt: skip
    # in Estonian words only tools are looked for
    assert shown(c) == {"sql": ("unknown", True)}
    assert log.notes["entries that stood twice under one id, put together"] == 1


# --- what cannot be used

DEEP: dict[str, Any] = {}
_inner = DEEP
for _ in range(400):
    _inner["hasPart"] = {}
    _inner = _inner["hasPart"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (json.dumps(BADGE)[:-40], ("cut off", "line 1")),
        ({**WHOLE, "ceterms:name": {"en": ["", 7]}}, ("entry 1", "no name")),
        ({**WHOLE, "ceterms:name": 7e300}, ("no name",)),
        ([WHOLE, 7, {**WHOLE, "@id": "b", "ceterms:estimatedCost": [{"ceterms:price": "cheap"}]}], ("2 rows", "entry 2", "it is 7", "entry 3 (Whole)", "cost is 'cheap'")),
        ({**WHOLE, "ceterms:estimatedCost": [{"ceterms:price": 1e999, "ceterms:currency": "EUR"}]}, ("Infinity",)),
        (json.dumps({**WHOLE, "ceterms:estimatedCost": [{"ceterms:price": 1}]}).replace(": 1}", ": 1e999}"), ("cost is inf", "a number")),
        (json.dumps({**WHOLE, "n": 1}).replace(": 1}", ": " + "9" * 5000 + "}"), ("JSON",)),
        ({**WHOLE, "ceterms:estimatedDuration": [{"ceterms:exactDuration": "45 hours"}]}, ("exactDuration is '45 hours'", "PT40H")),
        ([{**WHOLE, "ceterms:isPartOf": ["b"]}, {**WHOLE, "@id": "b", "ceterms:name": "B", "ceterms:isPartOf": ["http://x/whole"]}], ("part_of leads back to itself",)),
        ({"@type": "ceterms:Badge", "ceterms:name": "A", **DEEP}, ("nested deeper",)),
        ("[" * 5000 + "]" * 5000, ("nested",)),
        ({"@type": "Nothing"}, ("no credential in it, but Nothing (1)",)),
        ({"@graph": COMPETENCIES}, ("matcher skills import",)),
        ({**AWARD, "credentialSubject": {"achievement": []}}, ("no achievement",)),
        ({**AWARD, "credentialSubject": "me", "type": "OpenBadgeCredential"}, ("no achievement",)),
        ({**ELM, "credentialSubject": {"hasClaim": "x"}}, ("no LearningAchievement",)),
        ({"@type": "MicroCredential", "provider": 1, "name": "A", "ectsCredits": "six"}, ("ectsCredits is 'six'",)),
        ({"schema": "matcher/credentials/1", "credentials": [{"name": "A"}, 3]}, ("entry 2", "it is 3")),
        ({"schema": "matcher/credentials/1", "credentials": 3}, ("no list of credentials",)),
        (b"PAR1junk", ("Parquet",)),
        ("name,hours\nA,1e999\nB,-3\nC,5\n", ("2 rows", "line 2 (A)", "line 3 (B)", "a number")),
        ("name,id\nA,x\nB,x\n", ("line 3 (B)", "the id x stands already at line 2")),
        ("name,status\nA,maybe\n", ("status is 'maybe'",)),
        ("name,as_of\nA,last year\n", ("as_of is 'last year'", "YYYY")),
        ("name,outcomes\nA,[[\n", ("outcomes is '[['",)),
        ("name,currency\nA,coins\n", ("currency is 'coins'",)),
        ("name,issuer\nA,B,C\n", ("3 cells under 2 columns",)),
        ('[[credential]]\nid = "a"\nname = 3\n', ("name is 3",)),
        ('[[credential]]\nid = "a"\nname = "A"\nlanguage = "en"\n', ("language is 'en'",)),
        ("credential = 3\n[[x]]\n", ("name",)),
        ('[[credential]]\nid = "a"\nname = "A"\nas_of = "2024-13"\n', ("a: as_of is '2024-13'", "YYYY-MM")),
    ],
)  # fmt: skip
def test_bad_files(tmp_path: Path, small: Taxonomy, content: object, says: tuple[str, ...]) -> None:
    path = written(tmp_path / "c.any", content)
    with pytest.raises(CorpusError) as caught:
        load([path], small)
    for part in says:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 2500


def test_links_in_a_circle_are_followed_once() -> None:
    graph = Graph()
    graph.add([{"@id": "a", "hasPart": ["b"]}, {"@id": "b", "hasPart": ["a", {"@id": "a"}]}], "x")
    assert [node["id"] for node in graph.follow(graph.nodes[1], "hasPart")] == ["a", "a"]


def test_nothing_is_half_imported(tmp_path: Path) -> None:
    path, out, errors = written(tmp_path / "m.csv", "name,hours\nA,4\nB,x\n"), tmp_path / "o.toml", tmp_path / "e.csv"
    run = CliRunner()
    result = run.invoke(main, ["credentials", "import", str(path), "-o", str(out), "--errors", str(errors)])
    assert (result.exit_code, out.exists()) == (1, False)
    (row,) = csv.DictReader(errors.open())
    assert (row["row"], row["field"], row["expected"]) == ("line 3 (B)", "hours", "a number")
    result = run.invoke(main, ["credentials", "import", str(path), "-o", str(out), "--skip-errors"])
    assert result.exit_code == 0, result.stderr
    assert "1 credentials from 2 rows, 1 rows left out" in result.stderr
    assert '[[credential]]\nid = "a"\nname = "A"\nhours = 4\n' in out.read_text()


# --- CSV


def test_columns_that_are_not_there(tmp_path: Path, small: Taxonomy) -> None:
    path = written(tmp_path / "m.csv", "title,org\nA,B\n")
    with pytest.raises(CorpusError, match="no column 'orga'"):
        read_credentials(path, small, {"name": "title", "issuer": "orga"})
    with pytest.raises(CorpusError, match="no field 'nmae'"):
        read_credentials(path, small, {"nmae": "title"})


def test_words_of_other_catalogues(tmp_path: Path, small: Taxonomy) -> None:
    path = written(tmp_path / "m.csv", "name,type,level,currency,cost,status\nA,Specialization,Beginner,US Dollar,5,Active\nA,Course,Mixed,,,\n")  # fmt: skip
    first, second = read_credentials(path, small)
    assert (first.type, first.issuer_term, first.level, first.level_note) == ("professional_certificate", "Specialization", "introductory", "Beginner")  # fmt: skip
    assert (first.currency, first.status) == ("USD", "active")
    assert (second.id, second.type, second.level, second.level_note) == ("a-2", "certificate", None, "Mixed")


def test_links_have_scores_and_are_marked(tmp_path: Path, small: Taxonomy) -> None:
    path = written(tmp_path / "m.csv", "name,skills,description\nJava for all,SQL|MS Excel|using Docker daily|sap|xyz,Some HACCP\n")  # fmt: skip
    (c,) = read_credentials(path, small)
    assert [(o.skill, o.inferred, o.score) for o in c.outcomes] == [
        ("sap", False, None), ("sql", True, 1.0), ("microsoft-excel", True, 0.95), ("docker", True, 0.7), ("java", True, 0.7),
        ("haccp", True, 0.5),
    ]  # fmt: skip


def test_outcomes_go_to_the_taxonomy_in_use(tmp_path: Path, bundled: Taxonomy) -> None:
    uri = next(code for scheme, code, match in bundled.crosswalk("ansible") if scheme == "esco" and match == "exact")
    other = load_taxonomy(
        [written(tmp_path / "s.csv", f"id,label,uri\nx1,Configuring with it,{uri}\nx2,microsoft EXCEL,\n")]
    )
    toml = '[[credential]]\nid = "a"\nname = "A"\noutcomes = [{skill = "ansible", assessment = "exam"}, {skill = "microsoft-excel"}, {skill = "welding"}]\n'  # fmt: skip
    catalogue = load([written(tmp_path / "c.toml", toml)], other)
    assert [(o.skill, o.assessment, o.inferred) for o in catalogue.credential("a").outcomes] == [
        ("x1", "exam", True), ("x2", "unknown", True), ("welding", "unknown", False),
    ]  # fmt: skip


# --- out and in again

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), exclude_characters="|"), min_size=1, max_size=10)  # fmt: skip
amounts = st.none() | st.integers(0, 5000).map(float)
codes = st.lists(st.sampled_from(["en", "fr", "de"]), max_size=2, unique=True).map(tuple)
addresses = st.from_regex(r"https://[a-z]{1,8}\.example/[a-z]{0,5}", fullmatch=True)
outcomes = st.lists(
    st.builds(Outcome, st.sampled_from(SKILL_IDS), st.sampled_from(ASSESSMENTS), st.none() | words),
    max_size=4, unique_by=lambda o: o.skill,
).map(tuple)  # fmt: skip
slugs = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)


@st.composite
def credentials(draw: st.DrawFn) -> Credential:
    cost = draw(amounts)
    return Credential(
        id=draw(slugs), name=draw(words), issuer=draw(st.none() | words), issuer_kind=draw(st.none() | st.sampled_from(ISSUER_KINDS)),
        url=draw(st.none() | addresses), issuer_term=draw(st.none() | words), type=draw(st.none() | st.sampled_from(CREDENTIAL_TYPES)),
        hours=draw(amounts), hours_note=draw(st.none() | words), cost=cost, currency=None if cost is None else draw(st.sampled_from(["EUR", "USD"])),
        cost_note=draw(st.none() | words), level=draw(st.sampled_from([None, "introductory", "advanced"])), level_note=draw(st.none() | words),
        assessment=draw(st.sampled_from([(), ("quiz",), ("project", "exam")])), language=draw(codes),
        country=draw(st.sampled_from([(), ("GB",), ("US", "IE")])), mode=draw(st.sampled_from([(), ("online",), ("on_site",)])),
        eligibility=draw(st.none() | words), validity=draw(st.none() | words), validity_years=draw(st.none() | st.integers(1, 9).map(float)),
        status=draw(st.sampled_from(["active", "retired", "unknown"])), as_of=draw(st.sampled_from([None, "2024", "2025-03-04"])),
        checked=draw(st.sampled_from([None, "2026-01-31"])), description=draw(st.none() | words),
        sources=draw(st.lists(st.builds(Source, addresses, st.lists(words, max_size=2).map(tuple)), max_size=2).map(tuple)),
        recognised_by=draw(st.lists(st.tuples(words, addresses), max_size=2, unique_by=lambda r: r[0]).map(tuple)),
        outcomes=draw(outcomes),
    )  # fmt: skip


def kept(c: Credential, names: tuple[str, ...], how: frozenset[str]) -> dict[str, Any]:
    """The facts that a format holds; a way of showing an outcome that it has no word for comes back as unknown."""
    facts: dict[str, Any] = {name: getattr(c, name) for name in ("id", "name", "issuer", "description", *names)}
    facts["outcomes"] = {
        o.skill: (o.assessment if o.assessment in how else "unknown", o.text or None)
        for o in c.outcomes
        if not o.inferred
    }
    return facts


HOLDS: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
    "ctdl": (
        ("url", "hours", "hours_note", "cost", "currency", "level", "language", "country", "mode", "eligibility", "validity_years", "status"),
        frozenset({"exam", "practical", "taught"}),
    ),
    "schemaorg": (
        ("url", "hours", "cost", "currency", "level", "language", "country", "eligibility", "validity_years", "status", "as_of", "recognised_by"),
        frozenset(),
    ),
    "openbadges": (("url",), frozenset()),
}  # fmt: skip


@pytest.mark.parametrize("form", ["ctdl", "schemaorg", "openbadges"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(c=credentials())
def test_round_trip_of_what_a_format_holds(tmp_path: Path, small: Taxonomy, form: str, c: Credential) -> None:
    # a title that happens to be a skill's name would be linked as well; that is another test's matter
    c = replace(c, outcomes=tuple(replace(o, text=o.text or "as shown") for o in c.outcomes))
    if form == "openbadges":
        # the standard asks for a description; without one the name stands there
        c = replace(c, description=c.description or c.name)
    (back,) = read_credentials(written(tmp_path / "x.any", export([c], form, small)), small)
    names, how = HOLDS[form]
    assert kept(back, names, how) == kept(c, names, how)


@pytest.mark.parametrize("form", ["csv", "parquet", "json", "toml"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(credentials(), min_size=1, max_size=4, unique_by=lambda c: c.id))
def test_our_own_forms_hold_everything(tmp_path: Path, small: Taxonomy, form: str, found: list[Credential]) -> None:
    assert read_credentials(written(tmp_path / "x.any", export(found, form, small)), small) == found


def test_links_between_credentials_come_back(tmp_path: Path, small: Taxonomy) -> None:
    found = [
        Credential("a", "A", leads_to=("b",)),
        Credential("b", "B", prerequisite=("a",)),
        Credential("c", "C", part_of=("b",)),
    ]
    back = {c.id: c for c in read_credentials(written(tmp_path / "x.json", export(found, "ctdl", small)), small)}
    assert (back["a"].leads_to, back["b"].prerequisite, back["c"].part_of) == (("b",), ("a",), ("b",))


@pytest.mark.parametrize("form", ["ctdl", "openbadges", "schemaorg"])
def test_what_was_inferred_is_never_exported_as_declared(tmp_path: Path, small: Taxonomy, form: str) -> None:
    c = Credential(
        "a", "A", outcomes=(Outcome("sql", "exam", "Queries"), Outcome("java", "mentioned", "Java", True, 0.5))
    )
    (back,) = read_credentials(written(tmp_path / "x.json", export([c], form, small)), small)
    assert {o.skill: o.inferred for o in back.outcomes} == {"sql": False, "java": True}


def test_every_bundled_credential_can_be_exported(
    tmp_path: Path, bundled: Taxonomy, bundled_catalogue: Catalogue
) -> None:
    found = [bundled_catalogue.credential(id) for id in bundled_catalogue.ids()]
    for form in ("ctdl", "openbadges", "schemaorg", "csv", "toml"):
        back = {c.id: c for c in read_credentials(written(tmp_path / form, export(found, form, bundled)), bundled)}
        assert back.keys() == {c.id for c in found}
        for c in found:
            declared = {o.skill for o in back[c.id].outcomes if not o.inferred}
            assert declared == {o.skill for o in c.outcomes if o.skill in bundled and not o.inferred}
        if form in ("csv", "toml"):
            assert [back[c.id] for c in found] == found


def test_the_vocabularies_say_our_words() -> None:
    for name in ("ctdl_type", "ob_type", "schemaorg_category"):
        assert set(vocabulary(name).values()) <= set(CREDENTIAL_TYPES)
    assert set(vocabulary("issuer_kind").values()) <= set(ISSUER_KINDS)
    assert set(vocabulary("shown").values()) <= set(ASSESSMENTS)
    assert all(len(code) == 3 and code.isupper() for code in vocabulary("currency").values())
    assert all(len(code) == 2 for name in ("language", "country") for code in vocabulary(name).values())


# --- small parts


@pytest.mark.parametrize(
    ("value", "expected"),
    [("PT1H", (1.0, None)), ("P1DT2H", (None, "P1DT2H")), ("P-1D", (None, None)), ("", (None, None)), (None, (None, None)),
     ("PT" + "9" * 50 + "H", (None, None)), ("P" + "9" * 30 + "Y", (None, "P" + "9" * 30 + "Y")), (["PT1H"], (None, None))],
)  # fmt: skip
def test_durations(value: object, expected: tuple[float | None, str | None]) -> None:
    if isinstance(value, str) and value.startswith("P" + "9" * 30):
        assert duration(value)[0] is None
        return
    assert duration(value) == expected


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["en", "de", "@value", "@language", "type", "name", "ceterms:name", "@id", "hasPart", "@graph", "requires", "alignment"]), inner, max_size=4), max_leaves=20))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_no_json_breaks_the_reader(value: Any) -> None:
    """Whatever stands in a file, it is read, reported or refused; nothing else is raised."""
    from matcher.catalogue.documents import drafts_of, wallet

    assert text(value) is None or isinstance(text(value), str)
    for kind in ("ceterms:Badge", "Achievement", "OpenBadgeCredential", "EuropeanDigitalCredential", "LearningAchievement", "MicroCredential", "EducationalOccupationalCredential"):  # fmt: skip
        node = {**value, "@type": kind} if isinstance(value, dict) else {"@type": kind, "name": value, "requires": value, "alignment": value, "estimatedCost": value, "specifiedBy": value, "tag": value, "criteria": value, "credentialSubject": value, "competencyRequired": value, "timeRequired": value, "provider": value}  # fmt: skip
        graph = Graph()
        graph.add(node, "x")
        drafts_of(graph, Log())
        wallet(node, "x", Log())


# --- what is old


def test_stale_oldest_first(tmp_path: Path, small: Taxonomy) -> None:
    found = [
        Credential("new", "N", as_of="2026-10"), Credential("old", "O", as_of="2019-05-01", checked="2026-11-01"),
        Credential("seen", "S", checked="2025-01-01"), Credential("none", "?"), Credential("gone", "G", as_of="2001", status="retired"),
    ]  # fmt: skip
    rows = stale(found, today=datetime.date(2026, 11, 22))
    assert [(r.credential.id, r.kind) for r in rows] == [("none", "no date"), ("old", "as of"), ("seen", "checked")]
    assert [r.credential.id for r in stale(found, 3000, datetime.date(2026, 11, 22))] == ["none"]
    path = written(tmp_path / "c.json", export(found, "json", small))
    done = CliRunner().invoke(main, ["credentials", "stale", "--catalogue", str(path), "--format", "json"])
    assert [row["id"] for row in json.loads(done.stdout)][:2] == ["none", "old"]


# --- a wallet as --have


def test_a_credential_as_have(tmp_path: Path, small: Taxonomy) -> None:
    held = read_have(written(tmp_path / "b.json", AWARD), small)
    assert set(held) == {"sql", "french", "java", "microsoft-excel"}
    (warning,) = held.warnings
    assert "signature not verified" in warning.message
    assert "Query badge" in warning.message
    assert "not declared by the issuer: Java, Microsoft Excel" in warning.message
    found = api.extract("You must know SQL and Docker.", taxonomy=small, have=tmp_path / "b.json")
    assert {r.skill: r.gap for r in found.requirements} == {"sql": 0.0, "docker": 1.0}
    assert [w.code for w in found.warnings] == ["have_not_verified"]
    report = api.match(
        found,
        taxonomy=small,
        have=tmp_path / "b.json",
        catalogue=load([written(tmp_path / "c.csv", "name\nSQL\n")], small),
    )
    assert "have_not_verified" in {w.code for w in report.warnings}


def test_a_token_and_an_elm_credential_as_have(tmp_path: Path, small: Taxonomy) -> None:
    body = base64.urlsafe_b64encode(json.dumps({"vc": AWARD}).encode()).decode().rstrip("=")
    assert "sql" in read_have(written(tmp_path / "b.jwt", f"eyJhbGciOiJub25lIn0.{body}.c2ln"), small)
    assert set(read_have(written(tmp_path / "e.json", ELM), small)) == {"sql", "docker"}
    competency = {
        "type": "VerifiableCredential",
        "credentialSubject": {"achievement": [{"type": "ceasn:Competency", "ceasn:competencyLabel": "SQL"}]},
    }
    assert set(read_have(written(tmp_path / "c.json", competency), small)) == {"sql"}


def test_wallets_that_cannot_be_used(tmp_path: Path, small: Taxonomy) -> None:
    with pytest.raises(InputError, match="cut off"):
        read_have(written(tmp_path / "b.json", json.dumps(AWARD)[:-30]), small)
    other = {**AWARD, "credentialSubject": {"achievement": {"type": "Achievement", "name": "Zymurgy"}}}
    with pytest.raises(InputError, match="none of whose skills"):
        read_have(written(tmp_path / "b.json", other), small)
    assert set(read_have(written(tmp_path / "r.json", {"skills": [{"name": "SQL"}]}), small)) == {"sql"}


# --- JDX


def test_requirements_as_jdx(tmp_path: Path, small_files: tuple[Path, Path]) -> None:
    ad = written(tmp_path / "ad.txt", "Developer\n\nYou must know SQL and Java or Python.\nFrench is a plus.\nNo Docker experience needed.\nA bachelor's degree is required.\nFood safety certificate required.\n")  # fmt: skip
    done = CliRunner().invoke(main, ["extract", str(ad), "--taxonomy", str(small_files[0]), "--format", "jdx"])
    assert done.exit_code == 0, done.stderr
    posting = json.loads(done.stdout)
    tools = {term["schema:name"]: term for term in posting["jdx:technology"]}
    assert tools.keys() == {"SQL", "Java", "Python"}
    assert tools["SQL"]["jdx:annotation"] == {"@type": "jdx:ScaleAnnotation", "jdx:required": True}
    assert tools["Java"]["schema:description"] == "or Python"
    (french,) = posting["jdx:competency"]
    assert french["jdx:annotation"]["jdx:preferred"] is True
    assert "degree" in posting["jdx:requiredEducation"][0]["schema:description"]
    assert posting["jdx:requiredCredential"] == [
        {"@type": "jdx:Credential", "schema:description": "Food safety certificate"}
    ]


@needs_data
def test_jdx_uses_the_terms_of_its_schema(tmp_path: Path) -> None:
    terms = {node["@id"] for node in json.loads((DATA / "ctdl" / "jdx-schema.json").read_text())["@graph"]}
    done = CliRunner().invoke(main, ["extract", "corpora/postings/sample-ad.txt", "--format", "jdx"])
    used: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            used.update(key for key in value if not key.startswith("@") and ":" in key)
            used.update([value["@type"]] if "@type" in value else [])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk({k: v for k, v in json.loads(done.stdout).items() if k != "@context"})
    assert used <= terms


# --- the real files


@needs_data
@pytest.mark.parametrize(
    ("name", "count"),
    [("ctdl", 5), ("microcredentials-ee/catalog.jsonld", 156), ("openbadges3/open-badge-mc-example.json", 1),
     ("openbadges3/edc-mc-example.json", 1), ("ctdl/Credential-1-graph.json", 1)],
)  # fmt: skip
def test_real_files(tmp_path: Path, name: str, count: int) -> None:
    out = tmp_path / "o.toml"
    done = CliRunner().invoke(main, ["credentials", "import", str(DATA / name), "-o", str(out)])
    assert done.exit_code == 0, done.stderr
    assert f"{count} credentials from " in done.stderr
    assert done.stderr.rstrip().endswith(" 0 rows left out")
    assert out.read_text().count("[[credential]]") == count


@needs_data
def test_the_listing_of_courses(bundled: Taxonomy) -> None:
    columns = {"name": "title", "issuer": "organization", "hours_note": "duration"}
    found = read_credentials(DATA / "catalogue-facts" / "coursera-2023.csv", bundled, columns)
    assert len(found) == 502
    assert {c.type for c in found} <= {"certificate", "professional_certificate", None}
    assert sum(bool(c.outcomes) for c in found) > 400
    assert all(o.inferred and o.score for c in found for o in c.outcomes if o.text not in bundled)


def test_a_linker_remembers_tags(small: Taxonomy) -> None:
    linker = Linker(small)
    assert linker.link("MS Excel", "tag") is linker.link("MS Excel", "tag")
    assert linker.link("Excel en français", "tag", "fr") == linker.link("Excel en français", "tag", "fr")


def test_many_problems_are_one_message() -> None:
    log = Log()
    for line in range(30):
        log.problem("number", "m.csv", f"line {line}", "hours", "hours is 'x'", "a number", "leave it empty")
    with pytest.raises(RowsError) as caught:
        log.stop_if_any()
    assert len(caught.value.problems) == 30
    assert "30 rows cannot be used, so none is" in str(caught.value)
    assert "and 22 more" in str(caught.value)
