"""Tables of history as arrays of actions, and as arrays of what they are for items."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.features.action import CONTEXT
from recommndr.features.arrays.acts import Acts, Names
from recommndr.features.arrays.ids import Ids
from recommndr.features.arrays.runs import Flags, Ints
from recommndr.features.decay import FloatArray
from recommndr.features.user import tie_of

_TIE_DIGITS = 8
_NO_DIGIT = 16
_DIGITS = np.full(256, _NO_DIGIT, np.int64)  # the value of a hexadecimal digit by its byte
_DIGITS[list(b"0123456789abcdef")] = np.arange(16)
_DIGITS[list(b"ABCDEF")] = np.arange(10, 16)


@dataclass(frozen=True, slots=True)
class ItemLines:
    """(m,) events with an item, in the order of folding: number of the item, kind, instant, lines of the event with it."""

    item: Ints
    kind: Ints
    at_s: FloatArray
    n: FloatArray


def acts_of(events: pa.Table, names: Names) -> Acts:
    """All actions of a table of `history.SCHEMA`; the shopper is -1 where `names` does not take it."""
    item_ids = _whole(events["item_ids"])
    return Acts(
        user=_numbers(_whole(events["user_id"]), names.users),
        kind=events["kind"].to_numpy().astype(np.int64),
        at_s=events["at_s"].to_numpy(),
        tie=ties(_whole(events["event_id"])),
        place=_places(events, names.places),
        n_lines=pc.list_value_length(item_ids).to_numpy().astype(np.int64),
        item=_numbers(item_ids.flatten(), names.items),
    )


def item_lines(acts: Acts, is_doubted: Flags, is_owned: Flags) -> ItemLines:
    """The lines with an owned item (by its number), as `item.lift`: doubted events do not count."""
    chosen = is_owned[acts.item] & ~is_doubted[acts.act_of_line]
    n_items = max(1, len(is_owned))
    pairs, n = np.unique(acts.act_of_line[chosen] * n_items + acts.item[chosen], return_counts=True)
    act = pairs // n_items
    return ItemLines(pairs % n_items, acts.kind[act], acts.at_s[act], n.astype(np.float64))


def ties(event_ids: pa.Array) -> Ints:
    """(n,) `user.tie_of` each event id.

    >>> ties(pa.array(["9f2c01aa-63f0-4b7e-9a6e-2f5a0c5d7a10", "o1"])).tolist() == [0x9F2C01AA, tie_of("o1")]
    True
    """
    heads = pc.ascii_lpad(pc.utf8_slice_codeunits(event_ids, 0, _TIE_DIGITS), _TIE_DIGITS, " ")
    found = np.zeros(len(heads), np.int64)
    is_plain = pc.equal(pc.binary_length(heads), _TIE_DIGITS).to_numpy(zero_copy_only=False).astype(np.bool_)
    plain = heads.filter(pa.array(is_plain)).cast(pa.binary()).cast(pa.binary(_TIE_DIGITS))
    digits = _DIGITS[np.frombuffer(plain.buffers()[1], np.uint8)[: len(plain) * _TIE_DIGITS].reshape(-1, _TIE_DIGITS)]
    places = np.flatnonzero(is_plain)
    found[places] = digits @ (1 << np.arange(28, -1, -4))
    is_plain[places[(digits == _NO_DIGIT).any(axis=1)]] = False
    for place in np.flatnonzero(~is_plain).tolist():  # no UUID
        found[place] = tie_of(event_ids[place].as_py())
    return found


def half_to(exponents: FloatArray) -> FloatArray:
    """As `decay.half_to`, by Arrow: it calls C's function for each value, as Python does, in a quarter of the time."""
    powers: FloatArray = pc.power(pa.scalar(0.5), pa.array(exponents.ravel())).to_numpy()
    return powers.reshape(exponents.shape)


def is_doubted(events: pa.Table) -> Flags:
    """(n,) whether each event is doubted."""
    flags: Flags = pc.fill_null(_whole(events["doubted"]), False).to_numpy(zero_copy_only=False).astype(np.bool_)
    return flags


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _numbers(column: pa.Array, ids: Ids[str]) -> Ints:
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    numbers: Ints = ids.numbers(encoded.dictionary.to_numpy(zero_copy_only=False).tolist())[encoded.indices.to_numpy()]
    return numbers


def _places(events: pa.Table, places: Ids[tuple[str, ...]]) -> Ints:
    """The number of each event's context."""
    key, words = np.zeros(len(events), np.int64), []
    for name in CONTEXT:
        encoded = pc.fill_null(_whole(events[name]), "").dictionary_encode()
        words.append(encoded.dictionary.to_pylist())
        key = key * max(1, len(words[-1])) + encoded.indices.to_numpy()
    distinct, which = np.unique(key, return_inverse=True)
    of_words = np.unravel_index(distinct, [max(1, len(one)) for one in words])
    contexts = zip(*([of[code] for code in codes.tolist()] for of, codes in zip(words, of_words, strict=True)), strict=True)
    numbers: Ints = places.numbers(contexts)[which]
    return numbers
