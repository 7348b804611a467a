"""What an ad asks for: sections, skills in context, needs with their cue, groups, years, levels, barriers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import cues, extract
from matcher.pipeline import models, read
from matcher.report import render
from matcher.taxonomy import Taxonomy
from matcher.types import Barrier, Extraction, Mode, Posting, Requirement
from matcher.words import cut

from .conftest import AD

Wanted = Callable[[str], dict[str, Requirement]]
Barred = Callable[[str], list[Barrier]]


def needs(found: dict[str, Requirement]) -> dict[str, str]:
    return {skill: requirement.need for skill, requirement in found.items()}


def asked(found: dict[str, Requirement]) -> set[str]:
    return {skill for skill, requirement in found.items() if requirement.need != "not_required"}


# --- sections


def sections(text: str, small: Taxonomy) -> list[tuple[str, str]]:
    found = extract(Posting("x", text), taxonomy=small)
    return [(s.kind, text[s.start : s.end]) for s in found.sections]


def section_of(text: str, words: str, small: Taxonomy) -> str:
    at = text.index(words)
    return next(kind for kind, written in sections(text, small) if words in written and text.index(written) <= at)


@pytest.mark.parametrize(
    ("words", "kind"),
    [("Stock Data", "title"), ("Bramble", "about"), ("stock table", "duties"), ("know SQL", "requirements"),
     ("French", "preferred"), ("German lessons", "benefits")],
)  # fmt: skip
def test_sections_under_headings(small: Taxonomy, words: str, kind: str) -> None:
    assert section_of(AD, words, small) == kind
    # shouted, with colons, and on one line
    assert section_of(AD.replace("\n- ", ":\n• ", 1), words, small) == kind


@pytest.mark.parametrize(
    ("heading", "kind"),
    [("Requirements", "requirements"), ("REQUIREMENTS", "requirements"), ("What you'll bring", "requirements"),
     ("What you’ll bring:", "requirements"), ("Must haves", "requirements"), ("Essential criteria", "requirements"),
     ("Minimum qualifications", "requirements"), ("Nice to have", "preferred"), ("Bonus points", "preferred"),
     ("Desirable criteria", "preferred"), ("Preferred qualifications:", "preferred"), ("You might also have", "preferred"), ("It would be nice to have", "preferred"),
     ("Responsibilities", "duties"), ("What you'll do", "duties"), ("Key duties:", "duties"), ("Benefits", "benefits"),
     ("What we offer", "benefits"), ("About us", "about"), ("Who we are", "about"), ("* * Requirements * *", "requirements"),
     ("**Requirements**", "requirements"), ("## Nice to have", "preferred"), ("Requirements -", "requirements")],
)  # fmt: skip
def test_headings_of_many_employers(small: Taxonomy, heading: str, kind: str) -> None:
    text = f"Clerk\n\nA quiet office by the canal.\n\n{heading}\n- SQL tables and reports\n- French texts\n"
    assert section_of(text, "SQL tables", small) == kind
    assert section_of(text, "French texts", small) == kind


def test_an_ad_that_lost_its_line_breaks(wanted: Wanted) -> None:
    text = (
        "We are a small bakery.Requirements: SQL knowledgeExperience with XeroBookkeepingNice to have: French"
        "Benefits: free German lessons"
    )
    found = needs(wanted(text))
    assert found == {"sql": "required", "xero": "required", "bookkeeping": "required", "french": "preferred"}


def test_headings_in_the_middle_of_a_line(wanted: Wanted) -> None:
    text = "You will run payroll. Requirements: SQL and SAP. Nice to Have: Docker. Benefits: German lessons."
    found = needs(wanted(text))
    assert found == {"payroll": "unstated", "sql": "required", "sap": "required", "docker": "preferred"}


def test_without_headings(wanted: Wanted) -> None:
    text = (
        "We are looking for a clerk who knows SQL. You will run payroll in SAP. Experience with Xero is an advantage. "
        "French is essential."
    )
    found = needs(wanted(text))
    assert {"xero": "preferred", "french": "required"}.items() <= found.items()
    assert {"sql", "payroll", "sap"} <= set(found)


@pytest.mark.parametrize(
    "text",
    [
        "Benefits:\n- Free German lessons\n- Excel courses",
        "We are an equal opportunity employer and value French and German speakers without regard to national origin.",
        "About us\nOur firm has made Docker and Kafka tools for ten years.",
        "To apply, send your CV as a Word file.",
        "",
        "\n\n \n",
    ],
)
def test_what_asks_nothing_of_the_applicant(wanted: Wanted, text: str) -> None:
    assert asked(wanted(text)) == set()


def test_nothing_found_is_said(small: Taxonomy) -> None:
    found = extract("Come and work with us by the sea, we are nice people.", taxonomy=small)
    assert [w.code for w in found.warnings] == ["no_requirements"]


# --- skills: aliases, plurals, lists, slashes


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("You must know Word, Excel and Outlook.", {"microsoft-word", "microsoft-excel", "microsoft-outlook"}),
        ("Experience with PowerPivot/PowerView is required.", {"power-pivot", "power-view"}),
        ("Must know Java/Python/SQL.", {"java", "python", "sql"}),
        ("Requirements:\n• Java• Python• SQL", {"java", "python", "sql"}),
        ("Requirements:\nJava\nPython\nSQL", {"java", "python", "sql"}),
        ("Requirements: Java; Python; SQL; MS Excel", {"java", "python", "sql", "microsoft-excel"}),
        ("Requirements\n1. Java\n2. Python\n3) SQL", {"java", "python", "sql"}),
        ("Required: databases (SQL), sheets (Microsoft Excel).", {"databases", "sql", "microsoft-excel"}),
        ("You must drive forklifts and know HACCP principles.", {"forklift-driving", "haccp"}),
        ("REQUIRED: SQL, DOCKER, KAFKA", {"sql", "docker", "kafka"}),
        ("must know sql and docker", {"sql", "docker"}),
        ("Experience in wound-care required", {"wound-care"}),
        ("You must prepare schedules.", {"scheduling"}),
        ("Javascripting and Dockerised Sqlite are required.", set()),
    ],
)
def test_skills_in_lists(wanted: Wanted, text: str, skills: set[str]) -> None:
    assert asked(wanted(text)) == skills


def test_a_colleague_or_a_team_is_no_skill(wanted: Wanted) -> None:
    assert asked(wanted("You will work with the marketing team and report to the accounting manager.")) == set()
    assert asked(wanted("You need experience in marketing and accounting.")) == {"marketing", "accounting"}


# --- words that are also something else


@pytest.mark.parametrize(
    ("skill", "meant", "other"),
    [
        ("go", "Experience programming in Go or Java is required.", "You are ready to go the extra mile and go home happy."),
        ("golang|go-programming|go", "Requirements:\n- Go, Rust and Kubernetes", "Go above and beyond for our guests."),
        ("r-programming", "You must know statistical programming in R or SAS.", "You will support R and D in the lab."),
        ("r-programming", "Skills: Python, R, SQL", "Reports to the R. Smith building, Toys R Us."),
        ("c-programming", "You must program in C and C++.", "Maths at a high grade of C is required."),
        ("c-programming", "Firmware programming in C is required.", "GCSE English grade C or above; hepatitis C vaccination."),
        ("microsoft-excel", "You must know Word and Excel.", "You excel at talking to guests and will excel in this role."),
        ("microsoft-excel", "Advanced Excel skills required", "We want people who excel with customers."),
        ("apache-spark", "Experience with Spark, Kafka and Hadoop is required.", "You spark joy and bring a creative spark."),
        ("apache-spark", "Must have built data pipelines in Spark.", "You will spark interest in reading."),
        ("react", "You must know React and TypeScript.", "You must react quickly to changes."),
        ("react", "Front-end developer with React experience required", "Able to react calmly under pressure."),
        ("swift", "You will write iOS apps in Swift; Swift is required.", "A swift response to guests is required."),
        ("swift", "Requirements: Swift, Kotlin, Xcode", "You will take swift action when alarms ring."),
        ("python", "You must know Python.", "You care for the python in our reptile house."),
        ("oracle-database", "Oracle database administration and SQL required", "Join Oracle Outdoor Supply, a family firm."),
        ("leadership", "Leadership skills are required.", "You will lead the morning round with lead-free paint, at lead time of a day."),
        ("microsoft-access", "Must know Word, Excel and Access.", "You have access to a car and control access to the site."),
        ("chef-software", "Experience with Chef, Puppet and Terraform required", "The chef leads the kitchen with the sous chef."),
        ("puppet-software", "Must know Puppet and Ansible.", "You will run a puppet show for children."),
        ("sketch", "Prototyping in Sketch and Figma is required.", "You will sketch ideas on paper and make a rough sketch."),
        ("sketch", "Requirements: Figma, Sketch, Adobe XD", "Sketch out a plan for the garden."),
    ],
)  # fmt: skip
def test_ambiguous_words(bundled: Taxonomy, skill: str, meant: str, other: str) -> None:
    ids = {id for id in skill.split("|") if id in bundled} or {
        phrase.skill for word in skill.split("|") if (phrase := bundled.find([word.split("-")[0]]))
    }
    assert ids, "the bundled inventory does not know it at all"

    def found(text: str) -> set[str | None]:
        return {r.skill for r in extract(Posting("x", text), taxonomy=bundled).requirements}

    assert found(meant) & ids
    assert not found(other) & ids


def test_case_decides_for_words_that_are_also_words(wanted: Wanted) -> None:
    assert asked(wanted("You must spread the word about our outlook.")) == set()
    assert "sage" not in wanted("You give sage advice.")
    assert "sage" in wanted("Bookkeeping in Sage or Xero is required.")


# --- needs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a cue before
        ("You must know Java.", {"java": "required"}),
        ("Required: Java, SQL and Python.", {"java": "required", "sql": "required", "python": "required"}),
        ("You will need SQL.", {"sql": "required"}),
        ("Ideally you know SAP.", {"sap": "preferred"}),
        ("Preferably with Xero.", {"xero": "preferred"}),
        ("Nice to have: Java, SQL.", {"java": "preferred", "sql": "preferred"}),
        ("Bonus points for Kafka.", {"kafka": "preferred"}),
        ("We would love some Docker.", {"docker": "preferred"}),
        # a cue behind
        ("Java is required.", {"java": "required"}),
        ("Java and SQL are required.", {"java": "required", "sql": "required"}),
        ("Knowledge of payroll is essential.", {"payroll": "required"}),
        ("Java is a must.", {"java": "required"}),
        ("Python is a plus.", {"python": "preferred"}),
        ("SAP experience desirable.", {"sap": "preferred"}),
        ("French would be an advantage.", {"french": "preferred"}),
        ("Welding (preferred)", {"welding": "preferred"}),
        ("Welding (required)", {"welding": "required"}),
        # what is not needed, or taught
        ("No Java experience needed.", {"java": "not_required"}),
        ("No prior SAP knowledge is required.", {"sap": "not_required"}),
        ("No experience with Xero necessary.", {"xero": "not_required"}),
        ("Java is not required.", {"java": "not_required"}),
        ("Java isn't needed.", {"java": "not_required"}),
        ("You don't need to know Java.", {"java": "not_required"}),
        ("We will train you on SAP.", {"sap": "not_required"}),
        ("We'll teach you SAP and Xero.", {"sap": "not_required", "xero": "not_required"}),
        ("SAP training will be provided.", {"sap": "not_required"}),
        ("Full training on SAP given.", {"sap": "not_required"}),
        ("You will learn Docker on the job.", {"docker": "not_required"}),
        # softened, not taken back
        ("French preferred but not required.", {"french": "preferred"}),
        ("French is helpful but not essential.", {"french": "preferred"}),
        # one cue ends where the next begins
        ("Java required, Python preferred.", {"java": "required", "python": "preferred"}),
        ("Java is required; Python is a plus.", {"java": "required", "python": "preferred"}),
        ("Must know SQL. Python would be helpful.", {"sql": "required", "python": "preferred"}),
        ("French is a plus, SQL is required.", {"french": "preferred", "sql": "required"}),
        ("SQL is required (Python is a plus).", {"sql": "required", "python": "preferred"}),
        ("You must have Java and ideally SQL.", {"java": "required", "sql": "preferred"}),
        ("No Java experience needed, but you must know SQL.", {"java": "not_required", "sql": "required"}),
        ("SQL is required but Java is not required.", {"sql": "required", "java": "not_required"}),
        ("You must know SQL, although French is only a plus.", {"sql": "required", "french": "preferred"}),
        ("Required: SQL. Nice to have: Kafka.", {"sql": "required", "kafka": "preferred"}),
        ("Essential: SQL, SAP\nDesirable: Kafka, Docker",
         {"sql": "required", "sap": "required", "kafka": "preferred", "docker": "preferred"}),
        # words that look like cues
        ("You must know not only Java but also SQL.", {"java": "required", "sql": "required"}),
        ("You must know SQL; no phone calls.", {"sql": "required"}),
        ("You must know Java, no matter from where.", {"java": "required"}),
        # the strongest of two places
        ("Java is a plus.\nYou must know Java.", {"java": "required"}),
        ("No Java needed on the first day.\nJava is a plus.", {"java": "preferred"}),
    ],
)  # fmt: skip
def test_cues(wanted: Wanted, text: str, expected: dict[str, str]) -> None:
    assert needs(wanted(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Requirements:\n- SQL\n\nNice to have:\n- Kafka", {"sql": "required", "kafka": "preferred"}),
        ("Duties:\n- Payroll runs in SAP", {"payroll": "unstated", "sap": "unstated"}),
        ("Requirements:\n- SQL\n- Kafka is a plus\n- No Docker needed",
         {"sql": "required", "kafka": "preferred", "docker": "not_required"}),
        ("Nice to have:\n- Kafka\n- You must know SQL", {"kafka": "preferred", "sql": "required"}),
        ("Duties:\n- Payroll\n\nRequirements:\n- SQL", {"payroll": "unstated", "sql": "required"}),
        ("Duties:\n- Payroll\n\nNice to have:\n- Payroll", {"payroll": "preferred"}),
    ],
)  # fmt: skip
def test_the_section_decides_where_no_cue_does(wanted: Wanted, text: str, expected: dict[str, str]) -> None:
    assert needs(wanted(text)) == expected


@pytest.mark.parametrize(
    ("text", "skill", "cue"),
    [
        ("You must know Java.", "java", "must"), ("Python is a plus.", "python", "a plus"),
        ("No Java experience needed.", "java", "No"), ("We will train you on SAP.", "sap", "We will train you"),
        ("Requirements:\n- SQL", "sql", "section: Requirements"), ("Nice to have\nKafka", "kafka", "section: Nice to have"),
        ("Java is not required.", "java", "not required"),
    ],
)  # fmt: skip
def test_the_cue_that_decided_is_told(wanted: Wanted, text: str, skill: str, cue: str) -> None:
    told = wanted(text)[skill].mentions[0].cue
    assert told is not None
    assert cue in told
    assert told.startswith("section: ") or told in text


def test_a_skill_of_manners_counts_only_where_it_is_asked_for(wanted: Wanted) -> None:
    assert asked(wanted("Duties:\n- Teamwork with the bakers")) == set()
    assert needs(wanted("Requirements:\n- Teamwork")) == {"teamwork": "required"}


# --- groups, years, levels


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("You must know Java or Python.", [{"java", "python"}]),
        ("You must know Java, Python or SQL.", [{"java", "python", "sql"}]),
        ("You must know Java, Python, or SQL.", [{"java", "python", "sql"}]),
        ("Requirements:\n- Either Xero or SAP\n- Java or Python", [{"xero", "sap"}, {"java", "python"}]),
        ("You must know Java and Python.", []),
        ("You must know Java/Python.", []),
        ("You must know Java and/or Python.", [{"java", "python"}]),
        ("Java is required. Python or SQL is a plus.", [{"python", "sql"}]),
        ("You must know Java. Python or Java is a plus.", []),
    ],
)
def test_alternatives(wanted: Wanted, text: str, groups: list[set[str]]) -> None:
    found = wanted(text)
    told: dict[str, set[str]] = {}
    for skill, requirement in found.items():
        if requirement.group:
            told.setdefault(requirement.group, set()).add(skill)
    assert sorted(map(sorted, told.values())) == sorted(map(sorted, groups))


@pytest.mark.parametrize(
    ("text", "skill", "years"),
    [
        ("5+ years of Java experience required", "java", 5), ("At least three years of experience with SAP", "sap", 3),
        ("Minimum 2 years' experience in bookkeeping", "bookkeeping", 2), ("You must know Java.", "java", None),
        ("Java required. 4 years of SAP experience.", "java", None),
        ("Twelve years of SAP experience required", "sap", 12), ("fifteen years' experience of SAP", "sap", 15),
    ],
)  # fmt: skip
def test_years(wanted: Wanted, text: str, skill: str, years: float | None) -> None:
    assert wanted(text)[skill].years == years


def test_number_words_are_in_order_and_none_is_missing() -> None:
    assert list(cues.numbers().values()) == list(range(16))
    assert (cues.numbers()["one"], cues.numbers()["twelve"]) == (1, 12)


def test_what_separates_the_items_of_a_list_is_met_as_a_word() -> None:
    # "and/or" would not be: it is cut into three
    for separator in cues.separators() - {"&"}:
        assert cut(separator).norm == [separator]
    # an "&" mostly becomes "and", but not in what is taken apart
    assert "&" in cut("foo&bar.baz", lambda word: False).norm


@pytest.mark.parametrize(
    ("text", "skill", "level"),
    [
        ("Advanced Excel is required.", "microsoft-excel", "advanced"), ("Basic knowledge of SQL required", "sql", "basic"),
        ("Must be fluent in French.", "french", "advanced"), ("Working knowledge of SAP required", "sap", "intermediate"),
        ("You must know Java.", "java", None), ("Expert SQL required. Java required.", "java", None),
    ],
)  # fmt: skip
def test_level(wanted: Wanted, text: str, skill: str, level: str | None) -> None:
    assert wanted(text)[skill].level == level


def test_a_level_inside_an_alias_is_still_a_level(bundled: Taxonomy) -> None:
    """*Advanced Excel* is an alias of Microsoft Excel; the level must not be lost with it."""
    (found,) = extract(Posting("x", "Advanced Excel is required."), taxonomy=bundled).requirements
    assert (found.skill, found.level) == ("microsoft-excel", "advanced")


# --- barriers


@pytest.mark.parametrize(
    ("text", "kind", "need"),
    [
        ("A bachelor's degree is required.", "degree", "required"), ("Degree preferred.", "degree", "preferred"),
        ("Master's degree or PhD required", "degree", "required"), ("BSc in biology required", "degree", "required"),
        ("High school diploma or GED required", "degree", "required"), ("No degree required.", "degree", "not_required"),
        ("5+ years of experience required", "years", "required"), ("At least two years’ experience in sales", "years", "required"),
        ("Current RN license required", "licence", "required"), ("You must be Gas Safe registered.", "licence", "required"),
        ("HGV class 1 licence essential", "licence", "required"), ("Chartered accountant required", "licence", "required"),
        ("Active Secret clearance required.", "clearance", "required"), ("An enhanced DBS check is required.", "clearance", "required"),
        ("SC cleared candidates only, must hold security clearance", "clearance", "required"),
        ("Must be a US citizen.", "citizenship", "required"),
        ("You must have the right to work in the UK.", "citizenship", "required"),
        ("We are unable to sponsor visas.", "citizenship", "required"), ("You must be at least 18 years old.", "age", "required"),
        ("Must be aged 21 or over", "age", "required"), ("Full UK driving licence essential", "driving", "required"),
        ("A valid driver's license is a plus.", "driving", "preferred"),
        ("Must be able to lift 50 lbs.", "other", "required"), ("Must pass a drug test.", "other", "required"),
    ],
)  # fmt: skip
def test_barriers(barred: Barred, text: str, kind: str, need: str) -> None:
    found = [b for b in barred(text) if b.kind == kind]
    assert found, barred(text)
    assert found[0].need == need
    assert text[found[0].start : found[0].end] == found[0].text


@pytest.mark.parametrize(
    "text",
    ["Degree or equivalent experience required", "A bachelor's degree in accounting, or equivalent work experience.",
     "Bachelor's degree (or relevant experience) is required"],
)  # fmt: skip
def test_or_equivalent_experience(barred: Barred, text: str) -> None:
    (found,) = [b for b in barred(text) if b.kind == "degree"]
    assert found.detail == "or equivalent"


def test_the_number_of_years_is_kept(barred: Barred) -> None:
    (found,) = [b for b in barred("Minimum of 3 years of experience required") if b.kind == "years"]
    assert found.detail == "3"


@pytest.mark.parametrize(
    "text",
    ["We were founded 30 years ago.", "Bake at 180 degrees C.", "A master baker leads the shop.", "A contract of two years.",
     "We offer a degree of freedom.", "You must hold a Level 3 food safety certificate.", "Our drivers like their cars."],
)  # fmt: skip
def test_no_barriers(barred: Barred, text: str) -> None:
    assert barred(text) == []


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("Bachelor's degree in computer science, marketing or accounting required.", set()),
        ("Degree in Marketing or a related field required", set()),
        ("A degree in mathematics, marketing, geography or a related subject, or equivalent experience.", set()),
        (
            "Requirements: SQL. A degree in mathematics, statistics, geography or a related subject, or equivalent experience.",
            {"sql"},
        ),
        ("A degree in accounting and experience with SQL required.", {"sql"}),
        ("BSc in Computer Science. You must know SQL.", {"sql"}),
        ("Master's degree in Computer Science\nExperience with Docker", {"docker"}),
    ],
)
def test_the_field_of_a_degree_is_no_skill(wanted: Wanted, text: str, skills: set[str]) -> None:
    assert asked(wanted(text)) == skills


@pytest.mark.parametrize("model", ["fast", "accurate"])
def test_what_an_ad_says_outright_is_kept(small: Taxonomy, model: Mode) -> None:
    for text in (
        "We need SQL.",
        "SQL is required.\n",
        "You must know SQL in the office.",
        "Cook\n\nRequirements\n- SQL\n- Stamina",
    ):
        assert "sql" in {r.skill for r in extract(Posting("x", text), taxonomy=small, model=model).requirements}, text


def test_a_name_before_a_lost_break_is_a_name(wanted: Wanted) -> None:
    assert "microsoft-excel" in wanted("Main duties\nProduce monthly reports in ExcelPerson specification")


def test_a_condition_after_a_wish_list_is_no_wish(barred: Callable[[str], list[Barrier]]) -> None:
    found = barred("You must know SQL. Nice to have: Kafka, Looker. No sponsorship.")
    assert [(b.kind, b.need) for b in found] == [("citizenship", "required")]


# --- the whole


WORDS = st.sampled_from(
    ["Java", "SQL", "Excel", "PowerPivot/PowerView", "MS Word", "French", "HACCP principles", "wound-care", "Apache Kafka",
     "must", "required", "is a plus", "No", "needed", "ideally", "we will train you on", "or", "and", ",", ";", ".", "(", ")",
     ":", "/", "\n", "\n\n- ", "\n• ", "•", "Requirements", "Requirements:", "Nice to have", "Benefits:", "About us\n",
     "5+ years of", "bachelor's degree in", "driving licence", "at least 18 years old", "experience with", "advanced",
     "experienceSolid", "SQLNice to have", "🙂", "é", "\u200b", "\t", "  ", "ß", "ﬁ", "İ", "日本", "\r\n", "'", "team"]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(WORDS, max_size=40).map(" ".join), st.lists(WORDS, max_size=40).map("".join), st.text(max_size=80)
)


def check(found: Extraction) -> None:
    text = found.posting.text
    ids = [r.id for r in found.requirements]
    assert len(ids) == len(set(ids))
    assert len({(r.skill, r.label.lower()) for r in found.requirements}) == len(ids)
    groups = [r.group for r in found.requirements if r.group]
    assert all(groups.count(group) > 1 for group in groups)
    for r in found.requirements:
        assert r.mentions
        assert r.need in ("required", "preferred", "unstated", "not_required")
        for m in r.mentions:
            assert 0 <= m.start < m.end <= len(text)
            assert text[m.start : m.end] == m.text
            assert m.text.strip() == m.text != ""
            assert m.cue is None or m.cue in text or m.cue.startswith(("section: ", "model: "))
    for b in found.barriers:
        assert text[b.start : b.end] == b.text != ""
    assert [b.start for b in found.barriers] == sorted(b.start for b in found.barriers)
    at = 0
    for s in found.sections:
        assert at <= s.start <= s.end <= len(text)
        at = s.end


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_every_offset_is_what_the_ad_says(small: Taxonomy, text: str) -> None:
    check(extract(Posting("x", text), taxonomy=small))


@settings(max_examples=30, deadline=None)
@given(text=TEXTS)
def test_every_offset_with_the_bundled_inventory(bundled: Taxonomy, text: str) -> None:
    check(extract(Posting("x", text), taxonomy=bundled))


@settings(max_examples=60, deadline=None)
@given(one=TEXTS, other=TEXTS)
def test_one_ad_leaves_no_trace_in_the_next(small: Taxonomy, one: str, other: str) -> None:
    first = extract(Posting("x", one), taxonomy=small)
    extract(Posting("x", other), taxonomy=small)
    assert extract(Posting("x", one), taxonomy=small) == first


@pytest.mark.parametrize("text", [AD, AD.replace("\n", " "), "", "🙂 You must know é Java/Python."])
def test_spacy_components_find_the_same(small: Taxonomy, small_files: tuple[Path, Path], text: str) -> None:
    import spacy

    from matcher.pipeline.components import add_to

    nlp = add_to(spacy.blank("en"), [small_files[0]])
    doc = nlp(text)
    plain = read(text, small, models("accurate", small.path))
    assert doc._.reading.requirements == plain.requirements
    assert doc._.reading.barriers == plain.barriers
    assert doc._.reading.sections == plain.sections
    assert [(s.label_, s.kb_id_) for s in doc.spans["skills"]] == [(h.need, h.skill) for h in plain.hits]
    for span, hit in zip(doc.spans["skills"], plain.hits, strict=True):
        assert span.start_char <= hit.start < hit.end <= span.end_char
    assert [s.label_ for s in doc.spans["barriers"]] == [b.kind for b in plain.barriers]


def test_the_components_stand_in_anybodys_pipeline(small_files: tuple[Path, Path]) -> None:
    import spacy

    from matcher.pipeline.components import COMPONENTS, add_to

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    add_to(nlp, [small_files[0]])
    assert nlp.pipe_names == ["sentencizer", *COMPONENTS]
    assert not nlp.analyze_pipes()["problems"].get("matcher_needs")
    texts = [AD, "You must know Java."]
    assert [[s.kb_id_ for s in doc.spans["skills"]] for doc in nlp.pipe(texts)] == [
        [s.kb_id_ for s in doc.spans["skills"]] for doc in map(nlp, texts)
    ]


ADS = [
    AD,
    AD.upper(),
    "You must know SQL or Java; no Docker needed.",
    "Requirements: 5+ years of SAP. Degree or equivalent.",
]


def test_another_order_gives_the_same(small: Taxonomy) -> None:
    forward = [extract(Posting(str(i), text), taxonomy=small) for i, text in enumerate(ADS)]
    backward = [extract(Posting(str(i), text), taxonomy=small) for i, text in reversed(list(enumerate(ADS)))]
    assert forward == backward[::-1]


def test_another_process_gives_the_same(small: Taxonomy, small_files: tuple[Path, Path]) -> None:
    program = (
        "import json, sys; from matcher import extract, taxonomy; from matcher.report import render; "
        "from matcher.types import Posting; t = taxonomy.load([sys.argv[1]]); "
        "print(json.dumps([render(extract(Posting('x', a), taxonomy=t), 'json') for a in json.load(sys.stdin)]))"
    )
    here = [render(extract(Posting("x", text), taxonomy=small), "json") for text in ADS]
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(small_files[0])], input=json.dumps(ADS), capture_output=True, text=True,
            check=True, env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert json.loads(done.stdout) == here


def test_import_is_cheap() -> None:
    program = (
        "import sys, matcher; loaded = {'spacy', 'pandas', 'sklearn', 'pyarrow', 'joblib', 'dask', 'ray', 'pyspark'} & set(sys.modules); "
        "assert not loaded, loaded; matcher.match('You must know Excel and SQL.'); "
        "loaded = {'spacy', 'pandas', 'sklearn', 'pyarrow', 'dask', 'ray', 'pyspark'} & set(sys.modules); assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
