"""Plans: the set against brute force, bounds, order, limits, what is unknown, many ads, bad input."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matcher.errors import InputError, MatcherError
from matcher.ranking import DEFAULT, Filters, apply_have, rank, weigh
from matcher.ranking.choose import choose, greedy, pose, requisites
from matcher.ranking.cover import Covers, column, cover, gather
from matcher.ranking.plan import make_plan
from matcher.types import Ad, Credential, Limits, Plan, Requirement

from .test_ranking import RANDOM, TODAY, Small, catalogue_of, taxonomy_of, want, worlds

FEWER = settings(RANDOM, max_examples=40)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return Small(tmp_path_factory.mktemp("plan"))


def ad(*requirements: Requirement, id: str = "x", **more: Any) -> Ad:
    return Ad(id, weigh(requirements), **more)


def planned(
    here: Small, ads: Sequence[Ad], credentials: dict[str, dict[str, Any]], limits: Limits | None = None, **more: Any
) -> Plan:
    catalogue = catalogue_of(here.folder, here.taxonomy, credentials)
    return make_plan(ads, here.taxonomy, catalogue, limits=limits, today=TODAY, **more)


def ids(plan: Plan) -> list[str]:
    return [step.credential.id for step in plan.steps]


def codes(plan: Plan) -> list[str]:
    return [warning.code for warning in plan.warnings]


# --- against the definition and brute force


@st.composite
def problems(draw: st.DrawFn) -> tuple[Any, Limits, dict[str, list[str]]]:
    world = draw(worlds())
    names = list(world[1])
    limits = Limits(
        number=draw(st.sampled_from([None, 1, 2, 3])),
        hours=draw(st.sampled_from([None, 1, 2, 4])),
        budget=draw(st.sampled_from([None, 0, 1, 3])),
        unknown=draw(st.sampled_from(["include", "leave-out"])),
    )
    first = {
        id: draw(st.lists(st.sampled_from(names[:i]), max_size=2, unique=True)) if i else []
        for i, id in enumerate(names)
    }
    return world, limits, first


def table(here: Small, world: Any, ads: int = 1) -> Covers:
    links, credentials, requirements = world
    taxonomy = taxonomy_of(here.folder, links)
    catalogue = catalogue_of(here.folder, taxonomy, credentials)
    asks = gather([Ad(str(n), weigh(requirements[n:] or requirements)) for n in range(ads)])
    return cover(asks, [column(c) for c in catalogue.each()], taxonomy, catalogue)


@FEWER
@given(problem=problems())
def test_exact_is_brute_force_and_greedy_keeps_its_bound(here: Small, problem: Any) -> None:
    world, limits, first = problem
    covers = table(here, world, ads=2)
    columns = [c._replace(prerequisite=tuple(first[c.id])) for c in covers.columns]
    covers = dataclasses.replace(covers, columns=tuple(columns))
    before, missing, absent = requisites(columns, ())
    assert not missing
    assert not absent
    posed = pose(covers, limits, before)
    best = 0.0
    for size in range(len(columns) + 1):
        for chosen in itertools.combinations(range(len(columns)), size):
            if posed.fits(chosen) and all(set(before.get(c, ())) <= set(chosen) for c in chosen):
                best = max(best, covers.value(chosen))
    exact, rough = choose(posed), greedy(posed)
    assert exact.method.name == "exact"
    for answer in (exact, rough):
        assert posed.fits(answer.chosen)
        assert all(set(before.get(c, ())) <= set(answer.chosen) for c in answer.chosen)
        assert answer.value == pytest.approx(covers.value(answer.chosen))
    assert exact.value == pytest.approx(best, abs=1e-6)
    assert rough.value <= best + 1e-9
    assert exact.value >= rough.value
    assert rough.method.bound >= best - 1e-9
    if limits == Limits(number=limits.number) and not any(first.values()):
        assert rough.value >= (1 - 1 / 2.718281828459045) * best - 1e-9


@FEWER
@given(world=worlds(), data=st.data())
def test_adding_one_never_lowers_and_adds_less_to_more(here: Small, world: Any, data: st.DataObject) -> None:
    covers = table(here, world, ads=2)
    every = list(range(len(covers.columns)))
    large = data.draw(st.lists(st.sampled_from(every), unique=True))
    small = large[: data.draw(st.integers(0, len(large)))]
    one = data.draw(st.sampled_from(every))
    to_large = covers.value([*large, one]) - covers.value(large)
    to_small = covers.value([*small, one]) - covers.value(small)
    assert to_large >= -1e-12
    assert to_small >= to_large - 1e-12
    assert covers.gains(covers.covered(large))[one] == pytest.approx(to_large, abs=1e-12)


@FEWER
@given(world=worlds())
def test_single_credentials_score_as_in_a_match(here: Small, world: Any) -> None:
    """The arrays give the same scores, rows and order as `rank`, whose scores are the definition's."""
    links, credentials, requirements = world
    taxonomy = taxonomy_of(here.folder, links)
    catalogue = catalogue_of(here.folder, taxonomy, credentials)
    wanted = weigh(requirements)
    plan = make_plan([Ad("x", wanted)], taxonomy, catalogue, top=100, today=TODAY, fronts=False)
    result = rank(wanted, taxonomy, catalogue, top=None, today=TODAY)
    assert {r.credential.id: r.score for r in plan.ranking} == pytest.approx(
        {r.credential.id: r.score for r in result.ranked}
    )
    high = {r.credential.id: r.score_high for r in result.ranked}
    for row in plan.ranking:
        assert row.score == pytest.approx(sum(c.share for c in row.covers))
        assert row.score_high == pytest.approx(high[row.credential.id])
    if not any(r.group for r in requirements):
        ways = {r.credential.id: sorted((c.skill, c.relation, c.credit) for c in r.covers) for r in result.ranked}
        assert ways == {
            r.credential.id: sorted((c.skill, c.relation, c.credit) for c in r.covers) for r in plan.ranking
        }
    labels = {ask.id: ask.labels for ask in plan.asks}
    groups = [{r.label for r in requirements if r.id == id} for id in result.uncovered]
    uncovered = {label for id in plan.uncovered for label in labels[id]}
    assert uncovered == {label for group in groups for label in group}


