"""An added shop's settings: what would stand in `tenants.yaml` and `params.yaml` for it. Pure: figures in, contents out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_training.params import ADDED
from recommndr_training.shops.guess_price import NO_CURRENCY
from recommndr_training.shops.traffic import Traffic

_PRICED = 0.99  # share of purchases with a price, from which on one without is a fault of the data
_UNKNOWN_SHARE, _MARGIN = 0.001, 1.2  # the usual limit of lines of unknown items; and room above what was measured
_DAY_S = 86_400
_PERIOD = ("since", "until", "gate_cut")  # follow the data at every run; all else is kept as people left it


@dataclass(frozen=True, slots=True)
class Completeness:
    """What a shop's data lack. Nobody has chosen limits yet, so those of its validation follow from it."""

    purchases_have_prices: bool
    unknown_items_share: float  # of lines whose item the catalogue lacks
    currency: str
    empty_days: tuple[str, ...]  # whole days without any event


def completeness(lines: pa.Table, item_ids: pa.Array, currencies: pa.Array) -> Completeness:
    """Measure lines with `kind`, `item_id`, `price_minor`, `at`, (n,).

    `item_ids` are those of the catalogue, `currencies` those of all prices.
    """
    purchases = lines.filter(pc.equal(lines["kind"], "purchase"))
    n_priced = purchases.num_rows - purchases["price_minor"].null_count
    known = pc.is_in(lines["item_id"], value_set=item_ids.cast(lines["item_id"].type))
    counted = pc.value_counts(currencies.drop_null()).to_pylist()
    most = max(counted, key=lambda each: (each["counts"], each["values"]), default={"values": NO_CURRENCY})
    days = np.unique(lines["at"].cast(pa.timestamp("s", tz="UTC")).cast(pa.int64()).to_numpy() // _DAY_S)
    empty = np.setdiff1d(np.arange(days[0], days[-1] + 1), days)
    return Completeness(
        purchases_have_prices=purchases.num_rows == 0 or n_priced >= _PRICED * purchases.num_rows,
        unknown_items_share=1.0 - float(pc.mean(known).as_py()),
        currency=str(most["values"]),
        empty_days=tuple(str(np.datetime64(int(day), "D")) for day in empty),
    )


def tenant_entry(tenant: str, found: Traffic, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The content of the shop's tenants file; `keys` are entries of server keys."""
    policy = {
        "target_kind": found.target_kind,
        "label_horizon_days": found.horizon_days,
        "keys": [dict(key) for key in keys],
    }
    return {"tenants": {tenant: policy}}


def params_entry(tenant: str, found: Traffic, lacking: Completeness) -> dict[str, Any]:
    """The content of the shop's parameters file."""
    limits: dict[str, Any] = {}
    if not lacking.purchases_have_prices:
        limits["purchases_have_prices"] = False
    if lacking.unknown_items_share > _UNKNOWN_SHARE / _MARGIN:
        limits["unknown_items_share"] = min(round(lacking.unknown_items_share * _MARGIN, 4), 1.0)
    if lacking.empty_days:
        limits["closed_days"] = list(lacking.empty_days)
    dataset = {
        "currency": lacking.currency,
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "gate_cut": found.gate_cut.isoformat(),
        "unknown_items": "keep",
    } | ({"validate": limits} if limits else {})
    return {"datasets": {tenant: dataset}, "profiles": {f"{ADDED}{tenant}": {"tenant": tenant}}}


def kept(earlier: Mapping[str, Any], new: Mapping[str, Any], tenant: str) -> dict[str, Any]:
    """An earlier parameters file with the period of newer data: what people changed in it stays."""
    period = {name: new["datasets"][tenant][name] for name in _PERIOD}
    return {**earlier, "datasets": {**earlier["datasets"], tenant: {**earlier["datasets"][tenant], **period}}}
