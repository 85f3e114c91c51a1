"""Seeds on a real broker."""

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from recommndr.seed import GROUP_CONTROL, Seed
from recommndr.topics import EVENTS, PARTITIONS, SEEDS, split_seed_key
from recommndr_training.seed_publisher import HISTORY_ONLY, Generation, KafkaSeedLog, publish
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


def test_all_seeds_arrive_and_claim_to_contain_no_live_event(kafka_bootstrap: str) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap)
    producer.send(EVENTS.name, key=b"seed-test|u", value=b"{}", partition=0)
    producer.flush()
    producer.close()

    log = KafkaSeedLog(kafka_bootstrap)
    publish(log, SEED_FILE, Generation("seed-test", 5, HISTORY_ONLY, 0.0), lambda n: None)
    log.close()

    found = read_seeds(kafka_bootstrap, "seed-test")
    assert found[GROUP_CONTROL, ""] == Seed(5, (0,) * PARTITIONS, b"")
    assert {key: value.state for key, value in found.items() if key[0] != GROUP_CONTROL} == {
        (row.group, row.entity): row.state for row in SEED_FILE.rows
    }
