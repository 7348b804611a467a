"""Ranking: the rows are the score, every number of the policy, groups, gaps, ties, filters, metamorphic relations."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher import catalogue as catalogues
from matcher import match
from matcher import taxonomy as taxonomies
from matcher.catalogue import Catalogue
from matcher.ranking import DEFAULT, Filters, Policy, Ranking, apply_have, asked_for, rank, weigh
from matcher.ranking.weights import share_of
from matcher.taxonomy import Taxonomy
from matcher.types import Extraction, Mention, Posting, Requirement

TODAY = datetime.date(2026, 11, 22)
NUMBER = itertools.count()


def taxonomy_of(folder: Path, rows: dict[str, Sequence[str]]) -> Taxonomy:
    """Skill id -> broader ids."""
    path = folder / f"skills{next(NUMBER)}.csv"
    lines = [f"{id},Skill {id},hard,{'|'.join(broader)}" for id, broader in rows.items()]
    path.write_text("id,label,type,broader\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return taxonomies.load([path])


def catalogue_of(folder: Path, taxonomy: Taxonomy, entries: dict[str, dict[str, Any]]) -> Catalogue:
    """Credential id -> fields; `covers` as skill -> assessment."""

    def toml(value: object) -> str:
        if isinstance(value, list | tuple):
            return "[" + ", ".join(map(toml, value)) + "]"
        return f'"{value}"' if isinstance(value, str) else str(value)

    lines = []
    for id, fields in entries.items():
        given = {"name": id.upper(), "status": "active", "as_of": "2026-10", **fields}
        covers = given.pop("covers", {})
        lines += ["[[credential]]", f'id = "{id}"', *(f"{k} = {toml(v)}" for k, v in given.items())]
        outcomes = ", ".join(f'{{skill = "{s}", assessment = "{a}", text = "does {s}"}}' for s, a in covers.items())
        lines += [f"outcomes = [{outcomes}]", ""]
    path = folder / f"credentials{next(NUMBER)}.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return catalogues.load([path], taxonomy)


def want(skill: str | None, need: str = "required", id: str | None = None, **more: Any) -> Requirement:
    mention = Mention(0, 3, "abc", more.pop("section", "none"), None, "inventory")
    return Requirement(
        id or f"r-{skill}",
        skill,
        f"Skill {skill}",
        more.pop("type", "hard"),
        need,
        more.pop("mentions", (mention,)),
        **more,
    )  # type: ignore[arg-type]


ROWS: dict[str, Sequence[str]] = {
    "top": (), "broad": ("top",), "part": ("broad",), "deep": ("part",), "deeper": ("deep",), "sister": ("broad",),
    "a": (), "b": (), "c": (), "d": (),
}  # fmt: skip


class Small:
    """One taxonomy for most tests: a broad skill, its parts, a sibling, and strangers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taxonomy = taxonomy_of(folder, ROWS)

    def rank(
        self, requirements: Sequence[Requirement], credentials: dict[str, dict[str, Any]], **options: Any
    ) -> Ranking:
        catalogue = catalogue_of(self.folder, self.taxonomy, credentials)
        weighed = requirements if options.pop("weighed", False) else weigh(requirements)
        return rank(weighed, self.taxonomy, catalogue, today=TODAY, **options)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("ranking"))


def ids(result: Ranking) -> list[str]:
    return [row.credential.id for row in result.ranked]


# --- the policy, number by number


@pytest.mark.parametrize(
    ("need", "weight"), [("required", 1.0), ("unstated", 0.8), ("preferred", 0.7), ("not_required", 0.0)]
)
def test_a_plain_mention_weighs_what_its_need_weighs(need: str, weight: float) -> None:
    (weighed,) = weigh([want("a", need)])
    assert weighed.weight == pytest.approx(weight)


