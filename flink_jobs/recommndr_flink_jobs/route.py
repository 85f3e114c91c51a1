"""Lift: turns a pack of raw records into one message per bucket; unreadable records become dead letters."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from recommndr import events
from recommndr.dead_letter import DeadLetter
from recommndr.features import segment
from recommndr.features.action import Action
from recommndr.generation import Generation, tenant_of
from recommndr.identity import entity_key, split_key
from recommndr.outcomes.act import Act, act_of
from recommndr.seed import SEEDED, EntityKind, Seed
from recommndr.topics import DEAD_LETTER, EVENTS, GENERATIONS, HEADER_EVENT_ID, HEADER_TENANT, NOTES, SEEDS, split_seed_key
from recommndr_flink_jobs import catch_up, metrics, notes
from recommndr_flink_jobs.acts import ActAt
from recommndr_flink_jobs.buckets import LABELS, bucket_of
from recommndr_flink_jobs.entity_updates import EntityUpdates, Erasure, EventAt, Message, Record, SeedRecord
from recommndr_flink_jobs.origin import Origin

OwnKinds = Mapping[str, Sequence[str]]  # tenant -> its own kinds of events, in the order of their codes


class Raw(NamedTuple):
    """One record of events, seeds or generations as the JVM hands it over; `event_id` and `tenant` are headers."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    event_id: str | None
    tenant: str | None


@dataclass(slots=True)
class Routed:
    """The result of a pack: messages by bucket label, counts by `metrics` name."""

    messages: dict[int, Message]
    counts: Counter[str]


