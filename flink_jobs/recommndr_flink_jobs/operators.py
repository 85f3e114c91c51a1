"""The two Python operators: thin shells around `route` and `fold`."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from pyflink.common import Row, Time, Types
from pyflink.datastream import FlatMapFunction, KeyedProcessFunction, RuntimeContext
from pyflink.datastream.state import MapState, MapStateDescriptor, StateTtlConfig

from recommndr.seed import GROUP_GUESTS
from recommndr.topics import HEADER_RECEIVED_AT
from recommndr_flink_jobs import entity_updates, metrics
from recommndr_flink_jobs.announcements import Announcements
from recommndr_flink_jobs.bucket_lives import BucketLives
from recommndr_flink_jobs.entity_fold import EntityFolder
from recommndr_flink_jobs.entity_updates import Record
from recommndr_flink_jobs.erased_guests import ErasedGuests
from recommndr_flink_jobs.fold import Folder
from recommndr_flink_jobs.garbage import collect_rarely
from recommndr_flink_jobs.idle_shoppers import IdleShoppers
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.outcome_fold import OutcomeFolder
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.route import OwnKinds, Raw, Router
from recommndr_flink_jobs.store import PARTIALS, SHOPPERS

# After the last act: tokens are valid for 7 days, and a window of a purchase rarely lasts weeks. Who comes back later counts as
# another shopper in sums of squares.
_OUTCOMES_KEPT_DAYS = 30

_log = logging.getLogger(__name__)

LIFTED = Types.TUPLE([Types.INT(), Types.PRIMITIVE_ARRAY(Types.BYTE())])  # label of a bucket, its message
_BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())
RECORD = Types.ROW_NAMED(
    ["topic", "key", "value", "headers"], [Types.STRING(), _BYTES, _BYTES, Types.MAP(Types.STRING(), _BYTES)]
)


def utc_now() -> datetime:
    """The clock of dead letters; folds do not use it."""
    return datetime.now(UTC)


class _Counters:
    """Flink counters by name."""

    def __init__(self, context: RuntimeContext, names: tuple[str, ...]) -> None:
        group = context.get_metrics_group().add_group(metrics.GROUP)
        self._by_name: dict[str, Any] = {name: group.counter(name) for name in names}

    def add(self, counts: Counter[str]) -> None:
        for name, n in counts.items():
            self._by_name[name].inc(n)


def row_of(record: Record) -> Row:
    """A record as `RECORD`."""
    received_at_ms = round(record.received_at_s * 1_000)
    headers = {HEADER_RECEIVED_AT: str(received_at_ms).encode()} if received_at_ms else {}
    return Row(record.topic, record.key, record.value, headers)


class Lift(FlatMapFunction):  # type: ignore[misc]
    """Packs of raw records in; `LIFTED` out."""

    def __init__(self, origin: Origin, own_kinds: OwnKinds) -> None:
        contained = {tenant: tuple(offsets) for tenant, offsets in origin.contained.items()}
        self._origin = replace(origin, contained=contained)
        self._own_kinds = {tenant: tuple(kinds) for tenant, kinds in own_kinds.items()}

    def open(self, runtime_context: RuntimeContext) -> None:
        """Called by Flink in the worker."""
        collect_rarely()
        self._router = Router(self._origin, self._own_kinds, utc_now)
        self._counters = _Counters(runtime_context, metrics.OF_ROUTE)

    def flat_map(self, value: Row) -> Iterator[tuple[int, bytes]]:
        """Called by Flink with one pack."""
        routed = self._router.route([Raw(*row) for row in value[0]])
        self._counters.add(routed.counts)
        for bucket, message in routed.messages.items():
            yield bucket, entity_updates.encode(message)


class MapStore:
    """The states of the current bucket in Flink's keyed map states; `others` has the groups with a map of their own."""

    def __init__(self, states: MapState, others: Mapping[str, MapState]) -> None:
        self._states = states
        self._others = others

    def warm(self) -> None:
        """Load the bucket's states into the worker's cache with one call.

        A call for each of them takes two thirds of the time of a rebuild. If the first answer has all states, Flink also knows
        without a call that an entity is new; if it does not (`Size.cached_states`), each miss is a call.
        """
        for states in (self._states, *self._others.values()):
            next(iter(states.items()), None)

    def get(self, group: str, key: str) -> bytes | None:
        """The stored value, or None."""
        value: bytes | None = self._others.get(group, self._states).get(f"{group}:{key}")
        return value

    def put(self, group: str, key: str, value: bytes) -> None:
        """Keep `value` for the entity."""
        self._others.get(group, self._states).put(f"{group}:{key}", value)

    def remove(self, group: str, key: str) -> None:
        """Forget the stored value."""
        self._others.get(group, self._states).remove(f"{group}:{key}")

    def of_group(self, group: str) -> Iterator[tuple[str, bytes]]:
        """Key and value of a group that has a map of its own."""
        for name, value in self._others[group].items():
            yield name.partition(":")[2], value

    def items(self) -> Iterator[tuple[str, str, bytes]]:
        """Group, key and value of all states but outcomes."""
        for name, value in chain(self._states.items(), self._others[GROUP_GUESTS].items()):
            group, _, key = name.partition(":")
            yield group, key, value


