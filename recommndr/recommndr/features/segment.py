"""Segment group: shoppers' actions with an item in one segment of a tenant; the unit is the event line, as in the item group.

A segment is one value of one part of the context, such as `country=DE`. Events are counted per kind with one half-life, 7 days.
Impressions are not counted: they say what the shop shows. Values are fixed width, 144 bytes, read with one `np.frombuffer`.
"""

import struct
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from recommndr.events import N_KIND_SLOTS
from recommndr.features import fixed_width
from recommndr.features.action import CONTEXT, IMPRESSION, Action
from recommndr.features.decay import HALF_LIFE_NAMES, HALF_LIVES_S, FloatArray
from recommndr.features.schema import FeatureField, FeatureSchema

HALF_LIFE_S = HALF_LIVES_S[HALF_LIFE_NAMES.index("7d")]
# After ten half-lives without an event a state weighs less than a thousandth of what it did, and is forgotten.
KEPT_S = 10 * HALF_LIFE_S
# Values of a context are free text, so a client can invent them. 20,000 in each of the stream's 16 buckets.
MAX_STATES = 320_000

_FORMAT_VERSION = 1
DTYPE = np.dtype([("version", "<u8"), ("at_s", "<f8"), ("sums", "<f8", (N_KIND_SLOTS,))])
Records = fixed_width.Records  # of `DTYPE`
_STATE = struct.Struct(f"<Qd{N_KIND_SLOTS}d")
_SEPARATOR = "\x1f"  # no item id has a control character, and a value of a context may have any


class SegmentState(NamedTuple):
    """Decayed sums by kind, as of the newest event."""

    at_s: float
    sums: tuple[float, ...]


EMPTY = SegmentState(float("-inf"), (0.0,) * N_KIND_SLOTS)


def segment_name(part: str, value: str) -> str:
    """The name of the segment of shoppers who have this value in this part of the context.

    >>> segment_name("country", "DE")
    'country=DE'
    """
    return f"{part}={value}"


def names_of(action: Action) -> Iterator[str]:
    """The segments in which the action counts; none for an impression or a doubted event."""
    if action.kind != IMPRESSION and not action.doubted:
        for part in CONTEXT:
            value: str | None = getattr(action, part)
            if value:
                yield segment_name(part, value)


def entity(segment: str, item_id: str) -> str:
    """The entity of an item in a segment.

    >>> split_entity(entity("region=a|b", "i1"))
    ('region=a|b', 'i1')
    """
    return f"{segment}{_SEPARATOR}{item_id}"


def split_entity(entity: str) -> tuple[str, str]:
    """Inverse of `entity`: segment and item; raises `ValueError` when it is none."""
    segment, separator, item_id = entity.rpartition(_SEPARATOR)
    if not separator:
        raise ValueError(f"entity {entity!r}: expected a segment, U+001F and an item")
    return segment, item_id


def lift(action: Action) -> dict[str, SegmentState]:
    """The states of a single event, by entity; an item on two lines counts twice."""
    lines: dict[str, int] = {}
    for item_id in action.item_ids:
        lines[item_id] = lines.get(item_id, 0) + 1
    return {
        entity(segment, item_id): fold(EMPTY, action.kind, action.at_s, float(n))
        for segment in names_of(action)
        for item_id, n in lines.items()
    }


def fold(state: SegmentState, kind: int, at_s: float, n_lines: float) -> SegmentState:
    """`state` with one event merged in."""
    newest_s, sums = state
    if at_s > newest_s:
        faded = 0.5 ** ((at_s - newest_s) / HALF_LIFE_S)
        now = [each * faded for each in sums]
        now[kind] += n_lines
        return SegmentState(at_s, tuple(now))
    now = list(sums)
    now[kind] += n_lines * 0.5 ** ((newest_s - at_s) / HALF_LIFE_S)
    return SegmentState(newest_s, tuple(now))


def merge(a: SegmentState, b: SegmentState) -> SegmentState:
    """The merged state; associative and commutative (1e-9 relative for sums)."""
    if a.at_s < b.at_s:
        a, b = b, a
    if b.at_s == EMPTY.at_s:
        return a
    faded = 0.5 ** ((a.at_s - b.at_s) / HALF_LIFE_S)
    return SegmentState(a.at_s, tuple([x + y * faded for x, y in zip(a.sums, b.sums, strict=True)]))


def to_bytes(state: SegmentState) -> bytes:
    """Versioned bytes of `DTYPE.itemsize`, the same for equal states."""
    return _STATE.pack(_FORMAT_VERSION, state.at_s, *state.sums)


def from_bytes(value: bytes) -> SegmentState:
    """Inverse of `to_bytes`; raises `ValueError` for bytes of another format."""
    if len(value) != _STATE.size or _STATE.unpack(value)[0] != _FORMAT_VERSION:
        read([value])  # raises
    _, at_s, *sums = _STATE.unpack(value)
    return SegmentState(at_s, tuple(sums))


def values(at_s: FloatArray, sums: FloatArray) -> list[bytes]:
    """The bytes of each of (n,) states with (n, N_KIND_SLOTS) sums."""
    made = np.empty(len(at_s), DTYPE)
    made["version"], made["at_s"], made["sums"] = _FORMAT_VERSION, at_s, sums
    return fixed_width.values(made)


def read(values: Sequence[bytes]) -> Records:
    """A batch of values -> (n,) structured array of `DTYPE`; raises `ValueError` when one is of another format."""
    return fixed_width.read(values, DTYPE, _FORMAT_VERSION, "segment")


SCHEMA = FeatureSchema(
    name="segment",
    entity="segment",
    ttl=timedelta(seconds=KEPT_S),
    fields=(
        FeatureField("counter_at_s", "float64", "reference time of the sums, seconds"),
        FeatureField("counter_sums", "float64_list", "per kind slot: events, decayed with a half-life of 7 days"),
    ),
)
