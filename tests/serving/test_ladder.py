"""Every step of the ladder, reached by taking the dependency away."""

from dataclasses import replace
from typing import Any

import pytest

from recommndr_engine.pipeline import Pipeline
from recommndr_serving.ladder import HEADER, STEPS, Missing, step
from recommndr_serving.metrics import Metrics
from tests.engine.bundles import N_ITEMS, WrittenBundle, catalog_item, item_id
from tests.serving.shops import Shop, headers, ids, open_shop

_BEST_SELLERS = ("popular_now", "popularity")


class Broken:
    """Raises on every call."""

    name = "broken"

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("taken away by the test")


def break_pipeline(shop: Shop, **parts: Any) -> None:
    serving = shop.grocer.serving
    assert serving is not None
    old = serving.pipeline
    pipeline = Pipeline(old.items, parts.get("retrievers", old.retrievers), parts.get("ranker", old.ranker), old.live)
    shop.grocer.serving = replace(serving, pipeline=pipeline)


async def answered(shop: Shop, expected_step: str, **asked: Any) -> dict[str, Any]:
    response = await shop.recommend(**asked)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    assert answer["ladder"] == response.headers[HEADER] == expected_step
    assert shop.count("recommndr_serving_answers_total", endpoint="/recommend", tenant="grocer", ladder=expected_step) >= 1
    return answer


async def test_places_are_counted_for_every_retriever_that_proposed_their_item(shop: Shop) -> None:
    answer = await answered(shop, "full", k=5)
    proposed = [source for item in answer["items"] for source in item["sources"]]
    assert len(proposed) >= 5
    for source in set(proposed):
        counted = shop.count("recommndr_serving_places_total", tenant="grocer", source=source)
        assert counted == proposed.count(source), source


def test_counters_are_exported_as_zero_before_the_first_event() -> None:
    metrics = Metrics()
    metrics.expect(["grocer"], ["catalogue"])
    value = metrics.registry.get_sample_value
    for step_name in STEPS:
        labels = {"endpoint": "/popular", "tenant": "grocer", "ladder": step_name}
        assert value("recommndr_serving_answers_total", labels) == 0
    assert value("recommndr_serving_bundle_failures_total", {"tenant": "grocer", "reason": "refused"}) == 0
    assert value("recommndr_serving_tail_poison_total", {"topic": "catalogue"}) == 0


async def test_full_when_everything_is_there(shop: Shop) -> None:
    await answered(shop, "full")


async def test_no_ranker_when_the_ranker_raises(shop: Shop) -> None:
    break_pipeline(shop, ranker=Broken())
    answer = await answered(shop, "no_ranker")
    assert item_id(10) in ids(answer)[:2]
    assert shop.count("recommndr_serving_degraded_total", tenant="grocer", reason="ranker") == 1


async def test_no_ranker_when_the_bundle_has_none(shop: Shop) -> None:
    break_pipeline(shop, ranker=None)
    await answered(shop, "no_ranker")


@pytest.mark.parametrize(("fault", "reason"), [({"down": True}, "down"), ({"delay_s": 5.0}, "timeout")])
async def test_no_user_features_when_the_feature_store_is_down_or_slow(shop: Shop, fault: dict[str, Any], reason: str) -> None:
    for name, value in fault.items():
        setattr(shop.rows, name, value)
    answer = await answered(shop, "no_user_features")
    assert ids(answer)[0] == item_id(0)
    assert answer["user_profile"] == {"stored": None, "used": None, "overrides_applied": []}
    assert shop.count("recommndr_serving_degraded_total", tenant="grocer", reason=f"user_row_{reason}") == 1


async def test_no_user_features_when_the_stored_row_cannot_be_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreadable(tenant: str, user_id: str) -> dict[str, Any]:
        return {"n_events": 3, "counter_sums": [1.0]}

    monkeypatch.setattr(shop.rows, "row", unreadable)
    await answered(shop, "no_user_features")


async def test_contextual_popularity_when_retrieval_raises(shop: Shop) -> None:
    serving = shop.grocer.serving
    assert serving is not None
    only_popularity = [r if r.name in _BEST_SELLERS else _Unopened(r.name) for r in serving.pipeline.retrievers]
    break_pipeline(shop, retrievers=only_popularity)
    answer = await answered(shop, "contextual_popularity", filters={"category": ["food", "bread"]})
    assert ids(answer)[0] == item_id(1)
    assert all(int(name[1:]) % 2 for name in ids(answer))


class _Unopened:
    def __init__(self, name: str) -> None:
        self.name = name

    def open(self, shopper: object, items: object) -> Any:
        raise RuntimeError("taken away by the test")


