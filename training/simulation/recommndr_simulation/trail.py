"""Adds times to recorded moves: think times between events, event numbers, and until when a shopper was a guest."""

import numpy as np

from recommndr.events import KIND_CODE
from recommndr_simulation import choice
from recommndr_simulation.arrays import Bools, Codes, Doubles, Ints, Lines
from recommndr_simulation.arrivals import Visits
from recommndr_simulation.moves import IDENTIFY, KIND_NAMES, MoveTable
from recommndr_simulation.places import GEAR_SHARE
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.world import World

# One line of an event, 58 bytes: ten million events stay well below a gigabyte.
LINE = np.dtype(
    [
        ("at_us", "i8"),
        ("late_s", "i4"),  # how much later it was received
        ("event", "i8"),  # number of the event: lines of one event share it
        ("line_no", "i2"),
        ("kind", "i1"),
        ("user", "i4"),  # row of the shopper; numbers from n_shoppers on are bots
        ("guest", "?"),  # not yet identified
        ("visit", "i8"),
        ("item", "i4"),  # -1 = none
        ("quantity", "i2"),
        ("price_minor", "i4"),  # -1 = none
        ("position", "i2"),  # -1 = none
        ("query", "i4"),  # -1 = none
        ("gear", "i1"),
        ("country", "i1"),
        ("region", "i1"),
    ]
)
# Seconds before an event of a kind: median and sigma of a log-normal. Between Taobao (median 54 s inside a visit) and
# RetailRocket's published 136 s (34 % within a minute); all below the half hour that would end a visit.
_LOOK = (92.0, 1.3)
_THINK_S = {
    "click": (14.0, 0.9),
    "add_to_cart": (28.0, 1.0),
    "purchase": (130.0, 1.1),
    "favorite": (9.0, 0.7),
    "dislike": (6.0, 0.7),
    "remove_from_cart": (20.0, 0.8),
    "search": (25.0, 1.0),
    "impression": (20.0, 1.0),
    "identify": (20.0, 0.8),
}
_LONGEST_S = 1_740.0
_SHARE_OTHER_GEAR = 0.1
# Kinds without a price.
_UNPRICED = [KIND_CODE["impression"], KIND_CODE["dislike"], KIND_CODE["search"], IDENTIFY]


def think_time_s(kind: Codes, rng: np.random.Generator) -> Doubles:
    """Seconds before an event of each kind, at most 29 minutes."""
    median, sigma = _MEDIAN_S[kind], _SIGMA[kind]
    seconds: Doubles = np.minimum(median * np.exp(sigma * rng.normal(size=len(kind))), _LONGEST_S)
    return seconds


_MEDIAN_S = np.array([_THINK_S.get(name, _LOOK)[0] for name in KIND_NAMES])
_SIGMA = np.array([_THINK_S.get(name, _LOOK)[1] for name in KIND_NAMES])


def dated(world: World, who: Shoppers, visits: Visits, moves: MoveTable, rng: np.random.Generator) -> Lines:
    """Lines (LINE) of `moves`, whose `visit` is a row of `visits`; `user` is a row of `who`, events are numbered from 0."""
    order = np.lexsort((moves.key, moves.visit))
    visit, key, kind = moves.visit[order], moves.key[order], moves.kind[order]
    event, is_first = _events(visit, key)
    firsts = np.flatnonzero(is_first)
    at_s = _event_times(visits.at_s, visit[firsts], kind[firsts], rng)[event]
    lines = np.empty(len(order), LINE)
    lines["at_us"] = np.round(at_s * 1e6)
    lines["late_s"] = 0
    lines["event"] = event
    lines["line_no"] = np.arange(len(order)) - firsts[event]
    lines["kind"], lines["visit"] = kind, visit
    shopper = visits.shopper[visit]
    lines["user"] = shopper
    lines["guest"] = _as_guest(visit, key, kind)
    for name in ("item", "quantity", "position", "query"):
        lines[name] = getattr(moves, name)[order]
    lines["price_minor"] = _prices(world, lines, at_s)
    lines["gear"] = _gear_of_visits(who, visits, rng)[visit]
    lines["country"], lines["region"] = who.country[shopper], who.region[shopper]
    return lines[at_s < world.profile.end_s]


def _events(visit: Ints, key: Doubles) -> tuple[Ints, Bools]:
    is_first = np.ones(len(visit), bool)
    is_first[1:] = (visit[1:] != visit[:-1]) | (key[1:] != key[:-1])
    return np.cumsum(is_first) - 1, is_first


def _event_times(start_s: Doubles, visit: Ints, kind: Codes, rng: np.random.Generator) -> Doubles:
    gap = think_time_s(kind, rng)
    opens = np.ones(len(visit), bool)
    opens[1:] = visit[1:] != visit[:-1]
    gap[opens] = 0.0
    passed = np.cumsum(gap)
    opened = np.flatnonzero(opens)
    passed -= passed[opened][np.cumsum(opens) - 1]
    times: Doubles = start_s[visit] + passed
    return times


def _as_guest(visit: Ints, key: Doubles, kind: Codes) -> Bools:
    login = np.full(int(visit[-1]) + 1 if len(visit) else 0, -np.inf)
    rows = np.flatnonzero(kind == IDENTIFY)
    login[visit[rows]] = key[rows]
    return key < login[visit]


def _prices(world: World, lines: Lines, at_s: Doubles) -> Ints:
    priced = ~np.isin(lines["kind"], _UNPRICED)
    day = world.calendar.day_of(at_s)
    return np.where(priced, choice.price_minor(world, np.maximum(lines["item"], 0), day), -1)


def _gear_of_visits(who: Shoppers, visits: Visits, rng: np.random.Generator) -> Codes:
    n = len(visits)
    other = rng.choice(len(GEAR_SHARE), n, p=GEAR_SHARE).astype(np.int8)
    return np.where(rng.random(n) < _SHARE_OTHER_GEAR, other, who.gear[visits.shopper])
