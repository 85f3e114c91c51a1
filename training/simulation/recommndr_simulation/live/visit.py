"""One visitor's visit as a generator: it yields the next act and the time before it, and receives the requested list.

    each mission   open a page -> a recommended list is shown -> looks: an item of the list by planted preference and position,
                   else an item of the shop's own page of the leaf -> the item's page -> perhaps its similar items, perhaps
                   the cart
    at the end     perhaps an order of everything in the cart

Pure: the same world, visitor, instant, random numbers and lists give the same acts.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from recommndr.events import KIND_CODE, Line
from recommndr.identity import ItemId
from recommndr_simulation import choice
from recommndr_simulation.arrays import Bools, Doubles, Ints
from recommndr_simulation.buying import PARTNER_BOUGHT, REMOVED, SEVERAL
from recommndr_simulation.choice import COMPARE, TARGET
from recommndr_simulation.live.market import NOT_OURS, Market
from recommndr_simulation.live.visitors import Visitor
from recommndr_simulation.moves import IDENTIFY
from recommndr_simulation.sessions import plan
from recommndr_simulation.storefront import ShownList
from recommndr_simulation.titles import CURRENCY
from recommndr_simulation.trail import think_time_s

_PAGE_LOADS_S = 0.6  # until a page's content is seen
_ASKS_FOR_SIMILAR = 0.2
Rail = Literal["recommend", "similar_items"]


@dataclass(frozen=True, slots=True)
class Ask:
    """Open a page with a list; `wait_s` is the time before it, at a real shopper's pace."""

    rail: Rail
    user_id: str
    wait_s: float
    item_id: str | None = None  # the item whose similar items are asked for


@dataclass(frozen=True, slots=True)
class Did:
    """An event that the shop sends to the platform; `rail` names the list it belongs to."""

    kind: str
    user_id: str
    wait_s: float
    lines: tuple[Line, ...] = ()
    attribution: str | None = None
    guest_id: str | None = None
    rail: Rail | None = None


Act = Ask | Did
Acts = Generator[Act, ShownList, None]


@dataclass(slots=True)
class _List:
    """A list as the visitor sees it; places with items that are not planted are kept but get no looks."""

    shown: ShownList
    rail: Rail
    rows: Ints  # (C,)
    interest: Doubles  # (C,)
    left: Bools  # (C,) not looked at yet in this visit


