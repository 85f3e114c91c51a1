"""A shop small enough to be simulated in a test, and the paths of its parts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from recommndr.tenancy import TenantPolicy
from recommndr_simulation.profile import PROFILES, SimProfile
from recommndr_simulation.shop import Destination

TENANT = "boutique"
TINY = PROFILES["tiny"]
SMALLEST = replace(TINY, users=300, items=120, events=3_000, days=30)


def destination(directory: Path) -> Destination:
    return Destination(TENANT, TenantPolicy(), directory / "lake", directory / "truth")


def seeded(profile: SimProfile, seed: int) -> SimProfile:
    return replace(profile, seed=seed)


@contextmanager
def no_bar(_what: str, _total: int) -> Iterator[Callable[[int], None]]:
    yield lambda _n: None
