"""The laws of outcomes: order, repeats and buckets change nothing, and the sums are those of a plain computation."""

from collections import deque
from collections.abc import Iterable
from uuid import UUID

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.events import Event, erasure
from recommndr.identity import TenantId
from recommndr.outcomes.act import Act, Label, act_of
from recommndr.outcomes.orders import MAX_ORDERED, ShopperOrders
from recommndr.outcomes.partial import Partial, PartialKey, Sums
from recommndr.outcomes.plain import plain_outcomes
from recommndr.outcomes.shopper import MAX_LISTS, Change, Loan, ShopperOutcomes, from_bytes, to_bytes
from recommndr.outcomes.totals import Of, Totals
from tests.recommndr.outcome_events import DAY_S, ITEMS, NOON, TENANT, event, histories, login, token

USERS = ("u1", "u2", "ü|3")
STABLE = Label("v1", "stable", "recommend")


def taken(history: Iterable[Event], state: ShopperOutcomes | None = None) -> tuple[ShopperOutcomes, list[Change]]:
    state = state or ShopperOutcomes()
    acts = [act for one in history if (act := act_of(one)) is not None]
    return state, [change for act in acts for change in state.take(act, DAY_S)]


def folded(history: Iterable[Event], n_buckets: int = 2, generation: int = 1, most_loans: int = 0) -> dict[PartialKey, Partial]:
    """The partials that the stream keeps, each shopper's state through its bytes after every event.

    Up to `most_loans` are on their way to guests at a time.
    """
    states: dict[str, bytes] = {}
    partials: dict[PartialKey, Partial] = {}
    loans: deque[Loan] = deque()

    def take(user: str, act: Act) -> None:
        state = from_bytes(states[user]) if user in states else ShopperOutcomes()
        for change in state.take(act, DAY_S):
            key = PartialKey(TenantId(TENANT), change.label, change.day, generation, USERS.index(user) % n_buckets)
            partials.setdefault(key, Partial()).add(change)
        loans.extend(state.loans(act))
        states[user] = to_bytes(state)

    def deliver(n_left: int) -> None:
        while len(loans) > n_left:
            take(*loans.popleft())

    for one in history:
        if (act := act_of(one)) is not None:
            take(one.user_id, act)
        deliver(most_loans)
    deliver(0)
    return partials


def summed(*of_generations: dict[PartialKey, Partial]) -> dict[Of, Partial]:
    totals = Totals()
    for partials in of_generations:
        for key, partial in partials.items():
            totals.put(PartialKey.from_bytes(key.to_bytes()), Partial.from_bytes(partial.to_bytes()))
    return {of: without_zeros(partial) for of, partial in totals.newest(99) if partial.n_shoppers}


def plain(history: Iterable[Event]) -> dict[Of, Partial]:
    return {of: without_zeros(partial) for of, partial in plain_outcomes(history, {TENANT: DAY_S}).items()}


def without_zeros(partial: Partial) -> Partial:
    return Partial(partial.n_shoppers, {measure: sums for measure, sums in partial.sums.items() if any(sums)})


@given(histories(USERS))
def test_the_sums_are_those_of_a_plain_computation(history: list[Event]) -> None:
    assert summed(folded(history)) == plain(history)


@given(histories(USERS), st.data())
def test_order_and_repeats_and_buckets_do_not_matter(history: list[Event], data: st.DataObject) -> None:
    delivered = data.draw(st.permutations(history + history[:8]))
    n_buckets = data.draw(st.integers(1, 3))
    assert summed(folded(delivered, n_buckets)) == summed(folded(history)) == plain(history)


@st.composite
def with_logins(draw: st.DrawFn) -> list[Event]:
    pairs = draw(st.sets(st.tuples(st.sampled_from(USERS), st.sampled_from(USERS)), max_size=4))
    logins = [login(1_000 + number, *pair) for number, pair in enumerate(sorted(pairs))]
    return draw(st.permutations([*draw(histories(USERS)), *logins]))


@given(with_logins(), st.integers(0, 9), st.data())
def test_an_order_counts_after_a_click_of_a_guest_of_the_shopper(history: list[Event], most: int, data: st.DataObject) -> None:
    """Whenever the login comes, and however long the orders are on their way to the guest."""
    delivered = data.draw(st.permutations(history + history[:8]))
    assert summed(folded(delivered, most_loans=most)) == plain(history)


def test_a_purchase_after_the_login_counts_for_the_list_that_the_guest_clicked() -> None:
    clicked = event(2, user="u2", attribution=token("u2"))
    history = [clicked, login(4, "u1", "u2", 3), ORDER]
    of_list = summed(folded(history))[Of(TENANT, STABLE)]
    assert {measure: sums.n for measure, sums in of_list.sums.items()} == {"clicks": 1, "purchases": 1, "revenue.EUR": 250}


