"""Sessions as a Poisson process against a storefront, each with its own think times, in one event loop."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol
from uuid import UUID, uuid5

import numpy as np

from recommndr.events import CLIENT_EVENT, ClientEvent, Context
from recommndr_simulation.clock import Clock
from recommndr_simulation.live.market import NOT_OURS, Market
from recommndr_simulation.live.tally import Tally
from recommndr_simulation.live.visit import Act, Ask, Did, Visit
from recommndr_simulation.live.visitors import Shares, Visitor, Visitors
from recommndr_simulation.storefront import NOTHING_SHOWN, Failed, NoAccess, ShownList

_LAST_ANSWER_S = 5.0
_MOST = 0.5
_ARRIVALS, _VISITORS, _VISITS = 1, 2, 3  # streams of random numbers


class Storefront(Protocol):
    """The shop's server; every method raises `storefront.Failed`, or `storefront.NoAccess` if no request can succeed."""

    async def recommend(self, user_id: str, k: int, context: Context) -> ShownList:
        """A shopper's list."""
        ...

    async def similar_items(self, user_id: str, item_id: str, k: int) -> ShownList:
        """Items similar to an item."""
        ...

    async def send(self, event: ClientEvent) -> None:
        """Send an event until it is acknowledged."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Rate, duration and visitors of the traffic."""

    sessions_per_s: float
    duration_s: float
    seed: int
    run: UUID  # part of ids of events and newcomers: two runs never send the same event
    time_scale: float = 1.0  # factor of think times
    grace_s: float = 10.0  # how long sessions may continue after the end
    in_flight: int = 32
    k: int = 10
    shares: Shares = field(default_factory=Shares)


class Traffic:
    """One run of live traffic; `tally` has its current counts."""

    def __init__(self, market: Market, storefront: Storefront, pace: Pace, clock: Clock) -> None:
        self.tally = Tally()
        self._market, self._storefront, self._pace, self._clock = market, storefront, pace, clock
        self._visitors = Visitors(market, pace.shares, pace.run, self._rng(_VISITORS))
        self._sessions: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(pace.in_flight)
        self._n_listed = self._n_foreign = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Send visitors until the duration is over or `stop` is set; raises `NoAccess`, which ends all sessions.

        It also raises when most listed items are not of the planted shop; sessions then stop.
        """
        broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        going, stopping = asyncio.create_task(self._play(broken)), asyncio.create_task(stop.wait())
        ends: set[asyncio.Future[Any]] = {going, stopping, broken}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            cut = [task for task in (going, stopping, *self._sessions) if not task.done()]
            for task in cut:
                task.cancel()
            await asyncio.gather(*cut, return_exceptions=True)
        if broken.done():
            broken.result()
        elif not going.cancelled():
            going.result()

    async def _play(self, broken: "asyncio.Future[None]") -> None:
        def left(session: "asyncio.Task[None]") -> None:
            self._sessions.discard(session)
            if session.cancelled():
                self.tally.visitors["cut_short"] += 1
            elif (cause := session.exception()) and not broken.done():
                broken.set_exception(cause)

        rng, began_s, at_s = self._rng(_ARRIVALS), self._clock.elapsed_s(), 0.0
        for number in count():
            # Counted from the beginning, not from the last arrival, so that late wake-ups do not lower the rate.
            at_s += float(rng.exponential(1 / self._pace.sessions_per_s))
            due_s = began_s + min(at_s, self._pace.duration_s)
            await self._clock.sleep(max(0.0, due_s - self._clock.elapsed_s()))
            if at_s >= self._pace.duration_s:
                break
            session = asyncio.create_task(self._session(number, self._visitors.draw(number)))
            self._sessions.add(session)
            session.add_done_callback(left)
        if self._sessions:
            await asyncio.wait(set(self._sessions), timeout=self._pace.grace_s)

    async def _session(self, number: int, visitor: Visitor) -> None:
        self.tally.came(visitor)
        visit = Visit(self._market, visitor, self._clock.now().timestamp(), self._rng(_VISITS, number))
        acts, shown = visit.acts(), NOTHING_SHOWN
        act: Act = next(acts)
        for turn in count():
            await self._clock.sleep(act.wait_s * self._pace.time_scale)
            shown = await _to_its_end(self._do(act, visitor, number, turn))
            try:
                act = acts.send(shown)
            except StopIteration:
                return

    async def _do(self, act: Act, visitor: Visitor, session: int, turn: int) -> ShownList:
        """The list that an act shows; after a failed request it is empty and the visit continues."""
        async with self._slots:
            began_s = self._clock.elapsed_s()
            try:
                if isinstance(act, Ask):
                    shown = await self._ask(act, visitor)
                    self._recognise(shown)
                    self.tally.answered(act, shown, self._clock.elapsed_s() - began_s)
                    return shown
                await self._storefront.send(self._event(act, visitor, session, turn))
                self.tally.acknowledged(act, self._clock.elapsed_s() - began_s)
            except Failed as cause:
                self.tally.failed(act.rail if isinstance(act, Ask) else "event", cause)
        return NOTHING_SHOWN

    def _recognise(self, shown: ShownList) -> None:
        """Raise `NoAccess` when most items listed so far are not planted: visitors could not like any of them."""
        foreign = self._market.rows(shown.item_ids) == NOT_OURS
        self._n_listed += len(foreign)
        self._n_foreign += int(foreign.sum())
        if self._n_foreign > _MOST * self._n_listed:
            example = shown.item_ids[int(foreign.argmax())]
            raise NoAccess(
                f"{self._n_foreign} of {self._n_listed} recommended items are not in the simulated shop, such as {example!r}: "
                "the folder in --out belongs to another shop than the one that is served. Name with --out the folder that "
                "was written together with the log this tenant was trained on (var/boutique/simulate for the demo's boutique)"
            )

    async def _ask(self, ask: Ask, visitor: Visitor) -> ShownList:
        if ask.item_id is not None:
            return await self._storefront.similar_items(ask.user_id, ask.item_id, self._pace.k)
        return await self._storefront.recommend(ask.user_id, self._pace.k, visitor.context)

    def _event(self, did: Did, visitor: Visitor, session: int, turn: int) -> ClientEvent:
        fields = {
            "kind": did.kind,
            "event_id": uuid5(self._pace.run, f"{session}/{turn}"),
            "user_id": did.user_id,
            "occurred_at": self._clock.now(),
            "context": visitor.context,
            "session_id": f"{self._pace.run.hex[:8]}-{session}",
            "lines": did.lines,
        }
        told = {name: value for name in ("attribution", "guest_id") if (value := getattr(did, name)) is not None}
        return CLIENT_EVENT.validate_python(fields | told)

    def _rng(self, *stream: int) -> np.random.Generator:
        return np.random.default_rng([self._pace.seed, *stream])


async def _to_its_end(request: Coroutine[Any, Any, ShownList]) -> ShownList:
    """Await the request even if the session is cancelled; otherwise the platform would have events that nobody counted."""
    under_way = asyncio.create_task(request)
    try:
        return await asyncio.shield(under_way)
    except asyncio.CancelledError:
        await asyncio.wait({under_way}, timeout=_LAST_ANSWER_S)
        under_way.cancel()
        raise
