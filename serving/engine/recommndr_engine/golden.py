"""Golden requests: a bundle's answers when it was built. A slot serves the bundle only if it still gives the same answers.

They depend only on the bundle: each contains its shopper, and the live item table used for them has no item features. So the
lists are the same on every machine at any time.
"""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from recommndr.bundle import BundleRefused, Manifest
from recommndr.catalog import CatalogItem
from recommndr.features import shopper
from recommndr.features.schema import Value
from recommndr.identity import ItemId
from recommndr_engine.arrays import ScoreArray
from recommndr_engine.bundle_items import ITEM_IDS_FILE, BundleItems
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline

GOLDEN_FILE = "golden.json"
_ASK = ListRequest(k=10)


class GoldenRequest(BaseModel):
    """A shopper as the feature store gives it, and the list it got."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    columns: dict[str, Value]
    item_ids: tuple[str, ...] = ()


class Golden(BaseModel):
    """All golden requests of a bundle, answered as of one instant."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at_s: float
    requests: tuple[GoldenRequest, ...]


def answer(directory: Path, manifest: Manifest, shoppers: Sequence[dict[str, Value]], at_s: float) -> Golden:
    """The lists that the bundle in `directory` gives these shoppers (columns of `recommndr.features.shopper`)."""
    pipeline = Pipeline.read(directory, manifest, _bare_items(directory))
    return Golden(at_s=at_s, requests=tuple(_answered(pipeline, columns, at_s) for columns in shoppers))


def scores(directory: Path, manifest: Manifest, shoppers: Sequence[dict[str, Value]], at_s: float) -> list[ScoreArray]:
    """The scores of these lists, best first."""
    pipeline = Pipeline.read(directory, manifest, _bare_items(directory))
    return [pipeline.recommend(shopper.read(columns), _ASK, at_s).scores for columns in shoppers]


def check(directory: Path, manifest: Manifest) -> None:
    """Raise `BundleRefused` unless the bundle still gives its golden answers."""
    try:
        expected = Golden.model_validate_json((directory / GOLDEN_FILE).read_bytes())
    except (OSError, ValidationError) as cause:
        raise BundleRefused(f"{GOLDEN_FILE}: cannot be read: {cause}") from cause
    actual = answer(directory, manifest, [request.columns for request in expected.requests], expected.at_s)
    for number, (found, wanted) in enumerate(zip(actual.requests, expected.requests, strict=True)):
        if found.item_ids != wanted.item_ids:
            raise BundleRefused(
                f"{GOLDEN_FILE}: request {number} gets {list(found.item_ids)}, expected {list(wanted.item_ids)}"
            )


def _answered(pipeline: Pipeline, columns: dict[str, Value], at_s: float) -> GoldenRequest:
    found = pipeline.recommend(shopper.read(columns), _ASK, at_s)
    return GoldenRequest(columns=columns, item_ids=tuple(pipeline.items.ids[row] for row in found.rows))


def _bare_items(directory: Path) -> LiveItems:
    live = LiveItems()
    ids = BundleItems.read(directory / ITEM_IDS_FILE).ids
    live.apply_catalog({item_id: CatalogItem(item_id=ItemId(item_id), title=item_id) for item_id in ids})
    return live
