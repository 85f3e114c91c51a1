"""Derives from a log what shoppers may come back for in the planted behaviour: purchases and items left behind."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommndr_simulation.arrays import Bools, Doubles, Ints

LOOKS = ("view", "click")
_SESSION_GAP_S = 1_800.0


@dataclass(frozen=True, slots=True)
class History:
    """What is known before an instant; rows of shoppers and items of a world."""

    bought_by: Ints  # one entry per shopper and distinct bought item
    bought: Ints
    bought_at_s: Doubles  # time of the last purchase
    left_by: Ints  # one entry per shopper and item left in the cart
    left: Ints
    looked_by: Ints  # items of each shopper's last session, if nothing was left in a cart
    looked: Ints
    ordered_by: Ints  # items of an order in each shopper's last session
    ordered: Ints


def history_of(lines: pd.DataFrame, users: pd.Index, items: pd.Index) -> History:
    """History of `lines` (user_id, item_id, kind, at_s), all before the instant of interest; unknown users are left out."""
    user, item = users.get_indexer(pd.Index(lines["user_id"])), items.get_indexer(pd.Index(lines["item_id"]))
    known = (user >= 0) & (item >= 0)
    order = np.lexsort((lines["at_s"].to_numpy(), user))
    order = order[known[order]]
    user, item, at_s = user[order].astype(np.int64), item[order].astype(np.int64), lines["at_s"].to_numpy()[order]
    kind = lines["kind"].to_numpy()[order]
    bought, looked = kind == "purchase", np.isin(kind, LOOKS)
    pair = user * len(items) + item
    bought_pair, last = _last_times(pair[bought], at_s[bought])
    left = _left_in_cart(user, pair, at_s, kind, len(users))
    recent = _in_last_session(user, at_s)
    waits = np.isin(user, left // len(items))
    seen = np.unique(pair[recent & looked & ~waits])
    ordered = np.unique(pair[recent & bought])
    parts = [part for pairs in (left, seen, ordered) for part in np.divmod(pairs, len(items))]
    return History(*np.divmod(bought_pair, len(items)), last, *parts)


def _last_times(pair: Ints, at_s: Doubles) -> tuple[Ints, Doubles]:
    distinct, which = np.unique(pair, return_inverse=True)
    last = np.full(len(distinct), -np.inf)
    np.maximum.at(last, which, at_s)
    return distinct, last


def _left_in_cart(user: Ints, pair: Ints, at_s: Doubles, kind: npt.NDArray[np.object_], n_users: int) -> Ints:
    """The newest item that each shopper has put into the cart since the last order and not removed."""
    last_order = np.full(n_users, -np.inf)
    bought = kind == "purchase"
    np.maximum.at(last_order, user[bought], at_s[bought])
    waiting = (kind == "add_to_cart") & (at_s > last_order[user])
    taken_out = pair[kind == "remove_from_cart"]
    rows = np.flatnonzero(waiting & ~np.isin(pair, taken_out))
    newest = rows[np.flatnonzero(np.diff(user[rows], append=-1))]
    return pair[newest]


def _in_last_session(user: Ints, at_s: Doubles) -> Bools:
    opens = np.ones(len(user), bool)
    opens[1:] = (user[1:] != user[:-1]) | (np.diff(at_s) >= _SESSION_GAP_S)
    session = np.cumsum(opens) - 1
    last = np.full(int(user.max(initial=-1)) + 1, -1)
    last[user] = session  # rows are in time order, so the newest one stays
    same: Bools = session == last[user]
    return same
