"""Seeds on a real broker."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from kafka import KafkaProducer

from recommndr.generation import Generation
from recommndr.kafka_access import KafkaAccess
from recommndr.seed import Seed
from recommndr.tenancy import TenantPolicy
from recommndr.topics import EVENTS, SEEDS, split_seed_key
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import SCHEMA
from recommndr_lake_writer.read_part import ReadPart
from recommndr_training.live.live_lake import LiveLake
from recommndr_training.live.seed_log import KafkaSeedLog, Reach
from recommndr_training.live.seed_publisher import Publisher, Shop, records
from tests.topic_records import topic_records
from tests.training.test_seed import SEEDS as SEED_FILE

pytestmark = pytest.mark.integration


def _lake_that_has_read_all(lake: Path, reach: Reach) -> LiveLake:
    places = ((EVENTS.name, number) for number in range(EVENTS.partitions))
    parts = {place: ReadPart(None, end - 1, reach.topic_id) for place, end in zip(places, reach.ends, strict=True) if end}
    EventsTable(lake).append(SCHEMA.empty_table(), parts)
    return LiveLake(lake)


def test_all_seeds_arrive_and_say_how_far_the_events_were(kafka_bootstrap: str, tmp_path: Path) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap)
    producer.send(EVENTS.name, key=b"seed-test|u", value=b"{}", partition=0)
    producer.flush()
    producer.close()

    log = KafkaSeedLog(KafkaAccess(kafka_bootstrap))
    reach = log.reach()
    assert reach.ends[0] > 0
    assert reach.topic_id == UUID(reach.topic_id).hex  # as in the lake writer's commits
    lake = _lake_that_has_read_all(tmp_path, reach)
    published = Publisher(log, lake, lambda: datetime.now(UTC), lambda _: None).publish(
        Shop("seed-test", TenantPolicy(), SEED_FILE.rows)
    )
    assert published.offsets == reach.ends
    announced = log.announced("seed-test")
    log.close()

    assert {one.step for one in announced} == {"begun", "cut", "complete"}
    assert published in announced
    found = {one.key: one.value for one in topic_records(KafkaAccess(kafka_bootstrap), SEEDS)}
    ours = {key: value for key, value in found.items() if split_seed_key(key).tenant == "seed-test"}
    assert ours == {key: value for row in SEED_FILE.rows for key, value in records(row, "seed-test", published)}
    assert {Seed.from_bytes(value).generation for value in ours.values()} == {published.number}


def test_an_announcement_that_cannot_be_read_is_an_error_and_no_silence() -> None:
    with pytest.raises(ValueError, match="offsets: expected"):
        Generation.from_bytes(b'{"number":1,"step":"cut","side":0,"counting":[1.0,3]}')