def test_salience_never_lowers_and_never_makes_something_of_not_required() -> None:
    plain = Mention(0, 1, "a", "none", None, "x")
    title = Mention(2, 3, "a", "title", None, "x")
    others = tuple(Mention(i, i + 1, f"a{i}", "duties", None, "x") for i in range(4, 30))
    weights = [weigh([want("a", mentions=m)])[0].weight for m in ((plain,), (plain, title), (plain, title, *others))]
    assert weights[0] == 1.0
    assert weights == sorted(weights)
    assert weights[1] > 1.0
    assert weights[2] <= 3.0  # repeating a word a hundred times does not drown the rest
    assert weigh([want("a", "not_required", mentions=(plain, title, *others))])[0].weight == 0


@pytest.mark.parametrize(
    ("covers", "relation", "m"),
    [("broad", "exact", 1.0), ("part", "part_of", 0.6), ("deep", "part_of", 0.6), ("top", "broader", 0.4)],
)
@pytest.mark.parametrize(
    ("assessment", "low", "high"),
    [("practical", 1.0, 1.0), ("exam", 0.9, 0.9), ("quiz", 0.7, 0.7), ("taught", 0.5, 0.5), ("mentioned", 0.2, 0.2),
     ("unknown", 0.5, 1.0)],
)  # fmt: skip
def test_relation_times_assessment(
    here: Small, covers: str, relation: str, m: float, assessment: str, low: float, high: float
) -> None:
    (only,) = here.rank([want("broad")], {"x": {"covers": {covers: assessment}}}).ranked
    (row,) = only.covers
    assert (row.relation, row.assessment, row.outcome) == (relation, assessment, f"does {covers}")
    assert (row.credit, row.credit_high) == (pytest.approx(m * low), pytest.approx(m * high))
    assert (only.score, only.score_high) == (pytest.approx(m * low), pytest.approx(m * high))


@pytest.mark.parametrize("covers", ["sister", "a"])
def test_siblings_and_strangers_earn_nothing(here: Small, covers: str) -> None:
    result = here.rank([want("part", id="r1")], {"x": {"covers": {covers: "practical"}}})
    assert result.ranked == ()
    assert result.uncovered == ("r1",)


def test_a_sibling_is_shown_as_related(here: Small) -> None:
    result = here.rank(
        [want("part", id="r1"), want("a", id="r2"), want("b", id="r3")],
        {"x": {"covers": {"sister": "practical", "a": "practical"}}},
    )
    (only,) = result.ranked
    assert ([c.requirement for c in only.covers], only.related, only.missing) == (["r2"], ("r1",), ("r3",))
    assert result.uncovered == ("r1", "r3")


def test_the_best_of_several_outcomes_counts_once(here: Small) -> None:
    (only,) = here.rank(
        [want("broad")], {"x": {"covers": {"broad": "mentioned", "part": "practical", "top": "practical"}}}
    ).ranked
    assert [(c.relation, c.credit) for c in only.covers] == [("part_of", pytest.approx(0.6))]


def test_directness_by_hand(here: Small) -> None:
    result = here.rank(
        [want("a"), want("b", "preferred"), want("c", "unstated"), want("d", "not_required"), want(None, id="r9")],
        {"x": {"covers": {"a": "exam", "b": "taught", "d": "practical"}}},
    )
    (only,) = result.ranked
    assert only.score == pytest.approx((1.0 * 0.9 + 0.7 * 0.5) / (1.0 + 0.7 + 0.8 + 1.0))
    assert only.missing == ("r-c", "r9")
    assert result.uncovered == ("r-c", "r9")


def test_another_policy(here: Small) -> None:
    policy = dataclasses.replace(DEFAULT, relation={"exact": 1.0, "part_of": 0.1, "broader": 0.0}, parts_deep=1)
    (only,) = here.rank([want("broad")], {"x": {"covers": {"part": "practical"}}}, policy=policy).ranked
    assert only.score == pytest.approx(0.1)
    assert here.rank([want("broad")], {"x": {"covers": {"deep": "practical"}}}, policy=policy).ranked == ()
    assert dataclasses.asdict(Policy()) == dataclasses.asdict(DEFAULT)


# --- groups, gaps, nothing to cover