def test_what_a_shopper_lent_is_not_lent_on() -> None:
    """Guests of guests are not followed."""
    clicked = event(2, user="u2", attribution=token("u2"))
    history = [clicked, login(4, "ü|3", "u2"), login(5, "u1", "ü|3"), ORDER]
    assert "purchases" not in summed(folded(history))[Of(TENANT, STABLE)].sums


@given(histories())
def test_a_state_survives_its_bytes(history: list[Event]) -> None:
    state, _ = taken(history)
    assert from_bytes(to_bytes(state)) == state


@given(histories(USERS), st.integers(0, 25), st.data())
def test_a_rebuild_that_reads_everything_again_changes_nothing_at_any_moment(
    history: list[Event], n_read: int, data: st.DataObject
) -> None:
    """A new generation, also of another number of buckets, while it catches up and afterwards."""
    before, again = folded(history, 3, generation=1), folded(history[:n_read], 2, generation=2)
    counts = {of: {measure: sums.n for measure, sums in partial.sums.items()} for of, partial in plain(history).items()}
    found = summed(before, again)
    assert {of: {measure: sums.n for measure, sums in one.sums.items()} for of, one in found.items()} == counts
    assert summed(before, folded(data.draw(st.permutations(history)), 2, generation=2)) == plain(history)


@given(histories(USERS))
def test_removed_partials_leave_nothing(history: list[Event]) -> None:
    totals = Totals()
    partials = folded(history)
    for key, partial in partials.items():
        totals.put(key, partial)
    for key in partials:
        totals.put(key, None)
    assert all(partial == Partial() for _, partial in totals.newest(99))


def counts(history: Iterable[Event], label: Label = STABLE) -> dict[str, int]:
    return dict(taken(history)[0].totals.get(label, {}))


SEEN, CLICKED = (event(n, kind, attribution=token()) for n, kind in ((1, "impression"), (2, "click")))
ORDER = event(3, "purchase", ("i0", "i1"), minutes_ago=1, price=250)


def test_an_order_counts_after_a_click_whichever_came_first() -> None:
    wanted = {"impressions": 1, "clicks": 1, "purchases": 1, "revenue.EUR": 250}
    assert counts([SEEN, CLICKED, ORDER]) == counts([ORDER, CLICKED, SEEN, ORDER, CLICKED]) == wanted


@pytest.mark.parametrize(
    "order",
    [
        event(3, "purchase", minutes_ago=6),  # before the click
        event(3, "purchase", ("i1",), minutes_ago=1),  # of another item
        event(3, "purchase", minutes_ago=1, sender="browser"),  # that a browser claims
    ],
)
def test_an_order_that_does_not_follow_from_the_click_does_not_count(order: Event) -> None:
    assert counts([CLICKED, order]) == {"clicks": 1}


def test_an_order_after_the_window_does_not_count() -> None:
    clicked = event(2, minutes_ago=1_500, attribution=token())
    assert counts([clicked, event(3, "purchase", minutes_ago=59)]) == {"clicks": 1}
    assert counts([clicked, event(3, "purchase", minutes_ago=60)])["purchases"] == 1


def test_what_was_put_into_the_cart_from_a_list_counts_when_it_is_bought() -> None:
    put = event(2, "add_to_cart", attribution=token())
    assert counts([put, ORDER]) == {"carts": 1, "purchases": 1, "revenue.EUR": 250}


def test_the_first_order_of_several_counts_and_two_currencies_stay_apart() -> None:
    lines = [{"item_id": "i0", "price_minor": 100, "currency": currency, "quantity": 2} for currency in ("EUR", "USD")]
    first = event(4, "purchase", minutes_ago=3, lines=[*lines, {"item_id": "i0"}])
    assert counts([CLICKED, ORDER, first]) == {"clicks": 1, "purchases": 1, "revenue.EUR": 200, "revenue.USD": 200}


def test_an_item_that_was_not_in_the_list_does_not_count() -> None:
    assert counts([event(1, items=("ü", "i1"), attribution=token())]) == {"clicks": 1}
    assert act_of(event(1, items=("ü",), attribution=token())) is None
    assert counts([event(1, items=("ü",), attribution=token(listed=None))]) == {"clicks": 1}  # a token of format 1


def test_what_came_for_a_closed_list_does_not_count_twice() -> None:
    """Above the bound the oldest lists are closed: their counts stay, and repeats of theirs are passed over."""
    many = [
        event(n, "impression", ITEMS[:3], attribution=token(request=f"r{n}", issued_at_s=1_770_000_000 + n))
        for n in range(1, 3 * MAX_LISTS)
    ]
    state, _ = taken(many)
    assert len(state.lists) == MAX_LISTS
    assert state.totals[STABLE] == {"impressions": 3 * len(many)}
    _, changes = taken(many, state)
    assert changes == []


def test_lists_with_clicks_stay_open_while_others_pass() -> None:
    clicked = event(1, attribution=token(request="clicked", issued_at_s=1_770_000_000))
    later = [
        event(n, "impression", attribution=token(request=f"r{n}", issued_at_s=1_770_000_000 + n))
        for n in range(2, 3 * MAX_LISTS)
    ]
    assert counts([clicked, *later, ORDER])["purchases"] == 1