def state_descriptors() -> tuple[MapStateDescriptor, MapStateDescriptor, MapStateDescriptor, MapStateDescriptor]:
    """The states of a bucket: entities of all groups but guests, guests, outcomes of shoppers, sums of outcomes.

    Guests are apart because an erasure looks through all of them, and few shoppers have any.
    """
    entities, guests, shoppers, partials = (
        MapStateDescriptor(name, Types.STRING(), _BYTES)
        for name in ("entities", "guests", "outcomes-of-shoppers", "outcomes-of-bucket")
    )
    # By default PyFlink never returns what has expired. For that it turns off its caches, of all states, and each access is a
    # call to Java: half of the fold's time. A state that is returned after its time does no harm here.
    kept = StateTtlConfig.new_builder(Time.days(_OUTCOMES_KEPT_DAYS)).return_expired_if_not_cleaned_up()
    shoppers.enable_time_to_live(kept.build())
    return entities, guests, shoppers, partials


class Fold(KeyedProcessFunction):  # type: ignore[misc]
    """Messages keyed by bucket in, `RECORD` out; each state is written at most once per message."""

    def __init__(self, policies: Policies, origin: Origin, n_recent_entities: int, announcements: Announcements) -> None:
        self._counting = dict(policies.counting)
        self._own_kinds = {tenant: tuple(kinds) for tenant, kinds in policies.own_kinds.items()}
        self._windows_s = dict(policies.conversion_windows_s)
        self._kept_s = dict(policies.kept_s)
        self._origin = origin
        self._n_recent_entities = n_recent_entities
        self._announcements = announcements

    def open(self, runtime_context: RuntimeContext) -> None:
        """Called by Flink in the worker."""
        collect_rarely()
        recent = RecentEntities(self._n_recent_entities)
        outcomes = OutcomeFolder(self._windows_s, self._origin.outcomes_generation, utc_now, recent)
        self._lives = BucketLives(self._origin, self._counting, self._own_kinds, recent, self._announcements())
        idle = IdleShoppers(self._kept_s, utc_now, recent)
        self._folder = Folder(self._lives, EntityFolder(utc_now, recent), outcomes, idle, ErasedGuests(recent))
        self._counters = _Counters(runtime_context, metrics.OF_FOLD)
        of_job = runtime_context.get_metrics_group().add_group(metrics.GROUP)
        of_job.gauge(metrics.SEEDS_AWAITED, lambda: len(self._lives.waiting))
        self._warned: set[tuple[str, int]] = set()
        self._warm: set[int] = set()
        entities, guests, shoppers, partials = map(runtime_context.get_map_state, state_descriptors())
        self._store = MapStore(entities, {GROUP_GUESTS: guests, SHOPPERS: shoppers, PARTIALS: partials})

    def process_element(self, value: Any, _context: KeyedProcessFunction.Context) -> Iterator[Row]:
        """Called by Flink with one bucket's message."""
        bucket, message = value
        if bucket not in self._warm:
            self._warm.add(bucket)
            self._store.warm()
        folded = self._folder.fold(bucket, entity_updates.decode(message), self._store)
        self._counters.add(folded.counts)
        self._warn_of_refused()
        for record in chain(folded.records, *folded.many):
            yield row_of(record)

    def _warn_of_refused(self) -> None:
        for tenant, generation in self._lives.refused - self._warned:
            self._warned.add((tenant, generation))
            self._counters.add(Counter({metrics.GENERATIONS_REFUSED: 1}))
            _log.warning(
                "tenant %s: seeds of generation %d cannot be taken up exactly, so its states stay as they are; "
                "publish its seeds again (recommndr seed --publish)",
                tenant, generation,
            )  # fmt: skip