def test_alternatives_are_one_requirement(here: Small) -> None:
    wanted = [want("a", id="r1", group="g1"), want("b", "preferred", id="r2", group="g1"), want("c", id="r3")]
    one = {
        "x": {"covers": {"a": "quiz", "b": "practical"}},
        "y": {"covers": {"b": "practical"}},
        "z": {"covers": {"c": "exam"}},
    }
    result = here.rank(wanted, one)
    assert ids(result) == ["y", "x", "z"] or ids(result) == ["x", "y", "z"]
    by_id = {row.credential.id: row for row in result.ranked}
    # the weight of the heaviest, covered by the best alternative
    assert by_id["x"].score == pytest.approx(1 / 2)
    assert by_id["y"].score == pytest.approx(1 / 2)
    assert by_id["z"].score == pytest.approx(0.9 / 2)
    assert len(by_id["x"].covers) == 1
    assert by_id["x"].missing == by_id["y"].missing == ("r3",)
    assert set(by_id["z"].missing) == {"r1", "r2"}
    assert result.uncovered == ()


def test_a_group_is_held_if_any_is_held(here: Small) -> None:
    wanted = weigh([want("a", id="r1", group="g1"), want("b", id="r2", group="g1"), want("c", id="r3")])
    held = apply_have(wanted, {"b": None})
    result = here.rank(held, {"x": {"covers": {"a": "practical"}}, "z": {"covers": {"c": "practical"}}}, weighed=True)
    assert ids(result) == ["z"]
    assert result.ranked[0].score == pytest.approx(1.0)
    assert result.ranked[0].missing == ()


def test_what_is_held_earns_nothing_and_leaves_the_denominator(here: Small) -> None:
    wanted = apply_have(weigh([want("a"), want("b")]), {"a": None})
    assert [r.gap for r in wanted] == [0, 1]
    result = here.rank(
        wanted, {"x": {"covers": {"a": "practical"}}, "y": {"covers": {"a": "practical", "b": "taught"}}}, weighed=True
    )
    assert ids(result) == ["y"]
    assert result.ranked[0].score == pytest.approx(0.5)
    assert [row.requirement for row in result.ranked[0].covers] == ["r-b"]


@pytest.mark.parametrize(
    ("mine", "asked", "low", "high"),
    [(None, "advanced", 0, 0), ("basic", None, 0, 0), ("advanced", "basic", 0, 0), ("basic", "basic", 0, 0),
     ("basic", "advanced", 0.01, 0.99), ("intermediate", "advanced", 0.01, 0.99), ("odd", "advanced", 0, 0)],
)  # fmt: skip
def test_the_gap_by_level(mine: str | None, asked: str | None, low: float, high: float) -> None:
    (wanted,) = apply_have([want("a", level=asked)], {"a": mine})
    assert low <= wanted.gap <= high


def test_nothing_left_to_cover(here: Small) -> None:
    held = apply_have(weigh([want("a")]), {"a": None})
    for wanted in ([], held, weigh([want("a", "not_required")])):
        result = here.rank(wanted, {"x": {"covers": {"a": "practical"}}}, weighed=True)
        assert (result.ranked, result.uncovered) == ((), ())


def test_the_report_says_why_it_is_empty(small: Taxonomy, small_catalogue: Catalogue) -> None:
    def codes(text: str, **options: Any) -> list[str]:
        found = match(Posting("x", text), taxonomy=small, catalogue=small_catalogue, **options)
        assert found.ranking == ()
        return [warning.code for warning in found.warnings]

    assert codes("You must know SQL.", have="SQL") == ["nothing_to_cover"]
    assert codes("You must know Docker.") == ["not_covered"]
    assert codes("You must know SQL.", filters=Filters(max_hours=1)) == ["filtered_out"]
    assert codes("Come and join a lovely place by the sea.") == ["no_requirements"]


# --- order


