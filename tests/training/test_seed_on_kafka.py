"""Seeds on a real broker."""

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from recommndr.seed import GROUP_CONTROL, Seed
from recommndr.topics import EVENTS, PARTITIONS, SEEDS, split_seed_key
from recommndr_training.seed_publisher import Generation, KafkaSeedLog, end_offsets, publish
from tests.training.test_seed import SEEDS as SEED_FILE

pytestmark = pytest.mark.integration


def read_seeds(bootstrap: str, tenant: str) -> dict[tuple[str, str], Seed]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    partitions = [TopicPartition(SEEDS.name, number) for number in range(PARTITIONS)]
    consumer.assign(partitions)
    ends = consumer.end_offsets(partitions)
    found: dict[tuple[str, str], Seed] = {}
    while any(consumer.position(partition) < ends[partition] for partition in partitions):
        for batch in consumer.poll(timeout_ms=1_000).values():
            for record in batch:
                owner, group, entity = split_seed_key(record.key)
                if owner == tenant:
                    found[group, entity] = Seed.from_bytes(record.value)
    consumer.close()
    return found


def test_all_seeds_arrive_with_the_offsets_of_the_events_before_them(kafka_bootstrap: str) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap)
    for partition in (0, 0, 3):
        producer.send(EVENTS.name, key=b"seed-test|u", value=b"{}", partition=partition)
    producer.flush()
    producer.close()

    offsets = end_offsets(kafka_bootstrap)
    log = KafkaSeedLog(kafka_bootstrap)
    publish(log, SEED_FILE, Generation("seed-test", 5, offsets, 0.0), lambda n: None)
    log.close()

    found = read_seeds(kafka_bootstrap, "seed-test")
    assert (offsets[0] >= 2, offsets[3] >= 1) == (True, True)
    assert found[GROUP_CONTROL, ""] == Seed(5, offsets, b"")
    assert {key: value.state for key, value in found.items() if key[0] != GROUP_CONTROL} == {
        (row.group, row.entity): row.state for row in SEED_FILE.rows
    }
