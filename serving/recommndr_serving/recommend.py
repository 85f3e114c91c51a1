"""Makes one list for one request: reads the shopper's row, goes down the ladder as far as needed, and reports the step.

Everything after reading the row is synchronous: an item that the live table calls unavailable is in no list made from then on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic, perf_counter

from recommndr.counting import Counting
from recommndr.features import shopper
from recommndr.features.merged_row import merged
from recommndr.features.shopper import ShopperRow
from recommndr.release import Release
from recommndr_background.traces import NO_TRACES, Tracer
from recommndr_engine.arrays import NO_ROW
from recommndr_engine.list_request import ListRequest
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.ranked_list import RankedList
from recommndr_engine.rule_effects import MadeList
from recommndr_engine.rules_in_force import NO_RULES, PlacedPin, RulesInForce
from recommndr_engine.static_list import static_list
from recommndr_engine.visit import Visit
from recommndr_serving import ladder
from recommndr_serving.http.requests import PopularQuery, RecommendRequest, SimilarQuery, TogetherQuery, TrendingQuery
from recommndr_serving.ladder import Missing, Step
from recommndr_serving.list_plan import ListPlan
from recommndr_serving.live.user_rows import UserRows, UserRowUnavailable
from recommndr_serving.metrics import Metrics
from recommndr_serving.tenant_slot import ServedBundle, TenantSlot, arm_of

log = logging.getLogger(__name__)

# A broken part fails in every request, so it is logged only once per interval.
_LOG_EVERY_S = 10.0
# Number of requests between reading their row and being answered. Others wait before they read: otherwise reads would time out
# while other requests compute, and the breaker would open although the store is healthy.
_AT_WORK = 4

Asked = RecommendRequest | SimilarQuery | TogetherQuery | PopularQuery | TrendingQuery


class UnknownItem(LookupError):
    """Neither the catalogue nor the bundle has the item."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item of a list."""

    item_id: str
    score: float
    sources: tuple[str, ...]
    pin: PlacedPin | None = None  # the rule that put it there


@dataclass(frozen=True, slots=True)
class Profile:
    """The shopper's profile; `stored` is None when it could not be read."""

    stored: ShopperRow | None
    used: ShopperRow | None
    overrides: tuple[str, ...] = ()

    def with_visit(self, visit: Visit, now_s: float, counting: Counting) -> "Profile":
        """The same with what the request tells of the shopper's visit, if the row could be read."""
        used = None if self.used is None else visit.added_to(self.used, now_s, counting)
        return self if used is self.used else replace(self, used=used)


