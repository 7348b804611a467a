"""Catalogues of credentials: TOML and CSV, the validator, and the bundled edition's promises."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from matcher import store
from matcher.catalogue import Catalogue, load, read_credentials, validate
from matcher.catalogue.read import credential_files
from matcher.catalogue.stats import stats
from matcher.errors import CorpusError
from matcher.taxonomy import Taxonomy, read_skills
from matcher.types import Credential, Outcome, Source


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# --- reading


def test_toml(small: Taxonomy, small_catalogue: Catalogue) -> None:
    card = small_catalogue.credential("kitchen-card")
    assert (card.name, card.issuer_kind, card.cost, card.currency) == ("Kitchen card", "association", 35, "GBP")
    assert (card.country, card.mode, card.assessment) == (("GB",), ("online", "on_site"), ("practical",))
    assert (card.hours, card.as_of, card.level) == (None, None, None)
    assert card.outcomes[0] == Outcome("haccp", "practical", "Keep a HACCP plan")
    assert len(small_catalogue) == 5
    assert [row.credential for row in small_catalogue.outcomes("microsoft-excel")] == ["office-new", "office-old"]
    assert small_catalogue.outcomes("microsoft-excel")[0].assessment == "unknown"
    assert small_catalogue.outcomes("nothing") == ()


def test_csv_with_our_names(tmp_path: Path, small: Taxonomy) -> None:
    path = written(
        tmp_path / "mine.csv",
        "id,name,issuer,url,type,skills,description,hours,cost,currency,level,country\n"
        'A/1,Tables,Us,https://a.b,badge,sql| MS Excel |nonsense,Teaches Docker and SAP,"1,200",9.5,EUR,introductory,GB|IE\n',
    )
    (found,) = read_credentials(path, small)
    assert (found.id, found.name, found.issuer, found.hours, found.cost) == ("A/1", "Tables", "Us", 1200, 9.5)
    assert found.country == ("GB", "IE")
    assert {o.skill: (o.assessment, o.inferred) for o in found.outcomes} == {
        "sql": ("unknown", False), "microsoft-excel": ("unknown", True),
        "docker": ("mentioned", True), "sap": ("mentioned", True),
    }  # fmt: skip


def test_csv_with_other_names(tmp_path: Path, small: Taxonomy) -> None:
    path = written(tmp_path / "their.csv", "title,organization,tags\nSQL for all,Them,sql\n")
    catalogue = load([path], small, {"name": "title", "issuer": "organization", "skills": "tags"})
    (id,) = catalogue.ids()
    assert id == "them-sql-for-all"
    assert catalogue.credential(id).issuer == "Them"
    assert [row.credential for row in catalogue.outcomes("sql")] == [id]


def test_what_is_not_known_is_none(tmp_path: Path, small: Taxonomy) -> None:
    (found,) = read_credentials(written(tmp_path / "m.csv", "name,hours,cost\nThing,,\n"), small)
    assert (found.hours, found.cost, found.issuer, found.type, found.outcomes) == (None, None, None, None, ())
    assert found.status == "unknown"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("m.csv", "title\nA\n", ("title", "--columns")),
        ("m.csv", "name,hours\nA,4\nB,a day\n", ("line 3", "hours", "a day")),
        ("m.csv", "name,cost\nA,£4\n", ("line 2", "cost")),
        ("m.csv", "name,issuer\n,Us\n", ("line 2", "no name")),
        ("m.csv", "name\n", ("no rows",)),
        ("m.csv", "", ("name",)),
        ("m.toml", "[[credential]\n", ("line 1",)),
        ("m.toml", "x = 1\n", ("[[credential]]",)),
        ("m.toml", '[[credential]]\nid = "a"\nname = "A"\nhous = 3\n', ("a:", "hous")),
        ("m.toml", '[[credential]]\nid = "a"\n', ("a:", "name")),
        ("m.toml", '[[credential]]\nid = "a"\nname = "A"\noutcomes = [{text = "x"}]\n', ("a:", "skill")),
        ("m.toml", '[[credential]]\nname = "A"\n', ("A:", "id")),
    ],
)
def test_errors_name_the_file_and_the_place(
    tmp_path: Path, small: Taxonomy, name: str, content: str, says: tuple[str, ...]
) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(CorpusError) as caught:
        load([path], small)
    assert str(path) in caught.value.what
    assert "\n" not in str(caught.value)
    for part in says:
        assert part.rstrip(":") in str(caught.value)


def test_a_csv_that_is_not_utf8(tmp_path: Path, small: Taxonomy) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes("name\nCafé\n".encode("cp1252"))
    with pytest.raises(CorpusError, match="not UTF-8"):
        load([path], small)


def test_a_path_that_is_no_catalogue(tmp_path: Path, small: Taxonomy) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(CorpusError) as caught:
            load([path], small)
        assert str(path) in caught.value.what


def test_two_catalogues_the_first_stands(tmp_path: Path, small: Taxonomy, small_files: tuple[Path, Path]) -> None:
    own = written(tmp_path / "own.csv", "id,name,skills\nsql-badge,Our SQL badge,sql\nx,X,java\n")
    both = load([own, small_files[1]], small)
    assert both.credential("sql-badge").name == "Our SQL badge"
    assert len(both) == 6


def test_bundled_and_own_together(tmp_path: Path, bundled: Taxonomy, bundled_catalogue: Catalogue) -> None:
    own = written(tmp_path / "own.csv", "id,name,skills\nmy-own-x,X,Python\n")
    both = load(["bundled", own], bundled)
    assert len(both) == len(bundled_catalogue) + 1


def test_the_cache_follows_content_columns_and_taxonomy(tmp_path: Path, small: Taxonomy, bundled: Taxonomy) -> None:
    path = written(tmp_path / "m.csv", "name,title\nSQL,Java\n")
    first = load([path], small)
    assert load([path], small).path == first.path
    assert load([path], small, {"name": "title"}).path != first.path
    assert load([path], bundled).path != first.path
    written(path, "name,title\nPython,Java\n")
    second = load([path], small)
    assert second.path != first.path
    assert [second.credential(id).name for id in second.ids()] == ["Python"]


def test_it_travels_as_a_path(small_catalogue: Catalogue) -> None:
    small_catalogue.credential("sql-badge")
    data = pickle.dumps(small_catalogue)
    assert len(data) < 500
    assert pickle.loads(data).credential("sql-badge") == small_catalogue.credential("sql-badge")


def test_search(small_catalogue: Catalogue) -> None:
    assert [c.id for c in small_catalogue.search("OFFICE")] == ["office-new", "office-old"]
    assert [c.id for c in small_catalogue.search("code board")] == ["java-exam"]


def test_stats(small_catalogue: Catalogue) -> None:
    rows = dict(stats(small_catalogue.credential(id) for id in small_catalogue.ids()))
    assert rows["credentials"] == "5"
    assert rows["issuers"] == "4"
    assert rows["hours known"] == "3 (60%)"
    assert rows["outcomes known"] == "5 (100%)"
    assert dict(stats([]))["credentials"] == "0"


# --- the validator


GOOD = Credential(
    "good", "Good", "Us", "vendor", "https://a.b", type="badge", hours=3, cost=0, assessment=("quiz",), status="active",
    checked="2026-11-22", sources=(Source("https://a.b", ("hours", "cost", "assessment")),),
    outcomes=(Outcome("sql", "quiz", "x"),),
)  # fmt: skip


def changed(**fields: object) -> Callable[[Credential], Credential]:
    return lambda credential: replace(credential, **fields)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed(id="Bad Id"), "the id is no slug"), (changed(issuer=None), "issuer and url are needed"),
        (changed(url=None), "issuer and url are needed"), (changed(url="a.b"), "is no address"),
        (changed(issuer_kind="club"), "issuer_kind 'club'"), (changed(issuer_kind=None), "issuer_kind None"),
        (changed(type="diploma"), "type 'diploma'"), (changed(type=None), "type None"),
        (changed(status="gone"), "status 'gone'"), (changed(level="hard"), "level 'hard'"),
        (changed(assessment=("chat",)), "assessment 'chat'"), (changed(cost=3.0), "a cost without currency"),
        (changed(hours=-1), "hours -1"), (changed(hours="3"), "hours '3'"), (changed(cost=True, currency="EUR"), "cost True"),
        (changed(validity_years=-2), "validity_years -2"), (changed(as_of="June"), "as_of 'June'"),
        (changed(checked="22.11.2026"), "checked '22.11.2026'"), (changed(checked=None), "no date of the check"),
        (changed(sources=()), "no source"), (changed(sources=(Source("https://a.b", ("cost",)),)), "hours stands in no source"),
        (changed(outcomes=()), "no outcomes"), (changed(outcomes=(Outcome("none", "quiz"),)), "which is no skill"),
        (changed(outcomes=(Outcome("sql", "quiz"), Outcome("sql", "exam"))), "stands twice"),
        (changed(outcomes=(Outcome("sql", "guess"),)), "assessment 'guess'"),  # type: ignore[arg-type]
        (changed(prerequisite=("none",)), "prerequisite names none"), (changed(part_of=("none",)), "part_of names none"),
        (changed(leads_to=("none",)), "leads_to names none"), (changed(prerequisite=("good",)), "cycle of prerequisites"),
    ],
)  # fmt: skip
def test_each_defect_is_found(small: Taxonomy, change: Callable[[Credential], Credential], says: str) -> None:
    assert validate([GOOD], small) == []
    found = validate([change(GOOD)], small)
    assert any(says in finding for finding in found), found


def test_ids_that_stand_twice(small: Taxonomy) -> None:
    assert validate([GOOD, GOOD], small) == ["good: the id stands twice"]


# --- the bundled catalogue


@pytest.fixture(scope="module")
def ours(bundled: Taxonomy) -> list[Credential]:
    files = credential_files(store.corpora() / "credentials")
    return [credential for file in files for credential in read_credentials(file, bundled)]


def family(credential: Credential) -> tuple[str | None, str]:
    """Issuer and name without the level or the language that sets near-identical ones apart."""
    name = re.sub(r"\([^)]*\)", " ", credential.name.lower())
    name = re.sub(r"\b(?:level|grade|part|tier|class|step)?\s*(?:\d+|i{1,3}|iv|[a-c][12])\b", " ", name)
    name = re.sub(
        r"\b(?:beginner|elementary|introductory|foundation|intermediate|advanced|expert|english|spanish|french|german)\b",
        " ",
        name,
    )
    return credential.issuer, " ".join(re.findall(r"[a-z]+", name))


def test_bundled_credentials_are_clean(ours: list[Credential], bundled: Taxonomy) -> None:
    assert validate(ours, bundled) == []


def test_bundled_credentials_are_many(ours: list[Credential], bundled_catalogue: Catalogue) -> None:
    assert len({family(c) for c in ours}) >= 250
    assert len({c.issuer for c in ours}) >= 40
    assert {c.issuer_kind for c in ours} == {"platform", "university", "association", "vendor"}
    assert len(bundled_catalogue) == len({c.id for c in ours})


@pytest.mark.parametrize(("field", "least"), [("hours", 0.6), ("assessment", 0.5), ("outcomes", 1.0), ("checked", 1.0)])
def test_enough_is_known(ours: list[Credential], field: str, least: float) -> None:
    known = sum(getattr(c, field) not in (None, ()) for c in ours)
    assert known / len(ours) >= least


def test_outcomes_say_how_they_are_shown(ours: list[Credential]) -> None:
    known = [o.assessment != "unknown" for c in ours for o in c.outcomes]
    assert sum(known) / len(known) >= 0.9


def test_every_fact_has_a_source(ours: list[Credential]) -> None:
    assert all(c.sources and all(s.url.startswith("http") for s in c.sources) for c in ours)


def test_half_of_them_outside_it(ours: list[Credential]) -> None:
    folder = store.corpora() / "skills"
    it = {skill.id for name in ("it-software.csv", "data-ai.csv") for skill in read_skills(folder / name)}
    inside = sum(2 * sum(o.skill in it for o in c.outcomes) >= len(c.outcomes) for c in ours)
    assert inside <= len(ours) / 2