@FEWER
@given(problem=problems())
def test_the_steps_are_the_sum(here: Small, problem: Any) -> None:
    (links, credentials, requirements), limits, first = problem
    taxonomy = taxonomy_of(here.folder, links)
    given = {id: {**fields, "prerequisite": first[id]} for id, fields in credentials.items()}
    catalogue = catalogue_of(here.folder, taxonomy, given)
    ads = [Ad("x", weigh(requirements)), Ad("y", weigh(requirements[1:] or requirements))]
    try:
        plan = make_plan(ads, taxonomy, catalogue, limits=limits, today=TODAY)
    except InputError as error:
        # only limits may be impossible
        assume(error.code != "impossible")
        raise
    done: list[str] = []
    total = 0.0
    for number, step in enumerate(plan.steps, 1):
        assert step.number == number
        assert set(first[step.credential.id]) <= set(done)
        done.append(step.credential.id)
        total += step.gain
        assert step.gain == pytest.approx(sum(row.share for row in step.covers))
        assert step.coverage == pytest.approx(total)
        assert not {row.requirement for row in step.covers} & {id for id, _ in step.repeats}
    assert plan.coverage == pytest.approx(total)
    assert plan.coverage <= plan.coverage_high + 1e-12
    assert plan.coverage <= plan.method.bound + 1e-6
    assert plan.coverage_high <= 1 + 1e-9
    if limits.hours is not None and plan.hours_unknown == 0:
        assert plan.hours <= limits.hours
    if limits.unknown == "leave-out" and limits.hours is not None:
        assert plan.hours_unknown == 0
    covered = {row.requirement for step in plan.steps for row in step.covers}
    assert not covered & {*plan.uncovered, *plan.not_chosen}
    for front in plan.fronts:
        assert all(a.effort < b.effort and a.coverage < b.coverage for a, b in itertools.pairwise(front.points))


# --- many ads


def test_the_weight_carries_the_share_of_ads(here: Small) -> None:
    ads = [ad(want("a"), want("b", "preferred"), id="1"), ad(want("a", "unstated"), id="2"), ad(want("c"), id="3")]
    asks = {ask.skills[0]: ask for ask in gather(ads)}
    assert (asks["a"].ads, asks["a"].weight) == (2, pytest.approx((1.0 + 0.8) / 3))
    assert dict(asks["a"].needs) == {"required": 1, "unstated": 1}
    assert asks["b"].weight == pytest.approx(0.7 / 3)
    plan = planned(here, ads, {"x": {"covers": {"a": "practical"}}, "y": {"covers": {"c": "practical"}}})
    assert ids(plan) == ["x", "y"]
    total = 1.8 + 0.7 + 1.0
    assert [step.gain for step in plan.steps] == [pytest.approx(1.8 / total), pytest.approx(1.0 / total)]
    assert plan.uncovered == (asks["b"].id,)


