"""Events, raw records and seeds for tests, and the plain fold that the job must agree with."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from hypothesis import strategies as st

from recommndr import events
from recommndr.attribution import Attribution, digest, sign, user_hash
from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.events import Event
from recommndr.features import item, segment, shopper
from recommndr.features.action import Action
from recommndr.features.item import ItemState
from recommndr.features.segment import SegmentState
from recommndr.features.shopper import ShopperState
from recommndr.generation import Generation
from recommndr.outcomes.partial import Partial, PartialKey
from recommndr.outcomes.totals import Of, Totals
from recommndr.seed import N_SHARES, SEEDED, Seed, share_of
from recommndr.topics import (
    EVENTS,
    GENERATIONS,
    ITEM_FEATURES,
    NOTES,
    OUTCOMES,
    PARTITIONS,
    SEEDS,
    SEGMENT_FEATURES,
    SHOPPER_FEATURES,
    seed_key,
    split_seed_key,
)
from recommndr_flink_jobs.bucket_lives import BucketLives
from recommndr_flink_jobs.entity_fold import EntityFolder
from recommndr_flink_jobs.entity_updates import Record, decode, encode
from recommndr_flink_jobs.erased_guests import ErasedGuests
from recommndr_flink_jobs.fold import Folder
from recommndr_flink_jobs.groups import GROUPS
from recommndr_flink_jobs.idle_shoppers import IdleShoppers
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.outcome_fold import OutcomeFolder
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.route import Raw, Router
from recommndr_flink_jobs.store import CATCH_UP, HELD, LIVES, N_STATES, SWEPT

TENANT = "grocer"
OWN_KINDS = ("interest", "apply")
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
FRESH = (0,) * PARTITIONS
TOPIC_ID = "events-1"


def noon() -> datetime:
    return NOON


def event(number: int, user: str = "u1", items: Sequence[str] = ("i1",), kind: str = "view", minutes_ago: float = 5) -> Event:
    """An event that the collector received at noon."""
    client = events.CLIENT_EVENT.validate_python(
        {
            "kind": kind,
            "event_id": str(UUID(int=number)),
            "user_id": user,
            "occurred_at": NOON - timedelta(minutes=minutes_ago),
            "lines": [{"item_id": item_id} for item_id in items],
            "context": {"device": f"device{number % 3}", "region": f"region{number % 2}"},
        }
    )
    return events.stamp(client, TENANT, NOON)


def identify(number: int, user: str, guest: str, minutes_ago: float = 5) -> Event:
    """The guest logged in."""
    told = {"kind": "identify", "event_id": str(UUID(int=number)), "user_id": user, "guest_id": guest}
    client = events.CLIENT_EVENT.validate_python(told | {"occurred_at": NOON - timedelta(minutes=minutes_ago)})
    return events.stamp(client, TENANT, NOON)


def doubted(event: Event) -> Event:
    """The event as the collector marks what a robot does."""
    return event.model_copy(update={"doubt": "robot"})


def click(number: int, user: str, items: Sequence[str], minutes_ago: float) -> Event:
    """A click on items of a list."""
    hashed, issued_at_s = user_hash(TENANT, user), int(NOON.timestamp()) - 86_400
    given = Attribution(TENANT, hashed, f"r{number % 7}", "v1", "stable", "recommend", issued_at_s, digest(items))
    made = event(number, user, items, "click", minutes_ago)
    return made.model_copy(update={"attribution": sign(given, "k1", b"k" * 32)})


def raw(event: Event, offset: int, partition: int = 0) -> Raw:
    """The event as a Kafka record."""
    key = f"{event.tenant}|{event.user_id}".encode()
    return Raw(EVENTS.name, partition, offset, key, events.encode(event), str(event.event_id), event.tenant)


def raw_seed(group: str, entity: str, seed: Seed, offset: int = 0) -> Raw:
    """A seed as a Kafka record."""
    return Raw(SEEDS.name, 0, offset, seed_key(TENANT, group, seed.generation % 2, entity), seed.to_bytes(), None, None)


def begun(number: int, counting: Counting = DEFAULT_COUNTING, own_kinds: Sequence[str] = OWN_KINDS) -> Generation:
    """A publication that has only begun."""
    return Generation(number=number, step="begun", side=number % 2, counting=counting, own_kinds=tuple(own_kinds))


def cut(generation: Generation, offsets: Sequence[int]) -> Generation:
    """The same with its cut."""
    return generation.model_copy(update={"step": "cut", "offsets": tuple(offsets), "topic_id": TOPIC_ID})


def complete(generation: Generation, seeds: Iterable[Raw]) -> Generation:
    """The same when all its seeds are written."""
    counts = [0] * N_SHARES
    for one in seeds:
        key = split_seed_key(one.key)
        counts[share_of(SEEDED[key.group], f"{key.tenant}|{key.entity}")] += 1
    return generation.model_copy(update={"step": "complete", "n_seeds": tuple(counts)})


def announced(generation: Generation) -> Raw:
    """The announcement as a Kafka record."""
    return Raw(GENERATIONS.name, 0, 0, generation.key(TENANT), generation.to_bytes(), None, None)


def published(history: Sequence[Event], number: int, offsets: Sequence[int]) -> list[Raw]:
    """All records of a publication of seeds that contain `history`."""
    seeds, first = seeds_of(history, number), begun(number)
    steps = (first, cut(first, offsets), complete(cut(first, offsets), seeds))
    return [*map(announced, steps[:2]), *seeds, announced(steps[2])]


def anew(history: Sequence[Event], number: int, offsets: Sequence[int]) -> tuple[Origin, list[Raw]]:
    """The origin of a run that begins anew after such a publication, and the seeds."""
    seeds = seeds_of(history, number)
    generation = complete(cut(begun(number), offsets), seeds)
    return Origin.of({TENANT: [generation]}, TOPIC_ID).anew({TENANT: generation.n_seeds}, {}), seeds


def replayed(
    history: Iterable[Event], counting: Counting = DEFAULT_COUNTING
) -> tuple[dict[str, ShopperState], dict[str, ItemState]]:
    """The result of training's replay: the plain folds over each event once."""
    shoppers: dict[str, ShopperState] = {}
    items: dict[str, ItemState] = {}
    for one in {one.event_id: one for one in history}.values():
        action = Action.from_event(one, OWN_KINDS)
        if action is None:
            continue
        shoppers[action.user_id] = shopper.fold(shoppers.get(action.user_id, shopper.EMPTY), (action,), counting)
        for item_id, state in item.lift(action).items():
            items[item_id] = item.merge(items.get(item_id, item.EMPTY), state)
    return shoppers, items


