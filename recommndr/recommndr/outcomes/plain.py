"""The outcomes of all events at once, computed plainly: what the stream must agree with, to the last unit.

It keeps every list and every order in memory, with whole ids, and knows no bounds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from recommndr import attribution
from recommndr.attribution import BadAttribution
from recommndr.events import Event, Identify, Interaction, is_claimed
from recommndr.outcomes.act import MEASURE_OF, NO_CURRENCY, PURCHASES, REVENUE, Label
from recommndr.outcomes.partial import Partial
from recommndr.outcomes.shopper import Change
from recommndr.outcomes.totals import Of

_Place = tuple[str, Label, str, str]  # user, label, request, item
_Order = tuple[float, int, tuple[tuple[str, int], ...]]  # when, which, and what was paid
_Orders = dict[tuple[str, str, str], set[_Order]]  # by tenant, user and item
_Done = dict[str, dict[_Place, dict[str, float]]]  # by tenant and place, the first time by measure


def plain_outcomes(events: Iterable[Event], windows_s: Mapping[str, float]) -> dict[Of, Partial]:
    """The sums of each label; `windows_s` has every tenant of the events."""
    done: _Done = defaultdict(lambda: defaultdict(dict))
    orders: _Orders = defaultdict(set)
    lenders: dict[tuple[str, str], set[str]] = defaultdict(set)  # by tenant and guest, the shoppers whose guest it was
    for event in events:
        if isinstance(event, Interaction):
            _note(event, done, orders)
        elif isinstance(event, Identify):
            lenders[event.tenant, event.guest_id].add(event.user_id)
    found: dict[Of, Partial] = {}
    for tenant, places in done.items():
        shoppers: dict[tuple[str, Label], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (user, label, _, item), first_s in places.items():
            theirs = set().union(*(orders[tenant, one, item] for one in (user, *lenders[tenant, user])))
            _add(shoppers[user, label], first_s, theirs, windows_s[tenant])
        for (_, label), counts in shoppers.items():
            found.setdefault(Of(tenant, label), Partial()).add(Change(label, 0, {}, counts))
    return found


def _note(event: Interaction, done: _Done, orders: _Orders) -> None:
    if event.kind == "purchase" and not is_claimed(event.kind, event.sender):
        _note_order(event, orders)
    elif event.attribution is not None and event.kind in MEASURE_OF and event.doubt is None:
        _note_marks(event, event.attribution, done[event.tenant])


def _note_order(event: Interaction, orders: _Orders) -> None:
    for item in {line.item_id for line in event.lines}:
        paid: dict[str, int] = defaultdict(int)
        for line in event.lines:
            if line.item_id == item and line.price_minor is not None:
                paid[line.currency or NO_CURRENCY] += line.price_minor * line.quantity
        order = (event.event_at.timestamp(), event.event_id.int & (2**64 - 1), tuple(sorted(paid.items())))
        orders[event.tenant, event.user_id, item].add(order)


def _note_marks(event: Interaction, token: str, places: dict[_Place, dict[str, float]]) -> None:
    try:
        given = attribution.read(token)
    except BadAttribution:
        return
    label, measure = Label(given.release, given.arm, given.list_name), MEASURE_OF[event.kind]
    for line in event.lines:
        if given.holds(line.item_id):
            first_s = places[event.user_id, label, given.request_id, line.item_id]
            at_s = event.event_at.timestamp()
            first_s[measure] = min(at_s, first_s.get(measure, at_s))


def _add(counts: dict[str, int], first_s: Mapping[str, float], orders: set[_Order], window_s: float) -> None:
    for measure in first_s:
        counts[measure] += 1
    touched_s = min((first_s[measure] for measure in ("clicks", "carts") if measure in first_s), default=float("inf"))
    within = [order for order in orders if touched_s <= order[0] <= touched_s + window_s]
    if within:
        counts[PURCHASES] += 1
        for currency, amount in min(within)[2]:
            counts[REVENUE + currency] += amount