def test_the_order_of_ties(here: Small) -> None:
    full = {"a": "practical"}
    wide = {"a": "practical", "d": "practical"}
    result = here.rank(
        [want("a")],
        {
            "f": {"covers": wide, "hours": 1, "cost": 0}, "e": {"covers": full, "name": "B"}, "d": {"covers": full, "name": "A"},
            "c": {"covers": full, "hours": 9, "cost": 9}, "b": {"covers": full, "hours": 9, "cost": 3}, "a": {"covers": full, "hours": 8},
            "g": {"covers": {"a": "exam"}, "hours": 1, "cost": 0},
        },
    )  # fmt: skip
    assert ids(result) == ["a", "b", "c", "d", "e", "f", "g"]
    assert [row.rank for row in result.ranked] == [1, 2, 3, 4, 5, 6, 7]
    assert result.ranked[5].focus == pytest.approx(0.5)
    assert result.ranked[0].focus == pytest.approx(1.0)


def test_an_upper_end_moves_nobody_up(here: Small) -> None:
    result = here.rank([want("a")], {"x": {"covers": {"a": "unknown"}}, "y": {"covers": {"a": "quiz"}}})
    assert ids(result) == ["y", "x"]
    assert result.ranked[1].score_high == pytest.approx(1.0)


def test_top(here: Small) -> None:
    many = {f"x{i}": {"covers": {"a": "practical"}} for i in range(15)}
    assert len(here.rank([want("a")], many).ranked) == 10
    assert len(here.rank([want("a")], many, top=3).ranked) == 3
    assert len(here.rank([want("a")], many, top=None).ranked) == 15
    assert here.rank([want("a"), want("b")], {**many, "z": {"covers": {"b": "quiz"}}}, top=1).uncovered == ()


# --- what stands beside the score


def test_retired_is_left_out_with_the_reason(here: Small) -> None:
    result = here.rank([want("a", id="r1")], {"x": {"covers": {"a": "practical"}, "status": "retired"}})
    assert result.ranked == ()
    assert result.uncovered == ("r1",)
    assert result.left_out == (("X", "retired by its issuer"),)


def test_the_report_names_who_was_left_out(small: Taxonomy, small_catalogue: Catalogue) -> None:
    found = match(Posting("x", "You must know Excel."), taxonomy=small, catalogue=small_catalogue)
    assert [row.credential.id for row in found.ranking] == ["office-new"]
    assert any(w.code == "left_out" and "Office old" in w.message for w in found.warnings)


def test_flags(here: Small) -> None:
    result = here.rank(
        [want("a")],
        {
            "new": {"covers": {"a": "quiz"}}, "old": {"covers": {"a": "quiz"}, "as_of": "2019"},
            "there": {"covers": {"a": "quiz"}, "country": ["GB", "IE"]},
            "who": {"covers": {"a": "quiz"}, "status": "unknown"}, "edge": {"covers": {"a": "quiz"}, "as_of": "2025-12-01"},
            "past": {"covers": {"a": "quiz"}, "as_of": "2025-11-01"},
        },
    )  # fmt: skip
    flags = {row.credential.id: row.flags for row in result.ranked}
    assert flags["new"] == flags["edge"] == ()
    assert flags["old"] == flags["past"] == ("facts_over_a_year_old",)
    assert flags["there"] == ("holds_in:GB,IE",)
    assert flags["who"] == ("status_unknown",)


def test_undated_facts_are_flagged(small: Taxonomy, small_catalogue: Catalogue) -> None:
    found = match(Posting("x", "You must know HACCP."), taxonomy=small, catalogue=small_catalogue)
    assert {"facts_undated", "holds_in:GB"} <= set(found.ranking[0].flags)


