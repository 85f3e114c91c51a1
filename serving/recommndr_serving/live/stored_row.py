"""A shopper's hash in Redis, as Feast lays it out, read without Feast: its key, its fields, and their values as arrays.

Importing Feast takes 4 s and 250 MB, and its read of one row takes as much processor time as all retrievers together. The
feature writer writes the same layout, and a property test compares both directions with Feast's own, so a new version of Feast
that stores rows in another way is noticed.

- key: Feast's entity key, version 3 (`feast.infra.key_encoding_utils`), followed by the project
- field: murmur3 of `view:feature`, little-endian
- value: the protobuf message `feast.types.Value`
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import mmh3
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from recommndr.features import added, guests, shopper
from recommndr.features.schema import Dtype, FeatureSchema, StoredValue

_PROJECT = b"recommndr"
_ENTITY = b"shopper_key"
_STRING = 2  # `feast.value_type.ValueType.STRING`
_KEY_PREFIX = struct.pack("<III", 1, _STRING, len(_ENTITY)) + _ENTITY + struct.pack("<I", _STRING)

_SCHEMAS: tuple[FeatureSchema, ...] = (*shopper.SCHEMAS, guests.SCHEMA, *(group.SCHEMA for group in added.groups()))

# `feast.types.Value` has one field for each type of value. A list is a message of its own, with the one field `val`.
_PROTO = descriptor_pb2.FieldDescriptorProto
_SCALARS = {"string": (2, _PROTO.TYPE_STRING), "int64": (4, _PROTO.TYPE_INT64), "float64": (5, _PROTO.TYPE_DOUBLE)}
# Packed doubles are their little-endian bytes, so they are declared as bytes and read as an array at once.
_LISTS = {
    "string": (12, _PROTO.TYPE_STRING, _PROTO.LABEL_REPEATED),
    "int64": (14, _PROTO.TYPE_INT64, _PROTO.LABEL_REPEATED),
    "float64": (15, _PROTO.TYPE_BYTES, _PROTO.LABEL_OPTIONAL),
}


def _message() -> Any:
    # A pool of its own: where Feast is imported too, the default pool has its messages.
    file = descriptor_pb2.FileDescriptorProto(name="stored_row.proto", package="stored", syntax="proto3")
    value = file.message_type.add(name="Value")
    for name, (number, kind) in _SCALARS.items():
        value.field.add(name=name, number=number, type=kind, label=_PROTO.LABEL_OPTIONAL)
    for name, (number, kind, label) in _LISTS.items():
        file.message_type.add(name=name).field.add(name="val", number=1, type=kind, label=label)
        listed = value.field.add(name=f"{name}_list", number=number, label=_PROTO.LABEL_OPTIONAL)
        listed.type, listed.type_name = _PROTO.TYPE_MESSAGE, f".stored.{name}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("stored.Value"))


_VALUE = _message()

_READ: dict[Dtype, Callable[[Any], StoredValue]] = {
    "int64": lambda value: int(value.int64),
    "float64": lambda value: float(value.float64),
    "string": lambda value: str(value.string),
    "int64_list": lambda value: np.array(value.int64_list.val, np.int64),
    "float64_list": lambda value: np.frombuffer(value.float64_list.val, "<f8"),
    "string_list": lambda value: list(value.string_list.val),
}


class _Column(NamedTuple):
    name: str
    hash_field: bytes
    read: Callable[[Any], StoredValue]


def _hash_field(view: str, feature: str) -> bytes:
    return struct.pack("<I", mmh3.hash(f"{view}:{feature}", signed=False))


_COLUMNS = tuple(
    _Column(field.name, _hash_field(schema.name, field.name), _READ[field.dtype])
    for schema in _SCHEMAS
    for field in schema.fields
)
HASH_FIELDS: tuple[bytes, ...] = tuple(column.hash_field for column in _COLUMNS)


def redis_key(shopper_key: str) -> bytes:
    """Key of the hash of a shopper, `tenant|user`."""
    name = shopper_key.encode()
    return b"".join((_KEY_PREFIX, struct.pack("<I", len(name)), name, _PROJECT))


def columns(values: Sequence[bytes | None]) -> Mapping[str, StoredValue]:
    """The stored columns, by name, of the values of `HASH_FIELDS`; what was never stored is left out.

    Numeric lists are int64 and float64 arrays. Raises `ValueError` for bytes that are not a value.
    """
    found: dict[str, StoredValue] = {}
    for column, value in zip(_COLUMNS, values, strict=True):
        if value is None:
            continue
        try:
            found[column.name] = column.read(_VALUE.FromString(value))
        except Exception as cause:  # protobuf's error has another class in each of its implementations
            raise ValueError(f"{column.name}: {len(value)} bytes are not a stored value: {cause}") from cause
    return found
