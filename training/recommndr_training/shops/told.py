"""Columns that a person named. Pure."""

from collections.abc import Sequence

from recommndr_importing.batch import BadFile
from recommndr_training.shops.column_look import ColumnLook
from recommndr_training.shops.roles import Role
from recommndr_training.shops.sample import Sample


def told_role(sample: Sample, known: Sequence[ColumnLook], meaning: str, name: str) -> Role:
    """The column that a person named; raises `BadFile` for one that the file does not have."""
    look = next((look for look in known if look.name == name), None)
    if look is None:
        raise BadFile(f"{sample.path}: {meaning}: no column {name!r}: the file has {', '.join(sample.names)}")
    return Role(meaning, look, 1.0, "you said so")
