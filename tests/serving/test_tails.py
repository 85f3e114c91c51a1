"""Tailed records: decoded, applied to the right tenant, from a real broker."""

import gc
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count

import kafka
import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from recommndr.catalog import Availability
from recommndr.features import item, segment
from recommndr.features.action import Action
from recommndr.identity import TenantId, entity_key
from recommndr.kafka_access import KafkaAccess
from recommndr.served_answer import ServedAnswer
from recommndr.topics import AVAILABILITY, CATALOG, ITEM_FEATURES, SEGMENT_FEATURES, SERVED
from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_native.topics import ensure_topics
from recommndr_serving.live.item_records import (
    AvailabilityRecord,
    CatalogRecord,
    FeatureRecord,
    ItemRecord,
    SegmentRecord,
    decode,
)
from recommndr_serving.live.item_tables import apply
from recommndr_serving.live.kafka_served import KafkaServedLog
from recommndr_serving.live.tails import Tails
from recommndr_serving.metrics import Metrics
from recommndr_serving.tenant_slot import TenantSlot
from tests.engine.bundles import NOW, catalog_item, item_id
from tests.patience import eventually, quickest
from tests.recommndr.served_answers import AN_ANSWER
from tests.servers import RunningKafka
from tests.topic_records import topic_ends, topic_records

SHOP, OTHER = TenantId("tailed"), TenantId("other")
STATE = item.to_bytes(item.lift(Action(3, NOW.timestamp(), "e", "u", (item_id(1),)))[item_id(1)])
CATALOG_VALUE = catalog_item(1).model_dump_json().encode()
KEY = entity_key(SHOP, item_id(1))
SEGMENT_STATE = segment.to_bytes(segment.fold(segment.EMPTY, 3, NOW.timestamp(), 30.0))


def segment_key(tenant: str, name: str, item: str) -> bytes:
    return entity_key(tenant, segment.entity(name, item))


IN_GERMANY = segment_key(SHOP, "country=DE", item_id(1))


def shown(tenant: TenantSlot) -> set[str]:
    rows = tenant.items.rows_of([item_id(n) for n in range(20)])
    visible = tenant.items.table.shown(rows, NOW.timestamp())
    return {item_id(n) for n in range(20) if visible[n]}


def test_records_become_what_they_say() -> None:
    assert decode(CATALOG.name, KEY, CATALOG_VALUE) == CatalogRecord(SHOP, catalog_item(1).item_id, catalog_item(1))
    assert decode(CATALOG.name, KEY, None) == CatalogRecord(SHOP, catalog_item(1).item_id, None)
    assert decode(AVAILABILITY.name, KEY, b'{"available": false}') == AvailabilityRecord(SHOP, catalog_item(1).item_id, False)
    assert decode(AVAILABILITY.name, KEY, None) == AvailabilityRecord(SHOP, catalog_item(1).item_id, True)
    assert decode(ITEM_FEATURES.name, KEY, STATE) == FeatureRecord(SHOP, catalog_item(1).item_id, STATE)
    of_segment = SegmentRecord(SHOP, "country=DE", catalog_item(1).item_id, SEGMENT_STATE)
    assert decode(SEGMENT_FEATURES.name, IN_GERMANY, SEGMENT_STATE) == of_segment
    assert decode(SEGMENT_FEATURES.name, segment_key(SHOP, "region=a|b", item_id(1)), None).tenant == SHOP


@pytest.mark.parametrize(
    ("topic", "key", "value"),
    [
        (CATALOG.name, None, CATALOG_VALUE),
        (CATALOG.name, b"no bar", CATALOG_VALUE),
        (CATALOG.name, b"\xff|i01", CATALOG_VALUE),
        (CATALOG.name, b"UPPER|i01", CATALOG_VALUE),
        (CATALOG.name, b"tailed|", CATALOG_VALUE),
        (CATALOG.name, b"tailed|i02", CATALOG_VALUE),
        (CATALOG.name, KEY, b"{"),
        (CATALOG.name, KEY, b"\xff"),
        (AVAILABILITY.name, KEY, b'{"available": "perhaps"}'),
        (ITEM_FEATURES.name, KEY, STATE[:-1]),
        (ITEM_FEATURES.name, KEY, b"\x09" + STATE[1:]),
        (SEGMENT_FEATURES.name, KEY, SEGMENT_STATE),
        (SEGMENT_FEATURES.name, IN_GERMANY, SEGMENT_STATE[:-1]),
        (SEGMENT_FEATURES.name, IN_GERMANY, b"\x09" + SEGMENT_STATE[1:]),
        ("recommndr.events.v1", KEY, b"{}"),
    ],
)
def test_what_cannot_be_read_is_a_value_error(topic: str, key: bytes | None, value: bytes) -> None:
    with pytest.raises(ValueError):
        decode(topic, key, value)


