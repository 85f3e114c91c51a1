"""`GET /users/{id}`: a shopper's data, for the shop's servers only."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from recommndr import topics
from recommndr.features import guests, shopper
from recommndr.features.action import Action
from recommndr.features.guests import Guest
from recommndr.identity import entity_key
from recommndr.settings import Settings
from recommndr_feature_writer.online_rows import RedisRows
from recommndr_feature_writer.position import Batch
from recommndr_feature_writer.shopper_row import row_of as stored_row_of
from recommndr_serving.http.openapi import ShopperData
from recommndr_serving.live.redis_user_rows import RedisUserRows
from recommndr_serving.shopper_data import kept
from recommndr_tail.record import TopicRecord
from tests.engine.bundles import NOW, bought, item_id, row_of
from tests.servers import RunningRedis
from tests.serving.shops import BOOKS, BOOKS_KEY, EVENTS_ONLY_KEY, GROCER, Shop, headers, open_shop, token

GUEST = {"guest_ids": ["g/1", "g2"]}
VIEWED_AT = NOW - timedelta(days=1)


def viewed(item: int) -> shopper.ShopperState:
    return shopper.lift(Action(0, VIEWED_AT.timestamp(), "00000001", "u", (item_id(item),), device="phone", country="PT"))


async def of(shop: Shop, user_id: str = "anna", **caller: str) -> Any:
    return await shop.client.get(f"/users/{user_id}", headers=headers(**caller))


async def test_a_shoppers_data_can_be_read_by_people(shop: Shop) -> None:
    shop.rows.rows[GROCER, "bo"] = row_of(viewed(3))
    response = await of(shop, "bo")
    assert response.status_code == 200, response.text
    data = ShopperData.model_validate(response.json())
    assert data.user_id == "bo" and data.guests == []
    assert [(one.kind, one.newest_at, one.sums["7d"]) for one in data.profile.counters] == [("view", VIEWED_AT, 1.0)]
    assert [(one.item_id, one.kind, one.at) for one in data.profile.recent] == [(item_id(3), "view", VIEWED_AT)]
    assert (data.profile.n_events, data.profile.n_owned, data.profile.n_seen, data.profile.purchased) == (1, 0, 1, [])
    assert (data.profile.context.device, data.profile.context.country, data.profile.context.region) == ("phone", "PT", None)
    bought_by_anna = ShopperData.model_validate((await of(shop)).json()).profile.purchased
    assert {one.item_id: one.n_orders for one in bought_by_anna} == {item_id(10): 2, item_id(11): 1}


async def test_the_guests_that_became_a_shopper_are_shown_with_their_own_data(shop: Shop) -> None:
    shop.rows.rows[GROCER, "bo"] = row_of(viewed(3)) | GUEST
    shop.rows.rows[GROCER, "g/1"] = row_of(bought(7))
    data = ShopperData.model_validate((await of(shop, "bo")).json())
    assert [(one.user_id, one.profile.n_events) for one in data.guests] == [("g/1", 1), ("g2", 0)]
    assert data.guests[0].profile.purchased[0].item_id == item_id(7)
    assert (await of(shop, "g%2F1")).json()["user_id"] == "g/1"


async def test_every_topic_that_may_hold_a_shopper_is_named_with_an_end(shop: Shop) -> None:
    places = {one["place"]: one["until"] for one in (await of(shop)).json()["kept"]}
    assert {topic.name for topic in topics.OF_SHOPPERS} < set(places)
    assert places[topics.EVENTS.name] == "72 h after it was written"
    assert places[topics.USER_FEATURES.name] == "until the shopper is erased"
    assert kept() == kept() and all(one["holds"] and one["until"] for one in kept())


async def test_who_is_unknown_to_the_tenant_of_the_credential_is_not_found(shop: Shop) -> None:
    for response in (await of(shop, "nobody"), await of(shop, "anna", key=BOOKS_KEY, tenant=BOOKS)):
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")
        assert "expected a shopper with events" in response.json()["detail"]


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        ({"key": EVENTS_ONLY_KEY}, 403),
        ({"key": token("anna")}, 403),
        ({"key": "rk_grocer_wrong"}, 401),
        ({"tenant": BOOKS}, 400),
    ],
)
async def test_only_a_server_with_all_scopes_may_read_a_shopper(shop: Shop, caller: dict[str, str], status: int) -> None:
    assert (await of(shop, **caller)).status_code == status


@pytest.mark.parametrize("named", ["%FF", "a" * 129, "a%09b"])
async def test_what_is_no_id_is_refused(shop: Shop, named: str) -> None:
    response = await of(shop, named)
    assert (response.status_code, "user_id" in response.json()["detail"]) == (400, True)


async def test_while_the_online_store_is_away_it_says_to_ask_again(shop: Shop) -> None:
    shop.rows.down = True
    response = await of(shop)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")


@pytest.mark.integration
async def test_what_the_feature_writer_stored_in_redis_is_what_is_read(
    new_redis: Callable[[], RunningRedis], tmp_path: Path
) -> None:
    running = new_redis()
    online = RedisUserRows.open(Settings(state_dir=tmp_path, redis_url=running.url, feature_timeout_ms=2_000))
    states = shopper.parts(bought(1, 2)) | {guests.SCHEMA.name: guests.to_bytes((Guest(NOW.timestamp(), "g1"),))}
    by_group = {"user": topics.USER_FEATURES, "purchased_items": topics.PURCHASED_FEATURES, "guests": topics.GUESTS}
    records = [record(by_group[group].name, "bo", state) for group, state in states.items() if group in by_group]
    records.append(record(topics.USER_FEATURES.name, "g1", shopper.parts(viewed(3))["user"]))
    await asyncio.to_thread(
        RedisRows(redis.Redis.from_url(running.url)).write, Batch(rows=[stored_row_of(one) for one in records])
    )
    async with open_shop(None, user_rows=online) as shop:
        data = ShopperData.model_validate((await of(shop, "bo")).json())
        unknown = await of(shop, "nobody")
        other = await of(shop, "bo", key=BOOKS_KEY, tenant=BOOKS)
    await online.close()
    assert sorted(one.item_id for one in data.profile.purchased) == [item_id(1), item_id(2)]
    assert [(one.user_id, one.profile.recent[0].item_id) for one in data.guests] == [("g1", item_id(3))]
    assert (unknown.status_code, other.status_code) == (404, 404)


def record(topic: str, user_id: str, value: bytes) -> TopicRecord:
    return TopicRecord(topic, 0, 0, entity_key(GROCER, user_id), value, NOW.timestamp())
