"""The client of the edge: the same contract as the storefront in memory, over the real slot and the real collector."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from recommndr.catalog import CatalogItem
from recommndr.events import CLIENT_EVENT, ClientEvent, Context
from recommndr_simulation.live.traffic import Storefront
from recommndr_simulation.storefront import Failed, NoAccess
from recommndr_training.live.edge_client import EdgeClient
from tests.engine.bundles import ITEM_IDS, NOW, WrittenBundle, catalog_item, write_bundle
from tests.serving.shops import KEY
from tests.simulation.live.window import MARKET, Window
from tests.training.edge import Platform, open_platform

PHONE = Context(device="mobile", country="DE", referrer="https://example.org")
HEADERS = {"authorization": f"Bearer {KEY}", "x-recommndr-tenant": "grocer"}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> WrittenBundle:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "first")


@pytest.fixture
async def platform(bundle: WrittenBundle) -> AsyncIterator[Platform]:
    async with open_platform(bundle) as platform:
        yield platform


@pytest.fixture
async def http(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(platform.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://edge", headers=HEADERS) as http:
        yield http


@pytest.fixture
def edge(http: httpx.AsyncClient) -> EdgeClient:
    return EdgeClient(http)


def click(n: int = 1, user_id: str = "anna", **changes: object) -> ClientEvent:
    told = {"event_id": UUID(int=n), "kind": "click", "user_id": user_id, "occurred_at": NOW, "lines": [{"item_id": "i1"}]}
    return CLIENT_EVENT.validate_python(told | changes)


def as_json(event: ClientEvent) -> bytes:
    return event.model_dump_json(exclude_none=True).encode()


async def no_sleep(_s: float) -> None:
    """Waits for nothing."""


@pytest.mark.parametrize("real", [True, False])
async def test_every_storefront_shows_a_list_and_takes_what_was_done_about_it(real: bool, edge: EdgeClient) -> None:
    storefront: Storefront = edge if real else Window()
    shown = await storefront.recommend("anna", 5, PHONE)
    assert len(set(shown.item_ids)) == 5
    assert shown.request_id and shown.attribution and shown.model_version
    assert shown.ladder == "full"
    item_id = ITEM_IDS[3] if real else MARKET.item_ids[3]
    alike = await storefront.similar_items("anna", item_id, 3)
    assert 0 < len(alike.item_ids) <= 3
    assert bool(alike.attribution) is real
    await storefront.send(click(attribution=shown.attribution))


async def test_what_is_sent_is_in_the_log_with_the_answer_it_came_from(edge: EdgeClient, platform: Platform) -> None:
    shown = await edge.recommend("änna", 5, PHONE)
    lines = [{"item_id": shown.item_ids[0]}]
    await edge.send(click(user_id="änna", lines=lines, attribution=shown.attribution))
    (event,) = platform.events()
    assert (event.event_id, event.user_id, event.attribution) == (UUID(int=1), "änna", shown.attribution)


async def test_a_list_of_events_has_an_outcome_each(edge: EdgeClient, platform: Platform) -> None:
    broken = as_json(click(2)).replace(b'"click"', b'"clack"')
    late = as_json(click(3, occurred_at=NOW + timedelta(hours=1)))
    outcomes = await edge.send_all([as_json(click(1)), broken, late, as_json(click(4))])
    assert [None if each is None else each.reason for each in outcomes] == [None, "400 kind", "400 occurred_at", None]
    assert [event.event_id.int for event in platform.events()] == [1, 4]


async def test_a_good_key_is_let_in_and_a_bad_one_gets_the_remedy(edge: EdgeClient, http: httpx.AsyncClient) -> None:
    await edge.check()
    await edge.check(lists=False)
    http.headers["authorization"] = "Bearer rk_grocer_wrong"
    for lists in (True, False):
        with pytest.raises(NoAccess, match=r"401.*recommndr key create --tenant"):
            await edge.check(lists)


async def test_what_is_refused_is_not_sent_again(edge: EdgeClient, platform: Platform) -> None:
    with pytest.raises(Failed, match="expected one of") as failed:
        await edge.send(click(kind="interest"))
    assert failed.value.reason == "400 kind"
    with pytest.raises(Failed, match="404") as unknown:
        await edge.similar_items("anna", "nothing of this shop", 3)
    assert unknown.value.reason == "404 There is no such path or object"
    assert platform.events() == []


def answering(*answers: httpx.Response | Exception) -> tuple[EdgeClient, list[bytes]]:
    """A client whose requests are answered so, one after the other, and the bodies it sent."""
    left, bodies = list(answers), list[bytes]()

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    http = httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://edge")
    return EdgeClient(http, no_sleep), bodies


def results(*statuses: int) -> httpx.Response:
    told = [{"status": status} | ({} if status == 202 else {"problem": {"status": status}}) for status in statuses]
    return httpx.Response(207, json={"results": told})


async def test_an_event_of_unknown_fate_is_sent_again_under_its_id() -> None:
    edge, bodies = answering(httpx.Response(503), httpx.ReadTimeout("slow"), httpx.Response(202))
    await edge.send(click())
    assert len(set(bodies)) == 1 and len(bodies) == 3


async def test_of_a_list_only_events_of_unknown_fate_are_sent_again() -> None:
    edge, bodies = answering(results(202, 503, 400, 503), results(503, 202), results(202))
    outcomes = await edge.send_all([as_json(click(n)) for n in range(4)])
    assert [each and each.reason for each in outcomes] == [None, None, "400", None]
    assert [[UUID(event["event_id"]).int for event in json.loads(body)] for body in bodies] == [[0, 1, 2, 3], [1, 3], [1]]


async def test_over_the_shops_quota_it_waits_as_long_as_asked_and_sends_again() -> None:
    refused = httpx.Response(429, headers={"retry-after": "3"})
    edge, bodies = answering(refused, httpx.Response(202))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    edge._sleep = sleep
    await edge.send(click())
    assert (slept, len(bodies)) == ([3.0], 2)


@pytest.mark.parametrize("answer", [lambda: httpx.Response(503), lambda: httpx.ConnectError("refused")])
async def test_it_gives_up_after_some_tries_and_says_why(answer: Callable[[], httpx.Response | Exception]) -> None:
    edge, bodies = answering(*(answer() for _ in range(9)))
    with pytest.raises(Failed, match=r"503|refused"):
        await edge.send(click())
    assert len(bodies) == 5


async def test_an_edge_that_is_not_there_is_reported_with_the_remedy() -> None:
    edge, _ = answering(httpx.ConnectError("connection refused"))
    with pytest.raises(NoAccess, match=r"http://edge.*connection refused.*make demo.*RECOMMNDR_ENVOY_URL"):
        await edge.check()


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b"\xff"])
async def test_an_answer_that_is_no_problem_document_is_reported_by_its_status(content: bytes) -> None:
    edge, _ = answering(httpx.Response(502, content=content))
    with pytest.raises(Failed) as failed:
        await edge.recommend("anna", 5, PHONE)
    assert failed.value.reason == "502"


async def test_items_are_in_the_catalogue_once_acknowledged(edge: EdgeClient, platform: Platform) -> None:
    await edge.put_items([catalog_item(1), catalog_item(2)])
    written = [CatalogItem.model_validate_json(record.value or b"") for record in platform.log.records]
    assert written == [catalog_item(1), catalog_item(2)]


async def test_a_broken_item_is_refused_by_field(edge: EdgeClient) -> None:
    broken = catalog_item(1).model_copy(update={"title": ""})
    with pytest.raises(Failed, match="title"):
        await edge.put_items([broken])
