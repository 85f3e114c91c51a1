"""`/rules`: how a shop sets, reads and removes its business rules, and what its lists say of them."""

import json
from typing import Any

import httpx
import pytest

from tests.engine.bundles import WrittenBundle, item_id
from tests.serving.shops import BOOKS, BOOKS_KEY, KEY, READ_KEY, Shop, headers, ids, open_shop, token

BLOCK = {"kind": "block", "reason": "recalled", "target": {"items": [item_id(10)]}}
PIN = {"kind": "pin", "reason": "Easter", "item_id": item_id(30), "place": 2}
LISTS = {
    "for a shopper": "/recommend?user_id=anna&k=100",
    "for a stranger": "/recommend?user_id=stranger&k=100",
    "alike": f"/similar_items?item_id={item_id(8)}&k=100",
    "together": f"/frequently_bought_together?item_id={item_id(8)}&k=100",
    "popular": "/popular?k=100",
    "popular there": "/popular?k=100&country=DE",
    "trending": "/trending?k=100",
    "a search": "/search?limit=100",
}


async def put(shop: Shop, rule_id: str, rule: Any, key: str = KEY, tenant: str = "grocer") -> httpx.Response:
    return await shop.client.put(f"/rules/{rule_id}", json=rule, headers=headers(key=key, tenant=tenant))


async def rules_of(shop: Shop) -> dict[str, Any]:
    answer = await shop.client.get("/rules", headers=headers(key=READ_KEY))
    assert answer.status_code == 200
    return {one["rule_id"]: one for one in answer.json()["rules"]}


async def test_a_rule_is_set_read_replaced_and_removed(shop: Shop) -> None:
    answer = await put(shop, "recall", BLOCK)
    assert answer.status_code == 200, answer.text
    assert (await rules_of(shop))["recall"] == answer.json()
    assert answer.json()["rule"]["reason"] == "recalled"
    assert (answer.json()["in_force"], answer.json()["warnings"]) == (True, [])
    await put(shop, "recall", BLOCK | {"start": "2026-04-01T00:00:00Z"})
    assert [one["in_force"] for one in (await rules_of(shop)).values()] == [False]
    removed = await shop.client.delete("/rules/recall", headers=headers())
    assert (removed.status_code, removed.json()) == (200, {"rule_id": "recall", "status": "removed"})
    assert await rules_of(shop) == {}
    gone = await shop.client.delete("/rules/recall", headers=headers())
    assert (gone.status_code, gone.json()["field"]) == (404, "rule_id")


@pytest.mark.parametrize("with_bundle", [True, False])
@pytest.mark.parametrize("path", LISTS.values(), ids=LISTS)
async def test_a_blocked_item_is_in_no_answer(path: str, with_bundle: bool, bundle: WrittenBundle) -> None:
    user = path.partition("user_id=")[2].partition("&")[0] or None
    async with open_shop(bundle if with_bundle else None) as shop:
        before = ids((await shop.client.get(path, headers=headers(user))).json())
        rule = {"kind": "block", "reason": "test", "target": {"items": before[:2]}}
        assert (await put(shop, "none-of-it", rule)).status_code == 200
        after = ids((await shop.client.get(path, headers=headers(user))).json())
        assert len(before) >= 2
        assert not set(after) & set(before[:2])


async def test_a_page_of_several_lists_follows_the_rules(shop: Shop) -> None:
    await put(shop, "recall", BLOCK)
    await put(shop, "easter", PIN)
    asked = {"user_id": "anna", "lists": [{"k": 5}, {"k": 5}]}
    answer = await shop.client.post("/recommend/batch", json=asked, headers=headers("anna"))
    first, second = (ids(one) for one in answer.json()["lists"])
    assert first[1] == item_id(30)
    assert item_id(30) not in second
    assert item_id(10) not in {*first, *second}


async def test_a_pinned_item_says_that_the_shop_chose_it(shop: Shop) -> None:
    await put(shop, "easter", PIN)
    pinned = (await shop.list_for(k=5))["items"][1]
    assert (pinned["item_id"], pinned["rank"], pinned["reason"]) == (item_id(30), 2, "Chosen by the shop")


async def test_an_answer_that_explains_itself_says_what_each_rule_did(shop: Shop) -> None:
    assert "rules" not in await shop.list_for(explain=True)
    await put(shop, "recall", BLOCK)
    await put(shop, "easter", PIN)
    await put(shop, "own-brand", {"kind": "boost", "reason": "margin", "target": {"brand": "brand 1"}, "factor": 2})
    answer = await shop.list_for(k=5, explain=True)
    told = {one["rule_id"]: one for one in answer["rules"]}
    assert told["recall"] == {"rule_id": "recall", "kind": "block", "ranks": [], "kept_out": 1}
    assert told["easter"] == {"rule_id": "easter", "kind": "pin", "ranks": [2], "kept_out": None}
    of_brand = [rank for rank, name in enumerate(ids(answer), 1) if int(name[1:]) % 4 == 1]
    assert told["own-brand"]["ranks"] == of_brand
    assert all("rank_by_score" in item["explanation"] for item in answer["items"])
    assert "rules" not in await shop.list_for(k=5)


