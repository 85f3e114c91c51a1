"""What a shop's business rules promise of every list, whichever step of the ladder makes it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.business_rules import KINDS, RuleBook, SetRule, TooManyRules
from recommndr.features import shopper
from recommndr_engine.filters import ItemFilters
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import PINNED, Pipeline
from recommndr_engine.rule_effects import MadeList, effects, moved
from recommndr_engine.rules_in_force import NO_RULES, RulesInForce
from recommndr_engine.static_list import static_list
from recommndr_engine.variety import Variety
from tests.engine.bundles import N_ITEMS, NOW, WrittenBundle, bought, catalog_item, item_id, row_of

NOW_S = NOW.timestamp()
NUMBERS = range(N_ITEMS + 4)  # the catalogue is newer than the bundle
PAIRED = range(30, 40)  # i30 and i31 are colours of one product, and so on
FEW = settings(max_examples=25)  # of each list
STEPS = ("full", "no_ranker", "no_user_features", "contextual_popularity", "static")
LISTS = (*STEPS, "similar", "trending", "together", "among")
ANNA = shopper.read(row_of(bought(10, 11, state=bought(20, days_ago=40.0))))
ITEMS = {item_id(n): catalog_item(n, group_id=f"g{n // 2}" if n in PAIRED else None) for n in NUMBERS}
DAIRY, BREAD = {"category": ["food", "dairy"]}, {"category": ["food", "bread"]}


def rule(kind: str, rule_id: str = "r", **said: Any) -> SetRule:
    known = {"kind": kind, "reason": "test"} | said
    return SetRule.model_validate({"rule_id": rule_id, "rule": known, "set_by": "test", "set_at": NOW})


numbers = st.integers(0, len(NUMBERS) - 1)
targets = st.one_of(
    st.lists(numbers, min_size=1, max_size=5).map(lambda some: {"items": [item_id(n) for n in some]}),
    st.sampled_from([DAIRY, BREAD]),
    st.integers(0, 3).map(lambda n: {"brand": f"brand {n}"}),
)
factors = st.sampled_from([1.0, 1.5, 2.0, 10.0])
pins = st.fixed_dictionaries({"kind": st.just("pin"), "item_id": numbers.map(item_id), "place": st.integers(1, 12)})
moves = st.fixed_dictionaries({"kind": st.sampled_from(["boost", "bury"]), "target": targets, "factor": factors})
blocks = st.fixed_dictionaries({"kind": st.just("block"), "target": targets})
caps = st.one_of(
    st.fixed_dictionaries({"kind": st.just("cap"), "at_most": st.integers(1, 4), "target": targets}),
    st.fixed_dictionaries(
        {"kind": st.just("cap"), "at_most": st.integers(1, 4), "per": st.sampled_from(["brand", "category"])}
    ),
)
not_agains = st.fixed_dictionaries({"kind": st.just("not_again"), "days": st.integers(1, 60)})


def rule_sets(*kinds: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[SetRule]]:
    some = st.lists(st.one_of(*kinds), max_size=5)
    return some.map(lambda found: [rule(rule_id=f"r{n}", **one) for n, one in enumerate(found)])


any_rules = rule_sets(pins, moves, blocks, caps, not_agains)


@pytest.fixture(scope="module")
def pipeline(bundle: WrittenBundle) -> Pipeline:
    live = LiveItems()
    live.apply_catalog(ITEMS)
    return Pipeline.read(bundle.directory, bundle.manifest, live)


def listed(pipeline: Pipeline, step: str, rules: RulesInForce, k: int = 10, **asked: Any) -> list[str]:
    """The ids of a list on a step of the ladder, or of an endpoint without a shopper."""
    asked.setdefault(
        "list_name", {"similar": "similar_items", "trending": "trending", "among": "popular"}.get(step, "recommend")
    )
    request = ListRequest(k, rules=rules, **asked)
    if step == "static":
        return [place.item_id for place in static_list(pipeline.live, request, NOW_S, ANNA)]
    found = {
        "full": lambda: pipeline.recommend(ANNA, request, NOW_S),
        "no_ranker": lambda: pipeline.recommend(ANNA, request, NOW_S, "weighted"),
        "no_user_features": lambda: pipeline.recommend(None, request, NOW_S),
        "contextual_popularity": lambda: pipeline.popular(request, NOW_S, ANNA),
        "similar": lambda: pipeline.similar_items(5, request, NOW_S),
        "trending": lambda: pipeline.trending(request, NOW_S),
        "together": lambda: pipeline.bought_together(np.array([4], np.int32), replace(request, list_name="together"), NOW_S),
        "among": lambda: pipeline.popular_among({"country": "DE"}, request, NOW_S),
    }[step]()
    if found is None:
        return []
    return [found.pinned[at].rule.item_id if row < 0 else pipeline.items.ids[row] for at, row in enumerate(found.rows.tolist())]


def in_force(pipeline: Pipeline, rules: Sequence[SetRule]) -> RulesInForce:
    return RulesInForce.of(rules, pipeline.live)


def is_meant(name: str, target: dict[str, Any]) -> bool:
    item = ITEMS[name]
    category = tuple(target.get("category", ()))
    if category:
        return item.category_path[: len(category)] == category
    return name in target.get("items", ()) or (item.brand is not None and item.brand == target.get("brand"))


def with_siblings(names: set[str]) -> set[str]:
    groups = {ITEMS[name].group_id for name in names} - {None}
    return names | {name for name, item in ITEMS.items() if item.group_id in groups}


@pytest.mark.parametrize("step", LISTS)
@FEW
@given(rules=any_rules, k=st.integers(1, 40))
def test_a_blocked_item_is_in_no_list_and_no_other_of_its_group(
    pipeline: Pipeline, step: str, rules: list[SetRule], k: int
) -> None:
    targets = [one.rule.target.model_dump() for one in rules if one.rule.kind == "block"]
    blocked = with_siblings({name for name in ITEMS for target in targets if is_meant(name, target)})
    assert not blocked & set(listed(pipeline, step, in_force(pipeline, rules), k))


@pytest.mark.parametrize("step", LISTS)
@FEW
@given(rules=any_rules, k=st.integers(1, 40))
def test_a_list_has_each_item_once_and_at_most_k(pipeline: Pipeline, step: str, rules: list[SetRule], k: int) -> None:
    found = listed(pipeline, step, in_force(pipeline, rules), k)
    assert len(found) == len(set(found)) <= k


@pytest.mark.parametrize("step", STEPS)
@FEW
@given(n=numbers, place=st.integers(1, 10), others=rule_sets(moves, caps))
def test_a_pin_stands_at_its_place(pipeline: Pipeline, step: str, n: int, place: int, others: list[SetRule]) -> None:
    pin = rule("pin", "pin", item_id=item_id(n), place=place)
    found = listed(pipeline, step, in_force(pipeline, [*others, pin]))
    assert found.index(item_id(n)) == min(place, len(found)) - 1


@pytest.mark.parametrize("step", STEPS)
def test_a_pinned_item_that_is_not_available_or_not_asked_for_is_not_in_the_list(pipeline: Pipeline, step: str) -> None:
    rules = in_force(pipeline, [rule("pin", item_id=item_id(2), place=1)])
    assert listed(pipeline, step, rules)[0] == item_id(2)
    assert item_id(2) not in listed(pipeline, step, rules, exclude=(item_id(2),))
    assert item_id(2) not in listed(pipeline, step, rules, filters=ItemFilters(("food", "bread")))
    live = LiveItems()
    live.apply_catalog(ITEMS)
    live.apply_availability({item_id(2): False})
    poorer = Pipeline(pipeline.items, pipeline.retrievers, pipeline.ranker, live, pipeline._config)
    assert item_id(2) not in listed(poorer, step, in_force(poorer, [rule("pin", item_id=item_id(2), place=1)]))


def test_a_pin_holds_in_its_lists_and_its_category_only(pipeline: Pipeline) -> None:
    late = item_id(38)
    rules = in_force(pipeline, [rule("pin", item_id=late, place=1, lists=["trending"], category=["food"])])
    food = ItemFilters(("food", "dairy"))
    assert listed(pipeline, "trending", rules, filters=food)[0] == late
    assert listed(pipeline, "trending", rules)[0] != late
    assert listed(pipeline, "full", rules, filters=food)[0] != late


def test_similar_items_have_only_pins_that_name_them(pipeline: Pipeline) -> None:
    usual, named = (rule("pin", item_id=item_id(38), place=1, **lists) for lists in ({}, {"lists": ["similar_items"]}))
    assert listed(pipeline, "similar", in_force(pipeline, [usual]))[0] != item_id(38)
    assert listed(pipeline, "similar", in_force(pipeline, [named]))[0] == item_id(38)


def test_of_two_pins_for_one_place_the_first_by_id_has_it(pipeline: Pipeline) -> None:
    rules = [rule("pin", "b", item_id=item_id(7), place=2), rule("pin", "a", item_id=item_id(9), place=2)]
    assert listed(pipeline, "full", in_force(pipeline, rules))[1:3] == [item_id(9), item_id(7)]


@pytest.mark.parametrize("step", LISTS)
@FEW
@given(rules=rule_sets(caps, moves, blocks), k=st.integers(1, 30))
def test_caps_hold(pipeline: Pipeline, step: str, rules: list[SetRule], k: int) -> None:
    found = listed(pipeline, step, in_force(pipeline, rules), k)
    for one in (one.rule for one in rules if one.rule.kind == "cap"):
        if one.target is not None:
            assert sum(is_meant(name, one.target.model_dump()) for name in found) <= one.at_most
        else:
            of = [ITEMS[name].brand if one.per == "brand" else ITEMS[name].category_path for name in found]
            assert max(map(of.count, of), default=0) <= one.at_most


def test_pinned_items_count_for_a_cap_and_are_never_capped(pipeline: Pipeline) -> None:
    rules = [rule("pin", f"p{n}", item_id=item_id(n), place=n) for n in (4, 6, 8)]
    rules.append(rule("cap", "two", at_most=2, target=DAIRY))
    found = listed(pipeline, "full", in_force(pipeline, rules))
    assert [name for name in found if is_meant(name, DAIRY)] == [item_id(4), item_id(6), item_id(8)]


def test_a_request_may_ask_for_less_than_a_cap_but_not_for_more(pipeline: Pipeline) -> None:
    rules = in_force(pipeline, [rule("cap", per="brand", at_most=2)])
    for asked, most in ((1, 1), (9, 2)):
        brands = [ITEMS[name].brand for name in listed(pipeline, "full", rules, variety=Variety(max_per_brand=asked))]
        assert max(map(brands.count, brands)) == most


@pytest.mark.parametrize("step", LISTS)
@FEW
@given(targets)
def test_a_boost_of_1_changes_nothing(pipeline: Pipeline, step: str, target: dict[str, Any]) -> None:
    rules = in_force(pipeline, [rule("boost", target=target, factor=1)])
    assert listed(pipeline, step, rules) == listed(pipeline, step, NO_RULES)


@pytest.mark.parametrize("step", LISTS)
@FEW
@given(targets, factors)
def test_a_boost_and_a_bury_of_the_same_items_cancel_out(
    pipeline: Pipeline, step: str, target: dict[str, Any], factor: float
) -> None:
    both = [rule("boost", "a", target=target, factor=2.0), rule("bury", "b", target=target, factor=2.0)]
    assert listed(pipeline, step, in_force(pipeline, both)) == listed(pipeline, step, NO_RULES)


@pytest.mark.parametrize("step", ["full", "no_ranker", "static"])
@given(st.integers(0, min(PAIRED) - 1), factors)
def test_a_boosted_item_does_not_fall_and_a_buried_one_does_not_rise(
    pipeline: Pipeline, step: str, n: int, factor: float
) -> None:
    if item_id(n) not in listed(pipeline, step, NO_RULES, 60):
        return

    def place(*rules: SetRule) -> int:
        return listed(pipeline, step, in_force(pipeline, rules), 60).index(item_id(n))

    target = {"items": [item_id(n)]}
    boost, bury = (rule(kind, target=target, factor=factor) for kind in ("boost", "bury"))
    assert place(boost) <= place() <= place(bury)


def test_the_item_of_place_ten_with_a_boost_of_two_follows_that_of_place_five(pipeline: Pipeline) -> None:
    usual = listed(pipeline, "static", NO_RULES, 12)
    boosted = listed(pipeline, "static", in_force(pipeline, [rule("boost", target={"items": [usual[9]]}, factor=2)]), 12)
    assert boosted == [*usual[:5], usual[9], *usual[5:9], *usual[10:]]


@pytest.mark.parametrize("step", LISTS)
@FEW
@given(rules=any_rules, data=st.data())
def test_the_order_in_which_rules_are_set_does_not_matter(
    pipeline: Pipeline, step: str, rules: list[SetRule], data: st.DataObject
) -> None:
    other = data.draw(st.permutations(rules))
    assert listed(pipeline, step, in_force(pipeline, rules)) == listed(pipeline, step, in_force(pipeline, other))


@pytest.mark.parametrize("step", ["full", "no_ranker", "contextual_popularity", "static"])
@pytest.mark.parametrize(("days", "kept_out"), [(1, {10, 11}), (30, {10, 11}), (60, {10, 11, 20})])
def test_what_was_bought_within_the_days_is_not_offered_again(
    pipeline: Pipeline, step: str, days: int, kept_out: set[int]
) -> None:
    rules = in_force(pipeline, [rule("not_again", days=days + 1)])
    everything = set(listed(pipeline, step, NO_RULES, 60))
    assert everything - set(listed(pipeline, step, rules, 60)) == {item_id(n) for n in kept_out} & everything
    assert item_id(10) in everything


def test_not_again_may_be_about_some_items_only(pipeline: Pipeline) -> None:
    rules = in_force(pipeline, [rule("not_again", days=30, target=BREAD)])
    found = listed(pipeline, "full", rules, 60)
    assert (item_id(10) in found, item_id(11) in found) == (True, False)


def test_an_item_newer_than_the_bundle_can_be_pinned_and_says_who_proposed_it(pipeline: Pipeline) -> None:
    new = item_id(N_ITEMS + 1)
    made = pipeline.recommend(ANNA, ListRequest(5, rules=in_force(pipeline, [rule("pin", item_id=new, place=2)])), NOW_S)
    assert made.pinned[1].rule.item_id == new
    assert made.sources[1] == (PINNED,)
    assert made.place_by_score is not None
    assert made.place_by_score[1] == 0


def test_rules_for_what_the_catalogue_does_not_have_yet_hold_once_it_does() -> None:
    live = LiveItems()
    asked = [rule("block", "a", target={"category": ["toys"]}), rule("boost", "b", target={"brand": "new"}, factor=2)]
    assert not len(RulesInForce.of(asked, live).blocked)
    live.apply_catalog({"t": catalog_item(1, item_id="t", category_path=("toys", "cars"), brand="new")})
    rules = RulesInForce.of(asked, live)
    assert rules.blocked.tolist() == live.rows_of(["t"]).tolist()
    assert rules.factor_of(live.rows_of(["t"])).tolist() == [2.0]


def test_what_each_rule_did_is_told(pipeline: Pipeline) -> None:
    rules = in_force(
        pipeline,
        [
            rule("pin", "a", item_id=item_id(38), place=1),
            rule("boost", "b", target=BREAD, factor=2),
            rule("block", "c", target={"items": [item_id(0)]}),
            rule("not_again", "d", days=30),
            rule("cap", "e", per="brand", at_most=9),
        ],
    )
    made = MadeList([item_id(38), item_id(1), item_id(2)], {0: "a"})
    told = {one.rule.rule_id: one for one in effects(rules, pipeline.live, made, ANNA, NOW_S)}
    assert {name: one.places for name, one in told.items()} == {"a": (0,), "b": (1,), "c": (), "d": (), "e": (0, 1, 2)}
    assert {name: one.kept_out for name, one in told.items()} == {"a": None, "b": None, "c": 1, "d": 2, "e": None}
    assert moved(rules, pipeline.live, made) == {"pin": 1, "boost": 1, "bury": 0}


@given(any_rules)
def test_a_record_reads_as_it_was_written(rules: list[SetRule]) -> None:
    book = RuleBook(tenant="grocer", rules=tuple(rules))  # type: ignore[arg-type]
    assert RuleBook.model_validate_json(book.model_dump_json()) == book


def test_a_rule_holds_from_its_start_until_its_end() -> None:
    timed = rule("block", target=DAIRY, start="2026-03-01T12:00:00Z", end="2026-03-01T14:00:00+01:00")
    assert [timed.holds_at(NOW_S + s) for s in (-1, 0, 3599, 3600)] == [False, True, True, False]
    book = RuleBook(tenant="grocer", rules=(timed,))  # type: ignore[arg-type]
    assert [book.next_change_s(NOW_S + s) - NOW_S for s in (-5, 0, 3600)] == [0, 3600, float("inf")]


def test_a_shop_has_at_most_so_many_rules_and_may_always_replace_one() -> None:
    book = RuleBook(tenant="grocer")  # type: ignore[arg-type]
    for n in range(200):
        book = book.with_rule(rule("block", f"r{n}", target=DAIRY))
    assert len(book.with_rule(rule("block", "r7", target=BREAD)).rules) == 200
    with pytest.raises(TooManyRules, match="at most 200"):
        book.with_rule(rule("block", "one-more", target=DAIRY))
    assert set(KINDS) == {"pin", "boost", "bury", "block", "cap", "not_again"}
