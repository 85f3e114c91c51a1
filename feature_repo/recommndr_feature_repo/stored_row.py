"""A shopper's rows in the bytes that Feast keeps in Redis.

One hash has the rows of all groups: one read gets them, and each is written alone.

`write_to_online_store` makes the same bytes by way of a DataFrame and Arrow, which costs more than all the rest of a write.
A property test compares both, so a new version of Feast that stores rows in another way is noticed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feast.infra.online_stores.helpers import _mmh3
from feast.protos.feast.types.Value_pb2 import DoubleList, Int64List, StringList
from feast.protos.feast.types.Value_pb2 import Value as ValueProto
from google.protobuf.timestamp_pb2 import Timestamp

from recommndr.features.schema import Dtype, FeatureSchema, Value
from recommndr_feature_repo.definitions import ONLINE_SCHEMAS

_PROTOS: dict[Dtype, Callable[[Any], ValueProto]] = {
    "int64": lambda value: ValueProto(int64_val=value),
    "float64": lambda value: ValueProto(double_val=value),
    "string": lambda value: ValueProto(string_val=value),
    "int64_list": lambda value: ValueProto(int64_list_val=Int64List(val=value)),
    "float64_list": lambda value: ValueProto(double_list_val=DoubleList(val=value)),
    "string_list": lambda value: ValueProto(string_list_val=StringList(val=value)),
}


@dataclass(frozen=True, slots=True)
class _StoredField:
    """Where one column is in a shopper's hash, and how its value becomes a protobuf."""

    column: str
    hash_field: bytes
    proto: Callable[[Any], ValueProto]


def _stored_fields(schema: FeatureSchema) -> list[_StoredField]:
    return [_StoredField(field.name, _mmh3(f"{schema.name}:{field.name}"), _PROTOS[field.dtype]) for field in schema.fields]


_FIELDS = {schema.name: tuple(_stored_fields(schema)) for schema in ONLINE_SCHEMAS}


def _timestamp_field(group: str) -> bytes:
    return f"_ts:{group}".encode()


def stored_row(group: str, columns: Mapping[str, Value], event_timestamp: datetime) -> dict[bytes, bytes]:
    """A group's fields of the shopper's hash.

    Raises `KeyError` for an unknown group or a missing column, `TypeError` or `ValueError` for a wrong column.
    """
    stamp = Timestamp()
    stamp.FromDatetime(event_timestamp)
    stored = {_timestamp_field(group): stamp.SerializeToString()}
    for field in _FIELDS[group]:
        stored[field.hash_field] = field.proto(columns[field.column]).SerializeToString()
    return stored


def hash_fields(group: str) -> list[bytes]:
    """Names of a group's fields of the shopper's hash, for deleting them."""
    return [_timestamp_field(group), *(field.hash_field for field in _FIELDS[group])]