async def test_ranker_inputs_of_a_pinned_item_that_nothing_proposed_are_null(shop: Shop) -> None:
    await put(shop, "easter", PIN | {"item_id": item_id(39)})
    answer = await shop.list_for(k=3, explain="inputs", filters={"category": ["food", "bread"]})
    assert item_id(39) in ids(answer)


async def test_places_that_rules_filled_or_moved_are_counted(shop: Shop) -> None:
    await put(shop, "easter", PIN)
    await shop.list_for(k=5)
    assert shop.count("recommndr_serving_rule_places_total", tenant="grocer", kind="pin") == 1


@pytest.mark.parametrize(
    ("rule", "field", "expected"),
    [
        (BLOCK | {"kind": "hide"}, "kind", "one of pin, boost, bury, block, cap, not_again"),
        ({"reason": "no kind"}, "kind", "one of pin"),
        (PIN | {"place": 0}, "place", "greater than or equal to 1"),
        (PIN | {"lists": ["frequently_bought_together"]}, "lists.0", "'recommend'"),
        (BLOCK | {"target": {}}, "target", "exactly one of items, category and brand"),
        (BLOCK | {"target": {"items": ["a"], "brand": "b"}}, "target", "exactly one of items, category and brand"),
        ({"kind": "block", "target": {"brand": "b"}}, "reason", "a value"),
        (BLOCK | {"until": "2026"}, "until", "no such field"),
        (BLOCK | {"start": "2026-03-02T00:00:00Z", "end": "2026-03-01T00:00:00Z"}, "end", "an instant after start"),
        (BLOCK | {"start": "tomorrow"}, "start", "ISO 8601 with a zone"),
        ({"kind": "boost", "reason": "x", "target": {"brand": "b"}, "factor": 0.5}, "factor", "greater than or equal to 1"),
        ({"kind": "cap", "reason": "x", "at_most": 2}, "target", "either a target or per"),
        ({"kind": "not_again", "reason": "x", "days": 0}, "days", "greater than or equal to 1"),
        ("[", "body", "JSON"),
    ],
)
async def test_a_bad_rule_is_refused_by_field_value_and_expectation(shop: Shop, rule: Any, field: str, expected: str) -> None:
    sent = rule if isinstance(rule, str) else json.dumps(rule)
    answer = await shop.client.put("/rules/r", content=sent, headers=headers())
    problem = answer.json()
    assert (answer.status_code, problem["field"]) == (400, field), problem
    assert expected in problem["expected"]
    assert await rules_of(shop) == {}


@pytest.mark.parametrize("rule_id", ["Capital", "-", "a" * 65, "a%20b"])
async def test_an_id_that_is_none_is_refused(shop: Shop, rule_id: str) -> None:
    answer = await put(shop, rule_id, BLOCK)
    assert (answer.status_code, answer.json()["field"].split(".")[-1]) == (400, "rule_id")


async def test_a_rule_for_what_the_catalogue_does_not_have_is_set_with_warnings(shop: Shop) -> None:
    answer = await put(shop, "easter", PIN | {"item_id": "eggs", "category": ["food", "sweets"]})
    assert answer.status_code == 200
    assert [warning.partition(":")[0] for warning in answer.json()["warnings"]] == ["item 'eggs'", "category 'food > sweets'"]
    brand = await put(shop, "brand", {"kind": "block", "reason": "x", "target": {"brand": "nobody's"}})
    assert len(brand.json()["warnings"]) == 1


async def test_only_a_servers_key_that_may_write_the_catalogue_changes_rules(shop: Shop) -> None:
    refused = [
        await put(shop, "r", BLOCK, key=READ_KEY),
        await put(shop, "r", BLOCK, key=token()),
        await shop.client.delete("/rules/r", headers=headers(key=READ_KEY)),
        await shop.client.get("/rules", headers=headers(key=token())),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert await rules_of(shop) == {}


async def test_another_shop_has_rules_of_its_own(shop: Shop) -> None:
    await put(shop, "recall", BLOCK, key=BOOKS_KEY, tenant=BOOKS)
    assert await rules_of(shop) == {}
    assert item_id(10) in ids(await shop.list_for(k=100))


async def test_changes_are_in_the_audit_log(shop: Shop) -> None:
    await put(shop, "recall", BLOCK)
    await shop.client.delete("/rules/recall", headers=headers())
    acts = [json.loads(line) for line in shop.slot.rules.audit.path.read_text().splitlines()]
    assert [(act["act"], act["tenant"], act["rule_id"]) for act in acts] == [
        ("rule.set", "grocer", "recall"),
        ("rule.remove", "grocer", "recall"),
    ]
    assert acts[0]["reason"] == "recalled"
    assert acts[0]["by"] in KEY or acts[0]["by"]


async def test_a_change_that_cannot_be_written_is_a_503_and_the_rules_stay(shop: Shop) -> None:
    await put(shop, "recall", BLOCK)
    (shop.slot.rules.records._directory / "grocer.json").write_text("no record")
    answer = await put(shop, "easter", PIN)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert list(await rules_of(shop)) == ["recall"]
