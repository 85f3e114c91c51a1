"""Seeds on a real broker."""

import pytest
from kafka import KafkaProducer

from recommndr.features import shopper
from recommndr.kafka_access import KafkaAccess
from recommndr.seed import GROUP_CONTROL, GROUP_ITEM, GROUP_USER, Seed
from recommndr.topics import EVENTS, PARTITIONS, SEEDS, split_seed_key
from recommndr_training.live.seed_publisher import HISTORY_ONLY, Generation, KafkaSeedLog, publish
from tests.topic_records import topic_records
from tests.training.test_seed import SEEDS as SEED_FILE

pytestmark = pytest.mark.integration


def read_seeds(kafka: KafkaAccess, tenant: str) -> dict[tuple[str, str], Seed]:
    found: dict[tuple[str, str], Seed] = {}
    for record in topic_records(kafka, SEEDS):
        owner, group, entity = split_seed_key(record.key)
        if owner == tenant:
            found[group, entity] = Seed.from_bytes(record.value)
    return found


def test_all_seeds_arrive_and_claim_to_contain_no_live_event(kafka_bootstrap: str) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap)
    producer.send(EVENTS.name, key=b"seed-test|u", value=b"{}", partition=0)
    producer.flush()
    producer.close()

    log = KafkaSeedLog(KafkaAccess(kafka_bootstrap))
    publish(log, SEED_FILE, Generation("seed-test", 5, HISTORY_ONLY, 0.0), lambda n: None)
    log.close()

    found = read_seeds(KafkaAccess(kafka_bootstrap), "seed-test")
    assert found[GROUP_CONTROL, ""] == Seed(5, (0,) * PARTITIONS, b"")
    states = {key: value.state for key, value in found.items() if key[0] != GROUP_CONTROL}
    assert {key: state for key, state in states.items() if key[0] == GROUP_ITEM} == {
        (row.group, row.entity): row.state for row in SEED_FILE.rows if row.group == GROUP_ITEM
    }
    for row in SEED_FILE.rows:
        if row.group == GROUP_USER:
            parts = {group: state for (group, entity), state in states.items() if group != GROUP_ITEM and entity == row.entity}
            assert shopper.to_bytes(shopper.of_parts(parts)) == row.state
