"""Simulates a shop from profile to lake: plant, simulate visits, write."""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.items import write_items
from recommndr_simulation import generation, log
from recommndr_simulation.log import LogSizes
from recommndr_simulation.profile import SimProfile
from recommndr_simulation.titles import items_table
from recommndr_simulation.world import World

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, slots=True)
class Destination:
    """The tenant and the folders to write to."""

    tenant: str
    policy: TenantPolicy
    lake_dir: Path
    truth_dir: Path


def simulate(profile: SimProfile, to: Destination, processes: int, bar: Bar, replace: bool = False) -> LogSizes:
    """Plant a world, keep it, write its catalogue and its log; raises `log.AlreadyThere` before it writes anything."""
    log.clear(to.lake_dir, to.tenant, replace)
    world = World.plant(profile)
    world.save(to.truth_dir)
    write_items(to.lake_dir, to.tenant, items_table(profile, world.catalogue))
    with tempfile.TemporaryDirectory(dir=to.truth_dir, prefix="spill-") as spill_dir:
        with bar("shoppers", generation.n_chunks(world)) as advance:
            paths = generation.spill(to.truth_dir, Path(spill_dir), processes, advance)
        with bar("days into the lake", profile.days) as advance:
            return log.write(world, paths, to.lake_dir, to.tenant, to.policy, advance)
