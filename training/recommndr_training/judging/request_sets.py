"""The sets of requests of a gate: who asks, for what, and which items would have been right."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from recommndr.features.action import CONTEXT
from recommndr.list_scope import Scope
from recommndr_engine.bundle_items import BundleItems
from recommndr_lake_writer.interest import IMPRESSION
from recommndr_training.data.event_contexts import ContextNames
from recommndr_training.data.logins import NO_LOGINS, with_guests

COLD = "cold"  # the set of shoppers without history
_SCOPES: dict[str, Scope] = {"all": "mixed", "new": "discover", "repeat": "buy_again"}


@dataclass(frozen=True, slots=True)
class RequestSet:
    """The shoppers, their relevant items, and how the requests are made."""

    scope: Scope
    relevant: Mapping[str, npt.NDArray[np.int32]]  # by user id: bundle rows, NO_ROW for items that are not in the bundle
    contexts: Mapping[str, ContextNames] = field(default_factory=dict)  # by user id, of shoppers without a state: the request's


def request_sets(
    train: pd.DataFrame, gate: pd.DataFrame, items: BundleItems, target: str, identified: pa.Table = NO_LOGINS
) -> dict[str, RequestSet]:
    """The request sets by name, from distinct items of target events in the gate period.

    Those of `cold` are of shoppers without history; the others are of shoppers known from training, by themselves or by the
    guests of `identified`, the logins known before the gate period.
    """
    train = with_guests(train, identified)
    known = set(train.loc[train["kind"] != IMPRESSION, "user_id"])
    owned, wanted = (items_by_user(lines[lines["kind"] == target]) for lines in (train, gate))
    relevant: dict[str, dict[str, npt.NDArray[np.int32]]] = {name: {} for name in _SCOPES}
    for user_id in wanted.keys() & known:
        had = owned.get(user_id, set())
        parts = {"all": wanted[user_id], "new": wanted[user_id] - had, "repeat": wanted[user_id] & had}
        for name, part in parts.items():
            if part:
                relevant[name][user_id] = items.rows_of(sorted(part))
    unknown = {user_id: items.rows_of(sorted(wanted[user_id])) for user_id in sorted(wanted.keys() - known)}
    asked = {name: RequestSet(scope, dict(sorted(relevant[name].items()))) for name, scope in _SCOPES.items()}
    return asked | {COLD: RequestSet("mixed", unknown, first_contexts(gate, unknown))}


def items_by_user(lines: pd.DataFrame) -> dict[str, set[str]]:
    """Distinct items of each user's lines."""
    return {str(user_id): items for user_id, items in lines.groupby("user_id", observed=True)["item_id"].agg(set).items()}


def first_contexts(lines: pd.DataFrame, user_ids: Collection[str]) -> dict[str, ContextNames]:
    """The context of each shopper's first event in these lines: a request that comes just before it says the same.

    Shoppers whose first event has none are left out.
    """
    parts = [name for name in CONTEXT if name in lines]
    if not parts:
        return {}
    theirs = lines[lines["user_id"].isin(user_ids)]
    first = theirs.sort_values(["at_s", "event_id"], kind="stable").drop_duplicates("user_id")
    values = first[parts].reindex(columns=list(CONTEXT)).astype(object).fillna("")
    found = zip(first["user_id"], values.itertuples(index=False, name=None), strict=True)
    return {str(user_id): names for user_id, names in found if any(names)}
