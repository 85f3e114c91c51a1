"""A shop's business rules as arrays over its live item table, and what they ask of one list; pure.

A list is made in this order: what is blocked or was bought too lately is no candidate; boosts and buries move the candidates;
pinned items take their places; caps hold for the others, and pinned items count. Boosts of one item multiply.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from recommndr.business_rules import Block, Boost, Bury, Cap, NotAgain, Pin, SetRule, Target
from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrays import NO_ROW, Mask, Rows, ScoreArray
from recommndr_engine.live_items import ItemTable, LiveItems
from recommndr_engine.variety import Variety

_DAY_S = 86_400.0
_NO_ROWS = np.zeros(0, np.int32)


class PlacedPin(NamedTuple):
    """A pinned item and the first place that it may have, counted from 0."""

    place: int
    live_row: int
    rule: Pin
    rule_id: str


class Lately(NamedTuple):
    """What was bought within so many seconds is refused: of these live rows, None: of all."""

    seconds: float
    rows: Rows | None


class CapOnItems(NamedTuple):
    """At most so many places for the items of a mask by live row."""

    at_most: int
    items: Mask

    def keeps(self, live_rows: Rows) -> Mask:
        """(n,) whether each of the items, given best first, is within the cap."""
        last = len(self.items) - 1
        capped = (live_rows <= last) & self.items[np.minimum(live_rows, last)]
        kept: Mask = ~capped | (np.cumsum(capped) <= self.at_most)
        return kept


@dataclass(frozen=True, slots=True, eq=False)
class RulesInForce:
    """The rules that hold now; arrays are parallel to the live item table at the time when they were compiled."""

    rules: tuple[SetRule, ...] = ()  # by id
    blocked: Rows = field(default_factory=lambda: _NO_ROWS)  # live rows, others of their groups included
    factors: ScoreArray | None = None  # (n,) by which each item is closer to the top; None: 1
    pins: tuple[PlacedPin, ...] = ()  # by place and id
    lately: tuple[Lately, ...] = ()
    caps: tuple[CapOnItems, ...] = ()
    max_per_category: int | None = None
    max_per_brand: int | None = None

    @classmethod
    def of(cls, rules: Iterable[SetRule], live: LiveItems) -> "RulesInForce":
        """These rules over the items of now."""
        by_id = tuple(sorted(rules, key=lambda one: one.rule_id))
        if not by_id:
            return NO_RULES
        table, each = live.table, [one.rule for one in by_id]
        blocks = [rule.target for rule in each if isinstance(rule, Block)]
        moved = [(rule.target, _factor(rule)) for rule in each if isinstance(rule, Boost | Bury)]
        caps = [rule for rule in each if isinstance(rule, Cap)]
        pins = [
            PlacedPin(one.rule.place - 1, _row(live, one.rule.item_id), one.rule, one.rule_id)
            for one in by_id
            if isinstance(one.rule, Pin)
        ]
        return cls(
            rules=by_id,
            blocked=live.with_groups(_rows_of_any(live, table, blocks)) if blocks else _NO_ROWS,
            factors=_factors(live, table, moved) if moved else None,
            pins=tuple(sorted((pin for pin in pins if pin.live_row != NO_ROW), key=lambda pin: pin.place)),
            lately=tuple(lately_of(live, table, rule) for rule in each if isinstance(rule, NotAgain)),
            caps=tuple(CapOnItems(cap.at_most, members(live, table, cap.target)) for cap in caps if cap.target is not None),
            max_per_category=min((cap.at_most for cap in caps if cap.per == "category"), default=None),
            max_per_brand=min((cap.at_most for cap in caps if cap.per == "brand"), default=None),
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is no rule."""
        return not self.rules

    def refused(self, live: LiveItems, row: ShopperRow | None, now_s: float) -> Rows:
        """Live rows that may be in no list of this shopper; `row` is None for an unknown one."""
        if row is None or not self.lately:
            return self.blocked
        return np.concatenate([self.blocked, refused_lately(live, row, now_s, self.lately)])

    @property
    def keeps_out(self) -> bool:
        """Whether rules may keep items from being candidates."""
        return bool(len(self.blocked) or self.lately)

    def factor_of(self, live_rows: Rows) -> ScoreArray:
        """(n,) the factor of each row; 1 for items that came after the rules were compiled."""
        if self.factors is None:
            return np.ones(len(live_rows), np.float32)
        last = len(self.factors) - 1
        found: ScoreArray = np.where(live_rows <= last, self.factors[np.minimum(live_rows, last)], np.float32(1.0))
        return found

    def variety(self, asked: Variety) -> Variety:
        """What is asked of a list, within the caps of every brand and category."""
        if self.max_per_category is None and self.max_per_brand is None:
            return asked
        per_category = _least(asked.max_per_category, self.max_per_category)
        return Variety(per_category, _least(asked.max_per_brand, self.max_per_brand), asked.diversity)

    def pins_in(self, list_name: str, category: tuple[str, ...]) -> list[PlacedPin]:
        """The pins of a list that is filtered to a category (empty: to none), by place and id."""
        return [
            pin for pin in self.pins if list_name in pin.rule.lists and category[: len(pin.rule.category)] == pin.rule.category
        ]


