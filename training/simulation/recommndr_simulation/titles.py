"""Titles and ids of the planted catalogue: the rows of the items table."""

import numpy as np
import pyarrow as pa

from recommndr_simulation.calendar import DAY_S
from recommndr_simulation.catalogue import Catalogue, brand_name
from recommndr_simulation.profile import SimProfile
from recommndr_simulation.vocabulary import ADJECTIVES, COLOURS, DEPARTMENTS, leaf_names

CURRENCY = "USD"
_INSTANT = pa.timestamp("us", tz="UTC")


def item_ids(catalogue: Catalogue) -> pa.Array:
    """(N,) ids in the order of catalogue rows."""
    return _numbered("i", catalogue.number, catalogue.n_items)


def user_ids(n_users: int) -> pa.Array:
    """(n_users,) ids in the order of shoppers' rows; bots' ids follow."""
    return _numbered("u", np.arange(n_users), n_users)


def _numbered(letter: str, numbers: "np.typing.NDArray[np.integer]", n: int) -> pa.Array:
    width = max(5, len(str(n)))
    return pa.array([f"{letter}{number:0{width}d}" for number in numbers.tolist()], pa.string())


def items_table(profile: SimProfile, catalogue: Catalogue) -> pa.Table:
    """One row per item, with the columns of the lake's table of items (without tenant)."""
    names = leaf_names(catalogue.n_leaves)
    paths = [_path(*name) for name in names]
    things = [" ".join(filter(None, (line, thing))) for _, _, thing, line in names]
    leaf, brand, colour, group = (getattr(catalogue, name).tolist() for name in ("leaf", "brand", "colour", "group"))
    materials = [DEPARTMENTS[department].materials for department, *_ in names]
    made = [materials[at][each * 7 % len(materials[at])] for at, each in zip(leaf, group, strict=True)]
    look = [ADJECTIVES[each * 5 % len(ADJECTIVES)] for each in group]
    rows = list(zip(leaf, brand, colour, look, made, strict=True))
    return pa.table(
        {
            "item_id": item_ids(catalogue),
            "title": [f"{brand_name(b)} {how} {of} {things[at]}, {COLOURS[c]}" for at, b, c, how, of in rows],
            "category_path": pa.array([paths[at] for at in leaf], pa.list_(pa.string())),
            "brand": [brand_name(b) for b in brand],
            "price_minor": pa.array(catalogue.price_minor, pa.int64()),
            "currency": [CURRENCY] * len(leaf),
            "image_url": pa.nulls(len(leaf), pa.string()),
            "tags": pa.array([[COLOURS[c], of.lower(), how.lower()] for _, _, c, how, of in rows], pa.list_(pa.string())),
            "group_id": _numbered("g", catalogue.group, catalogue.n_items),
            "available_from": _instants(profile, catalogue.launched_day),
            "available_until": _instants(profile, catalogue.withdrawn_day),
        }
    )


def _path(department: int, category: str, thing: str, line: str) -> list[str]:
    return [part for part in (DEPARTMENTS[department].name, category, thing, line) if part]


def _instants(profile: SimProfile, day: "np.typing.NDArray[np.float32]") -> pa.Array:
    finite = np.isfinite(day)
    at_us = ((profile.start_s + np.where(finite, day, 0).astype(np.float64) * DAY_S) * 1e6).astype(np.int64)
    return pa.array(at_us, pa.int64(), mask=~finite).cast(_INSTANT)


def query_texts(catalogue: Catalogue) -> pa.Array:
    """Texts of all possible searches, by the code of `moves.MoveTable.query`."""
    things = [" ".join(filter(None, (line, thing))).lower() for _, _, thing, line in leaf_names(catalogue.n_leaves)]
    return pa.array([f"{colour} {thing}".strip() for thing in things for colour in (*COLOURS, "")], pa.string())
