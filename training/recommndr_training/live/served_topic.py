"""Reads a tenant's answers from `recommndr.served.v1`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self

from recommndr.identity import TenantId, split_key
from recommndr.kafka_access import KafkaAccess
from recommndr.served_answer import ServedAnswer
from recommndr.topics import SERVED
from recommndr_training.live.topic_reader import open_reader, records


class Served(NamedTuple):
    """An answer and the shopper who got it."""

    user_id: str
    answer: ServedAnswer


@dataclass(slots=True)
class ServedAnswers:
    """What was read, oldest first."""

    served: list[Served] = field(default_factory=list)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)  # names of ranker inputs by version of the bundle
    n_unreadable: int = 0

    @classmethod
    def read(cls, kafka: KafkaAccess, tenant: TenantId, since: datetime) -> Self:
        """Answers since an instant, at most as old as the topic keeps them; raises `KafkaError` or `OSError`."""
        consumer = open_reader(kafka)
        try:
            return cls.of(records(consumer, SERVED, since), tenant, since)
        finally:
            consumer.close()

    @classmethod
    def of(cls, found: Iterable[Any], tenant: TenantId, since: datetime) -> Self:
        """Those of a tenant among records of the topic. One that cannot be read is counted."""
        all_of_it = cls()
        for record in found:
            try:
                owner, user_id = split_key(record.key or b"")
                if owner == tenant:
                    all_of_it._add(Served(user_id, ServedAnswer.from_bytes(record.value or b"")), since.timestamp())
            except ValueError:
                all_of_it.n_unreadable += 1
        all_of_it.served.sort(key=lambda one: one.answer.at_s)
        return all_of_it

    def names(self, answer: ServedAnswer) -> tuple[str, ...]:
        """Names of the answer's ranker inputs; empty when no record says them."""
        return self.columns.get(answer.model_version or "", ())

    def _add(self, one: Served, since_s: float) -> None:
        if one.answer.columns and one.answer.model_version:
            self.columns[one.answer.model_version] = one.answer.columns
        if one.answer.at_s >= since_s:
            self.served.append(one)