def members(live: LiveItems, table: ItemTable, target: Target) -> Mask:
    """(len(table),) whether each live row is one of the items."""
    found = np.zeros(len(table), np.bool_)
    if target.items:
        rows = live.rows_of(target.items)
        found[rows[rows != NO_ROW]] = True
    elif target.category:
        code = live.category_codes.find(target.category)
        found |= False if code is None else table.categories[:, len(target.category) - 1] == code
    elif target.brand is not None:
        code = live.brand_codes.find(target.brand)
        found |= False if code is None else table.brand == code
    return found


def refused_lately(live: LiveItems, row: ShopperRow, now_s: float, lately: Sequence[Lately]) -> Rows:
    """Live rows of what the shopper bought too lately to be offered, others of their groups included."""
    bought = [_bought(live, row, now_s, one) for one in lately]
    return live.with_groups(np.unique(np.concatenate(bought)))


def _bought(live: LiveItems, row: ShopperRow, now_s: float, lately: Lately) -> Rows:
    """Live rows of what the shopper bought within the time."""
    places = np.flatnonzero(row.purchased_last_s > now_s - lately.seconds)
    rows = live.rows_of([row.purchased_item_ids[place] for place in places])
    known: Rows = rows[rows != NO_ROW if lately.rows is None else np.isin(rows, lately.rows)]
    return known


def _row(live: LiveItems, item_id: str) -> int:
    return int(live.rows_of([item_id])[0])


def _factor(rule: Boost | Bury) -> float:
    return rule.factor if isinstance(rule, Boost) else 1.0 / rule.factor


def _least(one: int | None, other: int | None) -> int | None:
    return min((n for n in (one, other) if n is not None), default=None)


def lately_of(live: LiveItems, table: ItemTable, rule: NotAgain) -> Lately:
    """The rule over the items of now."""
    rows = None if rule.target is None else np.flatnonzero(members(live, table, rule.target)).astype(np.int32)
    return Lately(rule.days * _DAY_S, rows)


def _rows_of_any(live: LiveItems, table: ItemTable, targets: Sequence[Target]) -> Rows:
    found = np.zeros(len(table), np.bool_)
    for target in targets:
        found |= members(live, table, target)
    return np.flatnonzero(found).astype(np.int32)


def _factors(live: LiveItems, table: ItemTable, moved: Sequence[tuple[Target, float]]) -> ScoreArray:
    found = np.ones(len(table), np.float32)
    for target, factor in moved:
        np.multiply(found, factor, out=found, where=members(live, table, target))
    return found


NO_RULES = RulesInForce()
