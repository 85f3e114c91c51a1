"""Training examples of one cut: the serving pipeline's candidates at that time, labelled by later events.

Retrievers are fitted on events before the cut, shoppers and items are replayed to the cut, and candidates and ranker inputs
come from the serving code, so nothing from the cut or later can reach a column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from recommndr.catalog import CatalogItem
from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrays import Rows
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.columns import NAMES
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_training.interactions import Interactions
from recommndr_training.prepared import ITEMS_SCHEMA

_NOTHING = np.zeros(0, np.int32)
_NOBODY = np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True)
class Examples:
    """Candidates of many requests, concatenated."""

    matrix: npt.NDArray[np.float32]  # (n, ranker inputs)
    bought: npt.NDArray[np.bool_]  # (n,) the target event happened within the horizon
    new: npt.NDArray[np.bool_]  # (n,) it never did before the cut
    rows: Rows  # (n,) item
    requests: npt.NDArray[np.int32]  # (n,) place of the request's user in `user_ids`
    user_ids: list[str]
    n_relevant: npt.NDArray[np.int64]  # (n_users,) distinct items it happened to in the horizon, candidates or not
    n_relevant_new: npt.NDArray[np.int64]  # (n_users,) of them those it never happened to before


def catalogue(items: pd.DataFrame) -> dict[str, CatalogItem]:
    """Prepared items as catalogue entries by id."""
    table = pa.Table.from_pandas(items, ITEMS_SCHEMA, preserve_index=False)
    return {row["item_id"]: CatalogItem.model_validate(row) for row in table.to_pylist()}


def priced(entries: Mapping[str, CatalogItem], price_minor: Mapping[str, int]) -> dict[str, CatalogItem]:
    """The same entries at these prices; items without one get none: a later price would reveal a later sale."""
    return {
        item_id: entry if entry.price_minor == price_minor.get(item_id) else _at_price(entry, price_minor.get(item_id))
        for item_id, entry in entries.items()
    }


def _at_price(entry: CatalogItem, price_minor: int | None) -> CatalogItem:
    return entry.model_copy(
        update={"price_minor": price_minor, "currency": entry.currency if price_minor is not None else None}
    )


def live_items(entries: Mapping[str, CatalogItem], item_ids: Sequence[str], records: npt.NDArray[np.void]) -> LiveItems:
    """The live item table that a slot would have with these `recommndr.features.item.DTYPE` records."""
    live = LiveItems(max(1, len(entries)))
    live.apply_catalog(entries)
    live.apply_features(item_ids, [record.tobytes() for record in records])
    return live


def asked(known: Interactions, cut_s: float, horizon_s: float) -> list[str]:
    """User ids of shoppers with a target event within the horizon after the cut: examples are made of them."""
    return [known.user_ids[user] for user in np.unique(known.targets.between(cut_s, cut_s + horizon_s).users)]


def make(
    pipeline: Pipeline, shoppers: Mapping[str, ShopperRow], known: Interactions, cut_s: float, horizon_s: float
) -> Examples:
    """Examples of those in `shoppers` (all that were `asked` for) with a target event within the horizon, perhaps of none."""
    after = known.targets.between(cut_s, cut_s + horizon_s)
    before = known.targets.before(cut_s)
    relevant, owned = after.items_by_user(), before.items_by_user()
    users = [user for user in relevant if known.user_ids[user] in shoppers]
    matrices, rows, bought, new, sizes = [], [], [], [], []
    n_relevant, n_new = [], []
    opened = pipeline.open_many(pipeline.shopper(shoppers[known.user_ids[user]], cut_s) for user in users)
    for user, one in zip(users, opened, strict=True):
        shopper = one.shopper
        found = pipeline.retrieve(one, pipeline.allowed(ListRequest(), cut_s, shopper.row))
        matrices.append(pipeline.inputs(shopper, found))
        rows.append(found.candidates.rows)
        bought.append(np.isin(found.candidates.rows, relevant[user]))
        mine = owned.get(user, _NOTHING)
        new.append(~np.isin(found.candidates.rows, mine))
        sizes.append(len(found.candidates))
        n_relevant.append(len(relevant[user]))
        n_new.append(len(np.setdiff1d(relevant[user], mine)))
    return Examples(
        matrix=np.concatenate([np.zeros((0, len(NAMES)), np.float32), *matrices]),
        bought=np.concatenate([_NOBODY, *bought]),
        new=np.concatenate([_NOBODY, *new]),
        rows=np.concatenate([_NOTHING, *rows]),
        requests=np.repeat(np.arange(len(users), dtype=np.int32), sizes),
        user_ids=[known.user_ids[user] for user in users],
        n_relevant=np.array(n_relevant, np.int64),
        n_relevant_new=np.array(n_new, np.int64),
    )


def sample(examples: Examples, share_of_negatives: float, seed: int) -> Examples:
    """All positives and a random share of the negatives; per-user counts are not changed."""
    kept = examples.bought | (np.random.default_rng(seed).random(len(examples.bought)) < share_of_negatives)
    return Examples(
        matrix=examples.matrix[kept],
        bought=examples.bought[kept],
        new=examples.new[kept],
        rows=examples.rows[kept],
        requests=examples.requests[kept],
        user_ids=examples.user_ids,
        n_relevant=examples.n_relevant,
        n_relevant_new=examples.n_relevant_new,
    )


def bundle_items(known: Interactions) -> BundleItems:
    """The item rows that all arrays of these interactions share."""
    return BundleItems(known.item_ids)
