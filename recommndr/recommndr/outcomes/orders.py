"""What one shopper ordered lately, by item: what its lists may have led to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import msgpack

MAX_ORDERED = 256

Paid = tuple[tuple[str, int], ...]  # by currency


class Order(NamedTuple):
    """An order of one item; the tuple's order decides which one was first."""

    at_s: float
    event: int
    paid: Paid

    @classmethod
    def of(cls, values: Iterable[Any]) -> Self:
        """The order from msgpack's lists."""
        at_s, event, paid = values
        return cls(at_s, event, tuple([(currency, amount) for currency, amount in paid]))


@dataclass(slots=True)
class ShopperOrders:
    """Orders as sets; `add` and `forget` change them in place."""

    by_item: dict[int, list[Order]] = field(default_factory=dict)  # first order first
    # Derived: whether something is to be forgotten is known without looking at each order, and bytes are made once a change.
    _n: int = field(default=0, compare=False)
    _oldest_s: float = field(default=float("inf"), compare=False)
    _newest_s: float = field(default=float("-inf"), compare=False)
    _packed: bytes | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        at_s = [order.at_s for orders in self.by_item.values() for order in orders]
        self._n = len(at_s)
        self._oldest_s, self._newest_s = min(at_s, default=float("inf")), max(at_s, default=float("-inf"))

    def add(self, orders: Mapping[int, Order]) -> None:
        """Add an order of each of these items; a repeat changes nothing."""
        for item, order in orders.items():
            known = self.by_item.setdefault(item, [])
            if order in known:
                continue
            known.append(order)
            known.sort()
            self._n += 1
            self._oldest_s, self._newest_s = min(self._oldest_s, order.at_s), max(self._newest_s, order.at_s)
            self._packed = None

    def whole(self) -> dict[tuple[float, int], dict[int, Paid]]:
        """What was paid by item, for each order by its instant and event."""
        found: dict[tuple[float, int], dict[int, Paid]] = {}
        for item, orders in sorted(self.by_item.items()):
            for order in orders:
                found.setdefault((order.at_s, order.event), {})[item] = order.paid
        return found

    def first(self, item: int, since_s: float, until_s: float, other: Order | None) -> Order | None:
        """The first order of the item in a time, `other` being one that may be forgotten by now."""
        known = self.by_item.get(item, [])
        orders = known if other is None else [*known, other]
        return min((one for one in orders if since_s <= one.at_s <= until_s), default=None)

    def forget(self, kept_s: float) -> None:
        """Forget the oldest beyond `MAX_ORDERED`, and those older than the newest by more than `kept_s`."""
        oldest_s = self._newest_s - kept_s
        n_over = self._n - MAX_ORDERED
        if n_over <= 0 and self._oldest_s >= oldest_s:
            return
        by_age = sorted((order.at_s, item, order) for item, orders in self.by_item.items() for order in orders)
        for place, (at_s, item, order) in enumerate(by_age):
            if place >= n_over and at_s >= oldest_s:
                break
            self.by_item[item].remove(order)
            if not self.by_item[item]:
                del self.by_item[item]
        self._packed = None
        self.__post_init__()

    def to_bytes(self) -> bytes:
        """The bytes, made once a change."""
        if self._packed is None:
            self._packed = msgpack.packb(list(self.by_item.items()))
        return self._packed

    @classmethod
    def from_bytes(cls, packed: bytes) -> Self:
        """Inverse of `to_bytes`; raises what msgpack raises, or `ValueError` or `TypeError`."""
        return cls({item: [Order.of(one) for one in orders] for item, orders in msgpack.unpackb(packed)})
