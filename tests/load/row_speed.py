"""What the feature writer costs a row, hop by hop: `python -m tests.load.row_speed --rows 4000 --rounds 5`.

Starts a Kafka and a Redis of its own, writes one group of shoppers with many purchases to its topic, and reads, decodes and
stores them as the writer does. Prints one JSON line: CPU milliseconds of this process a row, medians over the rounds.
`dataframe` is what `write_to_online_store` of Feast needs for the same rows, for comparison. Servers' own CPU is not in it.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd
import redis

from recommndr.features import shopper
from recommndr.features.action import PURCHASE, Action
from recommndr.features.shopper import ShopperState
from recommndr.settings import Settings
from recommndr.topics import SHOPPER_FEATURES, Topic
from recommndr_feature_repo import SHOPPER_KEY, FeatureStore, open_store
from recommndr_feature_repo.definitions import EVENT_TIMESTAMP
from recommndr_feature_writer.online_rows import RedisRows
from recommndr_feature_writer.position import Batch
from recommndr_feature_writer.reading import read
from recommndr_feature_writer.shopper_row import ShopperRow
from recommndr_feature_writer.writer import MAX_BATCH
from recommndr_native.child import Child
from recommndr_native.installed import Tools
from recommndr_native.kafka import Kafka
from recommndr_native.ports import free_port
from recommndr_native.redis import Redis
from recommndr_native.topics import ensure_topics
from recommndr_tail.connect import open_consumer, producer
from recommndr_tail.kafka_inbox import KafkaInbox
from recommndr_tail.record import TopicRecord
from tests.servers import RunningKafka, RunningRedis

_Result = TypeVar("_Result")
_TOPICS = dict(zip((schema.name for schema in shopper.SCHEMAS), SHOPPER_FEATURES, strict=True))


class Hops:
    """CPU seconds of this process by hop and round."""

    def __init__(self, n_rows: int) -> None:
        self._n_rows = n_rows
        self._seconds: dict[str, list[float]] = {}

    def time(self, hop: str, work: Callable[[], _Result]) -> _Result:
        """Do it, and note what it costs."""
        start_s = time.process_time()
        result = work()
        self._seconds.setdefault(hop, []).append(time.process_time() - start_s)
        return result

    def ms_a_row(self) -> dict[str, float]:
        """Medians over the rounds."""
        return {hop: round(statistics.median(spent) / self._n_rows * 1e3, 4) for hop, spent in self._seconds.items()}


def shopper_state(n_orders: int, chance: random.Random) -> ShopperState:
    """A shopper with four items an order and 60 views, in a shop with 60,000."""
    orders = [
        Action(PURCHASE, 1.77e9 + n * 3600.5, f"{n:032x}", "u", tuple(f"item-{chance.randrange(60_000)}" for _ in range(4)))
        for n in range(n_orders)
    ]
    views = [Action(0, 1.78e9 + n * 30.25, f"{n:032x}", "u", (f"item-{chance.randrange(60_000)}",)) for n in range(60)]
    return shopper.fold(shopper.EMPTY, [*orders, *views])


def consume(inbox: KafkaInbox, n_rows: int) -> list[TopicRecord]:
    """All records of the topic, from its beginning."""
    for place in inbox.assigned():
        inbox.seek(place, None)
    records: list[TopicRecord] = []
    while len(records) < n_rows:
        records += inbox.poll(0.25)
    return records


def decode(records: Sequence[TopicRecord]) -> list[ShopperRow]:
    """Their rows, as they are stored."""
    readings = [read(record) for record in records]
    return [reading.row for reading in readings if reading.row is not None]


def write(rows: RedisRows, stored: Sequence[ShopperRow]) -> None:
    """As the writer: in batches."""
    for start in range(0, len(stored), MAX_BATCH):
        rows.write(Batch(stored[start : start + MAX_BATCH]))


def write_frames(store: FeatureStore, rows: Sequence[ShopperRow]) -> None:
    """By way of DataFrames, 500 rows each."""
    for start in range(0, len(rows), 500):
        some = rows[start : start + 500]
        columns: dict[str, list[object]] = {name: [row.columns[name] for row in some] for name in some[0].columns}
        columns[SHOPPER_KEY] = [row.key.shopper_key for row in some]
        columns[EVENT_TIMESTAMP] = [pd.Timestamp(row.newest_at_s, unit="s", tz="UTC") for row in some]
        store.write_to_online_store(some[0].key.group, pd.DataFrame(columns))


def measure(settings: Settings, topic: Topic, values: Sequence[bytes], n_rounds: int) -> dict[str, float]:
    """Fill the topic, then time each hop."""
    sender = producer(settings.kafka, "row-speed", threading.Event())
    for number, value in enumerate(values):
        sender.send(topic.name, value, key=f"grocer|u{number}".encode())
    sender.flush()
    inbox = KafkaInbox(open_consumer(settings.kafka, "row-speed", group_id="row-speed", max_poll_records=2_000), [topic])
    while not inbox.assigned():
        inbox.poll(0.25)
    store, hops = open_store(settings), Hops(len(values))
    with redis.Redis.from_url(settings.redis_url) as client:
        for _ in range(n_rounds):
            records = hops.time("consume", partial(consume, inbox, len(values)))
            rows = hops.time("decode_and_encode", partial(decode, records))
            hops.time("write", partial(write, RedisRows(client), rows))
            hops.time("dataframe", partial(write_frames, store, rows))
    inbox.close()
    return hops.ms_a_row()


def main() -> None:
    """Start the servers, measure, stop them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--orders", type=int, default=40, help="of a shopper, four items each")
    parser.add_argument("--group", choices=list(_TOPICS), default="user", help="the part of the shopper's state")
    arguments = parser.parse_args()
    chance = random.Random(1)
    some = [shopper.parts(shopper_state(arguments.orders, chance))[arguments.group] for _ in range(20)]
    values = [some[number % len(some)] for number in range(arguments.rows)]
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as running:
        folder = Path(scratch)
        broker = Kafka(folder / "kafka", free_port(), free_port(), Tools.of_checkout())
        kafka = RunningKafka(broker, Child("kafka", broker.command(), folder / "kafka.log", os.environ))
        server = Redis(folder / "redis", free_port())
        online_store = RunningRedis(server, Child("redis", server.command(), folder / "redis.log", os.environ))
        for one in (kafka, online_store):
            running.callback(one.child.stop)
            one.start()
        ensure_topics(kafka.access)
        settings = Settings(state_dir=folder, kafka_bootstrap=kafka.bootstrap, redis_url=online_store.url)
        told = measure(settings, _TOPICS[arguments.group], values, arguments.rounds)
    print(json.dumps({"rows": arguments.rows, "bytes_a_row": round(statistics.mean(map(len, some))), "cpu_ms_a_row": told}))


if __name__ == "__main__":
    main()
