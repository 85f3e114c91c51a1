"""Lines of the simulated log as rows of the lake's table of events."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.lake import SCHEMA
from recommndr_simulation.arrays import Ints, Lines, Rows
from recommndr_simulation.moves import IDENTIFY, KIND_NAMES
from recommndr_simulation.places import COUNTRIES, DEVICES, REGIONS, SYSTEMS
from recommndr_simulation.titles import CURRENCY, item_ids, query_texts, user_ids
from recommndr_simulation.world import World

Words = npt.NDArray[np.uint64]

_MOST_BOTS = 1_000_000  # limit of the number of bots; their ids follow the shoppers'
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_DASHES = (8, 13, 18, 23)
_DIGITS = [place for place in range(36) if place not in _DASHES]


class EventTable:
    """Turns lines of one world into lake rows. Ids are formatted once, at construction."""

    def __init__(self, world: World, tenant: str, policy: TenantPolicy) -> None:
        self._tenant, self._seed = tenant, world.profile.seed
        self._n_shoppers = world.shoppers.n_shoppers
        self._users, self._items = user_ids(self._n_shoppers), item_ids(world.catalogue)
        self._queries = query_texts(world.catalogue)
        self._weights = np.array(
            [policy.weight(name) if name and code != IDENTIFY else 0.0 for code, name in enumerate(KIND_NAMES)]
        )

    def rows(self, lines: Lines) -> pa.Table:
        """Rows (`lake.SCHEMA`) of `lines` (LINE), in the same order."""
        occurred_at = pa.array(lines["at_us"]).cast(pa.timestamp("us", tz="UTC"))
        received_at = pa.array(lines["at_us"] + lines["late_s"] * np.int64(1_000_000)).cast(occurred_at.type)
        users, guests = self._user_ids(lines)
        sessions = _hex(_mixed(lines["visit"].astype(np.uint64), self._seed + 7), 16)
        kinds = pa.DictionaryArray.from_arrays(pa.array(lines["kind"]), pa.array(KIND_NAMES))
        priced = lines["price_minor"] >= 0
        columns = {
            "tenant": pa.array([self._tenant]).take(pa.array(np.zeros(len(lines), np.int8))),
            "received_on": received_at.cast(pa.date32()),
            "event_id": event_ids(lines["event"], self._seed),
            "kind": kinds.cast(pa.string()),
            "user_id": users,
            "session_id": sessions,
            "occurred_at": occurred_at,
            "received_at": received_at,
            "event_at": occurred_at,
            "line_no": pa.array(lines["line_no"], pa.int32()),
            "item_id": _taken(self._items, lines["item"]),
            "quantity": pa.array(lines["quantity"].astype(np.int32), mask=lines["item"] < 0),
            "price_minor": pa.array(lines["price_minor"].astype(np.int64), mask=~priced),
            "currency": pa.array([CURRENCY]).take(pa.array(np.zeros(len(lines), np.int8), mask=~priced)),
            "position": pa.array(lines["position"].astype(np.int32), mask=lines["position"] < 0),
            "weight": pa.array(self._weights[lines["kind"]]),
            "device": _taken(pa.array(DEVICES), lines["gear"]),
            "os": _taken(pa.array(SYSTEMS), lines["gear"]),
            "country": _taken(pa.array(COUNTRIES), lines["country"]),
            "region": _taken(pa.array(REGIONS), lines["region"]),
            "query": _taken(self._queries, lines["query"]),
            "guest_id": guests,
        }
        empty = {field.name: pa.nulls(len(lines), field.type) for field in SCHEMA if field.name not in columns}
        return pa.table([(columns | empty)[name] for name in SCHEMA.names], schema=SCHEMA)

    def _user_ids(self, lines: Lines) -> tuple[pa.Array, pa.Array]:
        """The user of each line, and for an `identify` the guest id that becomes that shopper."""
        known = pa.concat_arrays([self._users, _bot_ids(lines["user"], self._n_shoppers)])
        users = _taken(known, np.minimum(lines["user"], self._n_shoppers + np.cumsum(lines["user"] >= self._n_shoppers) - 1))
        guest = lines["guest"] | (lines["kind"] == IDENTIFY)
        rows = np.flatnonzero(guest)
        names = _hex(_mixed(lines["visit"][rows].astype(np.uint64), self._seed + 8), 16)
        place = np.full(len(lines), -1, np.int64)
        place[rows] = np.arange(len(rows))
        by_line = _taken(names, place)
        as_guest = pa.array(lines["guest"])
        return pa.compute.if_else(as_guest, by_line, users), pa.compute.if_else(as_guest, None, by_line)


def _bot_ids(user: Rows, n_shoppers: int) -> pa.Array:
    """Ids of the lines' bots, in line order."""
    width = max(5, len(str(n_shoppers)))
    return pa.array([f"u{number:0{width}d}" for number in user[user >= n_shoppers].tolist()], pa.string())


def _taken(values: pa.Array, place: npt.NDArray[np.integer]) -> pa.Array:
    return values.take(pa.array(place.astype(np.int64), mask=place < 0))


def event_ids(numbers: Ints, seed: int) -> pa.Array:
    """UUIDs (version 8) of events by their numbers, the same for the same seed.

    >>> event_ids(np.array([0, 1]), seed=1)[0].as_py() != event_ids(np.array([0, 1]), seed=1)[1].as_py()
    True
    """
    high = _mixed(numbers.astype(np.uint64), seed)
    low = _mixed(numbers.astype(np.uint64), seed + 1)
    high = (high & np.uint64(0xFFFFFFFFFFFF0FFF)) | np.uint64(0x8000)
    low = (low & np.uint64(0x3FFFFFFFFFFFFFFF)) | np.uint64(0x8000000000000000)
    text = np.full((len(numbers), 36), ord("-"), np.uint8)
    digits = np.concatenate((_digits(high), _digits(low)), axis=1)
    text[:, _DIGITS] = digits
    return _strings(text)


def _mixed(numbers: Words, seed: int) -> Words:
    """A bijection that hides patterns (splitmix64: Steele, Lea & Flood, OOPSLA 2014)."""
    with np.errstate(over="ignore"):
        z = numbers + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def _digits(words: Words) -> npt.NDArray[np.uint8]:
    octets = words.astype(">u8").view(np.uint8).reshape(-1, 8)
    return _HEX[np.stack((octets >> 4, octets & 15), axis=2).reshape(-1, 16)]


def _hex(words: Words, width: int) -> pa.Array:
    return _strings(_digits(words)[:, :width])


def _strings(text: npt.NDArray[np.uint8]) -> pa.Array:
    """Rows of ASCII characters of equal length as strings."""
    n, width = text.shape
    offsets = np.arange(n + 1, dtype=np.int64) * width
    wide = pa.LargeStringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(text)))
    return wide.cast(pa.string())
