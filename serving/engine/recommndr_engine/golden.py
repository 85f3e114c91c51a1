"""Golden requests: a bundle's answers when it was built. A slot serves the bundle only if it still gives the same answers.

Every shopper asks for the usual scope, and for each scope whose lists the bundle orders by another method. The requests depend
only on the bundle: each contains its shopper, and the live item table used for them has no item features. So the
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
from recommndr.list_scope import Scope
from recommndr_engine.bundle_items import ITEM_IDS_FILE, BundleItems
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline

GOLDEN_FILE = "golden.json"
_K = 10


class GoldenRequest(BaseModel):
    """A shopper as the feature store gives it, and the list it got."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    columns: dict[str, Value]
    scope: Scope = "mixed"
    item_ids: tuple[str, ...] = ()


class Golden(BaseModel):
    """All golden requests of a bundle, answered as of one instant."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    at_s: float
    requests: tuple[GoldenRequest, ...]

    def to_json(self) -> str:
        """As it lies in the bundle. A usual scope is left out, so that releases from before scopes read the file too."""
        return self.model_dump_json(indent=1, exclude_defaults=True) + "\n"


def scopes(manifest: Manifest) -> tuple[Scope, ...]:
    """The scopes that golden requests ask for."""
    return ("mixed", *sorted(manifest.scope_methods))


def answer(directory: Path, manifest: Manifest, shoppers: Sequence[dict[str, Value]], at_s: float) -> Golden:
    """The lists that the bundle in `directory` gives these shoppers (columns of `recommndr.features.shopper`)."""
    asked = [GoldenRequest(columns=columns, scope=scope) for scope in scopes(manifest) for columns in shoppers]
    return _answered(directory, manifest, asked, at_s)


def check(directory: Path, manifest: Manifest) -> None:
    """Raise `BundleRefused` unless the bundle still gives its golden answers."""
    try:
        expected = Golden.model_validate_json((directory / GOLDEN_FILE).read_bytes())
    except (OSError, ValidationError) as cause:
        raise BundleRefused(f"{GOLDEN_FILE}: cannot be read: {cause}") from cause
    if missing := sorted(set(scopes(manifest)) - {request.scope for request in expected.requests}):
        raise BundleRefused(
            f"{GOLDEN_FILE}: no request of scope {missing[0]}, expected some, because another method orders them"
        )
    actual = _answered(directory, manifest, expected.requests, expected.at_s)
    for number, (found, wanted) in enumerate(zip(actual.requests, expected.requests, strict=True)):
        if found.item_ids != wanted.item_ids:
            raise BundleRefused(
                f"{GOLDEN_FILE}: request {number} gets {list(found.item_ids)}, expected {list(wanted.item_ids)}"
            )


def _answered(directory: Path, manifest: Manifest, asked: Sequence[GoldenRequest], at_s: float) -> Golden:
    pipeline = Pipeline.read(directory, manifest, _bare_items(directory))
    lists = [pipeline.recommend(shopper.read(one.columns), ListRequest(_K, one.scope), at_s) for one in asked]
    ids = [tuple(pipeline.items.ids[row] for row in found.rows) for found in lists]
    requests = (one.model_copy(update={"item_ids": found}) for one, found in zip(asked, ids, strict=True))
    return Golden(at_s=at_s, requests=tuple(requests))


def _bare_items(directory: Path) -> LiveItems:
    live = LiveItems()
    ids = BundleItems.read(directory / ITEM_IDS_FILE).ids
    live.apply_catalog({item_id: CatalogItem(item_id=ItemId(item_id), title=item_id) for item_id in ids})
    return live
