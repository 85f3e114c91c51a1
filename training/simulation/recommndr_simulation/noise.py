"""Noise of real logs: bots, repeated events, late events."""

import numpy as np

from recommndr.events import KIND_CODE
from recommndr_simulation import choice
from recommndr_simulation.arrays import Lines
from recommndr_simulation.places import SYSTEMS
from recommndr_simulation.trail import LINE
from recommndr_simulation.world import World

SHARE_OF_BOTS = 0.012  # of all events
_EVENTS_PER_BOT = 500
_FEWEST_BOTS = 4  # in a small shop a single bot would be a twentieth of an hour's share of the day
_BOT_GAP_S = (1.5, 6.0)
# RetailRocket: 460 of 2.76 M events are repeated.
_SENT_TWICE = 0.0002
_LATE, _LATE_MEAN_S = 0.005, 5_400.0  # phones that were offline; 1 in 10^7 is more than a day late


def bots(world: World, n_events: int, first_user: int, rng: np.random.Generator) -> Lines:
    """About `n_events` views of crawlers that go through the catalogue evenly; their users count from `first_user`."""
    n_bots = max(_FEWEST_BOTS, round(n_events / _EVENTS_PER_BOT))
    share = rng.gamma(2.0, 1.0, n_bots)
    n_views = np.maximum(n_events * share / share.sum(), 3).astype(np.int64)
    bot = np.repeat(np.arange(n_bots), n_views)
    first = (np.cumsum(n_views) - n_views)[bot]
    step = np.arange(len(bot)) - first
    passed = np.cumsum(rng.uniform(*_BOT_GAP_S, len(bot)))
    span_s = world.profile.end_s - world.profile.start_s
    at_s = world.profile.start_s + rng.uniform(0, 0.98 * span_s, n_bots)[bot] + passed - passed[first]
    item = (rng.integers(0, world.catalogue.n_items, n_bots)[bot] + step) % world.catalogue.n_items
    lines = np.zeros(len(bot), LINE)
    lines["at_us"], lines["event"] = np.round(at_s * 1e6), np.arange(len(bot))
    lines["kind"], lines["user"], lines["visit"] = KIND_CODE["view"], first_user + bot, bot
    lines["item"], lines["quantity"], lines["position"], lines["query"] = item, 1, -1, -1
    day = world.calendar.day_of(at_s)
    lines["price_minor"] = choice.price_minor(world, item, day)
    lines["gear"] = SYSTEMS.index("linux")
    possible: Lines = lines[choice.available(world, item, day) & (at_s < world.profile.end_s)]
    return possible


def sent_twice(lines: Lines, rng: np.random.Generator) -> Lines:
    """Copies of some views and carts a moment later, with new event ids, so that ids do not reveal them."""
    once = np.isin(lines["kind"], [KIND_CODE["view"], KIND_CODE["add_to_cart"]])
    again = lines[once & (rng.random(len(lines)) < _SENT_TWICE)].copy()
    again["at_us"] += rng.integers(30_000, 900_000, len(again))
    again["event"] = np.arange(len(again))
    return again


def delay(lines: Lines, rng: np.random.Generator) -> None:
    """Set a later time of receipt for some events; lines of an event stay together."""
    n_events = int(lines["event"].max(initial=-1)) + 1
    late = np.where(rng.random(n_events) < _LATE, rng.exponential(_LATE_MEAN_S, n_events), 0.0)
    lines["late_s"] = late.astype(np.int32)[lines["event"]]
