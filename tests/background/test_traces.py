"""Traces go from the request that sends an event to the lake, and through the steps of an answer; off, they cost nothing."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_background.traces import NO_TRACES, TRACEPARENT, traces
from recommndr_collector.event_log import InMemoryEventLog
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.events_writer import events_writer
from recommndr_lake_writer.metrics import Metrics
from recommndr_tail.dead_letters import InMemoryDeadLetters
from recommndr_tail.group_inbox import InMemoryInbox
from recommndr_tail.record import TopicRecord
from tests.background.otlp_receiver import OtlpReceiver, receiving
from tests.collector.shop import NOW, bearer, open_collector
from tests.engine.bundles import WrittenBundle
from tests.lake_writer.topic import TOPIC
from tests.serving.shops import headers, open_shop

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = f"00-{TRACE}-b7ad6b7169203331-00"  # its flag says: not recorded


@pytest.fixture
def receiver() -> Iterator[OtlpReceiver]:
    with receiving() as receiver:
        yield receiver


async def test_an_event_is_followed_from_the_shops_request_to_the_lake(receiver: OtlpReceiver, tmp_path: Path) -> None:
    log = InMemoryEventLog()
    event = {
        "kind": "view",
        "event_id": "0b0f3f4e-1111-4111-8111-111111111111",
        "user_id": "u1",
        "occurred_at": NOW.isoformat(),
    }
    with traces(receiver.url, 1.0, "recommndr-collector") as tracer:
        async with open_collector(log, tracer=tracer) as collector:
            sent = event | {"lines": [{"item_id": "i1"}]}
            answer = await collector.client.post("/events", json=sent, headers=bearer() | {TRACEPARENT: CALLER})
            assert answer.status_code == 202
    (record,) = log.records
    carried = dict(record.headers)[TRACEPARENT].decode()
    assert carried.split("-")[1] == TRACE

    class Consumed:
        topic, partition, offset, timestamp = TOPIC, 0, 0, NOW.timestamp() * 1e3
        key, value, headers = record.key, record.value, record.headers

    inbox = InMemoryInbox([TopicRecord.of(Consumed)], {(TOPIC, 0)})
    with traces(receiver.url, 1.0, "recommndr-lake-writer") as tracer:
        policies, metrics = {TenantId("grocer"): TenantPolicy()}, Metrics(CollectorRegistry())
        writer = events_writer(inbox, EventsTable(tmp_path), InMemoryDeadLetters(), policies, metrics, lambda: NOW)
        writer.tracer = tracer
        writer.step()
        writer.commit()
    by_name = {one.name: one for one in receiver.spans}
    request, write, lake = (by_name[name] for name in ("POST /events", "write", "events to lake"))
    assert {one.trace_id for one in receiver.spans} == {TRACE}
    assert (request.parent_id, write.parent_id, lake.parent_id) == ("b7ad6b7169203331", request.span_id, write.span_id)
    assert (request.service, lake.service) == ("recommndr-collector", "recommndr-lake-writer")
    assert (request.notes["tenant"], request.notes["status"]) == ("grocer", "202")


async def test_an_answer_tells_its_steps_and_names_no_shopper(receiver: OtlpReceiver, bundle: WrittenBundle) -> None:
    with traces(receiver.url, 1.0, "recommndr-serving-blue") as tracer:
        async with open_shop(bundle, tracer=tracer) as shop:
            asked = {"user_id": "u1", "k": 3}
            answer = await shop.client.post("/recommend", json=asked, headers=headers("u1") | {TRACEPARENT: CALLER})
            assert answer.status_code == 200
            await shop.client.get("/health/live")
    (request,) = receiver.named("POST /recommend")
    steps = {one.name for one in receiver.spans if one.parent_id == request.span_id}
    assert steps == {"row", "list", "answer", "log"}
    assert {one.trace_id for one in receiver.spans} == {TRACE}  # probes are not traced
    assert all(0 <= one.seconds <= request.seconds for one in receiver.spans)
    assert request.notes == {"status": "200", "tenant": "grocer"}
    assert not [value for one in receiver.spans for value in one.notes.values() if value == "u1"]


def test_a_failed_step_tells_the_kind_of_its_error_and_not_its_words(receiver: OtlpReceiver) -> None:
    with traces(receiver.url, 1.0, "x") as tracer, pytest.raises(ValueError), tracer.span("step"):
        raise ValueError("shopper u1")
    (step,) = receiver.spans
    assert step.failed == "ValueError"


def test_only_the_share_is_recorded_whatever_a_callers_flag_says(receiver: OtlpReceiver) -> None:
    with traces(receiver.url, 0.0, "x") as tracer, tracer.received("request", CALLER[:-1] + "1"):
        assert tracer.traceparent() is None
    assert receiver.spans == []


def test_a_receiver_that_is_away_costs_spans_and_nothing_else() -> None:
    with traces("http://127.0.0.1:9/v1/traces", 1.0, "x") as tracer:
        for _ in range(10_000):
            with tracer.span("step"):
                pass


def test_off_nothing_is_imported_and_a_span_costs_nothing_measurable() -> None:
    program = "import sys, recommndr_background.traces as t; t.tracer_of('', 1.0, 'x'); print('opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    least_s = float("inf")
    for _ in range(20):
        began_s = time.perf_counter()
        for _ in range(1_000):
            with NO_TRACES.span("row"):
                pass
        least_s = min(least_s, (time.perf_counter() - began_s) / 1_000)
    assert least_s < 5e-6  # an answer takes some thousand times as long