def replayed_segments(history: Iterable[Event]) -> dict[str, SegmentState]:
    """The same of items in segments, by entity."""
    found: dict[str, SegmentState] = {}
    for one in {one.event_id: one for one in history}.values():
        action = Action.from_event(one, OWN_KINDS)
        for entity, state in {} if action is None else segment.lift(action).items():
            found[entity] = segment.merge(found.get(entity, segment.EMPTY), state)
    return found


def seeds_of(history: Sequence[Event], generation: int, counting: Counting = DEFAULT_COUNTING) -> list[Raw]:
    """The seeds that training would write after replaying `history`."""
    shoppers, items = replayed(history, counting)
    made = [(group, user, part) for user, state in shoppers.items() for group, part in shopper.parts(state).items()]
    made += [("item", item_id, item.to_bytes(state)) for item_id, state in items.items()]
    made += [("segment", entity, segment.to_bytes(state)) for entity, state in replayed_segments(history).items()]
    return [raw_seed(group, entity, Seed(generation, state), number) for number, (group, entity, state) in enumerate(made)]


_OF_THE_BUCKET = (LIVES, SWEPT, CATCH_UP, N_STATES)


class MemoryStore:
    """States of all buckets in a dict."""

    def __init__(self) -> None:
        self.states: dict[tuple[int, str, str], bytes] = {}
        self.n_gets = 0  # as n_puts, without the bucket's own, of which a message has a few
        self.n_puts = 0

    def of_entities(self) -> dict[tuple[str, str], bytes]:
        """By group and place."""
        ours = {group.name for of_kind in GROUPS.values() for group in of_kind}
        return {(group, key): value for (_, group, key), value in self.states.items() if group in ours}

    def n_held(self) -> int:
        """Messages that wait for a cut."""
        return sum(group == HELD for _, group, _ in self.states)


