"""What a storefront gets from `/recommend`."""

from pathlib import Path

import orjson
import pytest

from recommndr.attribution import digest
from recommndr.list_scope import SCOPES
from recommndr_serving.ladder import HEADER
from tests.engine.bundles import N_ITEMS, WrittenBundle, bought, catalog_item, item_id, row_of, with_scope_methods
from tests.serving.shops import GROCER, Shop, attribution_of, headers, ids, open_shop, token


async def test_what_a_shopper_bought_comes_first_and_why_is_said(shop: Shop) -> None:
    response = await shop.recommend(k=5)
    answer = response.json()
    assert ids(answer)[:2] == [item_id(10), item_id(11)]
    assert [item["rank"] for item in answer["items"]] == [1, 2, 3, 4, 5]
    assert "buy_again" in answer["items"][0]["sources"]
    assert answer["items"][0]["reason"] == "You bought this before"
    assert (answer["ladder"], answer["method_used"], response.headers[HEADER]) == ("full", "ranker", "full")


async def test_an_answer_says_which_version_and_arm_made_it(shop: Shop) -> None:
    answer = await shop.list_for()
    serving = shop.grocer.serving
    assert serving is not None
    assert answer["model_version"] == serving.placement.version
    assert answer["experiment"] == {"name": "grocer-v1", "arm": "stable"}
    assert answer["took_ms"] > 0


async def test_the_attribution_token_leads_back_to_the_answer(shop: Shop) -> None:
    answer = await shop.list_for()
    attribution = attribution_of(answer)
    assert (attribution.request_id, attribution.release, attribution.arm) == (answer["request_id"], "grocer-v1", "stable")
    assert attribution.items == digest(ids(answer))


async def test_get_and_post_give_the_same_list(shop: Shop) -> None:
    posted = await shop.list_for(
        k=7,
        filters={"category": ["food", "dairy"], "price_max": 120},
        exclude=[item_id(0)],
        env={"country": "DE", "region": "DE-BY"},
    )
    query = {
        "user_id": "anna",
        "k": 7,
        "category": ["food", "dairy"],
        "price_max": 120,
        "exclude": [item_id(0)],
        "country": "DE",
    }
    query["region"] = "DE-BY"
    response = await shop.client.get("/recommend", params=query, headers=headers("anna"))  # type: ignore[arg-type]
    assert ids(response.json()) == ids(posted)
    assert ids(posted)
    assert all(int(name[1:]) % 2 == 0 and 0 < int(name[1:]) <= 20 for name in ids(posted))


async def test_scopes_split_what_was_bought_from_what_was_not(shop: Shop) -> None:
    again, discover = await shop.list_for(scope="buy_again"), await shop.list_for(scope="discover", k=20)
    assert set(ids(again)) == {item_id(10), item_id(11)}
    assert not set(ids(again)) & set(ids(discover))


async def test_an_answer_names_the_method_that_orders_the_lists_of_its_scope(bundle: WrittenBundle, tmp_path: Path) -> None:
    other = with_scope_methods(bundle, tmp_path / "other", {"discover": "als", "unseen": "popularity"})
    async with open_shop(other) as shop:
        answers = {scope: await shop.list_for(scope=scope) for scope in SCOPES}
        methods = {scope: answer["method_used"] for scope, answer in answers.items()}
        assert methods == {"mixed": "ranker", "discover": "als", "unseen": "popularity", "buy_again": "ranker"}
        assert {answer["ladder"] for answer in answers.values()} == {"full"}
        assert [record.method for *_, record in shop.served.records] == list(methods.values())


async def test_context_of_the_request_is_put_over_the_stored_one(shop: Shop) -> None:
    profile = (await shop.list_for(context={"device": "phone", "country": "PT", "region": "PT-11"}))["user_profile"]
    assert profile["stored"]["device"] is None
    assert (profile["used"]["device"], profile["used"]["country"]) == ("phone", "PT")
    assert (profile["stored"]["region"], profile["used"]["region"]) == (None, "PT-11")
    assert sorted(profile["overrides_applied"]) == ["country", "device", "region"]


async def test_best_sellers_of_a_segment_are_those_of_the_requests_context(bundle: WrittenBundle, tmp_path: Path) -> None:
    async with open_shop(with_scope_methods(bundle, tmp_path / "other", {"discover": "segment_popularity"})) as shop:
        german, austrian = [ids(await shop.list_for(scope="discover", k=3, context={"country": each})) for each in ("DE", "AT")]
    assert german == [item_id(n) for n in (1, 3, 5)]
    assert austrian == [item_id(n) for n in (0, 2, 4)]


async def test_fields_of_the_catalogue_come_with_the_list_when_asked_for(shop: Shop) -> None:
    first = (await shop.list_for(k=1, fields=["title", "price_minor"]))["items"][0]
    assert (first["title"], first["price_minor"]) == ("Milk number 10", 110)
    assert "brand" not in first


async def test_explain_shows_what_a_shopper_may_read_and_nothing_of_the_ranker(shop: Shop) -> None:
    first = (await shop.list_for(k=1, explain=True))["items"][0]
    assert set(first["explanation"]) == {"orders", "days_between_orders"}
    assert first["explanation"]["orders"] == 2
    assert "explanation" not in (await shop.list_for(k=1))["items"][0]
    never_ordered = (await shop.list_for(k=1, explain=True, scope="discover"))["items"][0]["explanation"]
    assert never_ordered == {"orders": 0, "days_between_orders": None}