def test_alternatives_count_once_over_ads(here: Small) -> None:
    ads = [
        ad(want("a", id="1", group="g"), want("b", "preferred", id="2", group="g"), id="1"),
        ad(want("b", id="1", group="g9"), want("a", id="2", group="g9"), id="2"),
    ]
    (ask,) = gather(ads)
    assert (set(ask.skills), ask.ads, ask.weight) == ({"a", "b"}, 2, 1.0)
    plan = planned(here, ads, {"x": {"covers": {"a": "practical"}}, "y": {"covers": {"b": "practical"}}})
    assert len(plan.steps) == 1
    assert plan.coverage == 1.0


def test_duplicated_ads_change_nothing(here: Small) -> None:
    ads = [ad(want("a"), want("b"), id="1"), ad(want("c"), id="2")]
    shop = {"x": {"covers": {"a": "exam"}}, "y": {"covers": {"c": "quiz"}}}
    assert gather(ads) == tuple(
        dataclasses.replace(ask, ads=ask.ads // 3, needs=tuple((n, k // 3) for n, k in ask.needs))
        for ask in gather([*ads, *ads, *ads])
    )
    assert planned(here, ads, shop).coverage == pytest.approx(planned(here, ads * 3, shop).coverage)


def test_what_a_person_has(here: Small) -> None:
    wanted = apply_have(weigh([want("a"), want("b")]), {"a": None})
    plan = planned(here, [Ad("x", wanted)], {"x": {"covers": {"a": "practical", "b": "exam"}}})
    (step,) = plan.steps
    held = next(ask.id for ask in plan.asks if ask.skills == ("a",))
    assert step.repeats == ((held, 0),)
    assert plan.coverage == pytest.approx(0.9)
    everything = planned(here, [Ad("x", apply_have(wanted, {"a": None, "b": None}))], {"x": {"covers": {"a": "exam"}}})
    assert (everything.steps, codes(everything)) == ((), ["nothing_to_cover"])


def test_repeats_name_the_step(here: Small) -> None:
    shop = {"x": {"covers": {"a": "practical", "b": "practical"}}, "y": {"covers": {"b": "quiz", "c": "exam"}}}
    plan = planned(here, [ad(want("a"), want("b"), want("c"))], shop)
    assert ids(plan) == ["x", "y"]
    ask = next(ask.id for ask in plan.asks if ask.skills == ("b",))
    assert plan.steps[1].repeats == ((ask, 1),)


def test_no_ads_no_requirements(here: Small) -> None:
    shop = {"x": {"covers": {"a": "practical"}}}
    for ads in ([], [ad()], [ad(want("a", "not_required"))]):
        plan = planned(here, ads, shop)
        assert (plan.steps, plan.ranking, plan.coverage, codes(plan)) == ((), (), 0.0, ["no_requirements"])


def test_nothing_covers_anything(here: Small) -> None:
    plan = planned(here, [ad(want("a"))], {"x": {"covers": {"b": "practical"}}})
    assert (plan.steps, plan.coverage, codes(plan)) == ((), 0.0, ["not_covered"])
    assert plan.uncovered == (plan.asks[0].id,)


def test_barriers_by_share_of_ads(here: Small) -> None:
    degree = ("degree", "required", "BSc")
    ads = [
        ad(want("a"), id="1", barriers=(degree, degree, ("years", "preferred", "3 years"))),
        ad(want("a"), id="2", barriers=(degree, ("age", "not_required", "any age"))),
        ad(want("a"), id="3"),
    ]
    found = planned(here, ads, {"x": {"covers": {"a": "exam"}}}).barriers
    assert [(b.kind, b.ads, b.required, b.example) for b in found] == [
        ("degree", 2, 2, "BSc"),
        ("years", 1, 0, "3 years"),
    ]


# --- limits


SHOP: dict[str, dict[str, Any]] = {
    "long": {"covers": {"a": "practical", "b": "practical"}, "hours": 40, "cost": 0, "issuer_kind": "university"},
    "short": {"covers": {"a": "exam"}, "hours": 5, "cost": 30, "currency": "EUR", "assessment": ["project"]},
    "other": {"covers": {"b": "quiz"}, "hours": 6, "cost": 20, "currency": "USD", "mode": ["online"]},
    "silent": {"covers": {"a": "practical", "b": "practical", "c": "practical"}},
}
ALL = (want("a"), want("b"), want("c"))


def test_number(here: Small) -> None:
    assert ids(planned(here, [ad(*ALL)], SHOP, Limits(number=1))) == ["silent"]
    # what adds nothing is not taken, however much room there is
    assert ids(planned(here, [ad(*ALL)], SHOP, Limits(number=9))) == ["silent"]


def test_hours_leave_out_what_is_not_known_and_say_so(here: Small) -> None:
    plan = planned(here, [ad(*ALL)], SHOP, Limits(hours=11))
    assert set(ids(plan)) == {"short", "other"}
    assert (plan.hours, plan.hours_unknown) == (11, 0)
    (warning,) = plan.warnings
    assert warning.code == "unknown_left_out"
    assert "1 credential whose hours are not known" in warning.message
    assert ids(planned(here, [ad(*ALL)], SHOP, Limits(hours=40))) == ["long"]


def test_what_is_not_known_is_never_nothing(here: Small) -> None:
    """Let in, it is allowed for with the upper quartile of what is known, and shown as unknown."""
    plan = planned(here, [ad(*ALL)], SHOP, Limits(hours=11, unknown="include"))
    assert ids(plan) == ["silent"]
    assert (plan.hours, plan.hours_unknown, codes(plan)) == (0, 1, ["unknown_allowed"])
    assert "11 h allowed for each" in plan.warnings[0].message
    # upper quartile of 5, 6, 40 is 23: beside it there is room for 7 hours only
    plan = planned(here, [ad(*ALL, want("d"))], {**SHOP, "more": {"covers": {"d": "exam"}, "hours": 8}}, Limits(hours=30, unknown="include"))  # fmt: skip
    assert "silent" in ids(plan)
    assert plan.hours + 16 <= 30


def test_a_budget_in_another_currency_is_not_known(here: Small) -> None:
    plan = planned(here, [ad(*ALL)], SHOP, Limits(budget=100, currency="eur", number=1))
    assert ids(plan) == ["long"]
    assert plan.limits.currency == "EUR"
    assert "2 credentials whose price in EUR is not known" in plan.warnings[0].message
    without = {id: fields for id, fields in SHOP.items() if id != "long"}
    plan = planned(here, [ad(*ALL)], without, Limits(budget=25, currency="USD"))
    assert (ids(plan), plan.costs) == (["other"], (("USD", 20.0),))
    with pytest.raises(MatcherError, match="prices are in EUR, USD") as error:
        planned(here, [ad(*ALL)], SHOP, Limits(budget=25))
    assert error.value.code == "currency"
    one = {id: fields for id, fields in SHOP.items() if id != "short"}
    assert planned(here, [ad(*ALL)], one, Limits(budget=25)).limits.currency == "USD"


@pytest.mark.parametrize(
    ("kind", "chosen"), [("project", "short"), ("online", "other"), ("free", "long"), ("university", "long")]
)
def test_must_include(here: Small, kind: str, chosen: str) -> None:
    plan = planned(here, [ad(*ALL)], SHOP, Limits(number=1, must_include=(kind,)))
    assert ids(plan) == [chosen]
    assert plan.method.name == "exact"
    both = planned(here, [ad(*ALL)], SHOP, Limits(number=2, must_include=(kind,)))
    assert set(ids(both)) >= {chosen}
    assert both.coverage >= plan.coverage


def test_filters_hold(here: Small) -> None:
    assert ids(planned(here, [ad(*ALL)], SHOP, filters=Filters(online=True))) == ["other"]
    retired = {"x": {"covers": {"a": "practical"}, "status": "retired"}, "y": {"covers": {"a": "quiz"}}}
    assert ids(planned(here, [ad(*ALL)], retired)) == ["y"]


def test_what_is_held_is_not_planned_again(here: Small) -> None:
    assert "silent" not in ids(planned(here, [ad(*ALL)], SHOP, Limits(number=3, holds=("silent",))))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(hours=2), "--hours 2: no credential that covers anything fits (the shortest takes 5 h)"),
        (Limits(budget=5, currency="GBP"), "--budget 5"),
        (Limits(number=1, must_include=("project", "online")), "--must-include"),
        (Limits(hours=7, must_include=("project", "online")), "--must-include"),
        (Limits(number=2, must_include=("vendor",)), "--must-include vendor"),
        (Limits(hours=0), "--hours 0"),
        (Limits(hours=float("nan")), "--hours nan"),
        (Limits(budget=-1), "--budget -1"),
        (Limits(number=0), "--max-credentials 0"),
    ],
)
def test_impossible_limits_are_one_clear_line(here: Small, limits: Limits, words: str) -> None:
    shop = {id: fields for id, fields in SHOP.items() if id != "long"}
    with pytest.raises(MatcherError) as error:
        planned(here, [ad(*ALL)], shop, limits)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


