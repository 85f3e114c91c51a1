"""Live traffic: plausible visits at the set rate, whose outcomes depend on the recommended lists."""

import asyncio
import math
from collections import defaultdict
from dataclasses import replace
from uuid import UUID

import pytest

from recommndr.events import ClientEvent, Context
from recommndr_simulation.live.tally import Tally
from recommndr_simulation.live.traffic import Pace, Storefront, Traffic
from recommndr_simulation.live.visitors import Shares
from recommndr_simulation.storefront import Failed, NoAccess, ShownList
from tests.simulation.live.window import MARKET, Window, at_random
from tests.training.virtual_time import CLOCK, START, played

PACE = Pace(sessions_per_s=1.0, duration_s=120.0, seed=5, run=UUID(int=7), grace_s=1e6)
LONG = replace(PACE, duration_s=300.0)


def traffic(storefront: Storefront, pace: Pace = PACE, stop_after_s: float | None = None) -> Tally:
    async def run() -> Tally:
        going, stop = Traffic(MARKET, storefront, pace, CLOCK), asyncio.Event()
        if stop_after_s is not None:
            asyncio.get_running_loop().call_later(stop_after_s, stop.set)
        await going.run(stop)
        return going.tally

    return played(run())


def by_session(events: list[ClientEvent]) -> list[list[ClientEvent]]:
    sessions: dict[str | None, list[ClientEvent]] = defaultdict(list)
    for event in events:
        sessions[event.session_id].append(event)
    return list(sessions.values())


@pytest.fixture(scope="module")
def window() -> Window:
    window = Window()
    # Newcomers come with a wish: there is more to see of carts and orders.
    traffic(window, replace(LONG, shares=Shares(new=0.5)))
    return window


def items(event: ClientEvent) -> list[str]:
    return [line.item_id for line in event.lines]


def test_lists_by_planted_liking_are_clicked_more_than_random_ones() -> None:
    good, random = traffic(Window(), LONG), traffic(Window(at_random(1)), LONG)
    assert good.ctr is not None and random.ctr is not None
    pooled = (good.clicked.total() + random.clicked.total()) / (good.shown.total() + random.shown.total())
    error = math.sqrt(pooled * (1 - pooled) * (1 / good.shown.total() + 1 / random.shown.total()))
    assert (good.ctr - random.ctr) / error > 5
    assert good.ctr > 2 * random.ctr


def test_the_first_places_are_clicked_more_than_the_last() -> None:
    tally = traffic(Window(at_random(2)), replace(PACE, duration_s=500.0))
    first, last = (
        [sum(counts[at] for at in places) for counts in (tally.clicked, tally.shown)] for places in (range(3), range(7, 10))
    )
    assert first[0] / first[1] > 1.3 * last[0] / last[1]


def test_a_click_is_of_an_item_that_was_shown_there_to_the_same_shopper(window: Window) -> None:
    clicks = [event for event in window.sent if event.kind == "click" and event.attribution]
    assert len(clicks) > 20
    for click in clicks:
        (line,), shown = click.lines, window.lists[click.attribution or ""]
        assert shown.item_ids[line.position or 0] == line.item_id
        assert click.attribution and click.attribution.startswith(f"{click.user_id}/")


def test_every_token_is_of_a_list_shown_to_the_id_that_sends_it(window: Window) -> None:
    tokens = [(event.attribution, event.user_id) for event in window.sent if event.attribution]
    assert all(token.startswith(f"{user_id}/") for token, user_id in tokens)
    assert {event.kind for event in window.sent if event.attribution} >= {"impression", "click", "view", "add_to_cart"}


def test_an_impression_names_every_item_of_the_list_and_its_place(window: Window) -> None:
    shown = [event for event in window.sent if event.kind == "impression" and event.attribution]
    for event in shown:
        assert [line.position for line in event.lines] == list(range(10))
        assert tuple(items(event)) == window.lists[event.attribution or ""].item_ids
    assert len(shown) == len(window.lists)


def test_an_order_holds_all_that_lies_in_the_cart_and_nothing_else(window: Window) -> None:
    n_orders = 0
    for session in by_session(window.sent):
        cart: set[str] = set()
        for event in session:
            if event.kind == "add_to_cart":
                cart |= set(items(event))
            elif event.kind == "remove_from_cart":
                cart -= set(items(event))
            elif event.kind == "purchase":
                assert set(items(event)) == cart
                n_orders += 1
    assert n_orders > 3


def test_guests_who_log_in_say_which_guest_they_were_and_are_known_from_then_on(window: Window) -> None:
    n_logins = 0
    for session in by_session(window.sent):
        login = next((place for place, event in enumerate(session) if event.kind == "identify"), None)
        ids = [event.user_id for event in session]
        if login is None:
            assert len(set(ids)) == 1
            continue
        n_logins += 1
        assert {getattr(session[login], "guest_id")} == set(ids[:login])  # noqa: B009
        assert len(set(ids[login:])) == 1 and ids[login] not in ids[:login]
    assert n_logins > 5


def test_events_of_a_session_lie_in_time_order_and_carry_the_shoppers_context(window: Window) -> None:
    for session in by_session(window.sent):
        at = [event.occurred_at for event in session]
        assert at == sorted(at) and at[0] >= START
        assert len({event.context for event in session}) == 1 and session[0].context.country


