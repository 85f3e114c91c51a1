"""Finds which of the grocer's products are one product in several sizes.

The data give a maker, a category path and a size, but no flavour, cut or colour. Most products of one
maker on one path (all its yogurts) therefore differ in more than size. A group must meet all of these conditions:

- It has all products of one maker on one path, and each has a different size. Two of one size differ in something unknown.
- Each size holds at least 1.5 times as much as the next smaller one. Of closer sizes the bigger one seldom costs more, so
  these are different products.
- Each size costs more than the size before, but not more for the same amount.

ADR 23 has the figures.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

# The till writes ounces for weights and for volumes, so both are one measure here. Lengths are not contents.
_OUNCES = {
    "oz": 1.0, "fl oz": 1.0, "lb": 16.0, "g": 0.035274, "kg": 35.274, "ml": 0.033814, "l": 33.814, "pt": 16.0, "qt": 32.0,
    "half gal": 64.0, "gal": 128.0,
}  # fmt: skip
_PIECES = {"ct": 1.0, "pack": 1.0, "dozen": 12.0}
_NUMBER = r"\d+(?:\.\d+)?"
_CONTENTS = re.compile(rf"(?:.+, |({_NUMBER}) x )?({_NUMBER}) ([a-z ]+)")  # "8 ct, 16 oz" holds 16 ounces, "6 x 12 oz" holds 72
_SAID_IN_WORDS = {"half gal": "1 half gal"}
_NEXT_SIZE_FROM = 1.5
_UNIT_PRICE_SLACK = 1.1  # prices end in 9, and bigger sizes are on offer less often


@dataclass(frozen=True, slots=True)
class Product:
    """What the data have on one product to compare sizes."""

    item_id: str
    family: Hashable  # maker and category path
    size: str | None  # from `grocer_sizes.package_size`
    price_minor: int | None


def size_groups(products: Iterable[Product]) -> dict[str, str]:
    """Return group ids by item id, without products that have no other size. A group's id is the smallest id of its members.

    >>> dip = lambda item_id, size, price: Product(item_id, ("maker 7", "dips"), size, price)
    >>> size_groups([dip("a", "16 oz", 209), dip("b", "8 oz", 109)])
    {'a': 'a', 'b': 'a'}
    >>> size_groups([dip("a", "16 oz", 209), dip("b", "8 oz", 109), dip("c", "8 oz", 109)])  # onion or spinach?
    {}
    """
    families: dict[Hashable, list[Product]] = defaultdict(list)
    for product in products:
        families[product.family].append(product)
    found = [members for members in families.values() if len(members) > 1 and _differ_in_size_only(members)]
    return {product.item_id: min(member.item_id for member in members) for members in found for product in members}


@cache  # few sizes, many products
def contents(size: str) -> tuple[str, float] | None:
    """Return the measure and the amount in a package; None for sizes that cannot be compared.

    >>> contents("6 x 12 oz"), contents("half gal"), contents("pack of 6"), contents("30 x 60 in"), contents("large")
    (('oz', 72.0), ('oz', 64.0), ('ct', 6.0), None, None)
    """
    said = re.sub(r"^pack of (.+)", r"\1 pack", _SAID_IN_WORDS.get(size, size))
    match = _CONTENTS.fullmatch(said)
    if match is None:
        return None
    times, number, unit = match.groups()
    amount = float(times or 1) * float(number)
    for measure, units in (("oz", _OUNCES), ("ct", _PIECES)):
        if unit in units and amount > 0.0:
            return measure, amount * units[unit]
    return None


def _differ_in_size_only(members: Sequence[Product]) -> bool:
    sizes = [contents(member.size) if member.size else None for member in members]
    prices = [member.price_minor or 0 for member in members]
    if None in sizes or 0 in prices or len({size[0] for size in sizes if size}) > 1:
        return False
    ordered = sorted((size[1], price) for size, price in zip(sizes, prices, strict=True) if size)
    return all(_is_next_size(*smaller, *bigger) for smaller, bigger in pairwise(ordered))


def _is_next_size(amount: float, price: int, next_amount: float, next_price: int) -> bool:
    times = next_amount / amount
    return times >= _NEXT_SIZE_FROM and 1.0 < next_price / price <= times * _UNIT_PRICE_SLACK