async def test_static_when_even_popularity_raises(shop: Shop) -> None:
    serving = shop.grocer.serving
    assert serving is not None
    break_pipeline(shop, retrievers=[_Unopened(r.name) for r in serving.pipeline.retrievers])
    assert len(ids(await answered(shop, "static", k=5))) == 5


async def test_static_without_a_bundle_is_still_filtered_and_available() -> None:
    async with open_shop(bundle=None) as shop:
        shop.grocer.items.apply_availability({item_id(1): False})
        answer = await answered(shop, "static", k=N_ITEMS, filters={"category": ["food", "bread"]}, exclude=[item_id(3)])
        assert set(ids(answer)) == {item_id(n) for n in range(5, N_ITEMS, 2)}
        assert answer["model_version"] is None


async def test_static_and_empty_when_not_even_an_item_is_known() -> None:
    async with open_shop(bundle=None, stocked=False) as shop:
        assert ids(await answered(shop, "static")) == []


async def test_a_bundle_over_an_empty_catalogue_answers_with_nothing(bundle: WrittenBundle) -> None:
    async with open_shop(bundle, stocked=False) as shop:
        assert ids(await answered(shop, "empty")) == []


async def test_everything_away_at_once_is_still_an_answer() -> None:
    async with open_shop(bundle=None) as shop:
        shop.rows.down = True
        assert len(ids(await answered(shop, "static"))) == 10


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (Missing(), "full"),
        (Missing(ranker=True), "no_ranker"),
        (Missing(user_row=True), "no_user_features"),
        (Missing(user_row=True, ranker=True), "no_user_features"),
        (Missing(retrieval=True, ranker=True), "contextual_popularity"),
        (Missing(bundle=True, retrieval=True, user_row=True, ranker=True), "static"),
    ],
)
def test_the_highest_step_that_needs_nothing_of_what_is_missing(missing: Missing, expected: str) -> None:
    assert step(missing, 10) == expected
    assert expected in STEPS


async def test_a_list_without_items_is_never_called_full(shop: Shop) -> None:
    assert not ids(await answered(shop, "empty", filters={"brand": "of nobody"}))
    take_away(shop, "no_user_features")
    assert not ids(await answered(shop, "no_user_features", filters={"brand": "of nobody"}))  # what is missing is told first


def group(shop: Shop, *numbers: int) -> None:
    """Make these items colours of one shirt."""
    shop.grocer.items.apply_catalog({item_id(n): catalog_item(n, group_id="shirt") for n in numbers})


@pytest.mark.parametrize("expected_step", ["full", "no_ranker", "no_user_features", "contextual_popularity", "static"])
async def test_no_colour_of_an_excluded_item_is_offered_on_any_step(shop: Shop, expected_step: str) -> None:
    take_away(shop, expected_step)
    group(shop, 1, 2, 3)
    answer = await answered(shop, expected_step, k=N_ITEMS, exclude=[item_id(2)])
    assert {item_id(n) for n in (1, 2, 3)}.isdisjoint(ids(answer))
    assert len(ids(answer)) > 10


@pytest.mark.parametrize("expected_step", ["full", "no_ranker", "contextual_popularity", "static"])
async def test_discover_holds_on_every_step_that_knows_the_shopper(shop: Shop, expected_step: str) -> None:
    take_away(shop, expected_step)
    group(shop, 10, 13)  # anna bought 10 and 11
    answer = await answered(shop, expected_step, k=N_ITEMS, scope="discover")
    assert {item_id(n) for n in (10, 11, 13)}.isdisjoint(ids(answer))


def take_away(shop: Shop, expected_step: str) -> None:
    """Take away what the steps above this one need."""
    serving = shop.grocer.serving
    assert serving is not None
    retrievers = serving.pipeline.retrievers
    if expected_step == "no_ranker":
        break_pipeline(shop, ranker=Broken())
    elif expected_step == "no_user_features":
        shop.rows.down = True
    elif expected_step == "contextual_popularity":
        break_pipeline(shop, retrievers=[r if r.name in _BEST_SELLERS else _Unopened(r.name) for r in retrievers])
    elif expected_step == "static":
        shop.grocer.serving = None


async def test_similar_items_are_no_other_colour_of_the_item_whether_the_bundle_knows_it_or_not(shop: Shop) -> None:
    group(shop, 4, 5, 6)
    new = catalog_item(4, item_id="new", group_id="shirt")
    shop.grocer.items.apply_catalog({"new": new})
    for seed in (item_id(4), "new"):
        response = await shop.client.get("/similar_items", params={"item_id": seed, "k": 30}, headers=headers())
        assert len(ids(response.json())) > 5
        assert {"new", item_id(4), item_id(5), item_id(6)}.isdisjoint(ids(response.json()))