# --- prerequisites, stacking


def test_prerequisites_come_first_and_count(here: Small) -> None:
    shop = {
        "top": {"covers": {"a": "practical", "b": "practical"}, "prerequisite": ["base"], "hours": 10},
        "base": {"covers": {"d": "taught"}, "hours": 10},
        "side": {"covers": {"a": "quiz"}, "hours": 10},
    }
    plan = planned(here, [ad(*ALL)], shop, Limits(number=2))
    assert ids(plan) == ["base", "top"]
    assert plan.steps[0].gain == 0
    assert plan.steps[1].after == ("base",)
    assert ids(planned(here, [ad(*ALL)], shop, Limits(number=1))) == ["side"]
    assert ids(planned(here, [ad(*ALL)], shop, Limits(hours=15))) == ["side"]
    assert ids(planned(here, [ad(*ALL)], shop, Limits(number=1, holds=("base",)))) == ["top"]


def test_what_cannot_be_reached_is_left_out_and_named(here: Small) -> None:
    shop = {
        "top": {"covers": {"a": "practical"}, "prerequisite": ["base"], "hours": 10},
        "base": {"covers": {"d": "taught"}},
        "side": {"covers": {"a": "quiz"}, "hours": 10},
    }
    plan = planned(here, [ad(*ALL)], shop, Limits(hours=30))
    assert ids(plan) == ["side"]
    assert "prerequisite_out_of_reach" in codes(plan)
    assert "TOP" in " ".join(w.message for w in plan.warnings)


