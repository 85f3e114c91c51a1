"""One list for one shopper: asks for the row, walks down the ladder as far as it must, and says what it did.

Everything after the one await is synchronous, so an item that the live table calls unavailable is in no list made from then on.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import monotonic, perf_counter

from recommndr.features import shopper
from recommndr.features.shopper import ShopperRow
from recommndr.release import Release
from recommndr_engine.arrays import NO_ROW
from recommndr_engine.filters import NO_FILTERS, ItemFilters
from recommndr_engine.list_request import ListRequest
from recommndr_engine.pipeline import Pipeline, RankedList
from recommndr_engine.static_list import static_list
from recommndr_serving import ladder
from recommndr_serving.http.requests import Context, SimilarQuery
from recommndr_serving.ladder import Away, Step
from recommndr_serving.live.user_rows import UserRows, UserRowUnavailable
from recommndr_serving.metrics import Metrics
from recommndr_serving.tenant_slot import Serving, TenantSlot, arm_of

log = logging.getLogger(__name__)

# A part that is broken is broken for every request; one line of log in a while says it as well.
_LOG_EVERY_S = 10.0
# Requests between reading their row and being answered. The rest wait before they read: a read that waits for the interpreter
# behind many others' arithmetic would run out of its time, and the store would be taken for dead because we are busy.
_AT_WORK = 4


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a list."""

    item_id: str
    score: float
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A list and how it came about; `serving` is the bundle that made it, None on the step `static`."""

    places: list[Place]
    method: str
    step: Step
    serving: Serving | None = None
    ranked: RankedList | None = None
    release: Release | None = None  # the record as it was when the list was made

    @property
    def arm(self) -> str:
        """Which side of the release made the list."""
        return arm_of(self.serving, self.release)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the shopper; `stored` is None when it could not be read."""

    stored: ShopperRow | None
    used: ShopperRow | None
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to make a list, and what it does without."""

    method: str
    away: Away
    make: Callable[[], RankedList]


class Recommender:
    """Lists for shoppers, from whatever is there. Hold one of its `turns` while you ask for a profile and a list."""

    def __init__(self, user_rows: UserRows, metrics: Metrics) -> None:
        self._user_rows = user_rows
        self._metrics = metrics
        self._logged_at_s: dict[tuple[str, str], float] = {}
        self.turns = asyncio.Semaphore(_AT_WORK)

    async def profile(self, tenant: str, user_id: str, context: Context) -> Profile:
        """The shopper's row with the request's context over the stored one."""
        began_s = perf_counter()
        try:
            stored = shopper.read(await self._user_rows.row(tenant, user_id))
        except UserRowUnavailable as cause:
            self._degraded(tenant, f"user_row_{cause.reason}", cause)
            return Profile(None, None)
        except ValueError as cause:
            self._degraded(tenant, "user_row_unreadable", cause)
            return Profile(None, None)
        self._metrics.stage_seconds.labels("user_row").observe(perf_counter() - began_s)
        overrides = {name: value for name, value in context if value is not None and value != getattr(stored, name)}
        used = replace(stored, **overrides) if overrides else stored
        return Profile(stored, used, tuple(overrides))

    def recommend(self, tenant: TenantSlot, row: ShopperRow | None, ask: ListRequest, now_s: float) -> Outcome:
        """The list of a shopper; `row` is None when it could not be read."""
        return self._walk(tenant, ask, row, now_s, lambda pipeline: _personal(pipeline, row, ask, now_s))

    def popular(self, tenant: TenantSlot, ask: ListRequest, now_s: float) -> Outcome:
        """What sells, within the filters: a list that needs no shopper, so nothing is away."""
        return self._walk(tenant, ask, None, now_s, lambda pipeline: iter([_popular(pipeline, ask, None, now_s, Away())]))

    def similar(self, tenant: TenantSlot, asked: SimilarQuery, category: tuple[str, ...], now_s: float) -> Outcome:
        """Items like one item; what sells in `category` when the bundle does not know it."""
        ask = ListRequest(asked.k, exclude=(asked.item_id,), filters=ItemFilters(category=category))
        return self._walk(tenant, ask, None, now_s, lambda pipeline: _similar(pipeline, asked, ask, now_s))

    def _walk(
        self,
        tenant: TenantSlot,
        ask: ListRequest,
        row: ShopperRow | None,
        now_s: float,
        attempts: Callable[[Pipeline], Iterator[_Attempt]],
    ) -> Outcome:
        began_s = perf_counter()
        serving, release = tenant.serving, tenant.release
        if serving is None:
            # Before its first release a shop has no bundle anywhere: nobody has to be woken for that.
            self._degraded(tenant.tenant, "no_release" if release is None else "bundle")
        else:
            for attempt in attempts(serving.pipeline):
                try:
                    ranked = attempt.make()
                except Exception as cause:  # whatever broke: the next step answers, and this one is counted
                    self._degraded(tenant.tenant, attempt.method, cause)
                    continue
                self._metrics.stage_seconds.labels("list").observe(perf_counter() - began_s)
                away = replace(attempt.away, ranker=attempt.away.ranker or ranked.step == "no_ranker")
                places = places_of(ranked, serving.pipeline)
                return Outcome(places, attempt.method, ladder.step(away), serving, ranked, release)
        chosen = static_list(tenant.items, ask, now_s, row)
        places = [Place(item_id, score, ("catalogue",)) for item_id, score in chosen]
        return Outcome(places, "catalogue", ladder.step(Away(bundle=True)), release=release)

    def _degraded(self, tenant: str, reason: str, cause: Exception | None = None) -> None:
        self._metrics.degraded.labels(tenant, reason).inc()
        now_s = monotonic()
        if now_s - self._logged_at_s.get((tenant, reason), float("-inf")) >= _LOG_EVERY_S:
            self._logged_at_s[tenant, reason] = now_s
            unexpected = cause is not None and not isinstance(cause, UserRowUnavailable)
            log.warning("tenant %s: degraded, %s: %s", tenant, reason, cause, exc_info=cause if unexpected else None)


def _personal(pipeline: Pipeline, row: ShopperRow | None, ask: ListRequest, now_s: float) -> Iterator[_Attempt]:
    if row is None:
        yield _popular(pipeline, ask, None, now_s, Away(user_row=True))
        return
    if row.n_events == 0 and ask.scope != "buy_again":
        # The ranker learnt from shoppers with at least one event; of this one nothing is known, and nothing is away.
        yield _popular(pipeline, ask, row, now_s, Away())
        return
    yield _Attempt("ranker", Away(), lambda: pipeline.recommend(row, ask, now_s))
    yield _Attempt("weighted", Away(ranker=True), lambda: pipeline.recommend(row, ask, now_s, use_ranker=False))
    yield _popular(pipeline, ask, row, now_s, Away(retrieval=True))


def _similar(pipeline: Pipeline, asked: SimilarQuery, ask: ListRequest, now_s: float) -> Iterator[_Attempt]:
    row = pipeline.items.row(asked.item_id)
    anywhere = replace(ask, filters=NO_FILTERS)
    if row != NO_ROW:
        yield _Attempt(f"similar_{asked.by}", Away(), lambda: pipeline.similar_items(row, anywhere, now_s, asked.by))
    yield _popular(pipeline, ask, None, now_s, Away(retrieval=True))


def _popular(pipeline: Pipeline, ask: ListRequest, row: ShopperRow | None, now_s: float, away: Away) -> _Attempt:
    return _Attempt("popularity", away, lambda: pipeline.popular(ask, now_s, row))


def places_of(ranked: RankedList, pipeline: Pipeline) -> list[Place]:
    """The list with ids instead of rows."""
    ids = pipeline.items.ids
    return [
        Place(ids[row], score, sources)
        for row, score, sources in zip(ranked.rows.tolist(), ranked.scores.tolist(), ranked.sources, strict=True)
    ]
