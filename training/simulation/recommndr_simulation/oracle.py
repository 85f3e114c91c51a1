"""The best possible lists: items ranked by the planted expectation of looks or purchases.

    general   visits * P(leaf) * P(look | leaf) * P(cart | look) * P(order | cart)
    due       P(a visit after it is due) * P(restock) * P(order)
    left      P(a visit) * P(comes back) * P(cart) * P(order)

P(leaf) is exact for the first mission of a visit and first order for what goes with it. P(look | leaf) replaces the random list
by its mean: an item is on the list with 1 - (1 - attention)^SLATE_SIZE, is examined as at its mean position, and competes with
the mean sum of the others. So the oracle is slightly below the best possible; a test compares it with the log's frequencies.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recommndr_engine.list_metrics import ndcg_at_k
from recommndr_simulation import buying, choice, looking, sessions
from recommndr_simulation.arrays import Bools, Doubles, Floats, Ints, Rows
from recommndr_simulation.choice import BROWSE, COMPARE, TARGET
from recommndr_simulation.generation import mean_returns
from recommndr_simulation.history import History, history_of
from recommndr_simulation.memory import DUE_FROM
from recommndr_simulation.shoppers import Shoppers
from recommndr_simulation.titles import item_ids, user_ids
from recommndr_simulation.world import World

DAY_S = 86_400.0
_MISSIONS_BY_LOOKS = (0.45, 0.2, 0.1, 0.25)  # share of missions with 1 .. 4 looks in planted plans
_FOLLOWING = 0.25  # missions to complements of the last leaf, per first mission
_ONCE = 1.0  # the visit that every shopper makes
# Memory of a batch: shoppers x items in float64, several arrays.
_CELLS = 8_000_000
NOTHING_EXCLUDED: Mapping[str, Collection[str]] = {}


@dataclass(frozen=True, slots=True)
class Question:
    """The instant, the horizon, and what counts."""

    at_s: float
    horizon_s: float
    purchases: bool  # else looks


class Oracle:
    """Planted expectations of a world, given what is known of its shoppers' past."""

    def __init__(self, world: World, history: History) -> None:
        self._world, self._history = world, history
        self._returns = mean_returns(world)

    def expectation(self, shoppers: Ints, question: Question) -> Doubles:
        """(n, N) expected number of purchases (or looks) of each item by each of `shoppers` (rows, all different)."""
        who = self._world.shoppers.take(shoppers)
        day = np.full(len(shoppers), self._world.calendar.day_of(np.array([question.at_s]))[0])
        goods = np.arange(self._world.catalogue.n_items)[None, :]
        value = choice.utility(self._world, who, goods, day)
        on_sale = choice.available(self._world, goods, day[:, None])
        rate = _ONCE + self._returns * who.rate.astype(np.float64)
        visits = rate * question.horizon_s / (self._world.calendar.n_days * DAY_S)
        expected = visits[:, None] * self._general(who, value, on_sale, day, question)
        self._add_memory(expected, shoppers, value, visits, question)
        possible: Doubles = np.where(on_sale, expected, 0.0)
        return possible

    def top_k(self, shoppers: Ints, question: Question, k: int) -> Ints:
        """(n, k) rows of the catalogue, best first."""
        step = max(1, _CELLS // self._world.catalogue.n_items)
        lists = []
        for begin in range(0, len(shoppers), step):
            expected = self.expectation(shoppers[begin : begin + step], question)
            best = np.argpartition(-expected, k - 1, axis=1)[:, :k]
            order = np.argsort(-np.take_along_axis(expected, best, axis=1), axis=1, kind="stable")
            lists.append(np.take_along_axis(best, order, axis=1))
        return np.concatenate(lists)

    def _general(self, who: Shoppers, value: Floats, on_sale: Bools, day: Ints, question: Question) -> Doubles:
        goods = self._world.catalogue
        shown, examined = self._exposure(on_sale[0])
        weight = np.exp(value.astype(np.float64)) * examined
        sums = np.add.reduceat(shown * weight, goods.leaf_start[:-1], axis=1)[:, goods.leaf]
        others = np.maximum(sums - shown * weight, 1e-12)
        passed = others / (weight + others)
        looked = sum(share * (1 - passed ** (n + 1)) for n, share in enumerate(_MISSIONS_BY_LOOKS)) * shown
        looked = looked * self._leaf_chances(who, day)[:, goods.leaf]
        if question.purchases:
            looked *= self._bought_of_looks(who, value, question)
        expected: Doubles = looked
        return expected

    def _exposure(self, on_sale: Bools) -> tuple[Doubles, Doubles]:
        """(N,) how likely an item is on its leaf's list, and how likely it is examined there."""
        goods = self._world.catalogue
        attention = goods.attention * on_sale
        missed = np.ones(len(attention))
        examined = np.zeros(len(attention))
        for _ in range(choice.SLATE_SIZE):
            before = np.bincount(goods.leaf, (1 - missed) * on_sale, goods.n_leaves)
            examined += attention * missed * np.exp(choice.examination(before)[goods.leaf])
            missed *= 1 - attention
        return 1 - missed, examined / np.maximum(1 - missed, 1e-12)

    def _leaf_chances(self, who: Shoppers, day: Ints) -> Doubles:
        """(n, L) expected missions to each leaf per visit."""
        goods = self._world.catalogue
        ends = self._world.calendar.leaf_end[day]
        everyone = np.diff(ends, axis=1, prepend=day[:, None].astype(np.float64))
        own = np.zeros(everyone.shape)
        weight = choice.favourite_weight(self._world, who, day)
        rows = np.repeat(np.arange(len(day)), weight.shape[1])
        np.add.at(own, (rows, who.favourite_leaves.ravel()), (weight / weight.sum(axis=1, keepdims=True)).ravel())
        faithful = who.faithful[:, None]
        first = faithful * own + (1 - faithful) * everyone
        following = np.zeros(first.shape)
        for column in goods.leaf_complements.T:
            np.add.at(following.T, column, first.T / goods.leaf_complements.shape[1])
        chances: Doubles = first + _FOLLOWING * following
        return chances

    def _bought_of_looks(self, who: Shoppers, value: Floats, question: Question) -> Doubles:
        """(n, N) share of looks that end in a purchase, averaged over intents."""
        at_s = np.full(len(who.urge), question.at_s)
        urgent = np.minimum(sessions.URGE_SHARE * who.urge.astype(np.float64), sessions.MOST_URGENT)
        share = {TARGET: sessions.SHARE_TARGET * urgent, COMPARE: (1 - sessions.SHARE_TARGET) * urgent, BROWSE: 1 - urgent}
        comes_back = looking.COMES_BACK_FOR_PENDING * _order(who, TARGET, at_s)
        bought = np.zeros(value.shape)
        for intent, chance in share.items():
            ordered = _order(who, intent, at_s)
            carted = _cart(who, value, intent, at_s)
            bought += (chance * (ordered + (1 - ordered) * comes_back))[:, None] * carted
        return bought

    def _add_memory(self, expected: Doubles, shoppers: Ints, value: Floats, visits: Doubles, question: Question) -> None:
        """Add what shoppers come back for: due consumables, and items left in the cart or remembered."""
        past, goods = self._history, self._world.catalogue
        place = pd.Index(shoppers)
        who = self._world.shoppers.take(shoppers)
        at_s = np.full(len(shoppers), question.at_s)
        order = _order(who, TARGET, at_s) if question.purchases else np.ones(len(shoppers))
        carted = (
            _cart(who, value + np.float32(buying.PENDING_UTILITY), COMPARE, at_s)
            if question.purchases
            else np.ones(value.shape)
        )
        soon = 1 - np.exp(-visits)
        back = looking.COMES_BACK_FOR_PENDING
        row = place.get_indexer(pd.Index(past.left_by))
        known = row >= 0
        np.add.at(expected, (row[known], past.left[known]), (back * soon * order)[row[known]])
        for by, item, stays in (
            (past.ordered_by, goods.partner[past.ordered].astype(np.int64), buying.PARTNER_IN_MIND),
            (
                past.looked_by,
                past.looked,
                buying.LEFT_BEHIND / 2,
            ),  # one look of a session is remembered, mostly of two or three
        ):
            row = place.get_indexer(pd.Index(by))
            cell = (row[row >= 0], item[row >= 0])
            np.add.at(expected, cell, stays * back * (soon * order)[cell[0]] * carted[cell])
        self._add_used_up(expected, place, visits, order, question)

    def _add_used_up(self, expected: Doubles, place: pd.Index, visits: Doubles, order: Doubles, question: Question) -> None:
        past, goods = self._history, self._world.catalogue
        row = place.get_indexer(pd.Index(past.bought_by))
        again_s = goods.leaf_days_again[goods.leaf[past.bought]].astype(np.float64) * DAY_S
        due_s = past.bought_at_s + DUE_FROM * again_s
        known = (row >= 0) & (again_s > 0) & (due_s < question.at_s + question.horizon_s)
        row, item = row[known], past.bought[known]
        open_share = np.minimum(1.0, (question.at_s + question.horizon_s - due_s[known]) / question.horizon_s)
        n_due = np.bincount(row, minlength=len(visits))[row]
        carted = buying.RESTOCK_CARTED if question.purchases else 1.0
        chance = 1 - np.exp(-visits[row] * open_share * looking.RESTOCKS / n_due)
        np.add.at(expected, (row, item), chance * carted * order[row])


def _order(who: Shoppers, intent: int, at_s: Doubles) -> Doubles:
    return choice.order_probability(who, np.full(len(at_s), intent), at_s)


def _cart(who: Shoppers, value: Floats, intent: int, at_s: Doubles) -> Doubles:
    return choice.cart_probability(who, value, np.full(len(at_s), intent), at_s)


def oracle_top_k(
    world: World, lines: pd.DataFrame, wanted: tuple[Sequence[str], Sequence[str]], question: Question, k: int
) -> Rows:
    """The best possible lists: (n_users, k) rows into the given item ids, best first.

    Parameters
    ----------
    lines
        The known log: user_id, item_id, kind, at_s; rows at or after `question.at_s` are not read.
    wanted
        User ids of interest, and item ids in the wanted row order (a bundle's). Users who are not shoppers of the world get -1
        everywhere, and so do places whose item is not among the item ids.
    """
    asked, rows = wanted
    users, items = pd.Index(user_ids(world.shoppers.n_shoppers).to_pylist()), pd.Index(item_ids(world.catalogue).to_pylist())
    oracle = Oracle(world, history_of(lines[lines["at_s"] < question.at_s], users, items))
    shopper = users.get_indexer(pd.Index(asked))
    lists = np.full((len(asked), k), -1, np.int32)
    known = np.flatnonzero(shopper >= 0)
    if len(known):
        row_of = pd.Index(rows).get_indexer(items)
        lists[known] = row_of[oracle.top_k(shopper[known], question, k)]
    return lists


def oracle_ndcg(
    world: World,
    lines: pd.DataFrame,
    relevant: Mapping[str, Sequence[str]],
    question: Question,
    excluded: Mapping[str, Collection[str]] = NOTHING_EXCLUDED,
    k: int = 10,
) -> Doubles:
    """(users,) NDCG@k of the best possible lists against what happened; divide a model's mean by its mean to get a share.

    `relevant` = by user id the items bought (or looked at) within the horizon, never empty; `excluded` is left out of lists.
    """
    items = item_ids(world.catalogue).to_pylist()
    deepest = k + max((len(left_out) for left_out in excluded.values()), default=0)
    lists = oracle_top_k(world, lines, (list(relevant), items), question, deepest)
    number = {item: row for row, item in enumerate(items)}
    hits = np.zeros((len(relevant), k), np.bool_)
    for user, (user_id, wanted) in enumerate(relevant.items()):
        left_out = excluded.get(user_id, ())
        best = [row for row in lists[user].tolist() if row < 0 or items[row] not in left_out][:k]
        hits[user] = np.isin(best, [number[item] for item in wanted if item in number])
    return ndcg_at_k(hits, np.array([len(set(wanted) & number.keys()) for wanted in relevant.values()]), k)
