"""Which shoppers training asks for, and at which instants.

At the cut: each shopper who comes back within the label horizon, once. In sessions: at instants between the cut and the next
one at which the shopper was there, as a storefront would have asked: just before the first event of a visit, or just after an
event that was no purchase. A request is kept if a target event follows within the horizon, and if the horizon ends in the
request's period: labels of cuts that tuning learns from end at the tuning cut. Retrievers stay as fitted at the cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from recommndr_training import params
from recommndr_training.data.interactions import PURCHASE, Floats, Interactions, Ints
from recommndr_training.examples.replay import Request
from recommndr_training.examples.takings import Takings

_JUST_AFTER_S = 1e-3  # states are as of strictly before a request's instant
_MAX_CANDIDATES = 500  # of a request; for the number of requests that rows allow


@dataclass(frozen=True, slots=True)
class Asking:
    """Section `examples` of a profile."""

    requests: Literal["cut", "sessions", "both"] = "cut"
    per_shopper: int = 1  # requests in sessions, at each cut
    item_instants: int = 2  # per cut: how often item counters are brought up to date between a cut and the next one
    max_rows: int = 5_000_000  # of all cuts together; float32 and 60 columns: 1.2 GB
    max_tuning_shoppers: int = 5_000  # their candidates are all kept; NDCG's 95 % interval is then about 1 % of it

    def __post_init__(self) -> None:
        if self.requests not in ("cut", "sessions", "both"):
            raise ValueError(f"examples.requests {self.requests!r}: expected cut, sessions or both")
        for name in ("per_shopper", "item_instants", "max_rows", "max_tuning_shoppers"):
            if getattr(self, name) < 1:
                raise ValueError(f"examples.{name} {getattr(self, name)}: expected at least 1")


def of_profile(profile: str) -> Asking:
    """A profile's section."""
    return Asking(**params.section(profile, "examples"))


@dataclass(frozen=True, slots=True)
class Instants:
    """Requests as parallel arrays."""

    users: Ints
    at_s: Floats

    def __len__(self) -> int:
        return len(self.users)

    def taken(self, places: np.ndarray) -> "Instants":
        """Those at `places`."""
        return Instants(self.users[places], self.at_s[places])

    def with_others(self, other: "Instants") -> "Instants":
        """These and the others."""
        return Instants(np.concatenate([self.users, other.users]), np.concatenate([self.at_s, other.at_s]))

    def requests(self, user_ids: Sequence[str]) -> list[Request]:
        """The requests, oldest first."""
        order = np.lexsort((self.users, self.at_s))
        return [Request(user_ids[user], at_s) for user, at_s in zip(self.users[order], self.at_s[order].tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class Times:
    """The cuts, oldest first, the last of which tunes, and how far labels reach."""

    cuts_s: tuple[float, ...]
    horizon_s: float


@dataclass(frozen=True, slots=True)
class Period:
    """Where the requests of one cut may lie, and where the labels must end."""

    cut_s: float
    next_s: float
    end_s: float


def periods(cuts_s: Sequence[float], horizon_s: float) -> list[Period]:
    """The period of each cut; the last one tunes and asks at the cut only, as the gate does."""
    tuning_s = cuts_s[-1]
    nexts_s = [*cuts_s[1:], tuning_s]
    return [
        Period(cut_s, next_s, tuning_s if cut_s + horizon_s <= tuning_s else tuning_s + horizon_s)
        for cut_s, next_s in zip(cuts_s, nexts_s, strict=True)
    ]


def at_cut(takings: Takings, period: Period, horizon_s: float) -> Instants:
    """Each shopper with a target event within the horizon after the cut, at the cut."""
    users = takings.users_between(period.cut_s, period.cut_s + horizon_s)
    return Instants(users, np.full(len(users), period.cut_s))


def in_sessions(known: Interactions, takings: Takings, period: Period, horizon_s: float) -> Instants:
    """All instants of visits that a target event follows within the horizon."""
    here = known.between(period.cut_s, min(period.next_s, period.end_s - horizon_s))
    starts = np.unique(here.visits, return_index=True)[1]
    purchase = here.kind_names.index(PURCHASE) if PURCHASE in here.kind_names else -1
    inside = np.flatnonzero(here.kinds != purchase)
    users = np.concatenate([here.users[starts], here.users[inside]])
    at_s = np.concatenate([here.at_s[starts], here.at_s[inside] + _JUST_AFTER_S])
    # the lines of one event are one instant
    distinct = np.unique(np.rec.fromarrays([users, at_s]), return_index=True)[1]
    every = Instants(users[distinct], at_s[distinct])
    first, after = (takings.places(every.users, at_s) for at_s in (every.at_s, every.at_s + horizon_s))
    return every.taken(np.flatnonzero((after > first) & (every.at_s + horizon_s <= period.end_s)))


def some_of_each(instants: Instants, n: int, random: np.random.Generator) -> Instants:
    """At most `n` requests of each shopper, drawn at random."""
    mixed = instants.taken(random.permutation(len(instants)))
    by_user = np.argsort(mixed.users, kind="stable")
    users = mixed.users[by_user]
    rank = np.arange(len(users)) - np.searchsorted(users, users)
    return mixed.taken(by_user[rank < n])


def stratified(instants: Instants, n_events: npt.NDArray[np.intp], n: int, random: np.random.Generator) -> Instants:
    """`n` of the requests, with the same share of each length of history (doubling from stratum to stratum).

    `n_events` is (n_users,) of each shopper before the cut.
    """
    if len(instants) <= n:
        return instants
    stratum = np.floor(np.log2(n_events[instants.users] + 1.0))
    order = np.lexsort((random.random(len(instants)), stratum))
    return instants.taken(order[(np.arange(n) * len(instants)) // n])  # evenly spaced: each stratum has its share


def asked_at(
    known: Interactions, takings: Takings, times: Times, asking: Asking, negatives: float, seed: int
) -> list[Instants]:
    """The requests of each cut; `negatives` is the share that is kept of them."""
    cuts_s, horizon_s = times.cuts_s, times.horizon_s
    # A request's rows: all candidates that were taken, few, and a share of the others.
    per_cut = max(1, int(asking.max_rows / len(cuts_s) / (_MAX_CANDIDATES * negatives)))
    chosen = []
    for place, period in enumerate(periods(cuts_s, horizon_s)):
        tunes = place == len(cuts_s) - 1
        random = np.random.default_rng([seed, place])
        instants = at_cut(takings, period, horizon_s)
        if asking.requests != "cut" and not tunes:
            visits = some_of_each(in_sessions(known, takings, period, horizon_s), asking.per_shopper, random)
            if len(visits):
                instants = visits if asking.requests == "sessions" else instants.with_others(visits)
        n_events = np.bincount(known.before(period.cut_s).users, minlength=len(known.user_ids))
        chosen.append(stratified(instants, n_events, asking.max_tuning_shoppers if tunes else per_cut, random))
    return chosen
