"""Since when the shop has known each item of its catalogue, so that an item tells nothing before that time.

A catalogue is exported once, at the end of the period. An item that was created after a cut must not be among the candidates of
that cut: it has no sales yet, but it will be sold, or nobody would have exported it. What is known about the time of creation:

- an item with `available_from` is known since then;
- a catalogue in which every other item has an event was made from the log: its items are known since their first event;
- items of any other catalogue without a date are taken as known from the beginning. If a shop creates items all the time, it
  should send `available_from`.

An item that something happened to earlier is known since its first event in each case.
"""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

KNOWN_S = "known_s"
Entry = TypeVar("Entry")


def known_since(items: pd.DataFrame, lines: pd.DataFrame) -> npt.NDArray[np.float64]:
    """(n_items,) epoch seconds since which each of the prepared `items` is known; -inf = from the beginning."""
    first_s = items["item_id"].map(lines.groupby("item_id", observed=True)["known_s"].min()).to_numpy(np.float64)
    dated = items["available_from"].notna().to_numpy()
    is_made_from_log = not np.isnan(first_s[~dated]).any()
    # NaT becomes NaN.
    from_s = (pd.to_datetime(items["available_from"], utc=True) - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    created_s = np.where(dated, from_s, np.inf if is_made_from_log else -np.inf)
    known_s: npt.NDArray[np.float64] = np.fmin(created_s, first_s)
    return known_s


def known_before(items: pd.DataFrame, lines: pd.DataFrame, cut_s: float) -> pd.DataFrame:
    """The items that the shop knew before `cut_s`, with the column `known_s`."""
    dated = items.assign(**{KNOWN_S: known_since(items, lines)})
    return dated[dated[KNOWN_S] < cut_s].reset_index(drop=True)


def entries_before(entries: Mapping[str, Entry], known_s: Mapping[str, float], cut_s: float) -> dict[str, Entry]:
    """Those of `entries` (by item id) that the shop knew before `cut_s`; items without an instant were always known."""
    return {item_id: entry for item_id, entry in entries.items() if known_s.get(item_id, -np.inf) < cut_s}
