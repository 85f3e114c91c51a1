"""Feature groups of shoppers that are one file each: every module in this folder is a group (docs/how-to/add-a-feature.md).

Its name is the group's. Stream, replay, seeds, Kafka's topics, the feature writer and the online store find it here.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any, cast

from recommndr.added_groups import NAMES as NAMES
from recommndr.features.added_group import AddedGroup


@cache
def groups() -> Sequence[AddedGroup[Any]]:
    """All of them, by name; raises `ValueError` for a module whose schema has another name or is of no shopper."""
    found = [cast("AddedGroup[Any]", import_module(f"{__name__}.{name}")) for name in NAMES]
    for name, group in zip(NAMES, found, strict=True):
        if (group.SCHEMA.name, group.SCHEMA.entity) != (name, "user"):
            said = f"{group.SCHEMA.name!r} of a {group.SCHEMA.entity}"
            raise ValueError(f"{name}.py: its SCHEMA is {said}: expected {name!r} of a user")
    return found