def test_records_reach_their_tenant_and_the_newest_of_an_item_wins() -> None:
    tenants = {SHOP: TenantSlot(SHOP), OTHER: TenantSlot(OTHER)}
    records = [
        decode(AVAILABILITY.name, KEY, b'{"available": false}'),
        decode(CATALOG.name, KEY, CATALOG_VALUE),
        decode(CATALOG.name, entity_key("nobody", item_id(1)), CATALOG_VALUE),
        decode(AVAILABILITY.name, KEY, b'{"available": true}'),
        decode(ITEM_FEATURES.name, KEY, STATE),
    ]
    apply(tenants, records)
    assert shown(tenants[SHOP]) == {item_id(1)}
    assert shown(tenants[OTHER]) == set()
    row = tenants[SHOP].items.rows_of([item_id(1)])
    assert tenants[SHOP].items.table.sums[row, 3].max() == 1.0


def test_segments_of_a_tenant_are_its_own_and_each_keeps_its_newest() -> None:
    tenants = {SHOP: TenantSlot(SHOP), OTHER: TenantSlot(OTHER)}
    empty = segment.to_bytes(segment.EMPTY)
    keys = [segment_key(SHOP, "country=DE", item_id(1)), segment_key(SHOP, "country=PT", item_id(1))]
    keys += [segment_key("nobody", "country=DE", item_id(1)), segment_key(SHOP, "country=DE", item_id(2))]
    apply(tenants, [decode(SEGMENT_FEATURES.name, keys[0], empty)])
    apply(tenants, [decode(SEGMENT_FEATURES.name, key, SEGMENT_STATE) for key in keys])
    apply(tenants, [decode(SEGMENT_FEATURES.name, keys[3], None)])
    (in_germany,) = tenants[SHOP].items.segments.find(["country=DE", "country=XX"])
    rows, sums = in_germany.weighted(np.ones(16), NOW.timestamp())
    assert rows.tolist() == tenants[SHOP].items.rows_of([item_id(1)]).tolist()
    assert sums.tolist() == [30.0]
    assert len(tenants[SHOP].items.segments) == 2
    assert not len(tenants[OTHER].items.segments)


@contextmanager
def tailing(access: KafkaAccess, metrics: Metrics) -> Iterator[tuple[Tails, TenantSlot]]:
    tenant = TenantSlot(SHOP)
    tails = Tails(access, partial(apply, {SHOP: tenant}), metrics)
    with running(tails.work):
        yield tails, tenant


@contextmanager
def running(work: Work) -> Iterator[None]:
    loops = Loops(CollectorRegistry())
    loops.add(work)
    loops.start()
    try:
        yield
    finally:
        loops.stop()


class Writer:
    def __init__(self, access: KafkaAccess) -> None:
        self._producer = kafka.KafkaProducer(**access.options())

    def put(self, topic: str, name: str, value: bytes | None) -> None:
        self._producer.send(topic, key=entity_key(SHOP, name), value=value)

    def flush(self) -> None:
        self._producer.flush()

    def close(self) -> None:
        self._producer.close()


@pytest.fixture(scope="module")
def tailed_kafka(new_kafka: Callable[[], RunningKafka]) -> KafkaAccess:
    """A broker of this file: tails read whole topics, and other files write there what these tests count."""
    access = new_kafka().access
    ensure_topics(access)
    return access


@pytest.fixture
def writer(tailed_kafka: KafkaAccess) -> Iterator[Writer]:
    found = Writer(tailed_kafka)
    yield found
    found.close()


@pytest.mark.integration
def test_a_slot_is_ready_only_after_all_that_was_there_and_then_follows(tailed_kafka: KafkaAccess, writer: Writer) -> None:
    for n in range(10):
        writer.put(CATALOG.name, item_id(n), catalog_item(n).model_dump_json().encode())
        writer.put(ITEM_FEATURES.name, item_id(n), STATE)
    writer.put(AVAILABILITY.name, item_id(3), Availability(available=False).model_dump_json().encode())
    writer.put(CATALOG.name, item_id(4), b"poison")
    writer.put(CATALOG.name, item_id(5), None)
    writer.flush()
    metrics = Metrics()
    with tailing(tailed_kafka, metrics) as (tails, tenant):
        eventually(lambda: tails.ready, "all that was there is read")
        assert shown(tenant) == {item_id(n) for n in range(10)} - {item_id(3), item_id(5)}
        numbers = count(6)

        def until_hidden_s() -> float:
            item = item_id(next(numbers))
            writer.put(AVAILABILITY.name, item, Availability(available=False).model_dump_json().encode())
            writer.flush()
            return eventually(lambda: item not in shown(tenant), f"{item} is shown no more", every_s=0.01)

        quickest(until_hidden_s, within_s=2.0, tries=4)
        assert metrics.registry.get_sample_value("recommndr_serving_tail_poison_total", {"topic": CATALOG.name}) == 1


@pytest.mark.integration
def test_a_connection_that_breaks_costs_nothing_that_was_read(tailed_kafka: KafkaAccess, writer: Writer) -> None:
    sold_out, on_sale = (Availability(available=value).model_dump_json().encode() for value in (False, True))
    for value in (on_sale, sold_out):  # read anew, the item would be on sale again for a moment
        writer.put(AVAILABILITY.name, "reconnected", value)
    writer.flush()
    applied: list[ItemRecord] = []
    tails = Tails(tailed_kafka, applied.extend, Metrics())
    step_until(tails, lambda: tails.ready)
    assert [one for one in applied if one.item_id == "reconnected"][-1] == AvailabilityRecord(SHOP, "reconnected", False)
    applied.clear()
    tails.work.close()
    writer.put(AVAILABILITY.name, "after the break", sold_out)
    writer.flush()
    step_until(tails, lambda: bool(applied))
    tails.work.close()
    assert applied == [AvailabilityRecord(SHOP, "after the break", False)]


