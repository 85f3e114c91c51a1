"""The lake that a running installation writes, as the publisher of seeds reads it: states as of a version."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.erasures import Erasure, Erasures
from recommndr_lake_writer.lake import EVER_UNTIL
from recommndr_lake_writer.snapshot import Snapshot
from recommndr_training.data import history
from recommndr_training.data.history import NoHistory
from recommndr_training.examples.replay import Replay
from recommndr_training.examples.segment_book import SegmentBook
from recommndr_training.examples.shard_pool import ShardPool
from recommndr_training.shipping.seed import EntityState, entity_states


@dataclass(frozen=True, slots=True)
class LiveLake:
    """One installation's."""

    lake_dir: Path
    n_processes: int = 2

    def newest(self, topic_id: str) -> Snapshot | None:
        """The newest version and its offsets in the topic of this id; None if there is no lake."""
        return Snapshot.newest(self.lake_dir, topic_id)

    def erasures(self, tenant: str) -> list[Erasure]:
        """All of a tenant's shoppers who were erased or are to be."""
        return [one for one in Erasures(self.lake_dir).all() if one.tenant == tenant]

    def states(self, tenant: str, policy: TenantPolicy, version: int) -> Iterator[EntityState]:
        """Every state after all events of the version, shoppers first, by id; none if the tenant has no events."""
        events = history.of_lake(self.lake_dir, tenant, policy.own_kinds, version=version)
        with Replay(events, ShardPool.start(policy.counting, self.n_processes), segments=SegmentBook()) as replay:
            try:
                replay.advance_to(EVER_UNTIL.timestamp())
            except NoHistory:
                return
            yield from entity_states(replay)