def test_recognition_price_and_length_never_enter_the_score(here: Small) -> None:
    covers = {"a": "exam"}
    result = here.rank(
        [want("a"), want("b")],
        {
            "x": {"covers": covers},
            "y": {"covers": covers, "hours": 900, "cost": 5000, "as_of": "2001", "country": ["US"], "type": "badge"},
        },
    )
    assert len({row.score for row in result.ranked}) == 1


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        ({}, "full empty"), ({"max_hours": 20}, "full"), ({"max_hours": 19}, ""), ({"max_cost": 100}, "full"),
        ({"max_cost": 99}, ""), ({"issuer_kind": ("vendor",)}, "full"), ({"issuer_kind": ("platform",)}, ""),
        ({"type": ("badge", "card")}, "full"), ({"type": ("card",)}, ""), ({"language": ("en",)}, "full"),
        ({"language": ("fr",)}, ""), ({"country": ("GB",)}, "full empty"), ({"country": ("US",)}, "empty"),
        ({"online": True}, "full"), ({"practical": True}, "full"),
        ({"max_hours": 20, "online": True, "practical": True, "language": ("en", "es")}, "full"),
    ],
)  # fmt: skip
def test_filters(here: Small, limits: dict[str, Any], kept: str) -> None:
    full = {
        "covers": {"a": "quiz"}, "hours": 20, "cost": 100, "currency": "EUR", "issuer_kind": "vendor", "type": "badge",
        "language": ["en"], "country": ["GB"], "mode": ["online"], "assessment": ["portfolio"],
    }  # fmt: skip
    result = here.rank(
        [want("a")], {"full": full, "empty": {"covers": {"a": "quiz"}, "hours_note": "?"}}, filters=Filters(**limits)
    )
    assert ids(result) == kept.split()


def test_filters_do_not_change_scores(here: Small) -> None:
    credentials = {"x": {"covers": {"a": "quiz"}, "hours": 5}, "y": {"covers": {"b": "exam"}, "hours": 50}}
    every = here.rank([want("a"), want("b")], credentials)
    some = here.rank([want("a"), want("b")], credentials, filters=Filters(max_hours=10))
    assert some.ranked[0].score == next(r.score for r in every.ranked if r.credential.id == "x")


def test_asked_for_by_name(small: Taxonomy, small_catalogue: Catalogue) -> None:
    text = "You must hold a food hygiene certificate. You must know SQL."
    found = match(Posting("x", text), taxonomy=small, catalogue=small_catalogue)
    (named,) = found.asked_for
    assert (named.credential, named.need) == ("kitchen-card", "required")
    assert text[named.start : named.end] == named.text == "food hygiene certificate"
    assert asked_for([], small_catalogue) == ()
    # the ranking is unchanged by it: it is by share, whoever is named
    assert [row.score for row in found.ranking] == sorted((row.score for row in found.ranking), reverse=True)


def test_a_named_credential_that_the_catalogue_lacks(here: Small) -> None:
    catalogue = catalogue_of(here.folder, here.taxonomy, {"x": {"covers": {"b": "quiz"}}})
    (named,) = asked_for([want("a", type="credential")], catalogue)
    assert (named.credential, named.text) == (None, "abc")
    assert asked_for([want("a", "not_required", type="credential")], catalogue) == ()


def test_match_from_an_edited_extraction(small: Taxonomy, small_catalogue: Catalogue) -> None:
    asked = (want("sql", "required", id="r1"), want("java", "preferred", id="r2"))
    found = match(Extraction(Posting("x", ""), asked, ()), taxonomy=small, catalogue=small_catalogue)
    sql, java = (r.weight for r in found.requirements)
    assert {r.credential.id: round(r.score, 6) for r in found.ranking} == {
        "sql-badge": round(0.7 * sql / (sql + java), 6), "java-exam": round(java * 0.9 / (sql + java), 6),
    }  # fmt: skip
    assert java == pytest.approx(0.7 * share_of(asked[1]))


# --- properties over random taxonomies, catalogues and requirements