def test_a_wholesale_order_is_bounded_and_what_it_converted_stays() -> None:
    lines = [{"item_id": f"x{n}"} for n in range(400)]
    state, _ = taken([CLICKED, ORDER, event(5, "purchase", minutes_ago=0, lines=lines)])
    assert sum(map(len, state.orders.by_item.values())) == MAX_ORDERED
    again, _ = taken([event(6, "add_to_cart", attribution=token())], state)
    assert again.totals[STABLE]["purchases"] == 1


def test_of_an_erased_shopper_nothing_is_kept_and_nothing_counts_twice() -> None:
    before = [event(n, kind, attribution=token()) for n, kind in ((1, "impression"), (2, "click"))]
    state, changes = taken([*before, event(3, "purchase", price=100)])
    assert changes
    _, of_erasure = taken([erasure(TENANT, "u1", UUID(int=9), NOON)], state)
    assert of_erasure == []
    assert (state.totals, state.lists, state.orders) == ({}, {}, ShopperOrders())
    assert (state.lent, state.guests) == (ShopperOrders(), ())
    assert taken(before, state)[1] == []
    later = event(10, "impression", attribution=token(request="new", issued_at_s=int(NOON.timestamp()) + 60))
    assert [change.after for change in taken([later], state)[1]] == [{"impressions": 1}]
    assert from_bytes(to_bytes(state)) == state


# Of SEEN, CLICKED, ORDER, and an impression of i0 and i1 in the list r9.
_FORMAT_1 = (
    "9501ff9194a27631a6737461626c65a97265636f6d6d656e6484ab696d7072657373696f6e7303a6636c69636b7301a970757263686173657301ab72"
    "6576656e75652e455552ccfa929600cf253f0aa7cc5a555ace69b53fb0c404bdf23fd3c40103919300cb41da6d532500000093cb41da6d5361000000"
    "039192a3455552ccfa9600cf25ba665eea6ff72cce69b53fb0c4082bc238a4bdf23fd3c4020101909294cea438c22bcb41da6d536100000003919"
    "2a3455552ccfa94ced33ff2bdcb41da6d5361000000039192a3455552ccfa"
)


def test_states_of_former_formats_are_read() -> None:
    also_seen = event(4, "impression", ("i0", "i1"), attribution=token(request="r9"))
    state = taken([SEEN, CLICKED, ORDER, also_seen])[0]
    assert from_bytes(bytes.fromhex(_FORMAT_1)) == state
    _, *values = msgpack.unpackb(to_bytes(state))
    assert from_bytes(msgpack.packb([2, *values[:4]])) == state


@given(histories(), st.data())
def test_a_state_packs_what_changed_since_it_was_packed(history: list[Event], data: st.DataObject) -> None:
    """Bytes that were made before an act are not used after it."""
    state = ShopperOutcomes()
    for one in history:
        taken([one], state)
        if data.draw(st.booleans()):
            to_bytes(state)
    assert from_bytes(to_bytes(state)) == state == taken(history)[0]


def test_a_busy_shoppers_state_is_small() -> None:
    items = tuple(f"i{n}" for n in range(10))
    many = [
        event(n, "impression", items, attribution=token(request=f"r{n}", listed=items, issued_at_s=1_770_000_000 + n))
        for n in range(1, 100)
    ]
    assert len(to_bytes(taken(many)[0])) < 2_600


def test_squares_take_the_shopper_as_unit_over_all_days() -> None:
    """Three impressions of one shopper on two days, two of another: the squares are 9 + 4, and not those of days."""
    history = [
        event(n, "impression", (item,), user, attribution=token(user, f"r{day}", issued_at_s=1_770_000_000 - 86_400 * day))
        for n, (user, item, day) in enumerate(
            [("u1", "i0", 0), ("u1", "i1", 0), ("u1", "i0", 1), ("u2", "i0", 0), ("u2", "i1", 1)], 1
        )
    ]
    found = summed(folded(history))[Of(TENANT, STABLE)]
    assert found == Partial(2, {"impressions": Sums(5, 13, 13)})


def test_only_the_newest_releases_are_reported() -> None:
    totals = Totals()
    key = PartialKey(TenantId(TENANT), STABLE, 20_000, 1, 0)
    for n in range(5):
        totals.put(key._replace(label=STABLE._replace(release=f"v{n}"), day=20_000 + n), Partial(1))
    assert {of.label.release for of, _ in totals.newest(2)} == {"v3", "v4"}


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b'{"version":9,"shoppers":1,"sums":{}}', b'{"version":1,"shoppers":1}'])
def test_bytes_that_are_no_partial_are_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="partial of"):
        Partial.from_bytes(value)


@pytest.mark.parametrize("value", [b"", b"\x91\x05", b"\x95\x09\x00\x90\x90\x90"])
def test_bytes_that_are_no_state_are_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="shopper's outcomes"):
        from_bytes(value)
