"""Act: the part of an event that outcomes read.

Browsers may invent what only the shop's server knows, so their purchases are no acts (`events.is_claimed`), and neither is what
a robot does (`events.Doubt`). Late events are
acts: outcomes do not decay, and an order that the shop sends the next day counts as if it had come at once.
"""

from hashlib import blake2b
from typing import NamedTuple

from recommndr import attribution
from recommndr.attribution import Attribution
from recommndr.events import MAX_PRICE_MINOR, Erase, Event, Identify, Interaction, is_claimed
from recommndr.features.item_set import fingerprint

# Kinds that count with the token of a list, and their measures. The position is the bit in a shopper's state: append only.
MEASURE_OF = {
    "impression": "impressions",
    "click": "clicks",
    "add_to_cart": "carts",
    "like": "likes",
    "dislike": "dislikes",
}
MARKED = tuple(MEASURE_OF.values())
PURCHASES = "purchases"
ERASE = "erase"  # no measure: the shopper's state is emptied, and what was counted stays in the sums
LOGIN = "login"  # no measure: a guest became this shopper
LENT = "lent"  # no measure: an order of the shopper whose guest this is
REVENUE = "revenue."  # and the currency: revenue.EUR, in minor units
NO_CURRENCY = "none"
MEASURES = (*MARKED, PURCHASES)

_DAY_S = 86_400


class Label(NamedTuple):
    """What outcomes are counted by."""

    release: str
    arm: str
    list_name: str


class Shown(NamedTuple):
    """A list that a shopper was shown."""

    label: Label
    request: int  # 64 bits of the request_id
    issued_at_s: int

    @property
    def day(self) -> int:
        """Days from the epoch to the day of the list, UTC."""
        return self.issued_at_s // _DAY_S


class Act(NamedTuple):
    """An attributed action with items of a list, or an order (`shown` is None)."""

    measure: str  # one of `MEASURES`, `ERASE`, `LOGIN` or `LENT`
    at_s: float
    event: int  # 64 bits of the event_id
    items: tuple[int, ...]  # distinct fingerprints, ascending
    shown: Shown | None
    paid: tuple[tuple[tuple[str, int], ...], ...] = ()  # of an order, per item: currencies and amounts, by currency
    guest_id: str | None = None  # of `LOGIN`


def act_of(event: Event) -> Act | None:
    """The act of an event; None if it is none.

    Raises `ValueError` for an item of more than 2^53 minor units, and `BadAttribution`, which is one too, for a token that the
    collector cannot have let pass.
    """
    if isinstance(event, Erase):
        return Act(ERASE, event.event_at.timestamp(), _bits(event), (), None)
    if isinstance(event, Identify) and event.guest_id != event.user_id:
        return Act(LOGIN, event.event_at.timestamp(), _bits(event), (), None, (), event.guest_id)
    if not isinstance(event, Interaction):
        return None
    if event.kind == "purchase":
        return None if is_claimed(event.kind, event.sender) else _order(event)
    measure = MEASURE_OF.get(event.kind)
    if measure is None or event.attribution is None or event.doubt is not None:
        return None
    given = attribution.read(event.attribution)
    items = {fingerprint(line.item_id) for line in event.lines if given.holds(line.item_id)}
    return Act(measure, event.event_at.timestamp(), _bits(event), tuple(sorted(items)), _shown(given)) if items else None


def _order(event: Interaction) -> Act:
    paid: dict[int, dict[str, int]] = {}
    for line in event.lines:
        of_item = paid.setdefault(fingerprint(line.item_id), {})
        if line.price_minor is not None:
            currency = line.currency or NO_CURRENCY
            of_item[currency] = of_item.get(currency, 0) + line.price_minor * line.quantity
    items = tuple(sorted(paid))
    if any(amount > MAX_PRICE_MINOR for of_item in paid.values() for amount in of_item.values()):
        raise ValueError(f"order {event.event_id}: an item costs more than {MAX_PRICE_MINOR} minor units")
    amounts = tuple(tuple(sorted(paid[item].items())) for item in items)
    return Act(PURCHASES, event.event_at.timestamp(), _bits(event), items, None, amounts)


def _shown(given: Attribution) -> Shown:
    request = int.from_bytes(blake2b(given.request_id.encode(), digest_size=8).digest(), "little")
    return Shown(Label(given.release, given.arm, given.list_name), request, given.issued_at_s)


def _bits(event: Interaction | Erase | Identify) -> int:
    return event.event_id.int & (2**64 - 1)
