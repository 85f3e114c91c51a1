"""Logins: which guest became which shopper (`identify`), and since when the shop knew it; a table beside a profile's lines.

Lines are about items, so a login is none of them. Replay merges a shopper's guests as slots do: those known before the instant
of the request.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandas.api.types import union_categoricals

from recommndr.features import guests
from recommndr.features.action import IDENTIFY, Action
from recommndr.features.guests import GuestsState

IDENTIFY_KIND = "identify"
SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("user_id", pa.string()),
        ("guest_id", pa.string()),
        ("at_s", pa.float64()),
        ("known_s", pa.float64()),
    ]
)
NO_LOGINS = SCHEMA.empty_table()
_ORDER = [(name, "ascending") for name in ("known_s", "at_s", "event_id")]


def of_rows(rows: pa.Table) -> pa.Table:
    """The logins among events that have the columns of `SCHEMA` and `kind`, in the order in which they were known."""
    theirs = rows.filter(pc.equal(rows["kind"], IDENTIFY_KIND)).select(SCHEMA.names)
    return theirs.cast(SCHEMA).sort_by(_ORDER) if theirs.num_rows else NO_LOGINS


def between(logins: pa.Table, since_s: float, until_s: float) -> pa.Table:
    """Logins that happened in [since_s, until_s)."""
    return logins.filter(pc.and_(pc.greater_equal(logins["at_s"], since_s), pc.less(logins["at_s"], until_s)))


def known_before(logins: pa.Table, cut_s: float) -> pa.Table:
    """Logins that the shop knew before `cut_s`."""
    return logins.filter(pc.less(logins["known_s"], cut_s))


def guests_by_shopper(logins: pa.Table) -> dict[str, GuestsState]:
    """The state of each shopper's guests after all these logins."""
    actions: defaultdict[str, list[Action]] = defaultdict(list)
    for login in logins.to_pylist():
        actions[login["user_id"]].append(
            Action(IDENTIFY, login["at_s"], login["event_id"], login["user_id"], (), guest_id=login["guest_id"])
        )
    return {user_id: guests.fold(guests.EMPTY, theirs) for user_id, theirs in actions.items()}


def guests_of(logins: pa.Table, user_ids: Collection[str]) -> set[str]:
    """All ids that ever became one of these shoppers."""
    theirs = logins.filter(pc.is_in(logins["user_id"], pa.array(sorted(user_ids), pa.string())))
    return set(theirs["guest_id"].to_pylist())


def with_guests(lines: pd.DataFrame, logins: pa.Table) -> pd.DataFrame:
    """The lines, and those of a shopper's guests under the shopper's id too: what the shop knows of who logged in."""
    found = guests_by_shopper(logins)
    of_guests = {guest.guest_id for state in found.values() for guest in state}
    theirs = lines[lines["user_id"].isin(of_guests)]
    places = theirs.groupby("user_id", observed=True).indices
    copies = [
        theirs.iloc[places[guest.guest_id]].assign(user_id=user_id)
        for user_id, state in found.items()
        for guest in state
        if guest.guest_id in places
    ]
    if not copies:
        return lines
    copied = pd.concat(copies)
    user_ids = union_categoricals([one["user_id"].astype("category") for one in (lines, copied)], sort_categories=True)
    rest = pd.concat([one.drop(columns="user_id") for one in (lines, copied)], ignore_index=True)
    return rest.assign(user_id=user_ids)


def known_since(logins: pa.Table, row_of: Mapping[str, int]) -> dict[int, list[tuple[float, int]]]:
    """By row of a shopper, the rows of all guests with the instant from which the shop knew of each; others are left out."""
    since: dict[tuple[int, int], float] = {}
    for login in logins.to_pylist():
        pair = row_of.get(login["user_id"], -1), row_of.get(login["guest_id"], -1)
        if min(pair) >= 0 and pair[0] != pair[1]:
            since[pair] = min(login["known_s"], since.get(pair, np.inf))
    found: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for (user, guest), known_s in since.items():
        found[user].append((known_s, guest))
    return dict(found)


def read(path: Path) -> pa.Table:
    """What `write` wrote."""
    return pq.read_table(path).cast(SCHEMA)


def write(logins: pa.Table, path: Path) -> None:
    """Write logins; a shop without any has an empty table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(logins, path, compression="zstd", store_schema=False)
