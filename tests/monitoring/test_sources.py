"""The sources against real servers: what they say, that a dead one is away, and that one that is back is heard again."""

import gc
import logging
from collections.abc import Callable
from functools import partial

import httpx
import pytest
import redis
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import EVENTS, TOPICS
from recommndr_monitoring.flink_rest import FlinkRest
from recommndr_monitoring.kafka_offsets import KafkaOffsets
from recommndr_monitoring.redis_info import RedisInfo
from recommndr_monitoring.registry_health import RegistryHealth
from recommndr_monitoring.source import Sample, Source, SourceUnavailable
from recommndr_native.ports import free_port
from recommndr_native.topics import ensure_topics
from tests.patience import PATIENCE_S, eventually
from tests.servers import RunningKafka, RunningRedis

pytestmark = pytest.mark.integration


def value(samples: list[Sample], family: str, *labels: str) -> float:
    return next(sample.value for sample in samples if (sample.family, sample.labels) == (family, labels))


def _hears(source: Source) -> bool:
    try:
        source.samples()
    except SourceUnavailable:
        return False
    return True


# kafka-python forgets to close the sockets of attempts that a dead broker refused.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_kafka_tells_ends_and_lags_and_is_heard_again_after_a_crash(
    new_kafka: Callable[[], RunningKafka], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "kafka")  # kept records would keep those sockets for the tests that follow
    kafka = new_kafka()
    ensure_topics(kafka.access)
    source = KafkaOffsets(kafka.access, TOPICS)
    assert value(source.samples(), "recommndr_kafka_topic_records", EVENTS.name) == 0
    with KafkaProducer(bootstrap_servers=kafka.bootstrap, acks="all") as producer:
        for _ in range(5):
            producer.send(EVENTS.name, b"event", partition=3).get(10)
    consumer = KafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id="reader", enable_auto_commit=False)
    consumer.commit({TopicPartition(EVENTS.name, 3): OffsetAndMetadata(2, "", -1)})
    consumer.close()
    samples = source.samples()
    assert value(samples, "recommndr_kafka_topic_records", EVENTS.name) == 5
    assert value(samples, "recommndr_kafka_group_lag_records", "reader", EVENTS.name) == 3
    kafka.child.kill()
    with pytest.raises(SourceUnavailable, match=kafka.bootstrap):
        source.samples()
    kafka.start()
    # A broker that answers may still read the offsets of its groups, and says so.
    eventually(partial(_hears, source), "Kafka's source hears the broker again")
    assert value(source.samples(), "recommndr_kafka_topic_records", EVENTS.name) == 5
    source.close()
    gc.collect()


def test_redis_tells_its_rows_and_is_heard_again_after_a_crash(new_redis: Callable[[], RunningRedis]) -> None:
    server = new_redis()
    with redis.Redis.from_url(server.url) as client:
        client.set("row", "value")
        source = RedisInfo(client)
        assert value(source.samples(), "recommndr_redis_keys") == 1
        server.child.kill()
        with pytest.raises(SourceUnavailable):
            source.samples()
        server.start()
        samples = source.samples()
    assert value(samples, "recommndr_redis_keys") == 1
    assert 0 < value(samples, "recommndr_redis_memory_bytes") < value(samples, "recommndr_redis_memory_limit_bytes")


def test_where_nobody_listens_there_is_nothing_to_tell() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        flink = FlinkRest(lambda: httpx.Client(trust_env=False, timeout=PATIENCE_S), url)
        sources: list[Source] = [flink, RegistryHealth(client, url), KafkaOffsets(KafkaAccess(url[7:]), TOPICS)]
        for source in sources:
            with pytest.raises(SourceUnavailable):
                source.samples()
