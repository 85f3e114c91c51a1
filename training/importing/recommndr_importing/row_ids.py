"""Computes event ids from the values of a row, so that the same row is the same event in every file and every import.

Ids are UUIDs of version 8 (RFC 9562: custom), 128 bits of SipHash keyed by the tenant. A row without an order hashes user,
item, kind, time, quantity and price; an order hashes shopper, order number and the day that it began on. Sessions are left out:
the program that exports a log often makes them up, so they differ between files of the same log. All work is on arrays: uuid5
takes 2 us per row.
"""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

US_PER_DAY = 86_400_000_000
Lanes = npt.NDArray[np.uint64]  # (n, 2)
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint8).reshape(256, 2)
# Where groups of hexadecimal digits are among the 36 characters of a UUID and among its 32 digits.
_GROUPS = ((0, 0, 8), (9, 8, 4), (14, 12, 4), (19, 16, 4), (24, 20, 12))  # letter, digit, length


def hash_text(words: pa.Array, key: bytes) -> npt.NDArray[np.uint64]:
    """Return the SipHash of each word under a key of 16 bytes, (n,) uint64; null hashes like empty text."""
    encoded = words.fill_null("").dictionary_encode()
    found: npt.NDArray[np.uint64] = _hashes(encoded.dictionary, key)[encoded.indices.to_numpy()]
    return found


def row_ids(tenant: str, words: list[pa.Array], numbers: list[npt.NDArray[np.int64]]) -> pa.Array:
    """Return event ids of rows without an order, (n,) string, from tenant, words and numbers."""
    return uuids(_lanes(tenant, words, numbers))


def order_lanes(tenant: str, users: pa.Array, orders: pa.Array) -> Lanes:
    """Return the hash of shopper and order number, (n, 2)."""
    return _lanes(f"{tenant}|order", [users, orders], [])


def order_event_lanes(lanes: Lanes, days: npt.NDArray[np.int64]) -> Lanes:
    """Return the hash of shopper, order number and the day since 1970 on which the order began, (n, 2)."""
    return np.column_stack([_mix(lanes[:, lane] ^ days.view(np.uint64)) for lane in range(2)])


def order_keys(lanes: Lanes, days: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return `event_keys` of the event ids of these orders, (n,) uint64."""
    return _octets(order_event_lanes(lanes, days))[:, :8].copy().view(np.uint64).ravel()


def _lanes(scope: str, words: list[pa.Array], numbers: list[npt.NDArray[np.int64]]) -> Lanes:
    encoded = [column.fill_null("").dictionary_encode() for column in words]
    lanes = np.empty((len(words[0]), 2), np.uint64)
    for lane in range(2):
        mixed = np.full(len(lanes), lane, np.uint64)
        for column in numbers:
            mixed = _mix(mixed ^ column.view(np.uint64))
        for place, word in enumerate(encoded):
            key = blake2b(f"{scope}|{lane}|{place}".encode(), digest_size=8).hexdigest().encode()
            mixed = _mix(mixed ^ _hashes(word.dictionary, key)[word.indices.to_numpy()])
        lanes[:, lane] = mixed
    return lanes


def _hashes(words: pa.Array, key: bytes) -> npt.NDArray[np.uint64]:
    as_objects = words.to_numpy(zero_copy_only=False)
    found: npt.NDArray[np.uint64] = pd.util.hash_array(as_objects, hash_key=key.decode("latin-1"), categorize=False)
    return found


def event_keys(event_ids: pa.Array) -> npt.NDArray[np.uint64]:
    """Return the first 64 bits of UUIDs given as text, (n,) uint64."""
    fixed = event_ids.cast(pa.binary()).cast(pa.binary(36))
    letters = np.frombuffer(fixed.buffers()[1], np.uint8, 36 * len(fixed), 36 * fixed.offset).reshape(-1, 36)
    digits = np.hstack([letters[:, letter : letter + length] for letter, _, length in _GROUPS[:3]])
    values = np.where(digits < ord("a"), digits - ord("0"), digits - ord("a") + 10).astype(np.uint8)
    octets = (values[:, 0::2] << 4 | values[:, 1::2]).astype(np.uint8)
    return octets.view(np.uint64).ravel()


def line_numbers(words: pa.Array, numbers: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int32]:
    """Return numbers for the lines of an order, (n,) int32 from 0: 31 bits of a hash of the line's values.

    Not their places: rows of an order may come in any order, torn between batches and files, and repeat; a line has to have
    the same number each time. Two lines of one order of 20 collide (and one is lost) once in ten million orders.
    """
    mixed = hash_text(words, b"recommndr: lines")
    for column in numbers:
        mixed = _mix(mixed ^ column.view(np.uint64))
    return (mixed >> np.uint64(33)).astype(np.int32)


def _mix(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    # The finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit flips each output bit half of the time.
    mixed = words + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    final: npt.NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return final


def _octets(lanes: Lanes) -> npt.NDArray[np.uint8]:
    """Return the 16 octets of UUIDs of version 8, (n, 16)."""
    octets = lanes.copy().view(np.uint8).reshape(-1, 16)
    octets[:, 6] = (octets[:, 6] & 0x0F) | 0x80
    octets[:, 8] = (octets[:, 8] & 0x3F) | 0x80
    return octets


def uuids(lanes: Lanes) -> pa.Array:
    """Format 128 bits each as UUIDs of version 8, (n,) string."""
    octets = _octets(lanes)
    letters = np.full((len(octets), 36), ord("-"), np.uint8)
    digits = _HEX[octets].reshape(len(octets), 32)
    for letter, digit, length in _GROUPS:
        letters[:, letter : letter + length] = digits[:, digit : digit + length]
    ends = np.arange(len(octets) + 1, dtype=np.int32) * 36
    return pa.StringArray.from_buffers(len(octets), pa.py_buffer(ends), pa.py_buffer(letters))
