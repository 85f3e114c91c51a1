"""Reads end offsets of topics and commits of groups from Kafka."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import Topic
from recommndr_monitoring.group_progress import GroupProgress, Offsets
from recommndr_monitoring.source import Sample, SourceUnavailable
from recommndr_tail.connect import check_reachable

_TIMEOUT_MS = 4_000


def written(ends: Offsets) -> list[Sample]:
    """Records ever written to each topic, by the ends of its partitions."""
    records: Counter[str] = Counter()
    for (topic, _), end in ends.items():
        records[topic] += end
    return [Sample("recommndr_kafka_topic_records", n, (topic,)) for topic, n in records.items()]


class KafkaOffsets:
    """The installation's topics on one cluster; reconnects after every failure."""

    name = "kafka"

    def __init__(self, kafka: KafkaAccess, topics: Sequence[Topic], monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._kafka = kafka
        self._monotonic_s = monotonic_s
        self._progress = GroupProgress()
        self._latest = {
            TopicPartition(topic.name, number): OffsetSpec.LATEST for topic in topics for number in range(topic.partitions)
        }
        self._admin: KafkaAdminClient | None = None

    def samples(self) -> list[Sample]:
        """See `Source.samples`."""
        try:
            if self._admin is None:
                check_reachable(self._kafka)
                self._admin = KafkaAdminClient(**self._kafka.options(), request_timeout_ms=_TIMEOUT_MS)
            return self._ask(self._admin)
        except (KafkaError, OSError) as cause:
            self.close()
            raise SourceUnavailable(f"Kafka at {self._kafka.bootstrap}: {cause!r}") from cause

    def _ask(self, admin: Any) -> list[Sample]:
        ends = {tuple(place): found.offset for place, found in admin.list_partition_offsets(self._latest).items()}
        groups = [group["group_id"] for group in admin.list_groups()]
        committed = admin.list_group_offsets(groups) if groups else {}
        commits = {
            group: {tuple(place): commit.offset for place, commit in offsets.items()} for group, offsets in committed.items()
        }
        return [*written(ends), *self._progress.samples(ends, commits, self._monotonic_s())]

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._admin is not None:
            with suppress(KafkaError, OSError):
                self._admin.close()
        self._admin = None