SKILLS = [f"s{i}" for i in range(8)]
ASSESSMENTS = ["practical", "exam", "quiz", "taught", "mentioned", "unknown"]
NEEDS = ["required", "preferred", "unstated", "not_required"]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, dict[str, Any]], list[Requirement]]:
    """Broader links go from a later skill to an earlier one, so there are no cycles."""
    links = {
        id: draw(st.lists(st.sampled_from(SKILLS[:i]), max_size=2, unique=True)) if i else []
        for i, id in enumerate(SKILLS)
    }
    credentials = {
        f"c{i}": {
            "covers": draw(
                st.dictionaries(st.sampled_from(SKILLS), st.sampled_from(ASSESSMENTS), min_size=1, max_size=4)
            ),
            **draw(st.fixed_dictionaries({}, optional={"hours": st.integers(0, 3), "cost": st.integers(0, 2)})),
        }
        for i in range(draw(st.integers(1, 5)))
    }
    picked = draw(st.lists(st.sampled_from([*SKILLS, None]), min_size=1, max_size=6, unique=True))
    requirements = [
        want(
            skill,
            draw(st.sampled_from(NEEDS)),
            id=f"r{i}",
            gap=draw(st.sampled_from([1.0, 1.0, 1.0, 0.5, 0.0])),
            group=draw(st.sampled_from([None, None, "g1"])),
            section=draw(st.sampled_from(["title", "none", "duties"])),
        )
        for i, skill in enumerate(picked)
    ]
    return links, credentials, requirements


RANDOM = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def oracle(
    links: dict[str, list[str]], credentials: dict[str, dict[str, Any]], wanted: Sequence[Requirement]
) -> dict[str, tuple[float, float]]:
    """D = Σ w g a / Σ w g of every credential, with the lower and the upper end, from the definition."""
    m = {"exact": 1.0, "part_of": 0.6, "broader": 0.4}
    e = {"practical": (1, 1), "exam": (0.9, 0.9), "quiz": (0.7, 0.7), "taught": (0.5, 0.5), "mentioned": (0.2, 0.2),
         "unknown": (0.5, 1)}  # fmt: skip

    def relation(has: str, asked: str) -> str | None:
        if has == asked:
            return "exact"
        up = set(links[has])
        for _ in range(DEFAULT.parts_deep - 1):
            up |= {grand for parent in up for grand in links[parent]}
        return "part_of" if asked in up else "broader" if has in links[asked] else None

    units: dict[str, list[Requirement]] = {}
    for r in wanted:
        if r.need != "not_required":
            units.setdefault(r.group or r.id, []).append(r)
    heavy = {key: max(r.weight for r in unit) * min(r.gap for r in unit) for key, unit in units.items()}
    total = sum(heavy.values())
    scores = {}
    for id, fields in credentials.items():
        low = high = 0.0
        for key, unit in units.items():
            credits = [
                (m[how] * e[shown][0], m[how] * e[shown][1])
                for r in unit
                if r.skill
                for skill, shown in fields["covers"].items()
                if (how := relation(skill, r.skill))
            ]
            if credits:
                best = max(low for low, _ in credits)
                low += heavy[key] * best
                high += heavy[key] * max(h for low, h in credits if low == best)
        if total and low:
            scores[id] = (low / total, high / total)
    return scores


@RANDOM
@given(world=worlds())
def test_the_rows_sum_to_the_score_and_the_score_is_the_definition(here: Small, world: Any) -> None:
    links, credentials, requirements = world
    taxonomy = taxonomy_of(here.folder, links)
    catalogue = catalogue_of(here.folder, taxonomy, credentials)
    wanted = weigh(requirements)
    result = rank(wanted, taxonomy, catalogue, top=None, today=TODAY)
    expected = oracle(links, credentials, wanted)
    assert {row.credential.id for row in result.ranked} == set(expected)
    by_id = {r.id: r for r in wanted}
    covered: set[str] = set()
    for row in result.ranked:
        assert row.score == pytest.approx(sum(cover.share for cover in row.covers))
        low, high = expected[row.credential.id]
        assert row.score == pytest.approx(low)
        assert row.score - 1e-12 <= row.score_high <= high + 1e-9
        assert 0 < row.score <= 1 + 1e-12
        assert row.score_high <= 1 + 1e-12
        assert 0 < row.focus <= 1
        rows = [cover.requirement for cover in row.covers]
        assert len(rows) == len(set(rows))
        assert all(by_id[id].need != "not_required" and by_id[id].gap > 0 for id in rows)
        assert not set(rows) & {*row.missing, *row.related}
        assert not set(row.missing) & set(row.related)
        covered.update(rows)
    places = [
        (-r.score, -r.focus, *(float("inf") if v is None else v for v in (r.credential.hours, r.credential.cost)), r.credential.name)
        for r in result.ranked
    ]  # fmt: skip
    assert all(one[0] <= other[0] + 1e-12 for one, other in itertools.pairwise(places))
    assert not covered & set(result.uncovered)


