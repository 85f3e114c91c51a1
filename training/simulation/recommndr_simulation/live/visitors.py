"""Who visits in live traffic: shoppers of the log by how often they come, new ones, and guests of both kinds."""

from collections import deque
from dataclasses import dataclass
from uuid import UUID, uuid5

import numpy as np

from recommndr.events import Context
from recommndr_simulation.arrivals import draw_returning
from recommndr_simulation.live.market import Market
from recommndr_simulation.places import COUNTRIES, DEVICES, REGIONS, SYSTEMS
from recommndr_simulation.shoppers import Shoppers, draw_shoppers

_DRAWN_AT_ONCE = 1_000
_SHARE_LOGGING_IN = 0.5  # of new visitors; all known shoppers log in


@dataclass(frozen=True, slots=True)
class Shares:
    """Share of visitors who are new, and share of the others who are not logged in yet."""

    new: float = 0.1
    guests: float = 0.1


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor; `who` has one row."""

    who: Shoppers
    user_id: str
    guest_id: str | None  # the id at the beginning of the visit; None = logged in from the start
    logs_in: bool
    is_new: bool
    context: Context


class Visitors:
    """Draws visitors one after the other; the same for equal `rng` and `run`."""

    def __init__(self, market: Market, shares: Shares, run: UUID, rng: np.random.Generator) -> None:
        self._market, self._shares, self._run, self._rng = market, shares, run, rng
        self._returning: deque[int] = deque()

    def draw(self, number: int) -> Visitor:
        """The visitor of session `number`; ids that are not in the log contain the run, so that two runs share none."""
        is_new = bool(self._rng.random() < self._shares.new)
        is_guest = is_new or bool(self._rng.random() < self._shares.guests)
        logs_in = not is_new or bool(self._rng.random() < _SHARE_LOGGING_IN)
        who, user_id = self._new(number) if is_new else self._known()
        guest_id = f"g{uuid5(self._run, f'guest/{number}').hex[:16]}" if is_guest else None
        return Visitor(who, user_id, guest_id, is_guest and logs_in, is_new, _context(who))

    def _new(self, number: int) -> tuple[Shoppers, str]:
        world = self._market.world
        return draw_shoppers(1, world.catalogue, world.demand, self._rng), f"n{self._run.hex[:8]}-{number}"

    def _known(self) -> tuple[Shoppers, str]:
        if not self._returning:
            # A draw reads all shoppers, up to a million.
            self._returning.extend(draw_returning(self._market.world, _DRAWN_AT_ONCE, self._rng).tolist())
        row = self._returning.popleft()
        return self._market.world.shoppers.take(np.array([row])), self._market.user_id(row)


def _context(who: Shoppers) -> Context:
    return Context(
        device=DEVICES[who.gear[0]], os=SYSTEMS[who.gear[0]], country=COUNTRIES[who.country[0]], region=REGIONS[who.region[0]]
    )
