"""A consumer group's inbox against a real broker."""

from contextlib import closing
from threading import Event
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from recommndr.kafka_access import KafkaAccess
from recommndr.topics import Topic
from recommndr_tail.connect import consumer
from recommndr_tail.kafka_inbox import KafkaInbox
from tests.patience import eventually

pytestmark = pytest.mark.integration
_SHORT_S = 0.001  # a poll that ends before a rebalance does


def test_a_topic_that_comes_later_is_read_though_polls_end_before_rebalances(kafka_bootstrap: str) -> None:
    access = KafkaAccess(kafka_bootstrap)
    topic = Topic(f"later-{uuid4().hex}", "key", "1 h", {})
    following = consumer(access, "reader", Event(), group_id=topic.name, metadata_max_age_ms=100)
    inbox = KafkaInbox(following, [topic])

    def joined(inbox: KafkaInbox) -> bool:
        return not inbox._consumer._coordinator.need_rejoin()

    def polls() -> KafkaInbox:
        inbox.poll(_SHORT_S)
        return inbox

    with closing(following):
        eventually(
            lambda: polls()._consumer._coordinator._generation.generation_id > 0, "it joins without partitions", every_s=0
        )
        with closing(KafkaAdminClient(**access.options())) as admin:
            admin.create_topics([NewTopic(topic.name, 3, 1)])
        eventually(lambda: len(polls().assigned()) == 3, "it has all partitions", every_s=0)
