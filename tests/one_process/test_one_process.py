"""`recommndr serve` through its HTTP interface: what a shop's server and its shoppers' browsers see."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from deltalake import DeltaTable

from recommndr.events import Context, Line, decode
from recommndr.topics import EVENTS, SERVED
from recommndr_lake_writer.lake import events_dir
from recommndr_lake_writer.served_table import stored_answers
from recommndr_native.shop import Answer, Shop, purchase
from recommndr_one_process import log_table
from tests.engine.bundles import WrittenBundle
from tests.one_process.logs import is_the_fold_of
from tests.one_process.running import CHECKOUT, OTHER, TENANT, OneProcess, environment, new_process, started
from tests.one_process.server import MODULES
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.integration
FORBIDDEN = {"kafka", "confluent_kafka", "redis", "pyflink", "feast"}


@pytest.fixture(scope="module")
def running(bundle: WrittenBundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with started(tmp_path_factory.mktemp("serve"), bundle) as process:
        yield process


@pytest.fixture
def shop(running: OneProcess) -> Iterator[Shop]:
    with closing(running.shop()) as shop:
        yield shop


def bought(user_id: str, *item_ids: str) -> Any:
    return purchase(user_id, [Line(item_id=item_id) for item_id in item_ids])


def known(shop: Shop, user_id: str, n_events: int) -> Answer:
    eventually(lambda: shop.recommend(user_id).n_events == n_events, f"{user_id} has {n_events} events")
    return shop.recommend(user_id)


def test_it_says_once_that_it_is_ready_and_where(running: OneProcess) -> None:
    log = running.child.log_file.read_text()
    assert log.count("ready: API ") == 1
    assert running.url in log


def test_what_a_shopper_buys_changes_the_next_list(running: OneProcess, shop: Shop) -> None:
    before = shop.recommend("ruth")
    assert (before.n_events, before.model_version is not None) == (0, True)
    shop.send(bought("ruth", "i30", "i32"))
    after = known(shop, "ruth", 1)
    assert after.ladder == "full"
    assert after.item_ids != before.item_ids


def popular(running: OneProcess, tenant: str = TENANT) -> Any:
    headers = {"authorization": f"Bearer {running.key(tenant)}", "x-recommndr-tenant": tenant, "x-recommndr-user": "portia"}
    asked = {"country": "PT", "k": "3"}
    return httpx.get(f"{running.url}/popular", params=asked, headers=headers, timeout=PATIENCE_S).json()


def test_what_is_bought_in_a_country_becomes_its_best_seller_in_this_shop_only(running: OneProcess, shop: Shop) -> None:
    assert popular(running)["method_used"] == "segment_popularity"  # of the bundle's day
    for number in range(25):
        shop.send(bought(f"lisbon{number}", "i31").model_copy(update={"context": Context(country="PT")}))
    running.await_folded()
    eventually(lambda: popular(running)["method_used"] == "segment_popularity_now", "live counters answer")
    assert popular(running)["items"][0]["item_id"] == "i31"
    assert popular(running, OTHER)["method_used"] != "segment_popularity_now"


def test_repeats_of_an_event_count_once(running: OneProcess, shop: Shop) -> None:
    event = bought("ivan", "i10")
    for _ in range(5):
        shop.send(event)
    shop.send(bought("ivan", "i12"))
    running.await_folded()
    assert known(shop, "ivan", 2).n_events == 2


def test_an_item_that_is_sold_out_leaves_the_lists_and_comes_back(running: OneProcess, shop: Shop) -> None:
    first, *_ = shop.recommend("lena").item_ids
    shop.set_available(first, available=False)
    eventually(lambda: first not in shop.recommend("lena").item_ids, "what is sold out is in no list")
    shop.set_available(first, available=True)
    eventually(lambda: first in shop.recommend("lena").item_ids, "it is back")


def test_another_shops_key_reads_nothing_of_this_shop(running: OneProcess, shop: Shop) -> None:
    shop.send(bought("omar", "i10"))
    known(shop, "omar", 1)
    foreign = {"authorization": f"Bearer {running.key(OTHER)}", "x-recommndr-user": "omar"}
    as_this_shop = post(running, foreign | {"x-recommndr-tenant": TENANT}, "omar")
    assert as_this_shop.status_code == 400
    as_itself = post(running, foreign | {"x-recommndr-tenant": OTHER}, "omar")
    assert "i10" not in as_itself.text
    profile = httpx.get(f"{running.url}/users/omar", headers=foreign | {"x-recommndr-tenant": OTHER}, timeout=PATIENCE_S)
    assert profile.status_code == 404
    unknown = post(running, {"authorization": "Bearer rk_grocer_unknown", "x-recommndr-tenant": TENANT}, "omar")
    assert unknown.status_code == 401


def post(running: OneProcess, headers: dict[str, str], user_id: str) -> httpx.Response:
    return httpx.post(f"{running.url}/recommend", json={"user_id": user_id}, headers=headers, timeout=PATIENCE_S)


def test_a_browser_is_who_its_token_says_whatever_headers_it_sends(running: OneProcess) -> None:
    server = {"authorization": f"Bearer {running.key()}"}
    token = httpx.post(f"{running.url}/tokens", json={"user_id": "tess"}, headers=server, timeout=PATIENCE_S).json()["token"]
    told = {"authorization": f"Bearer {token}", "x-recommndr-tenant": OTHER, "x-recommndr-user": "omar"}
    assert post(running, told, "tess").status_code == 200
    assert post(running, told, "omar").status_code == 403


def test_pages_of_the_shops_origins_may_read_answers_and_no_others(running: OneProcess) -> None:
    origin = next(line.split("http")[1] for line in running.places.tenants.read_text().splitlines() if "- http" in line)
    asked = {"access-control-request-method": "POST"}
    headers = {"authorization": f"Bearer {running.key()}", "x-recommndr-tenant": TENANT, "x-recommndr-user": "tess"}
    for given, allowed in ((f"http{origin}", f"http{origin}"), ("https://evil.example", None)):
        preflight = httpx.options(f"{running.url}/recommend", headers=asked | {"origin": given}, timeout=PATIENCE_S)
        answer = post(running, headers | {"origin": given}, "tess")
        found = {one.headers.get("access-control-allow-origin") for one in (preflight, answer)}
        assert found == {allowed}


def test_the_page_of_metrics_has_all_parts_once_and_is_for_this_machine(running: OneProcess) -> None:
    page = httpx.get(f"{running.url}/metrics", timeout=PATIENCE_S).text
    for name in ("recommndr_serving_requests_total", "recommndr_collector_events_total", "recommndr_stream_records_total"):
        assert name in page
    assert page.count("# TYPE process_resident_memory_bytes") == 1
    for headers in ({"host": "evil.example"}, {"x-forwarded-proto": "https"}):
        assert httpx.get(f"{running.url}/metrics", headers=headers, timeout=PATIENCE_S).status_code == 404


def test_it_imports_neither_kafka_nor_redis_nor_flink_nor_feast(running: OneProcess, shop: Shop) -> None:
    shop.send(bought("mo", "i10"))
    known(shop, "mo", 1)  # by now every part has worked
    os.kill(running.child.pid, signal.SIGUSR1)
    file = running.places.folder / MODULES
    eventually(lambda: running.is_ready() and file.exists() and file.read_text(), "its modules are written")
    assert not FORBIDDEN & set(file.read_text().splitlines())


def test_an_erased_shopper_is_a_stranger(running: OneProcess, shop: Shop) -> None:
    shop.send(bought("gone", "i10"))
    known(shop, "gone", 1)
    headers = {"authorization": f"Bearer {running.key()}"}
    assert httpx.delete(f"{running.url}/users/gone", headers=headers, timeout=PATIENCE_S).status_code == 202
    known(shop, "gone", 0)


def test_it_tells_the_whole_api(running: OneProcess) -> None:
    told = httpx.get(f"{running.url}/openapi.json", timeout=PATIENCE_S).json()
    assert told == json.loads((CHECKOUT / "docs" / "openapi.json").read_bytes())


def test_a_port_that_is_taken_is_named_with_its_owner_before_anything_is_trained(running: OneProcess, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from recommndr_one_process.main import main; main()", "--data", str(tmp_path)]
    asked = [*command, "--port", str(running.port), "--train", "--profile", "small"]
    told = dict(environment(running.port))
    taken = subprocess.run(asked, cwd=CHECKOUT, env=told, capture_output=True, text=True, check=False)
    assert taken.returncode == 1
    assert f"port {running.port} is in use by pid {running.child.pid}" in taken.stderr
    assert "Traceback" not in taken.stderr
    assert "trains" not in taken.stdout


class Sender(threading.Thread):
    """Sends events until the process does not answer any more; notes which were acknowledged."""

    def __init__(self, running: OneProcess, name: str) -> None:
        super().__init__(daemon=True)
        self._running, self._name = running, name
        self.acknowledged: list[str] = []

    def run(self) -> None:
        headers = {"authorization": f"Bearer {self._running.key()}"}
        with httpx.Client(base_url=self._running.url, headers=headers, timeout=PATIENCE_S) as client:
            try:
                while True:
                    self._send(client)
            except httpx.TransportError:
                return

    def _send(self, client: httpx.Client) -> None:
        sent = [bought(f"{self._name}-{n}", f"i{n:02d}").model_dump(mode="json", exclude_none=True) for n in range(10, 15)]
        answer = client.post("/events", json=[*sent, *sent[:2]])  # two of them twice
        results = answer.json()["results"]
        self.acknowledged += [one["event_id"] for one in results if one["status"] == 202]


@pytest.fixture
def fragile(bundle: WrittenBundle, tmp_path: Path) -> Iterator[OneProcess]:
    process = new_process(tmp_path, bundle)
    process.start()
    yield process
    process.child.stop()


def test_killed_while_events_come_it_loses_nothing_acknowledged_and_doubles_nothing(fragile: OneProcess) -> None:
    acknowledged: list[str] = []
    for n in range(3):
        senders = [Sender(fragile, f"{uuid4().hex[:6]}-{n}-{k}") for k in range(3)]
        for one in senders:
            one.start()
        eventually(lambda of=senders: sum(len(one.acknowledged) for one in of) > 150, "some events are acknowledged")
        fragile.child.kill()
        for one in senders:
            one.join(PATIENCE_S)
            acknowledged += one.acknowledged
        fragile.start()
    fragile.await_folded()
    with closing(fragile.database.connect()) as connection:
        records = log_table.read(connection, 0, 100_000)
    events = [decode(one.value) for one in records if one.topic == EVENTS.name and one.value is not None]
    assert {str(event.event_id) for event in events} >= set(acknowledged)
    assert len(acknowledged) > 450
    is_the_fold_of(fragile.database, events)
    lake, ids = fragile.places.folder / "lake", sorted(str(event.event_id) for event in events)
    eventually(lambda: len(lake_records(lake)) >= len(ids), "the lake has all records")
    assert lake_records(lake) == ids  # each record once, repeats of an event as often as the log has them


def lake_records(lake: Path) -> list[str]:
    table = DeltaTable(events_dir(lake)).to_pyarrow_table(columns=["event_id"])
    return sorted(table["event_id"].to_pylist())


def test_answers_are_in_the_lake_and_leave_the_log(running: OneProcess, shop: Shop) -> None:
    shop.recommend("nadia")
    lake = running.places.folder / "lake"

    def answered() -> bool:
        now, day = datetime.now(UTC), timedelta(days=1)
        return any("nadia" in table["user_id"].to_pylist() for table in stored_answers(lake, TENANT, now - day, now + day))

    def in_log() -> int:
        with closing(running.database.connect()) as connection:
            found: int = connection.execute("SELECT count(*) FROM log WHERE topic = ?", (SERVED.name,)).fetchone()[0]
        return found

    eventually(answered, "the answer is in the lake")
    eventually(lambda: in_log() == 0, "the log has no answers that the lake has")
