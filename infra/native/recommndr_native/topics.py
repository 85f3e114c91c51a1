"""Creates the installation's topics on a broker, and gives its users their rights."""

import logging
import time

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import TOPICS, Topic
from recommndr_native.kafka_rights import ensure_rights

_log = logging.getLogger(__name__)
_RETRY_S = 0.25


def await_topics(kafka: KafkaAccess, timeout_s: float) -> list[str]:
    """Call `ensure_topics` as soon as a broker accepts it; raises `KafkaError` when none does in time."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return ensure_topics(kafka)
        except KafkaError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_S)


def ensure_topics(kafka: KafkaAccess, topics: tuple[Topic, ...] = TOPICS) -> list[str]:
    """Create missing topics and return their names. Existing topics are not changed.

    Who logs in is the operator of a broker with users: these get their rights.
    """
    admin = KafkaAdminClient(**kafka.options(), client_id="recommndr-topics")
    try:
        present = set(admin.list_topics())
        missing = [topic for topic in topics if topic.name not in present]
        for topic in missing:
            _create(admin, topic)
        if missing:
            admin.wait_for_topics([topic.name for topic in missing])
        if kafka.logs_in:
            ensure_rights(admin)
    finally:
        admin.close()
    return [topic.name for topic in missing]


def _create(admin: KafkaAdminClient, topic: Topic) -> None:
    wanted = {topic.name: {"num_partitions": topic.partitions, "replication_factor": 1, "configs": topic.config}}
    try:
        admin.create_topics(wanted)
    except TopicAlreadyExistsError:
        _log.info("topic %s already exists: another process created it", topic.name)
