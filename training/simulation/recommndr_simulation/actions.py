"""Actions of a shop's shoppers as arrays: one row per line of a view, cart, favourite or purchase, by shopper and time.

Impressions, searches and `identify` are not actions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_simulation.arrays import Bools, Codes, Doubles, Ints, Rows

LOOK, CART, PURCHASE, FAVOURITE = 0, 1, 2, 3
_AS_ACTION = {"view": LOOK, "click": LOOK, "add_to_cart": CART, "purchase": PURCHASE, "favorite": FAVOURITE, "like": FAVOURITE}
SESSION_GAP_S = 1_800.0


@dataclass(frozen=True, slots=True)
class Actions:
    """N rows ordered by (user, time). Numbers of users, items, orders and leaves count from 0; -1 = not known."""

    user: Rows
    item: Rows
    what: Codes
    at_s: Doubles
    order: Ints  # lines of one order share it; -1 = no purchase
    price: Doubles  # NaN = not known
    leaf_of_item: Rows  # (items,)
    n_events: int  # of all kinds, as the log counts them
    n_shown: int  # impressions among them

    def __len__(self) -> int:
        return len(self.user)

    def sessions(self) -> Ints:
        """(N,) number of each row's session: a shopper's actions without a pause of half an hour."""
        opens = np.ones(len(self), bool)
        opens[1:] = (self.user[1:] != self.user[:-1]) | (np.diff(self.at_s) >= SESSION_GAP_S)
        return np.cumsum(opens) - 1


class _Numbers:
    """Numbers for ids that come in batches."""

    def __init__(self) -> None:
        self.known: dict[str | None, int] = {None: -1}

    def numbers(self, ids: pa.ChunkedArray) -> Rows:
        coded = pc.dictionary_encode(ids.combine_chunks(), null_encoding="encode")
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        places = [self.known.setdefault(each, len(self.known) - 1) for each in coded.dictionary.to_pylist()]
        found: Rows = np.array(places, np.int32)[coded.indices.to_numpy(zero_copy_only=False)]
        return found


def read_actions(batches: Iterable[pa.Table], leaf_of: dict[str, int]) -> Actions:
    """Actions in rows of the lake; no batch may split an event. `leaf_of` = number of each item's leaf category."""
    users, items, orders = _Numbers(), _Numbers(), _Numbers()
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    n_events = n_shown = 0
    for batch in batches:
        # By id: a line's number says nothing of how many there are, in imports it is drawn from what the line says.
        n_events += pc.count_distinct(batch["event_id"]).as_py()
        n_shown += pc.count_distinct(batch.filter(pc.equal(batch["kind"], "impression"))["event_id"]).as_py()
        actions = batch.filter(pc.is_in(batch["kind"], pa.array(list(_AS_ACTION))))
        if actions.num_rows == 0:
            continue
        kind = actions["kind"].combine_chunks().dictionary_encode()
        what = np.array([_AS_ACTION[name] for name in kind.dictionary.to_pylist()], np.int8)[kind.indices.to_numpy()]
        event = pc.if_else(pc.equal(actions["kind"], "purchase"), actions["event_id"], None)
        at_s = actions["event_at"].cast(pa.int64()).to_numpy() / 1e6
        price = pc.cast(actions["price_minor"], pa.float64()).to_numpy() / 100
        parts.append(
            (users.numbers(actions["user_id"]), items.numbers(actions["item_id"]), what, at_s, orders.numbers(event), price)
        )
    if not parts:
        raise ValueError("no looks, carts, favourites or purchases: there is nothing to report on")
    user, item, what, at_s, order, price = (np.concatenate(column) for column in zip(*parts, strict=True))
    leaves = np.array([leaf_of.get(str(each), -1) for each in items.known if each is not None], np.int32)
    by_user = np.lexsort((at_s, user))
    columns = (user[by_user], item[by_user], what[by_user], at_s[by_user], order[by_user].astype(np.int64), price[by_user])
    return Actions(*columns, leaves, n_events, n_shown)


def first_of(key: Ints | Rows) -> Bools:
    """Which rows begin a run of equal keys."""
    first = np.ones(len(key), bool)
    first[1:] = key[1:] != key[:-1]
    return first
