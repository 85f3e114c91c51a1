"""The fold of one bucket's message: tenant by tenant, into each of the tenant's lives."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from recommndr.generation import Generation
from recommndr_flink_jobs import metrics, takeover
from recommndr_flink_jobs.bucket_lives import BucketLives
from recommndr_flink_jobs.entity_fold import EntitiesFolded, EntityFolder
from recommndr_flink_jobs.entity_updates import EntityUpdates, Message, Record, decode, encode
from recommndr_flink_jobs.erased_guests import ErasedGuests
from recommndr_flink_jobs.idle_shoppers import IdleShoppers
from recommndr_flink_jobs.life import FOR_EVER, Life, Lives
from recommndr_flink_jobs.outcome_fold import OutcomeFolder
from recommndr_flink_jobs.store import CATCH_UP, HELD, LIVES, Store

# Ten minutes' worth: ten packs come a second, and a cut comes seconds after its generation begins, unless the publisher died.
_MOST_HELD = 6_000


@dataclass(slots=True)
class Folded:
    """The result of a message: records to write, counts by `metrics` name, and records that may be many.

    These are all states of lives that are shown from now on, and tombstones of idle shoppers. They are read while they are
    written, one iterator after the other, after `records`.
    """

    records: list[Record] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    many: list[Iterator[Record]] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    """What a message has of one tenant."""

    announced: list[Generation] = field(default_factory=list)
    updates: list[EntityUpdates] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Folder:
    """Folds messages into a store."""

    lives: BucketLives
    entities: EntityFolder
    outcomes: OutcomeFolder
    idle: IdleShoppers
    erased_guests: ErasedGuests

    def fold(self, bucket: int, message: Message, store: Store) -> Folded:
        """Fold one message; a record that raises becomes a dead letter, the others are folded."""
        folded = Folded(list(message.records))
        parts: dict[str, _Part] = defaultdict(_Part)
        for tenant, value in message.announced:
            parts[tenant].announced.append(Generation.from_bytes(value))
        for updates in message.updates:
            parts[updates.tenant].updates.append(updates)
        if message.caught_up:
            self._note_caught_up(bucket, message.caught_up, parts, store)
        for tenant, part in parts.items():
            self._fold_tenant(bucket, tenant, part, store, folded)
        if message.erased:
            folded.records += self.erased_guests.forget(
                message.erased, lambda tenant: self.lives.open(bucket, tenant, store), store
            )
        swept_s = self.idle.due(bucket, message, store)
        if swept_s is not None:
            folded.many.append(self.idle.records(lambda tenant: self.lives.open(bucket, tenant, store), swept_s, store))
        counted = self.outcomes.fold(message.acts, store)
        folded.records += counted.records
        folded.counts += counted.counts
        return folded

    def _note_caught_up(self, bucket: int, run_id: str, parts: dict[str, _Part], store: Store) -> None:
        """Take those up who waited for it."""
        catch_up = self.lives.catch_up(bucket, store)
        catch_up.run_id = run_id
        for tenant in sorted(catch_up.waiting):
            parts[tenant]  # so that it is folded, and shown, although the message may have nothing else of it
        catch_up.waiting.clear()
        store.put(CATCH_UP, str(bucket), catch_up.to_bytes())

    def _fold_tenant(self, bucket: int, tenant: str, part: _Part, store: Store, folded: Folded) -> None:
        lives = self.lives.open(bucket, tenant, store)
        for generation in part.announced:
            self.lives.hear(lives, bucket, tenant, generation)
        if lives.n_held and not lives.holds_back:
            self._fold_held(tenant, lives, store, folded)
        self.lives.expect(lives, max((seed.generation for one in part.updates for seed in one.seeds), default=0))
        self._fold_into_all(part.updates, lives, store, folded)
        for one in part.updates:
            folded.records += takeover.absent(one, lives.current, store)
        if part.updates and lives.holds_back:
            self._hold(tenant, part.updates, lives, store)
        self._show(bucket, tenant, lives, store, folded)
        self.lives.note_waiting(lives, bucket, tenant)
        store.put(LIVES, f"{bucket}|{tenant}", lives.to_bytes())

    def _fold_into_all(self, updates: Sequence[EntityUpdates], lives: Lives, store: Store, folded: Folded) -> None:
        for one in updates:
            for event in one.events:
                lives.saw(event.partition, event.offset)
            for erasure in one.erasures:
                lives.saw(*erasure)
            if one.seeds:
                folded.counts[metrics.SEEDS_IGNORED] += sum(lives.of(seed.generation) is None for seed in one.seeds)
        for life in (*lives.all(), FOR_EVER):
            self._fold_into(life, updates, life is lives.current, store, folded)

    def _fold_into(self, life: Life, updates: Iterable[EntityUpdates], counts: bool, store: Store, folded: Folded) -> None:
        done = EntitiesFolded()
        for one in updates:
            self.entities.fold(one, life, store, done)
        folded.records += done.records
        folded.counts += done.counts if counts else done.rare_counts()

    def _hold(self, tenant: str, updates: list[EntityUpdates], lives: Lives, store: Store) -> None:
        if lives.n_held == _MOST_HELD:
            self.lives.refuse(lives, tenant)
            return
        store.put(HELD, f"{tenant}|{lives.n_held}", encode(Message(updates)))
        lives.n_held += 1

    def _fold_held(self, tenant: str, lives: Lives, store: Store, folded: Folded) -> None:
        """Fold what waited for the cut into the next life; drop it if that was refused."""
        for number in range(lives.n_held):
            held = store.get(HELD, f"{tenant}|{number}")
            if held is not None and lives.next is not None and lives.next.grows:
                updates = decode(held).updates
                for one in updates:
                    one.seeds.clear()  # they were taken when they came
                self._fold_into(lives.next, updates, False, store, folded)
            store.remove(HELD, f"{tenant}|{number}")
        lives.n_held = 0

    def _show(self, bucket: int, tenant: str, lives: Lives, store: Store, folded: Folded) -> None:
        """Show the newest life that is whole, from now on, if the run has caught up."""
        if lives.next is not None and lives.next.is_whole:
            lives.current, lives.next = lives.next, None
        if not lives.current.is_whole or lives.current.is_shown:
            return
        if self.lives.has_caught_up(bucket, store):
            lives.current.is_shown = True
            folded.counts[metrics.GENERATIONS_SHOWN] += 1
            folded.many.append(takeover.records(tenant, lives, store))
            return
        catch_up = self.lives.catch_up(bucket, store)
        if tenant not in catch_up.waiting:
            catch_up.waiting.add(tenant)
            store.put(CATCH_UP, str(bucket), catch_up.to_bytes())
