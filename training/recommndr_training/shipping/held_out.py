"""The demo's replay data: the gate period's real baskets in time order, and their catalogue."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from recommndr.catalog import CatalogItem
from recommndr.events import Line
from recommndr_training import params
from recommndr_training.shipping import shipped


@dataclass(frozen=True, slots=True)
class Basket:
    """One real order that the profile's version was not trained on; its instant is of the original dates."""

    user_id: str
    event_id: str
    original_at_s: float
    lines: tuple[Line, ...]


def baskets(profile: str) -> Iterator[Basket]:
    """All orders of the gate period, oldest first; raises `ValueError` where the version that ships has learnt them."""
    if shipped.learns_gate_period(profile):
        raise ValueError(
            f"profile {profile}: its version has learnt the gate period; to replay it, set refit: {{until: gate_cut}}"
        )
    path = _existing(params.profile_dir(profile) / "split" / "gate.parquet")
    return iter_baskets(pd.read_parquet(path), params.data(profile).currency)


def iter_baskets(lines: pd.DataFrame, currency: str) -> Iterator[Basket]:
    """The orders of `lines`, oldest first, lines sorted by item."""
    ordered = lines.sort_values(["at_s", "event_id", "item_id"], kind="stable")
    for _, rows in ordered.groupby(["at_s", "event_id"], sort=True):
        fields = rows[["item_id", "quantity", "price_minor"]].itertuples(index=False)
        yield Basket(
            user_id=rows["user_id"].iloc[0],
            event_id=rows["event_id"].iloc[0],
            original_at_s=float(rows["at_s"].iloc[0]),
            lines=tuple(
                Line(item_id=item_id, quantity=quantity, price_minor=price_minor, currency=currency)
                for item_id, quantity, price_minor in fields
            ),
        )


def catalog_items(profile: str, shift: timedelta = timedelta()) -> Iterator[CatalogItem]:
    """The prepared catalogue, sorted by id; instants from which or until when an item is sold come `shift` later."""
    for batch in pq.ParquetFile(_existing(params.profile_dir(profile) / "prepared" / "items.parquet")).iter_batches():
        for row in batch.to_pylist():
            sold = {name: row[name] + shift for name in ("available_from", "available_until") if row[name] is not None}
            yield CatalogItem.model_validate(row | sold)


def known_users(profile: str, n: int) -> list[str]:
    """Up to `n` shoppers that the version was trained on, those with most events first."""
    return [user_id for user_id, _ in itertools.islice(events_by_user(profile), n)]


def events_by_user(profile: str) -> Iterator[tuple[str, int]]:
    """The shoppers that the version was trained on and how many events each has, those with most first."""
    path = _existing(params.profile_dir(profile) / "split" / "train.parquet")
    n_events = pd.read_parquet(path, columns=["user_id", "event_id"]).groupby("user_id")["event_id"].nunique()
    for user_id, n in n_events.sort_values(ascending=False, kind="stable").items():
        yield str(user_id), int(n)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path}: not there; train the profile first (recommndr train --profile …)")
    return path
