"""Checks column types of a file before anything reads its values; one row per file."""

from collections.abc import Sequence

import great_expectations.expectations as gxe
import pandas as pd
import pyarrow as pa

from recommndr_training.validation.checking import Checked, Table, because, check

_WHY = because("the column has another type than prepared tables need", "fix the stage that writes this file")


def check_types(name: str, found: pa.Schema, expected: pa.Schema) -> Checked:
    """Every column of `expected` is in `found` with its type; further columns are not checked."""
    types = {field.name: [_name(found, field.name)] for field in expected}
    frame = pd.DataFrame(types, index=["type"])
    return check(Table(f"{name} types", frame), [_of_type(field) for field in expected])


def _of_type(field: pa.Field) -> gxe.Expectation:
    return gxe.ExpectColumnValuesToBeInSet(column=field.name, value_set=_accepted(field.type), **_WHY)


def _accepted(expected: pa.DataType) -> Sequence[str]:
    return [str(expected)]


def _name(found: pa.Schema, column: str) -> str:
    if column not in found.names:
        return "no such column"
    type_ = found.field(column).type
    return str(_plain(type_))


def _plain(type_: pa.DataType) -> pa.DataType:
    """The type without its encoding: a dictionary of strings is a string, a list ignores the name of its field."""
    if pa.types.is_dictionary(type_):
        return type_.value_type
    if pa.types.is_list(type_):
        return pa.list_(type_.value_type)
    return type_
