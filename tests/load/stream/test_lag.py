"""What the load command calls sustained: the lag of Redis does not grow, and is gone soon after the load."""

import asyncio
from collections.abc import Callable

import pytest
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import EVENTS, FEATURE_WRITER_GROUP, HEADER_RECEIVED_AT, USER_FEATURES, Topic
from recommndr_native.topics import ensure_topics
from tests.load.stream.lag import KafkaLag, Lag, watch
from tests.servers import RunningKafka

NOON_S = 1_773_489_600.0


@pytest.mark.parametrize(
    ("seconds", "recovery_s", "kept"),
    [
        ([0.1] * 30, 0.2, True),
        ([0.1, 0.3, 0.1] * 10, 0.2, True),  # packs come at their own times
        ([n / 5 for n in range(30)], 1.0, False),  # falls behind, though it catches up soon
        ([4.0] * 30, 4.2, False),  # a constant lag, which goes only when the load ends
        ([0.1] * 30, float("inf"), False),  # the feature writer hangs at the end
        ([], 0.0, True),
    ],
)
def test_a_load_is_kept_up_with_when_the_lag_neither_grows_nor_stays(
    seconds: list[float], recovery_s: float, kept: bool
) -> None:
    assert Lag(seconds, recovery_s).is_kept is kept


async def test_the_lag_is_read_until_it_is_gone() -> None:
    samples, ended, loop = iter([0.1, 3.0, 3.0, 1.0, 0.4]), asyncio.Event(), asyncio.get_running_loop()

    def read() -> float:
        sample = next(samples)
        if sample == 3.0:
            loop.call_soon_threadsafe(ended.set)
        return sample

    lag = await watch(read, ended.wait())
    assert lag.seconds == [0.1, 3.0]
    assert lag.recovery_s < float("inf")
    assert next(samples, None) is None


@pytest.mark.integration
def test_the_lag_is_that_of_the_partition_that_is_furthest_behind(new_kafka: Callable[[], RunningKafka]) -> None:
    access = new_kafka().access
    ensure_topics(access)
    log = KafkaProducer(**access.options())

    def write(topic: Topic, partition: int, received_at_s: float) -> None:
        headers = [(HEADER_RECEIVED_AT, str(round(received_at_s * 1_000)).encode())]
        log.send(topic.name, b"v", b"t|u", headers, partition, round(received_at_s * 1_000))

    for at_s in range(10):
        write(EVENTS, 0, NOON_S + at_s)
        write(USER_FEATURES, 0, NOON_S + at_s)
        write(EVENTS, 3, NOON_S + at_s)
        write(USER_FEATURES, 3, NOON_S + at_s)
    write(EVENTS, 5, NOON_S)  # whose row was never written: there is nothing to compare with
    log.close()
    with KafkaLag(access) as lag:
        commit(access, {0: 10, 3: 10})
        assert lag.seconds() == pytest.approx(0.0)
        commit(access, {0: 10, 3: 4})
        assert lag.seconds() == pytest.approx(6.0)  # the tenth event's time minus the fourth row's
        log = KafkaProducer(**access.options())
        write(USER_FEATURES, 3, NOON_S + 2)  # of the same pack as the tenth row, and of another shopper
        log.close()
        commit(access, {0: 10, 3: 11})
        assert lag.seconds() == pytest.approx(0.0)


def commit(access: KafkaAccess, offsets: dict[int, int]) -> None:
    """As the feature writer: each partition's next offset."""
    writer = KafkaConsumer(**access.options(), group_id=FEATURE_WRITER_GROUP, enable_auto_commit=False)
    places = {TopicPartition(USER_FEATURES.name, partition): offset for partition, offset in offsets.items()}
    writer.assign(list(places))
    writer.commit({place: OffsetAndMetadata(offset, "", -1) for place, offset in places.items()})
    writer.close()
