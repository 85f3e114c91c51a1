"""Opens the lives of a bucket's tenants, and tells them what was announced of seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recommndr.counting import DEFAULT_COUNTING, Counting
from recommndr.generation import Generation
from recommndr_flink_jobs.buckets import share_of_bucket
from recommndr_flink_jobs.catch_up import CatchUp
from recommndr_flink_jobs.life import EVERYTHING, Life, Lives, lives_from_bytes
from recommndr_flink_jobs.origin import Origin
from recommndr_flink_jobs.recent_entities import RecentEntities
from recommndr_flink_jobs.route import OwnKinds
from recommndr_flink_jobs.store import CATCH_UP, LIVES, Store


@dataclass(frozen=True, slots=True)
class BucketLives:
    """Lives by bucket and tenant; `counting` is that of the tenants' policies, which a life without seeds begins with."""

    origin: Origin
    counting: Mapping[str, Counting]
    own_kinds: OwnKinds
    recent: RecentEntities
    since: Mapping[str, Sequence[Generation]] = field(default_factory=dict)  # announced by tenant when the worker started
    refused: set[tuple[str, int]] = field(default_factory=set)  # tenants and generations
    waiting: set[tuple[int, str]] = field(default_factory=set)  # buckets and tenants with a generation that is not whole

    def open(self, bucket: int, tenant: str, store: Store) -> Lives:
        """The tenant's lives, with all that was announced before the worker started; raises `ValueError` for other bytes."""
        lives = self.recent.get((LIVES, f"{bucket}|{tenant}"), lambda: self._load(bucket, tenant, store))
        if not lives.heard:
            lives.heard = True
            for generation in (*self.origin.announced.get(tenant, ()), *self.since.get(tenant, ())):
                self.hear(lives, bucket, tenant, self.origin.placed(generation))
        return lives

    def _load(self, bucket: int, tenant: str, store: Store) -> Lives:
        stored = store.get(LIVES, f"{bucket}|{tenant}")
        return Lives(self._first(bucket, tenant, store)) if stored is None else lives_from_bytes(stored)

    def catch_up(self, bucket: int, store: Store) -> CatchUp:
        """The bucket's."""
        return self.recent.get((CATCH_UP, str(bucket)), lambda: CatchUp.from_bytes(store.get(CATCH_UP, str(bucket))))

    def has_caught_up(self, bucket: int, store: Store) -> bool:
        """Whether the run has."""
        return self.origin.run_id in {"", self.catch_up(bucket, store).run_id}

    def _first(self, bucket: int, tenant: str, store: Store) -> Life:
        """The life that begins now: with the newest complete seeds, or without any."""
        must_wait, complete = tenant in self.origin.awaiting, self.origin.complete(tenant)
        if complete is not None:
            n_wanted = complete.n_seeds[share_of_bucket(bucket)]
            return Life(complete.number, complete.counting, complete.offsets, None if must_wait else n_wanted)
        counting = self.counting.get(tenant, DEFAULT_COUNTING)
        is_shown = not must_wait and self.has_caught_up(bucket, store)
        return Life(0, counting, EVERYTHING, None if must_wait else 0, is_shown=is_shown)

    def hear(self, lives: Lives, bucket: int, tenant: str, generation: Generation) -> None:
        """Take note of an announcement; repeats, and those of older generations, change nothing."""
        self.expect(lives, generation.number)
        coming = lives.next
        if coming is None or generation.number != coming.generation or coming.is_refused:
            return
        if coming.contained is None:
            coming.counting = generation.counting
        if generation.offsets and coming.contained is None:
            if self._fits(lives, tenant, generation):
                coming.contained = generation.offsets
            else:
                self.refuse(lives, tenant)
        if generation.step == "complete":
            coming.n_wanted = generation.n_seeds[share_of_bucket(bucket)]

    def expect(self, lives: Lives, number: int) -> None:
        """Begin the life of a newer generation; its seeds may come before its announcement, which says how it counts."""
        if number <= lives.current.generation or (lives.next is not None and number <= lives.next.generation):
            return
        if not lives.holds_back:
            lives.newest_before = lives.newest
        lives.next = Life(number, DEFAULT_COUNTING)

    def note_waiting(self, lives: Lives, bucket: int, tenant: str) -> None:
        """Keep `waiting` true: a life waits for its cut or for seeds."""
        (self.waiting.add if lives.waits_for_seeds else self.waiting.discard)((bucket, tenant))

    def _fits(self, lives: Lives, tenant: str, generation: Generation) -> bool:
        """Whether nothing beyond the cut was folded before the bucket heard of it, and kinds have the codes that we use."""
        ours = self.own_kinds.get(tenant, ())
        same_kinds = all(mine == theirs for mine, theirs in zip(ours, generation.own_kinds, strict=False))
        return same_kinds and all(newest < cut for newest, cut in zip(lives.newest_before, generation.offsets, strict=True))

    def refuse(self, lives: Lives, tenant: str) -> None:
        """Do without the next life; the current one goes on."""
        if lives.next is not None:
            lives.next.is_refused = True
            self.refused.add((tenant, lives.next.generation))