@RANDOM
@given(world=worlds(), data=st.data())
def test_making_it_required_never_lowers_who_covers_it(here: Small, world: Any, data: st.DataObject) -> None:
    links, credentials, requirements = world
    requirements = [dataclasses.replace(r, group=None) for r in requirements]
    soft = [r for r in requirements if r.need == "preferred"]
    if not soft:
        return
    chosen = data.draw(st.sampled_from(soft)).id
    harder = [dataclasses.replace(r, need="required") if r.id == chosen else r for r in requirements]
    taxonomy = taxonomy_of(here.folder, links)
    catalogue = catalogue_of(here.folder, taxonomy, credentials)
    before, after = (
        {row.credential.id: row for row in rank(weigh(asked), taxonomy, catalogue, top=None, today=TODAY).ranked}
        for asked in (requirements, harder)
    )
    covering = {id for id, row in before.items() if chosen in {c.requirement for c in row.covers}}
    for one in covering:
        for other in set(before) - covering:
            if before[one].score > before[other].score + 1e-9:
                assert after[one].score > after[other].score
                assert after[one].rank < after[other].rank


@RANDOM
@given(world=worlds())
def test_a_held_skill_adds_nothing(here: Small, world: Any) -> None:
    links, credentials, requirements = world
    taxonomy = taxonomy_of(here.folder, links)
    catalogue = catalogue_of(here.folder, taxonomy, credentials)
    wanted = weigh([dataclasses.replace(r, gap=1.0) for r in requirements])
    skill = requirements[0].skill
    held = apply_have(wanted, {skill or "none": None})
    gone = {r.id for r in held if r.gap == 0}
    gone |= {
        r.id
        for r in held
        if r.group and any(o.group == r.group and o.gap == 0 and o.need != "not_required" for o in held)
    }
    result = rank(held, taxonomy, catalogue, top=None, today=TODAY)
    assert not gone & {c.requirement for row in result.ranked for c in row.covers}
    assert not gone & set(result.uncovered)
    assert not gone & {id for row in result.ranked for id in (*row.missing, *row.related)}


@RANDOM
@given(world=worlds())
def test_a_sibling_adds_nothing(here: Small, world: Any) -> None:
    """A new skill beside each, under the same broader ones, taught by a new credential: scores stay."""
    links, credentials, requirements = world
    asked = {r.skill for r in requirements if r.skill}
    twins = {f"t{id}": links[id] for id in asked if links[id] and not set(links[id]) & asked}
    grand = {g for parents in twins.values() for p in parents for g in links[p]}
    if not twins or grand & asked:
        return
    taxonomy = taxonomy_of(here.folder, {**links, **twins})
    more = {**credentials, "twin": {"covers": dict.fromkeys(twins, "practical")}}
    wanted = weigh(requirements)
    before = rank(wanted, taxonomy, catalogue_of(here.folder, taxonomy, credentials), top=None, today=TODAY)
    after = rank(wanted, taxonomy, catalogue_of(here.folder, taxonomy, more), top=None, today=TODAY)
    assert [(r.credential.id, r.score) for r in before.ranked] == [(r.credential.id, r.score) for r in after.ranked]


@RANDOM
@given(world=worlds(), seed=st.randoms())
def test_the_order_of_requirements_does_not_matter(here: Small, world: Any, seed: Any) -> None:
    links, credentials, requirements = world
    taxonomy = taxonomy_of(here.folder, links)
    catalogue = catalogue_of(here.folder, taxonomy, credentials)
    mixed = list(requirements)
    seed.shuffle(mixed)
    one, other = (
        {r.credential.id: r.score for r in rank(weigh(asked), taxonomy, catalogue, top=None, today=TODAY).ranked}
        for asked in (requirements, mixed)
    )
    assert one == pytest.approx(other)
