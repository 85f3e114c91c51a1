"""A list that a shopper was shown and that still counts, with what the shopper did with its items."""

import struct
from dataclasses import dataclass, field
from typing import Any, Self

import msgpack

from recommndr.outcomes.act import Label, Shown
from recommndr.outcomes.orders import Order

NEVER = float("inf")


@dataclass(slots=True)
class Mark:
    """What the shopper did with one item of a list."""

    bits: int = 0  # places in `act.MARKED`
    touched_s: float = NEVER  # first click or cart
    order: Order | None = None  # the first one within the window


@dataclass(slots=True)
class OpenList:
    """The list; `touched` says whether an item was clicked or put into the cart."""

    shown: Shown
    marks: dict[int, Mark] = field(default_factory=dict)  # by fingerprint of the item
    touched: bool = False
    _packed: bytes | None = field(default=None, compare=False)

    def mark(self, item: int) -> Mark:
        """The mark of an item, to be changed."""
        self._packed = None
        found = self.marks.get(item)
        if found is None:
            found = self.marks[item] = Mark()
        return found

    def to_bytes(self) -> bytes:
        """The bytes without the label, made once a change; items are two arrays, because most lists are only seen."""
        if self._packed is None:
            marks = self.marks.values()
            touched = [
                (place, mark.touched_s, mark.order)
                for place, mark in enumerate(marks)
                if self.touched and mark.touched_s < NEVER
            ]
            items = struct.pack(f"<{len(marks)}I", *self.marks)
            values = (self.shown.request, self.shown.issued_at_s, items, bytes([mark.bits for mark in marks]), touched)
            self._packed = msgpack.packb(values)
        return self._packed

    @classmethod
    def from_bytes(cls, label: Label, packed: bytes) -> Self:
        """Inverse of `to_bytes`; raises what msgpack raises, or `ValueError`, `TypeError` or `struct.error`."""
        return cls.of(label, *msgpack.unpackb(packed))

    @classmethod
    def of(cls, label: Label, request: int, issued_at_s: int, items: bytes, bits: bytes, touched: list[Any]) -> Self:
        """The list from msgpack's values."""
        marks = {item: Mark(of_item) for item, of_item in zip(struct.unpack(f"<{len(bits)}I", items), bits, strict=True)}
        in_order = list(marks.values())
        for place, touched_s, order in touched:
            in_order[place].touched_s = touched_s
            in_order[place].order = None if order is None else Order.of(order)
        return cls(Shown(label, request, issued_at_s), marks, bool(touched))
