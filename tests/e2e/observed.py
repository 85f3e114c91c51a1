"""What the live path holds, read as its own readers read it, and what a plain fold says it must hold."""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import psutil
from kafka import KafkaConsumer, TopicPartition

from recommndr.events import ClientInteraction, stamp
from recommndr.features import item, shopper
from recommndr.features.deed import Deed
from recommndr.features.item import ItemState
from recommndr.features.schema import Value
from recommndr.features.shopper import ShopperState
from recommndr.identity import entity_key
from recommndr.settings import Settings
from recommndr.topics import ITEM_FEATURES, Topic
from recommndr_feature_repo import FEATURE_SERVICE, SHOPPER_KEY, open_store

_SUMS = ("counter_sums", "purchased_decayed")


class OnlineRows:
    """Shoppers' rows as serving reads them: through Feast, out of Redis."""

    def __init__(self, settings: Settings, tenant: str) -> None:
        self._store = open_store(settings)
        self._tenant = tenant

    def columns(self, user_id: str) -> dict[str, Value]:
        """The stored columns of a shopper; defaults where there are none."""
        rows = [{SHOPPER_KEY: entity_key(self._tenant, user_id).decode()}]
        answer = self._store.get_online_features(features=FEATURE_SERVICE, entity_rows=rows).to_dict()
        known = {name: values[0] for name, values in answer.items() if name != SHOPPER_KEY and values[0] is not None}
        return shopper.default_columns() | known


def deed_of(event: ClientInteraction) -> Deed:
    """The deed a fold sees of an event that was sent in time."""
    deed = Deed.of(stamp(event, "any", event.occurred_at))
    assert deed is not None
    return deed


def folded(deeds: Iterable[Deed], start: ShopperState = shopper.EMPTY) -> ShopperState:
    """The plain fold."""
    return reduce(shopper.merge, map(shopper.lift, deeds), start)


def folded_items(deeds: Sequence[Deed]) -> dict[str, ItemState]:
    """The plain fold of every item of `deeds`."""
    states: dict[str, ItemState] = {}
    for deed in deeds:
        for item_id, state in item.lift(deed).items():
            states[item_id] = item.merge(states.get(item_id, item.EMPTY), state)
    return states


def differing(stored: dict[str, Value], expected: dict[str, Value]) -> list[str]:
    """Names of the columns that differ; sums may by 1e-9 relative or 1e-12 absolute."""
    return [name for name, value in expected.items() if not _equal(name, stored[name], value)]


def _equal(name: str, stored: Value, expected: Value) -> bool:
    if name not in _SUMS:
        return stored == expected
    return np.shape(stored) == np.shape(expected) and np.allclose(stored, expected, rtol=1e-9, atol=1e-12)


def newest_values(settings: Settings, topic: Topic) -> dict[bytes, bytes | None]:
    """The newest value of each key of a topic, up to its end now."""
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, group_id=None, consumer_timeout_ms=5_000)
    try:
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        ends: dict[Any, int] = consumer.end_offsets(partitions)
        newest: dict[bytes, bytes | None] = {}
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            for records in consumer.poll(timeout_ms=500).values():
                newest.update((record.key, record.value) for record in records)
    finally:
        consumer.close()
    return newest


def item_states(settings: Settings, tenant: str, item_ids: Iterable[str]) -> dict[str, ItemState]:
    """What the job last said of these items."""
    values = newest_values(settings, ITEM_FEATURES)
    found = {item_id: values.get(entity_key(tenant, item_id)) for item_id in item_ids}
    return {item_id: item.from_bytes(value) for item_id, value in found.items() if value is not None}


def same_items(stored: dict[str, ItemState], expected: dict[str, ItemState]) -> bool:
    """Whether all states agree, sums up to 1e-9 relative."""
    if stored.keys() != expected.keys():
        return False
    mine, theirs = (item.read([item.to_bytes(states[item_id]) for item_id in sorted(states)]) for states in (stored, expected))
    return all(np.allclose(mine[field], theirs[field], rtol=1e-9, atol=1e-12) for field in item.DTYPE.names or ())


def python_worker_of(pid: int) -> psutil.Process:
    """The process that runs Flink's Python code, below the process of the job."""
    for child in psutil.Process(pid).children(recursive=True):
        if "python" in child.name() and any("beam" in word or "pyflink" in word for word in child.cmdline()):
            return child
    raise LookupError(f"no Python worker below {pid}")


def eventually(holds: Callable[[], Any], what: str, timeout_s: float = 120.0, every_s: float = 0.5) -> None:
    """Return once `holds` is true; fails with `what` after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"after {timeout_s:.0f} s still not: {what}"
        time.sleep(every_s)