def test_a_circle_of_prerequisites_is_named(here: Small) -> None:
    shop = {
        "one": {"covers": {"a": "practical"}, "prerequisite": ["two"]},
        "two": {"covers": {"b": "practical"}, "prerequisite": ["one"]},
    }
    with pytest.raises(MatcherError, match=r"go in a circle: .*one") as error:
        planned(here, [ad(*ALL)], shop)
    assert error.value.code == "cyclic"


def test_an_empty_catalogue_is_named(here: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = catalogue_of(here.folder, here.taxonomy, SHOP)
    monkeypatch.setattr(type(catalogue), "__len__", lambda self: 0)
    with pytest.raises(MatcherError, match="empty"):
        make_plan([ad(*ALL)], here.taxonomy, catalogue)


def test_stacking_with_whose_word_and_from_when(here: Small) -> None:
    shop = {
        "one": {"covers": {"a": "practical"}, "part_of": ["whole"], "as_of": "2026-03"},
        "two": {"covers": {"b": "practical"}, "part_of": ["whole"]},
        "three": {"covers": {"d": "practical"}, "part_of": ["whole"]},
        "whole": {"covers": {"d": "mentioned"}},
    }
    (stack,) = planned(here, [ad(*ALL)], shop).stacks
    assert (stack.towards, stack.name, stack.members, stack.others) == ("whole", "WHOLE", ("one", "two"), ("three",))
    assert (stack.relation, stack.source, stack.as_of) == ("part_of", None, "2026-03")


# --- countries, columns


def test_credentials_of_another_country_are_left_out_and_counted(here: Small) -> None:
    shop = {
        "home": {"covers": {"a": "quiz"}, "country": ["GB"]},
        "away": {"covers": {"a": "practical"}, "country": ["AU"]},
        "anywhere": {"covers": {"b": "exam"}},
    }
    plan = planned(here, [ad(*ALL, country="GB")], shop)
    assert set(ids(plan)) == {"home", "anywhere"}
    assert codes(plan) == ["abroad_left_out"]
    assert "away" in ids(planned(here, [ad(*ALL)], shop))
    assert "away" in ids(planned(here, [ad(*ALL, country="GB")], shop, filters=Filters(country=("AU",))))


def test_columns_do_not_lose_currency_or_case() -> None:
    found = column(
        Credential("a", "A", cost=3, currency="eur", issuer_kind="vendor", mode=("online",), assessment=("portfolio",))
    )
    assert (found.currency, found.kinds) == ("EUR", {"vendor", "online", "project"})
    assert "free" in column(Credential("a", "A", cost=0)).kinds
    assert "free" not in column(Credential("a", "A")).kinds


def test_the_policy_is_respected(here: Small) -> None:
    policy = dataclasses.replace(DEFAULT, relation={"exact": 1.0, "part_of": 0.0, "broader": 0.0})
    shop = {"x": {"covers": {"part": "practical"}}}
    assert planned(here, [ad(want("broad"))], shop).coverage == pytest.approx(0.6)
    assert planned(here, [ad(want("broad"))], shop, policy=policy).steps == ()