_NOBODY = Profile(None, None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A list and how it was made; `serving` is the bundle that made it, None on the step `static`."""

    recommendations: list[Recommendation]
    method: str
    step: Step
    at_s: float
    serving: ServedBundle | None = None
    ranked: RankedList | None = None
    release: Release | None = None  # the record as it was when the list was made
    profile: Profile = _NOBODY
    before: tuple[str, ...] = ()  # items of the page's earlier lists, which are not in this one
    rules: RulesInForce = NO_RULES  # the shop's, as they were when the list was made

    @property
    def made(self) -> MadeList:
        """The list as the effects of rules are read off it."""
        pinned = {place: each.pin.rule_id for place, each in enumerate(self.recommendations) if each.pin is not None}
        return MadeList([each.item_id for each in self.recommendations], pinned)

    @property
    def arm(self) -> str:
        """The arm of the release that made the list."""
        return arm_of(self.serving, self.release)


async def _always() -> None:
    """Default check: no request is refused."""


class Recommender:
    """Makes lists with the parts that are available."""

    def __init__(self, user_rows: UserRows, metrics: Metrics, now: Callable[[], datetime], tracer: Tracer = NO_TRACES) -> None:
        self._user_rows = user_rows
        self._metrics = metrics
        self._now = now
        self._tracer = tracer
        self._logged_at_s: dict[tuple[str, str], float] = {}
        self.turns = asyncio.Semaphore(_AT_WORK)

    async def answer(self, tenant: TenantSlot, asked: Asked, check_wanted: Callable[[], Awaitable[None]] = _always) -> Outcome:
        """The requested list. Raises `UnknownItem`, and what `check_wanted` raises if the request waited too long."""
        if not isinstance(asked, RecommendRequest):
            now_s = self._now().timestamp()
            return self._walk(tenant, _plan(tenant, asked, tenant.rules.in_force(now_s)), now_s)
        (outcome,) = await self.answer_each(tenant, [asked], check_wanted)
        return outcome

    async def answer_each(
        self, tenant: TenantSlot, asked: Sequence[RecommendRequest], check_wanted: Callable[[], Awaitable[None]] = _always
    ) -> list[Outcome]:
        """One shopper's lists in their order, without the items of those before; raises what `check_wanted` raises."""
        outcomes: list[Outcome] = []
        async with self.turns:
            await check_wanted()
            profile = await self._profile(tenant, asked[0])
            shown: tuple[str, ...] = ()
            now_s = self._now().timestamp()
            profile = profile.with_visit(asked[0].visit(), now_s, tenant.policy.counting)
            rules = tenant.rules.in_force(now_s)
            for one in asked:
                request = replace(one.list_request(tenant.variety), rules=rules)
                request = replace(request, exclude=(*request.exclude, *shown)) if shown else request
                outcome = self._walk(tenant, ListPlan.for_shopper(request, profile.used), now_s)
                outcomes.append(replace(outcome, profile=profile, before=shown))
                shown = (*shown, *(each.item_id for each in outcome.recommendations))
        return outcomes

    async def _profile(self, tenant: TenantSlot, asked: RecommendRequest) -> Profile:
        """The shopper's row with the request's context over the stored one."""
        began_s = perf_counter()
        try:
            with self._tracer.span("row"):
                stored = await self._shopper(tenant, asked.user_id)
        except UserRowUnavailable as cause:
            self._degraded(tenant.tenant, f"user_row_{cause.reason}", cause)
            return _NOBODY
        except ValueError as cause:
            self._degraded(tenant.tenant, "user_row_unreadable", cause)
            return _NOBODY
        self._metrics.stage_seconds.labels("user_row").observe(perf_counter() - began_s)
        overrides = {name: value for name, value in asked.context if value is not None and value != getattr(stored, name)}
        used = replace(stored, **overrides) if overrides else stored
        return Profile(stored, used, tuple(overrides))

    async def _shopper(self, tenant: TenantSlot, user_id: str) -> ShopperRow:
        """The shopper's row with those of the guests that became this shopper."""
        row = await self._user_rows.row(tenant.tenant, user_id)
        own, guest_ids = shopper.read(row, tenant.policy.counting), row.get("guest_ids")
        if not isinstance(guest_ids, list) or not guest_ids:
            return own
        rows = await asyncio.gather(*(self._user_rows.row(tenant.tenant, str(guest_id)) for guest_id in guest_ids))
        return merged(own, *(shopper.read(one, tenant.policy.counting) for one in rows))

    def _walk(self, tenant: TenantSlot, plan: ListPlan, now_s: float) -> Outcome:
        began_s = perf_counter()
        serving, release = tenant.serving, tenant.release
        if serving is None:
            # A shop before its first release has no bundle; this is expected and not an error.
            self._degraded(tenant.tenant, "no_release" if release is None else "bundle")
        else:
            for attempt in plan.attempts:
                try:
                    with self._tracer.span("list", method=attempt.method):
                        ranked = attempt.make(serving.pipeline, now_s)
                except Exception as cause:  # any error: it is counted, and the next step answers
                    self._degraded(tenant.tenant, attempt.method, cause)
                    continue
                if ranked is None:
                    continue
                self._metrics.stage_seconds.labels("list").observe(perf_counter() - began_s)
                missing = replace(attempt.missing, ranker=True) if ranked.step == "no_ranker" else attempt.missing
                listed = _recommendations(ranked, serving.pipeline)
                step = ladder.step(missing, len(listed))
                return Outcome(listed, ranked.method, step, now_s, serving, ranked, release, rules=plan.request.rules)
        with self._tracer.span("list", method="static"):
            chosen = static_list(tenant.items, plan.request, now_s, plan.row)
        listed = [Recommendation(one.item_id, one.sold, ("catalogue",), one.pin) for one in chosen]
        step = ladder.step(Missing(bundle=True), len(listed))
        return Outcome(listed, "catalogue", step, now_s, release=release, rules=plan.request.rules)

    def _degraded(self, tenant: str, reason: str, cause: Exception | None = None) -> None:
        self._metrics.degraded.labels(tenant, reason).inc()
        now_s = monotonic()
        if now_s - self._logged_at_s.get((tenant, reason), float("-inf")) >= _LOG_EVERY_S:
            self._logged_at_s[tenant, reason] = now_s
            unexpected = cause is not None and not isinstance(cause, UserRowUnavailable)
            log.warning("tenant %s: degraded, %s: %s", tenant, reason, cause, exc_info=cause if unexpected else None)


def _plan(tenant: TenantSlot, asked: SimilarQuery | TogetherQuery | TrendingQuery, rules: RulesInForce) -> ListPlan:
    """The plan of a list without a shopper; raises `UnknownItem`."""
    if isinstance(asked, SimilarQuery):
        _check_known(tenant, (asked.item_id,))
        usual = ListRequest(asked.k, rules=rules, list_name="similar_items")
        return ListPlan.for_similar(asked.item_id, asked.by, usual, _category(tenant, asked.item_id))
    if isinstance(asked, TogetherQuery):
        _check_known(tenant, asked.item_id)
        usual = ListRequest(asked.k, rules=rules, list_name="frequently_bought_together")
        return ListPlan.for_basket(asked.item_id, usual, _category(tenant, asked.item_id[0]))
    if isinstance(asked, PopularQuery):
        return ListPlan.for_everyone(replace(asked.list_request(), rules=rules, list_name="popular"), asked.context)
    return ListPlan.for_trending(replace(asked.list_request(), rules=rules, list_name="trending"))


def _check_known(tenant: TenantSlot, item_ids: Sequence[str]) -> None:
    """Raise `UnknownItem` if neither the catalogue nor the bundle knows any of the items."""
    in_bundle = tenant.serving is not None and (tenant.serving.pipeline.items.rows_of(item_ids) != NO_ROW).any()
    if not in_bundle and all(tenant.items.get(item_id) is None for item_id in item_ids):
        raise UnknownItem(item_ids[0])


def _category(tenant: TenantSlot, item_id: str) -> tuple[str, ...]:
    known = tenant.items.get(item_id)
    return () if known is None else known.category_path


def _recommendations(ranked: RankedList, pipeline: Pipeline) -> list[Recommendation]:
    """The list with ids instead of rows."""
    ids, pinned = pipeline.items.ids, ranked.pinned
    places = zip(ranked.rows.tolist(), ranked.scores.tolist(), ranked.sources, strict=True)
    if not pinned:
        return [Recommendation(ids[row], score, sources) for row, score, sources in places]
    return [
        Recommendation(pinned[place].rule.item_id if row == NO_ROW else ids[row], score, sources, pinned.get(place))
        for place, (row, score, sources) in enumerate(places)
    ]