@pytest.mark.integration
def test_a_record_that_cannot_be_applied_is_skipped_and_counted_and_the_others_are_applied(
    tailed_kafka: KafkaAccess, writer: Writer
) -> None:
    for name in ("before", "bad", "behind"):
        writer.put(AVAILABILITY.name, name, b'{"available": false}')
    writer.flush()
    applied: list[ItemRecord] = []

    def apply_unless_bad(records: Sequence[ItemRecord]) -> None:
        if any(record.item_id == "bad" for record in records):
            raise ZeroDivisionError("nobody expected it")
        applied.extend(records)

    metrics = Metrics()
    tails = Tails(tailed_kafka, apply_unless_bad, metrics)
    step_until(tails, lambda: tails.ready)
    tails.work.close()
    assert {"before", "behind"} <= {record.item_id for record in applied}
    assert metrics.registry.get_sample_value("recommndr_serving_tail_poison_total", {"topic": AVAILABILITY.name}) == 1


def step_until(tails: Tails, holds: Callable[[], bool]) -> None:
    def stepped() -> bool:
        tails.work.step()
        return holds()

    eventually(stepped, "the tails have read so far", every_s=0.0)


@pytest.mark.integration
# kafka-python forgets to close the sockets of attempts that a dead broker refused.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_tails_wait_for_the_broker_for_its_topics_and_outlive_its_crash(
    new_kafka: Callable[[], RunningKafka], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "kafka")  # kept records would keep those sockets for the tests that follow
    running = new_kafka()
    running.child.kill()
    with tailing(running.access, Metrics()) as (tails, tenant):
        time.sleep(0.5)
        assert not tails.ready
        running.start()
        time.sleep(1.0)
        assert not tails.ready
        ensure_topics(running.access)
        eventually(lambda: tails.ready, "the topics are read")
        running.child.kill()
        running.start()
        writer = Writer(running.access)
        writer.put(CATALOG.name, item_id(7), catalog_item(7).model_dump_json().encode())
        writer.flush()
        writer.close()
        eventually(lambda: shown(tenant) == {item_id(7)}, "it follows the broker that came back")
    gc.collect()


@pytest.mark.integration
def test_what_was_served_reaches_its_topic(kafka_bootstrap: str) -> None:
    access = KafkaAccess(kafka_bootstrap)
    metrics, began = Metrics(), topic_ends(access, SERVED)
    served = KafkaServedLog(access, metrics)
    first, unwritable = (replace(AN_ANSWER, request_id=name) for name in ("r1", "r2"))
    served.note("tailed", "u|1", first)
    served.note("tailed", "u|1", replace(unwritable, asked={"scope": object()}))
    served.note("tailed", "u|1", replace(first, request_id="r3"))
    with running(served.work):
        eventually(lambda: served_records(metrics, "written") == 2, "both are written")
    assert served_records(metrics, "dropped") == 1
    written = topic_records(access, SERVED, began)
    assert {one.key for one in written} == {b"tailed|u|1"}
    assert [ServedAnswer.from_bytes(one.value).request_id for one in written] == ["r1", "r3"]


@pytest.mark.integration
def test_names_of_columns_are_written_with_the_first_record_of_a_bundle_and_again_after_seconds(kafka_bootstrap: str) -> None:
    access, now_s = KafkaAccess(kafka_bootstrap), [100.0]
    metrics, began = Metrics(), topic_ends(access, SERVED)
    served = KafkaServedLog(access, metrics, lambda: now_s[0])
    answers = [replace(AN_ANSWER, columns=("a", "b"), model_version=version) for version in ("v1", "v1", "v2", "v1")]
    with running(served.work):
        for n, (answer, at_s) in enumerate(zip(answers, (100.0, 104.0, 104.0, 106.0), strict=True), 1):
            now_s[0] = at_s
            served.note("tailed", "u|1", answer)
            eventually(lambda n=n: served_records(metrics, "written") == n, "it is written")
    names = [ServedAnswer.from_bytes(one.value).columns for one in topic_records(access, SERVED, began)]
    assert names == [("a", "b"), (), ("a", "b"), ("a", "b")]


def served_records(metrics: Metrics, outcome: str) -> float:
    return metrics.registry.get_sample_value("recommndr_serving_served_total", {"outcome": outcome}) or 0.0


def test_what_is_served_is_dropped_and_counted_when_nobody_takes_it() -> None:
    metrics = Metrics()
    served = KafkaServedLog(KafkaAccess("127.0.0.1:9"), metrics)
    for _ in range(10_005):
        served.note("tailed", "u", AN_ANSWER)
    assert metrics.registry.get_sample_value("recommndr_serving_served_total", {"outcome": "dropped"}) == 5.0
