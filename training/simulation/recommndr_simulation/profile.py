"""Size, opening dates and seed of a simulated shop."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

EVENTS_PER_USER = 10
USERS_PER_ITEM = 10
_MIN_USERS = 200
_MIN_ITEMS = 100


class UnknownProfile(ValueError):
    """No simulated shop has this name or can be this small."""


@dataclass(frozen=True, slots=True)
class SimProfile:
    """Sizes, dates and seed; equal profiles give the same bytes."""

    name: str
    users: int
    items: int
    events: int  # about: a pilot run scales the number of visits to reach it
    days: int = 120
    until: datetime = datetime(2026, 1, 5, tzinfo=UTC)  # fixed, so that the shop does not depend on the clock
    seed: int = 20_260_105

    @property
    def since(self) -> datetime:
        """First instant of the shop."""
        return self.until - timedelta(days=self.days)

    @property
    def start_s(self) -> float:
        """`since` in epoch seconds."""
        return self.since.timestamp()

    @property
    def end_s(self) -> float:
        """`until` in epoch seconds."""
        return self.until.timestamp()

    def rng(self, *stream: int) -> np.random.Generator:
        """A generator for one part of the shop; parts have separate streams, so their order does not matter."""
        return np.random.default_rng([self.seed, *stream])

    def sized(self, events: int) -> "SimProfile":
        """The same shop with about `events` events and proportional users and items; raises `UnknownProfile` below 2,000."""
        users, items = events // EVENTS_PER_USER, events // (EVENTS_PER_USER * USERS_PER_ITEM)
        if users < _MIN_USERS:
            raise UnknownProfile(f"{events} events: a simulated shop needs at least {_MIN_USERS * EVENTS_PER_USER} to train on")
        return replace(self, users=users, items=max(items, _MIN_ITEMS), events=events)


PROFILES = {
    "tiny": SimProfile("tiny", users=2_000, items=500, events=20_000, days=60),
    "small": SimProfile("small", users=10_000, items=2_000, events=120_000),
    "full": SimProfile("full", users=1_000_000, items=100_000, events=10_000_000),
}


def profile_of(name: str, events: int | None = None, seed: int | None = None) -> SimProfile:
    """A named profile, resized and reseeded where asked; raises `UnknownProfile`."""
    if name not in PROFILES:
        raise UnknownProfile(f"no simulated shop {name!r}: expected one of {', '.join(PROFILES)}")
    chosen = PROFILES[name] if events is None else PROFILES[name].sized(events)
    return chosen if seed is None else replace(chosen, seed=seed)