def test_the_same_seed_gives_the_same_events_and_another_run_other_ids() -> None:
    short = replace(PACE, duration_s=40.0)
    first, again, other = Window(), Window(), Window()
    traffic(first, short)
    traffic(again, short)
    traffic(other, replace(short, run=UUID(int=8), shares=Shares(new=0, guests=0)))
    assert first.sent == again.sent
    assert not {event.event_id for event in first.sent} & {event.event_id for event in other.sent}


def test_sessions_begin_at_the_asked_rate_whatever_the_pace_of_the_shoppers() -> None:
    for time_scale in (0.0, 1.0):
        tally = traffic(Window(at_random(3)), replace(PACE, sessions_per_s=2.0, time_scale=time_scale))
        assert tally.visitors["sessions"] == pytest.approx(240, abs=4 * math.sqrt(240))


def test_think_times_shrink_with_the_time_scale() -> None:
    lasts = {}
    for time_scale in (1.0, 0.01):
        window = Window()
        traffic(window, replace(PACE, duration_s=50.0, time_scale=time_scale))
        lasts[time_scale] = sum(
            (session[-1].occurred_at - session[0].occurred_at).total_seconds() for session in by_session(window.sent)
        )
    assert lasts[1.0] > 50 * lasts[0.01] > 0


def test_shares_of_new_shoppers_and_guests_are_what_was_asked() -> None:
    nobody = traffic(Window(), replace(PACE, shares=Shares(new=0.0, guests=0.0)))
    assert (nobody.visitors["new"], nobody.visitors["guests"]) == (0, 0)
    half = traffic(Window(), replace(PACE, shares=Shares(new=0.5, guests=0.0)))
    assert half.visitors["new"] == half.visitors["guests"] == pytest.approx(half.visitors["sessions"] / 2, abs=25)


def test_when_it_is_stopped_sessions_in_progress_are_cut_short_and_counted() -> None:
    tally = traffic(Window(), stop_after_s=50.0)
    assert 20 < tally.visitors["sessions"] < 90
    assert 0 < tally.visitors["cut_short"] <= tally.visitors["sessions"]


def test_what_is_under_way_when_it_is_stopped_is_still_counted() -> None:
    class Lagging(Window):
        async def send(self, event: ClientEvent) -> None:
            await super().send(event)
            await asyncio.sleep(2.0)  # on its way back

    window = Lagging()
    tally = traffic(window, replace(PACE, sessions_per_s=5.0), stop_after_s=30.5)
    assert tally.events.total() == len(window.sent) > 50


class Broken(Window):
    """Every answer fails with the same words."""

    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause

    async def recommend(self, user_id: str, k: int, context: Context) -> ShownList:
        raise self.cause


def test_without_lists_shoppers_find_things_by_themselves_and_the_failures_are_reported() -> None:
    window = Broken(Failed("503 away", "503 no slot"))
    tally = traffic(window)
    summary = tally.summary()
    assert {event.kind for event in window.sent} >= {"view", "add_to_cart"}
    assert not {event.kind for event in window.sent} & {"impression", "click"}
    assert summary["recommended"]["ctr"] is None
    assert summary["failed"] == {"recommend: 503 away": {"times": tally.failures.total(), "example": "503 no slot"}}


def test_a_key_that_is_refused_ends_the_run() -> None:
    with pytest.raises(NoAccess, match="unknown key"):
        traffic(Broken(NoAccess("unknown key")))


class Slow(Window):
    """Takes three seconds per list and counts concurrent requests."""

    at_once = most_at_once = 0

    async def recommend(self, user_id: str, k: int, context: Context) -> ShownList:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(3.0)
        self.at_once -= 1
        return await super().recommend(user_id, k, context)


def test_never_more_requests_are_under_way_than_allowed_and_waiting_for_one_is_no_latency() -> None:
    window = Slow()
    tally = traffic(window, replace(PACE, duration_s=60.0, in_flight=2))
    assert window.most_at_once == 2
    assert tally.summary()["latency_ms"]["recommend"] == {"p50": 3_000.0, "p95": 3_000.0, "p99": 3_000.0}


def test_what_is_not_of_the_planted_shop_is_shown_and_never_clicked() -> None:
    window = Window(lambda _user_id: [f"foreign-{n}" for n in range(5)] + MARKET.item_ids)
    tally = traffic(window, LONG)
    assert tally.shown.total() > 100
    clicked = [event for event in window.sent if event.kind == "click" and event.attribution]
    assert clicked and not any(item_id.startswith("foreign-") for event in clicked for item_id in items(event))


def test_a_shop_that_is_not_the_planted_one_is_refused_before_anything_is_sent() -> None:
    window = Window(lambda _user_id: [f"foreign-{n}" for n in range(6)] + MARKET.item_ids)
    with pytest.raises(NoAccess, match=r"6 of 10 recommended items .* 'foreign-0': the folder in --out belongs"):
        traffic(window, LONG)
    assert window.sent == []


def test_the_summary_adds_up() -> None:
    tally = traffic(Window())
    summary = tally.summary()
    seen = summary["recommended"]
    assert seen["items_shown"] == 10 * seen["lists_shown"] == 10 * summary["requests"]["recommend"]
    assert summary["ladder"] == {"full": 1.0} and summary["model_versions"] == {"v1": 1.0}
    assert summary["orders"] == summary["events"]["purchase"] <= summary["order_lines"]
    assert summary["conversion"] == round(summary["orders"] / summary["sessions"], 4)
    assert str(summary["sessions"]) in tally.line
