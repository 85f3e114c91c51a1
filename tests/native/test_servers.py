"""The servers the installation runs, for real."""

from collections.abc import Callable

import httpx
import pytest
import redis
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import SEEDS, TOPICS
from recommndr_native.topics import ensure_topics
from tests.patience import PATIENCE_S
from tests.servers import RunningKafka, RunningRedis

pytestmark = pytest.mark.integration


def test_all_topics_exist_with_their_configuration_and_a_second_time_changes_nothing(kafka_bootstrap: str) -> None:
    assert ensure_topics(KafkaAccess(kafka_bootstrap)) == []
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    assert {topic.name for topic in TOPICS} <= set(admin.list_topics())
    described = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, SEEDS.name)])
    admin.close()
    assert "compact" in str(described)


def test_what_a_killed_broker_acknowledged_is_there_after_its_restart(new_kafka: Callable[[], RunningKafka]) -> None:
    kafka = new_kafka()
    ensure_topics(kafka.access)
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all")
    producer.send(SEEDS.name, key=b"t|user:u", value=b"state").get(PATIENCE_S)
    producer.close()
    kafka.child.kill()
    kafka.start()
    consumer = KafkaConsumer(
        SEEDS.name, bootstrap_servers=kafka.bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=PATIENCE_S * 1_000
    )
    assert next(consumer).value == b"state"
    consumer.close()


def test_what_a_killed_redis_acknowledged_is_there_after_its_restart(new_redis: Callable[[], RunningRedis]) -> None:
    server = new_redis()
    with redis.Redis.from_url(server.url) as client:
        client.set("row", "value")
    server.child.kill()
    server.start()
    with redis.Redis.from_url(server.url) as client:
        assert client.get("row") == b"value"


def test_mlflow_answers(mlflow_uri: str) -> None:
    assert httpx.get(f"{mlflow_uri}/version", timeout=PATIENCE_S).text.startswith("3.")
