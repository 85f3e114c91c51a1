"""The fold of a pack of log records: the one that Flink's job does, over states in SQLite."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from recommndr.topics import NOTES
from recommndr_flink_jobs.bucket_lives import BucketLives
from recommndr_flink_jobs.entity_fold import EntityFolder
from recommndr_flink_jobs.entity_updates import Message, Record
from recommndr_flink_jobs.erased_guests import ErasedGuests
from recommndr_flink_jobs.fold import Folder
from recommndr_flink_jobs.idle_shoppers import IdleShoppers
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.outcome_fold import OutcomeFolder
from recommndr_flink_jobs.policies import Policies
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.route import Raw, Router
from recommndr_one_process.states import States

# Decoded, 4 kB each: 20 MB.
_RECENT_ENTITIES = 5_000


@dataclass(slots=True)
class Taken:
    """The result of a pack: records of topics, those that may be many, counts by name, and erased shoppers.

    `many` are read while they are written, after `records`; reading them may change states. `erased` has the log's keys, each
    with the offset before which nothing of the shopper is kept.
    """

    records: list[Record] = field(default_factory=list)
    many: list[Iterator[Record]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    erased: list[tuple[bytes, int]] = field(default_factory=list)


class Fold:
    """Routes and folds packs. After an error it is of no more use, because it remembers states that were not written."""

    def __init__(self, policies: Policies, outcomes_generation: int, now: Callable[[], datetime]) -> None:
        origin, recent = Origin(outcomes_generation=outcomes_generation), RecentEntities(_RECENT_ENTITIES)
        self._router = Router(origin, policies.own_kinds, now)
        self._folder = Folder(
            BucketLives(origin, policies.counting, policies.own_kinds, recent),
            EntityFolder(now, recent),
            OutcomeFolder(policies.conversion_windows_s, outcomes_generation, now, recent),
            IdleShoppers(policies.kept_s, now, recent),
            ErasedGuests(recent),
        )

    def take(self, pack: Sequence[Raw], states: States) -> Taken:
        """Fold records of events, seeds and generations; what the fold tells itself is folded with them."""
        taken = Taken()
        raws = pack
        while raws:
            before = len(taken.records)
            self._fold(raws, states, taken)
            told = taken.records[before:]
            taken.records[before:] = [one for one in told if one.topic != NOTES.name]
            raws = [
                Raw(NOTES.name, 0, n, one.key, one.value, None, None) for n, one in enumerate(told) if one.topic == NOTES.name
            ]
        return taken

    def _fold(self, raws: Sequence[Raw], states: States, taken: Taken) -> None:
        routed = self._router.route(raws)
        taken.counts += routed.counts
        for bucket, message in routed.messages.items():
            taken.erased += _erased(message)
            folded = self._folder.fold(bucket, message, states.bucket(bucket))
            taken.records += folded.records
            taken.many += folded.many
            taken.counts += folded.counts


def _erased(message: Message) -> Iterator[tuple[bytes, int]]:
    for updates in message.updates:
        if updates.erasures:
            yield updates.key.encode(), max(at.offset for at in updates.erasures)