class BucketStore:
    """The share of a bucket."""

    def __init__(self, shared: MemoryStore, bucket: int) -> None:
        self._shared, self._bucket = shared, bucket

    def get(self, group: str, key: str) -> bytes | None:
        self._shared.n_gets += group not in _OF_THE_BUCKET
        return self._shared.states.get((self._bucket, group, key))

    def put(self, group: str, key: str, value: bytes) -> None:
        self._shared.n_puts += group not in _OF_THE_BUCKET
        self._shared.states[self._bucket, group, key] = value

    def remove(self, group: str, key: str) -> None:
        self._shared.states.pop((self._bucket, group, key), None)

    def of_group(self, group: str) -> Iterator[tuple[str, bytes]]:
        for of, key, value in self.items():
            if of == group:
                yield key, value

    def items(self) -> Iterator[tuple[str, str, bytes]]:
        for (bucket, group, key), value in self._shared.states.items():
            if bucket == self._bucket:
                yield group, key, value


def _worker(
    counting: Mapping[str, Counting],
    origin: Origin,
    n_recent: int,
    now: Callable[[], datetime],
    since: Mapping[str, Sequence[Generation]] | None = None,
) -> Folder:
    """A worker that has just started, so it remembers nothing; `since` was announced by then."""
    recent = RecentEntities(n_recent)
    lives = BucketLives(origin, counting, {TENANT: OWN_KINDS}, recent, since or {})
    outcomes = OutcomeFolder({}, origin.outcomes_generation, noon, recent)
    idle = IdleShoppers({TENANT: 30 * 86_400.0}, now, recent)
    return Folder(lives, EntityFolder(noon, recent), outcomes, idle, ErasedGuests(recent))


class PlainJob:
    """The job without Flink: route, encode, decode, fold. Dedupe is Flink's part."""

    def __init__(self, origin: Origin | None = None, counting: Mapping[str, Counting] | None = None, n_recent: int = 3) -> None:
        origin = origin or Origin(events_topic_id=TOPIC_ID, outcomes_generation=1)
        self.router = Router(origin, {TENANT: OWN_KINDS}, noon)
        self.clock = NOON
        self.new_worker = partial(_worker, counting or {}, origin, n_recent, lambda: self.clock)
        self.folder = self.new_worker()
        self.store = MemoryStore()
        self.records: list[Record] = []
        self.counts: dict[str, int] = {}

    def take(self, *pack: Raw) -> None:
        routed = self.router.route(pack)
        for bucket, message in routed.messages.items():
            folded = self.folder.fold(bucket, decode(encode(message)), BucketStore(self.store, bucket))
            self._count(folded.counts)
            self.records += folded.records
            for records in folded.many:
                self.records += records
        self._count(routed.counts)

    def _count(self, counts: Mapping[str, int]) -> None:
        for name, n in counts.items():
            if n:
                self.counts[name] = self.counts.get(name, 0) + n

    def restarted(self, origin: Origin | None = None, counting: Mapping[str, Counting] | None = None) -> "PlainJob":
        """A new run over the same states and topics."""
        again = PlainJob(origin, counting, n_recent=0)
        again.store, again.records, again.counts = self.store, self.records, self.counts
        return again

    def checkpoint(self) -> dict[tuple[int, str, str], bytes]:
        """A copy of all states."""
        return dict(self.store.states)

    def fall_back(self, checkpoint: Mapping[tuple[int, str, str], bytes], *known: Generation) -> None:
        """The worker dies, and another starts from the checkpoint; what was written stays. `known` is announced by then."""
        self.store.states = dict(checkpoint)
        self.folder = self.new_worker(since={TENANT: known})

    def states(self) -> dict[tuple[str, str], bytes]:
        """The newest value of each key of the features topics."""
        return newest(self.records)

    def take_loans(self, since: int = 0) -> int:
        """Take what the job wrote to `notes.v1` from a record on; returns how many there are now."""
        loans = self.to(NOTES.name)
        for offset, one in enumerate(loans[since:], since):
            self.take(Raw(NOTES.name, 0, offset, one.key, one.value, None, None))
        return len(loans)

    def n_buckets(self) -> int:
        """Buckets that know anything."""
        return len({bucket for bucket, _, _ in self.store.states})

    def to(self, topic: str) -> list[Record]:
        return [record for record in self.records if record.topic == topic]