@dataclass(slots=True)
class Router:
    """Reads packs. Where states begin anew, events that the tenant's seeds contain are dropped unread, but for outcomes.

    An event of a kind that its tenant does not have becomes a dead letter.
    """

    origin: Origin
    own_kinds: OwnKinds
    now: Callable[[], datetime]
    _by_bucket: dict[int, dict[tuple[str, str], EntityUpdates]] = field(default_factory=dict)
    _acts: dict[int, list[ActAt]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)
    _announced: list[tuple[str, bytes]] = field(default_factory=list)
    _caught_up: str = ""
    _erased: list[tuple[str, str]] = field(default_factory=list)

    def route(self, pack: Sequence[Raw]) -> Routed:
        """Sort a pack by bucket and entity."""
        self._by_bucket, self._acts, self._counts = {}, {}, Counter()
        self._announced, self._caught_up, self._erased = [], "", []
        letters: list[Record] = []
        for raw in pack:
            try:
                self._counts[self._read(raw)] += 1
            except ValueError as cause:  # pydantic's ValidationError is one
                self._counts[metrics.DEAD_LETTERS] += 1
                letters.append(dead_letter(raw, str(cause), self.now()))
        messages = {bucket: Message(list(updates.values())) for bucket, updates in self._by_bucket.items()}
        for bucket, acts in self._acts.items():
            messages.setdefault(bucket, Message()).acts.extend(acts)
        for bucket in LABELS if self._announced or self._caught_up or self._erased else ():
            message = messages.setdefault(bucket, Message())
            message.announced.extend(self._announced)
            message.caught_up = self._caught_up
            message.erased.extend(self._erased)
        if letters:
            messages.setdefault(LABELS[0], Message()).records.extend(letters)
        return Routed(messages, self._counts)

    def _read(self, raw: Raw) -> str:
        if raw.topic == EVENTS.name:
            return self._read_event(raw)
        if raw.topic == NOTES.name:
            return self._read_note(raw)
        return self._read_seed(raw) if raw.topic == SEEDS.name else self._read_generation(raw)

    def _read_event(self, raw: Raw) -> str:
        boundary = self.origin.contained.get(raw.tenant or "")
        contained = boundary is not None and raw.offset < boundary[raw.partition]
        if contained and not _may_be_act(raw.value or b""):
            return metrics.CONTAINED
        event = _event_of(raw)
        self._read_act(raw, event)
        if contained:
            return metrics.CONTAINED
        if event.kind == "erase":
            self._updates("user", event.tenant, event.user_id).erasures.append(Erasure(raw.partition, raw.offset))
            self._erased.append((event.tenant, event.user_id))
            return metrics.ERASURES
        action = Action.from_event(event, self.own_kinds.get(event.tenant, ()))
        if action is None:
            return metrics.NOT_FOLDED
        received_at_s = event.received_at.timestamp()
        of_user = EventAt(raw.partition, raw.offset, action, received_at_s)
        self._updates("user", event.tenant, action.user_id).events.append(of_user)
        if action.doubted:
            return metrics.DOUBTED
        for item_id in dict.fromkeys(action.item_ids):
            own = _of_item(action, item_id)
            of_item = EventAt(raw.partition, raw.offset, own, received_at_s)
            self._updates("item", event.tenant, item_id).events.append(of_item)
            for name in segment.names_of(action):
                self._updates("segment", event.tenant, segment.entity(name, item_id)).events.append(of_item)
        return metrics.EVENTS

    def _read_act(self, raw: Raw, event: events.Event) -> None:
        """Outcomes have no seeds: they read every event that the log still has. What is no act stays an event all the same."""
        try:
            act = act_of(event)
        except ValueError:
            self._counts[metrics.ACTS_UNREADABLE] += 1
            return
        if act is None:
            return
        if act.shown is not None and act.shown.issued_at_s < self.origin.outcomes_since_s:
            self._counts[metrics.ACTS_ON_OLD_LISTS] += 1
            return
        self._add_act(entity_key(event.tenant, event.user_id).decode(), raw, act)

    def _read_note(self, raw: Raw) -> str:
        if raw.key is None or raw.value is None:
            raise ValueError(f"{NOTES.name} without a key or a value: expected tenant|entity and a note")
        tenant, entity = split_key(raw.key)
        note = notes.read(raw.value)
        if isinstance(note, Act):
            self._add_act(entity_key(tenant, entity).decode(), raw, note)
        else:
            self._updates(SEEDED[note], tenant, entity).called.append(note)
        return metrics.NOTES

    def _add_act(self, key: str, raw: Raw, act: Act) -> None:
        self._acts.setdefault(bucket_of("user", key), []).append(ActAt(key, raw.partition, raw.offset, act))

    def _read_seed(self, raw: Raw) -> str:
        if raw.key is None:
            raise ValueError("seed without a key: expected tenant|group.side:entity")
        key = split_seed_key(raw.key)
        if raw.value is None or key.group not in SEEDED:
            return metrics.SEEDS_NOT_OURS
        seed = Seed.from_bytes(raw.value)
        seeds = self._updates(SEEDED[key.group], key.tenant, key.entity).seeds
        seeds.append(SeedRecord(key.group, raw.partition, raw.offset, seed.generation, seed.state))
        return metrics.SEEDS

    def _read_generation(self, raw: Raw) -> str:
        if raw.key is None or raw.value is None:
            raise ValueError(f"{GENERATIONS.name} without a key or a value: expected tenant|step and a generation")
        if raw.key == catch_up.KEY:
            self._caught_up = raw.value.decode()
            return metrics.GENERATIONS_HEARD
        generation = self.origin.placed(Generation.from_bytes(raw.value))
        self._announced.append((tenant_of(raw.key), generation.to_bytes()))
        return metrics.GENERATIONS_HEARD

    def _updates(self, kind: EntityKind, tenant: str, entity: str) -> EntityUpdates:
        key = entity_key(tenant, entity).decode()
        of_bucket = self._by_bucket.setdefault(bucket_of(kind, key), {})
        return of_bucket.setdefault((kind, key), EntityUpdates(kind, key))


def _of_item(action: Action, item_id: str) -> Action:
    """The part of the action that is about one item. `_replace` would take five times as long."""
    return Action._make((*action[:3], "", (item_id,) * action.item_ids.count(item_id), *action[5:]))


def _may_be_act(value: bytes) -> bool:
    """Whether the bytes of an event may hold an act; a cheap test, so that history is not parsed for nothing."""
    return any(word in value for word in (b'"attribution"', b'"purchase"', b'"identify"', b'"erase"'))


def _event_of(raw: Raw) -> events.Event:
    """The event, after checking that its headers match the value, because dedupe and routing use the headers."""
    if raw.value is None:
        raise ValueError("event without a value")
    event = events.decode(raw.value)
    for header, said, meant in (
        (HEADER_EVENT_ID, raw.event_id, str(event.event_id)),
        (HEADER_TENANT, raw.tenant, event.tenant),
    ):
        if said != meant:
            raise ValueError(f"header {header} is {said!r}: expected {meant!r} as in the value")
    return event


def dead_letter(raw: Raw, reason: str, at: datetime) -> Record:
    """The dead letter of an unreadable record."""
    letter = DeadLetter(reason, raw.topic, raw.partition, raw.offset, raw.key, raw.value, at)
    return Record(DEAD_LETTER.name, letter.record_key(), letter.to_bytes())