async def test_explanations_cost_a_browser_little(shop: Shop) -> None:
    plain, explained = await shop.list_for(k=18), await shop.list_for(k=18, explain=True)
    assert len(orjson.dumps(explained)) - len(orjson.dumps(plain)) < 18 * 80


async def test_a_shoppers_token_reads_no_ranker_inputs(shop: Shop) -> None:
    as_browser = headers("anna", token("anna"))
    asked = {"user_id": "anna", "explain": "inputs"}
    for answer in (
        await shop.client.post("/recommend", json=asked, headers=as_browser),
        await shop.client.get("/recommend", params=asked, headers=as_browser),
    ):
        assert answer.status_code == 403
        assert answer.json()["field"] == "explain"
    allowed = await shop.client.post("/recommend", json=asked | {"explain": True}, headers=as_browser)
    assert allowed.json()["items"][0]["explanation"]["orders"] == 2


async def test_explain_shows_a_server_key_ranker_inputs_and_what_each_retriever_thought(shop: Shop) -> None:
    first = (await shop.list_for(k=1, explain="inputs"))["items"][0]
    assert first["explanation"]["inputs"]["own_targets"] == 2.0
    assert first["explanation"]["retrievers"]["buy_again"] > 0


async def test_an_unknown_shopper_gets_what_sells_and_nothing_counts_as_away(shop: Shop) -> None:
    answer = await shop.list_for("stranger", k=3)
    assert ids(answer) == [item_id(0), item_id(1), item_id(2)]
    assert (answer["ladder"], answer["method_used"]) == ("full", "popularity")
    assert answer["user_profile"]["stored"]["n_events"] == 0


async def test_nothing_is_bought_again_by_who_never_bought(shop: Shop) -> None:
    assert ids(await shop.list_for("stranger", scope="buy_again")) == []


async def test_an_item_is_in_no_list_from_the_moment_it_is_unavailable(shop: Shop) -> None:
    assert item_id(10) in ids(await shop.list_for())
    shop.grocer.items.apply_availability({item_id(10): False})
    assert item_id(10) not in ids(await shop.list_for())
    shop.grocer.items.apply_availability({item_id(10): None})
    assert item_id(10) in ids(await shop.list_for())


async def test_an_item_taken_out_of_the_catalogue_is_in_no_list(shop: Shop) -> None:
    shop.grocer.items.apply_catalog({item_id(10): None})
    assert item_id(10) not in ids(await shop.list_for(k=N_ITEMS))


async def test_one_item_of_a_group_is_enough(shop: Shop) -> None:
    shop.grocer.items.apply_catalog({item_id(n): catalog_item(n, group_id="colours") for n in (10, 11, 12)})
    assert len({item_id(n) for n in (10, 11, 12)} & set(ids(await shop.list_for(k=N_ITEMS)))) == 1


async def test_every_answer_is_noted_for_the_log_of_what_was_served(shop: Shop) -> None:
    answer = await shop.list_for(k=2)
    tenant, user_id, record = shop.served.records[-1]
    assert (tenant, user_id, record.request_id) == ("grocer", "anna", answer["request_id"])
    assert list(record.item_ids) == ids(answer)


async def test_answers_are_counted_by_ladder_step_and_timed_by_stage(shop: Shop) -> None:
    await shop.recommend()
    assert shop.count("recommndr_serving_answers_total", endpoint="/recommend", tenant="grocer", ladder="full") == 1
    assert shop.count("recommndr_serving_requests_total", endpoint="/recommend", tenant="grocer", status="200") == 1
    assert shop.count("recommndr_serving_stage_seconds_count", stage="user_row") == 1


async def test_user_ids_of_any_script_are_routed(shop: Shop) -> None:
    response = await shop.client.post(
        "/recommend",
        json={"user_id": "Ünal|7"},
        headers=[(name.encode(), value.encode()) for name, value in headers("Ünal|7").items()],
    )
    assert response.status_code == 200


@pytest.mark.parametrize("k", [1, 100])
async def test_the_list_is_as_long_as_asked_or_as_there_are_items(shop: Shop, k: int) -> None:
    assert len(ids(await shop.list_for(k=k))) == min(k, N_ITEMS)


async def test_who_logged_in_gets_lists_with_what_the_guest_did(shop: Shop) -> None:
    """The rows of the guests are merged in, and what they do later counts too."""
    seen = row_of(bought(10, 11))
    shop.rows.rows[GROCER, "guest-1"] = seen
    shop.rows.rows[GROCER, "carl"] = {"guest_ids": ["guest-1", "guest-nobody-knows"]}
    answer = await shop.list_for("carl")
    assert answer["user_profile"]["stored"]["n_events"] == seen["n_events"]
    as_guest = await shop.list_for("guest-1")
    assert ids(answer) == ids(as_guest)
    shop.rows.rows[GROCER, "guest-1"] = row_of(bought(10, 11, state=bought(10, days_ago=8.0)))
    assert (await shop.list_for("carl"))["user_profile"]["stored"]["n_events"] == 2


async def test_a_list_has_no_more_of_a_brand_than_the_request_allows(shop: Shop) -> None:
    answer = await shop.list_for(k=20, fields=["brand"], max_per_brand=2)
    brands = [item["brand"] for item in answer["items"]]
    assert len(brands) == 8
    assert max(map(brands.count, brands)) == 2


async def test_diversity_outside_its_range_is_refused_by_name(shop: Shop) -> None:
    refused = await shop.recommend(diversity=1.5)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "diversity"