@dataclass(slots=True)
class Visit:
    """One visit of one visitor; it begins at `at_s`."""

    market: Market
    visitor: Visitor
    at_s: float
    rng: np.random.Generator
    _day: Ints = field(init=False)  # (1,)
    _user_id: str = ""
    _intent: int = COMPARE
    _seen: set[int] = field(default_factory=set)
    _cart: dict[int, str | None] = field(default_factory=dict)  # row of the item -> token of the list it comes from

    def acts(self) -> Acts:
        """All acts in order; the caller sends each `Ask` its list."""
        world, who = self.market.world, self.visitor.who
        self._user_id = self.visitor.guest_id or self.visitor.user_id
        self._day = world.calendar.day_of(np.array([self.at_s]))
        planned = plan(world, who, np.array([self.at_s]), np.array([self.visitor.is_new]), self.rng)
        self._intent = int(planned.intent[0])
        for mission in np.flatnonzero(planned.looks[0]).tolist():
            yield from self._mission(mission, int(planned.leaves[0, mission]), int(planned.looks[0, mission]))
            if mission == 0 and self.visitor.logs_in:
                yield self._log_in()
        yield from self._check_out()

    def _mission(self, number: int, leaf: int, n_looks: int) -> Acts:
        wait_s = 0.0 if number == 0 else self._think_s("impression")
        shown = yield Ask("recommend", self._user_id, wait_s)
        rail = yield from self._see("recommend", shown, leaf)
        for _ in range(n_looks):
            place = self._draw_place(rail)
            if place is None:
                yield from self._find_by_oneself(leaf)
            else:
                yield from self._click(rail, place)

    def _see(self, name: Rail, shown: ShownList, leaf: int) -> Generator[Act, ShownList, _List]:
        """The list as the visitor sees it; its impression is sent."""
        rows = self.market.rows(shown.item_ids)
        if shown.item_ids:
            lines = tuple(Line(item_id=ItemId(each), position=place) for place, each in enumerate(shown.item_ids))
            yield Did("impression", self._user_id, _PAGE_LOADS_S, lines, shown.attribution, rail=name)
        ours = np.where(rows == NOT_OURS, 0, rows)
        interest = self.market.interest(self.visitor.who, leaf, ours)[0].astype(np.float64)
        return _List(shown, name, ours, interest, rows != NOT_OURS)

    def _draw_place(self, rail: _List) -> int | None:
        """The place in the list of the next look; None when the visitor leaves the list."""
        rail.left &= np.array([row not in self._seen for row in rail.rows.tolist()], bool)
        if not rail.left.any():
            return None
        interest = np.where(rail.left, rail.interest, -np.inf)[None, :].astype(np.float32)
        chances = choice.click_probabilities(self.market.world, self.visitor.who, rail.rows[None, :], self._day, interest)[0]
        place = int(np.searchsorted(np.cumsum(chances), self.rng.random(), side="right"))
        return place if place < len(chances) else None

    def _click(self, rail: _List, place: int) -> Acts:
        row = int(rail.rows[place])
        lines = (self._line(row, position=place),)
        yield Did("click", self._user_id, self._think_s("click"), lines, rail.shown.attribution, rail=rail.rail)
        yield self._told("view", row, _PAGE_LOADS_S, rail.shown.attribution)
        yield from self._consider(row, rail.shown.attribution)
        # Not without limit: similar items of similar items are not requested.
        if rail.rail == "recommend" and self.rng.random() < _ASKS_FOR_SIMILAR:
            yield from self._look_around(row)

    def _look_around(self, row: int) -> Acts:
        shown = yield Ask("similar_items", self._user_id, _PAGE_LOADS_S, self.market.item_ids[row])
        rail = yield from self._see("similar_items", shown, int(self.market.world.catalogue.leaf[row]))
        place = self._draw_place(rail)
        if place is not None:
            yield from self._click(rail, place)

    def _find_by_oneself(self, leaf: int) -> Acts:
        """A look at an item of the shop's own page of the leaf, without a recommendation."""
        world, who = self.market.world, self.visitor.who
        items, filled = choice.draw_slate(world, np.array([leaf]), self._day, self.rng)
        filled &= ~np.isin(items, list(self._seen))
        if not filled.any():
            return
        appeal = choice.utility(world, who, items, self._day) + choice.examination(np.arange(items.shape[1]))
        row = int(items[0, choice.rank_looks(appeal, filled, 1, self.rng)[0, 0]])
        yield self._told("view", row, self._think_s("view"))
        yield from self._consider(row, None)

    def _consider(self, row: int, attribution: str | None) -> Acts:
        """Decide whether the viewed item goes into the cart, and stays there."""
        value = choice.utility(self.market.world, self.visitor.who, np.array([[row]]), self._day)[:, 0]
        # A shopper who comes for one item wants that one; later looks are comparisons.
        meant = COMPARE if self._intent == TARGET and self._seen else self._intent
        self._seen.add(row)
        if self.rng.random() >= choice.cart_probability(self.visitor.who, value, np.array([meant]), np.array([self.at_s]))[0]:
            return
        yield self._told("add_to_cart", row, self._think_s("add_to_cart"), attribution)
        if self.rng.random() < REMOVED:
            yield self._told("remove_from_cart", row, self._think_s("remove_from_cart"))
        else:
            self._cart[row] = attribution

    def _log_in(self) -> Did:
        guest_id, self._user_id = self._user_id, self.visitor.user_id
        # A list shown to the guest is not this shopper's: its token would be refused as foreign.
        self._cart = dict.fromkeys(self._cart)
        return Did("identify", self._user_id, self._think_s("identify"), guest_id=guest_id)

    def _check_out(self) -> Acts:
        at_s, who = np.array([self.at_s]), self.visitor.who
        if not self._cart or self.rng.random() >= choice.order_probability(who, np.array([self._intent]), at_s)[0]:
            return
        for row in list(self._cart):
            partner = int(self.market.world.catalogue.partner[row])
            on_sale = bool(choice.available(self.market.world, np.array([partner]), self._day)[0])
            if self.rng.random() < PARTNER_BOUGHT and on_sale and partner not in self._cart:
                yield self._told("add_to_cart", partner, self._think_s("add_to_cart"))
                self._cart[partner] = None
        lines = tuple(self._line(row, self._quantity(row)) for row in self._cart)
        # An event carries one token: that of the newest list from which a cart item comes.
        token = next((each for each in reversed(self._cart.values()) if each is not None), None)
        yield Did("purchase", self._user_id, self._think_s("purchase"), lines, token)

    def _quantity(self, row: int) -> int:
        goods = self.market.world.catalogue
        several = goods.leaf_days_again[goods.leaf[row]] > 0 and self.rng.random() < SEVERAL
        return 1 + int(self.rng.geometric(0.6)) if several else 1

    def _told(self, kind: str, row: int, wait_s: float, attribution: str | None = None) -> Did:
        return Did(kind, self._user_id, wait_s, (self._line(row),), attribution)

    def _line(self, row: int, quantity: int = 1, position: int | None = None) -> Line:
        paid = int(choice.price_minor(self.market.world, np.array([row]), self._day)[0])
        item_id = ItemId(self.market.item_ids[row])
        return Line(item_id=item_id, quantity=quantity, price_minor=paid, currency=CURRENCY, position=position)

    def _think_s(self, kind: str) -> float:
        code = IDENTIFY if kind == "identify" else KIND_CODE[kind]
        return float(think_time_s(np.array([code], np.int8), self.rng)[0])