def newest(records: Iterable[Record]) -> dict[tuple[str, str], bytes]:
    """The features topics after compaction: the newest values, without tombstones."""
    ours = {topic.name for topic in (*SHOPPER_FEATURES, ITEM_FEATURES, SEGMENT_FEATURES)}
    values = {(record.topic, record.key.decode()): record.value for record in records if record.topic in ours}
    return {place: value for place, value in values.items() if value is not None}


def shopper_of(states: Mapping[tuple[str, str], bytes], user: str) -> ShopperState:
    """The shopper in the features topics."""
    topics = zip((schema.name for schema in shopper.SCHEMAS), SHOPPER_FEATURES, strict=True)
    key = f"{TENANT}|{user}"
    return shopper.of_parts({group: states[topic.name, key] for group, topic in topics if (topic.name, key) in states})


def outcomes(records: Iterable[Record]) -> dict[Of, Partial]:
    """The sums of the outcomes topic after compaction."""
    totals = Totals()
    for key, value in {record.key: record.value for record in records if record.topic == OUTCOMES.name}.items():
        totals.put(PartialKey.from_bytes(key), Partial.from_bytes(value or b""))
    return dict(totals.newest(99))


def same_outcomes(found: Mapping[Of, Partial], wanted: Mapping[Of, Partial]) -> None:
    """Assert that the sums are equal."""
    assert {of: _present(partial) for of, partial in found.items()} == {of: _present(one) for of, one in wanted.items()}


def _present(partial: Partial) -> dict[str, object]:
    return {"shoppers": partial.n_shoppers} | {name: tuple(sums) for name, sums in partial.sums.items() if any(sums)}


def is_the_replay(
    states: Mapping[tuple[str, str], bytes], history: Sequence[Event], counting: Counting = DEFAULT_COUNTING
) -> None:
    """Assert that the features topics hold exactly the result of a replay of `history`."""
    (shoppers, items), segments = replayed(history, counting), replayed_segments(history)
    found = {user: shopper_of(states, user) for user in shoppers}
    parts = {user: set(shopper.parts(state)) for user, state in shoppers.items()}
    assert {user: set(shopper.parts(state)) for user, state in found.items()} == parts
    assert len(states) == sum(map(len, parts.values())) + len(items) + len(segments)
    for user, state in shoppers.items():
        wanted = state if state.purchased.items else replace(state, purchased=found[user].purchased)  # has no row of them
        assert not found[user].purchased.items or state.purchased.items
        _assert_close(shopper.columns(found[user]), shopper.columns(wanted))
    for item_id, of_item in items.items():
        stored = item.from_bytes(states[ITEM_FEATURES.name, f"{TENANT}|{item_id}"])
        _assert_close(_item_values(stored), _item_values(of_item))
    for entity, of_segment in segments.items():
        in_topic = segment.from_bytes(states[SEGMENT_FEATURES.name, f"{TENANT}|{entity}"])
        _assert_close({"": [in_topic.at_s, *in_topic.sums]}, {"": [of_segment.at_s, *of_segment.sums]})


def _item_values(state: ItemState) -> dict[str, object]:
    return {"first_at_s": state.first_at_s} | {
        str(kind): [counter.at_s, *counter.sums] for kind, counter in state.counters.items()
    }


def _assert_close(found: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        if isinstance(value, list) and value and isinstance(value[0], float):
            theirs = found[name]
            assert isinstance(theirs, list) and len(theirs) == len(value), name
            assert all(abs(a - b) <= max(1e-9 * abs(b), 1e-12) for a, b in zip(theirs, value, strict=True)), name
        else:
            assert found[name] == value, name


@st.composite
def histories(draw: st.DrawFn, max_size: int = 20) -> list[Event]:
    """Distinct events of a few shoppers with a few items."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["u1", "u2", "a|b"]),
                st.lists(st.sampled_from(["i1", "i2", "ü"]), min_size=1, max_size=4),
                st.sampled_from(["view", "purchase", "impression", "apply"]),
                st.integers(0, 26 * 60),  # in the last two hours, events are too late for live states
            ),
            max_size=max_size,
        )
    )
    return [event(number, *row) for number, row in enumerate(rows, 1)]
