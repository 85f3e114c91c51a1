"""The Python client against a whole installation in one process."""

from collections.abc import Iterator
from typing import Any

import pytest

from recommndr_client import AsyncShop, Refused, Shop, Unavailable, calls
from recommndr_native.ports import free_port
from tests.engine.bundles import WrittenBundle
from tests.one_process.running import OneProcess, started
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def running(bundle: WrittenBundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with started(tmp_path_factory.mktemp("client"), bundle) as process:
        yield process


@pytest.fixture
def shop(running: OneProcess) -> Iterator[Shop]:
    with Shop(running.url, running.key()) as shop:
        yield shop


def ask(shop: Shop, call: calls.Call[Any]) -> Any:
    return shop.ask(call, PATIENCE_S)


def n_events(shop: Shop, user_id: str) -> int:
    return int(ask(shop, calls.recommend(user_id=user_id, k=1))["user_profile"]["used"]["n_events"])


def test_a_shop_sends_what_happened_and_asks_for_lists(shop: Shop) -> None:
    bought = calls.event("purchase", "greta", [{"item_id": "i30"}, {"item_id": "i32"}])
    assert shop.send([bought, bought, calls.event("view", "greta", [{"item_id": "i33"}])]) == []
    eventually(lambda: n_events(shop, "greta") == 2, "a repeat counts once")
    answer = ask(shop, calls.recommend(user_id="greta", k=5, cart=["i40"], fields=["title"]))
    assert [place["rank"] for place in answer["items"]] == [1, 2, 3, 4, 5]
    assert "i40" not in {place["item_id"] for place in answer["items"]}
    assert answer["attribution"]
    clicked = [{"item_id": answer["items"][0]["item_id"]}]
    assert shop.send([calls.event("click", "greta", clicked, attribution=answer["attribution"])]) == []


def test_every_list_of_the_api_can_be_asked_for(shop: Shop) -> None:
    page = ask(shop, calls.recommend_batch(user_id="greta", lists=[{"k": 3}, {"k": 3, "scope": "discover"}]))
    shown = [place["item_id"] for made in page["lists"] for place in made["items"]]
    assert len(shown) == len(set(shown))
    for call in (
        calls.similar_items(user_id="greta", item_id="i30", k=3, by="als"),
        calls.bought_together(item_id=["i30", "i32"], k=3),
        calls.popular(k=3, fields=["title", "price_minor"]),
        calls.trending(k=3),
        calls.search(q="bread", limit=3, facets=True),
    ):
        assert len(ask(shop, call)["items"]) == 3


def test_the_catalogue_is_written_and_read(shop: Shop) -> None:
    ask(shop, calls.put_items([{"item_id": "a/b ü", "title": "Slash", "price_minor": 5, "currency": "EUR"}]))
    eventually(lambda: known(shop, "a/b ü"), "the item is there")
    ask(shop, calls.set_available("a/b ü", False))
    eventually(lambda: not ask(shop, calls.item("a/b ü"))["available"], "it is sold out")
    ask(shop, calls.delete_item("a/b ü"))
    eventually(lambda: not known(shop, "a/b ü"), "it is gone")
    first = ask(shop, calls.items(limit=2))
    second = ask(shop, calls.items(limit=2, cursor=first["next_cursor"]))
    assert len({item["item_id"] for item in first["items"] + second["items"]}) == 4


def known(shop: Shop, item_id: str) -> bool:
    try:
        return bool(ask(shop, calls.item(item_id))["item_id"] == item_id)
    except Refused as refused:
        assert refused.status == 404
        return False


def test_a_shoppers_data_are_told_and_erased(shop: Shop) -> None:
    shop.send([calls.event("purchase", "hans", [{"item_id": "i30"}])])
    eventually(lambda: n_events(shop, "hans") == 1, "it is known")
    assert ask(shop, calls.user("hans"))["profile"]["purchased"][0]["item_id"] == "i30"
    ask(shop, calls.erase("hans"))
    eventually(lambda: n_events(shop, "hans") == 0, "it is forgotten")


def test_a_refusal_names_the_field_and_what_was_expected(shop: Shop) -> None:
    with pytest.raises(Refused, match="k: got 0") as refused:
        ask(shop, calls.recommend(user_id="greta", k=0))
    assert (refused.value.status, refused.value.problem["field"]) == (400, "k")
    (outcome,) = shop.send([calls.event("purchase", "greta", [])])
    assert (outcome["status"], outcome["problem"]["field"]) == (400, "lines")


def test_a_token_makes_a_browser_of_one_shopper(shop: Shop) -> None:
    assert ask(shop, calls.token("greta"))["token"].count(".") == 2


async def test_the_same_on_an_event_loop(running: OneProcess) -> None:
    async with AsyncShop(running.url, running.key()) as shop:
        assert await shop.send([calls.event("view", "ida", [{"item_id": "i30"}])]) == []
        answer = await shop.ask(calls.popular(k=3), PATIENCE_S)
        assert len(answer["items"]) == 3


def test_an_installation_that_is_away_is_unavailable(running: OneProcess) -> None:
    waits: list[float] = []
    away = Shop(f"http://127.0.0.1:{free_port()}", running.key(), sleep=waits.append)
    with pytest.raises(Unavailable):
        away.ask(calls.popular())
    with pytest.raises(Unavailable):
        away.send([calls.event("view", "ida", [{"item_id": "i30"}])])
    assert waits == [1.0] * 4


def test_only_a_server_key_is_taken() -> None:
    with pytest.raises(ValueError, match="rk_<tenant>_<secret>"):
        Shop("http://127.0.0.1:1", "eyJ.a.b")
