"""Values of `notes.v1`, by which the job tells itself what concerns another key."""

from typing import Any

import msgpack

from recommndr.outcomes.act import LENT, Act
from recommndr.seed import SEEDED
from recommndr_flink_jobs.acts import act_of_values

_FORMAT_VERSION = 1
_LOAN, _CALL = "loan", "call"


def of_loan(act: Act) -> bytes:
    """An order of the shopper whose guest the key's shopper was."""
    return _packed(_LOAN, act)


def of_call(group: str) -> bytes:
    """A feature group of which the key's entity has a row that the job may know nothing of."""
    return _packed(_CALL, group)


def _packed(kind: str, value: Any) -> bytes:
    packed: bytes = msgpack.packb((_FORMAT_VERSION, kind, value))
    return packed


def read(packed: bytes) -> Act | str:
    """The order, or the group's name; raises `ValueError` for any other bytes."""
    try:
        version, kind, value = msgpack.unpackb(packed, use_list=False)
        if (version, kind) == (_FORMAT_VERSION, _LOAN) and value[0] == LENT:
            return act_of_values(value)
    except (ValueError, TypeError, IndexError, msgpack.UnpackException) as cause:
        raise ValueError(f"note of {len(packed)} bytes cannot be read: {cause}") from cause
    if (version, kind) == (_FORMAT_VERSION, _CALL) and value in SEEDED:
        return str(value)
    raise ValueError(f"note of {len(packed)} bytes: expected format {_FORMAT_VERSION} and an order or a feature group")
