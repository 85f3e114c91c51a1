"""What was announced of seeds by the time a worker starts.

A worker that is killed starts again from a checkpoint, which may not know of a generation that its predecessor had heard of. It
would read events beyond the cut beside the announcement, in any order, and refuse the seeds where events came first.
"""

import os
from collections.abc import Callable, Mapping, Sequence

from recommndr.generation import Generation
from recommndr.settings import load
from recommndr_flink_jobs.kafka_log import KafkaLog

Announced = Mapping[str, Sequence[Generation]]  # by tenant
Announcements = Callable[[], Announced]


def nothing() -> Announced:
    """Of a job without Kafka."""
    return {}


def in_kafka() -> Announced:
    """Those in the topic now; raises `KafkaError`, and then Flink starts the worker again.

    The login comes from the worker's own environment, because Flink stores and shows what is in the job's graph.
    """
    with KafkaLog(load(os.environ).kafka) as log:
        return log.announced()
