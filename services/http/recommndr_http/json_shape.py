"""Measures a JSON text before anything is built from it: counts depth, keys and values on its bytes.

A model describes each of 80,000 unknown fields, which takes 500 ms. Counting takes 6 ms per megabyte, because there is no
recursion and no Python object per value. The counts are right for every valid text; the parser refuses invalid texts
afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommndr_http.problem import refused_field

_QUOTE, _OPEN, _CLOSE, _COMMA, _COLON = 1, 2, 3, 4, 5
_KINDS = bytes(
    _QUOTE if byte == ord('"') else _OPEN if byte in b"{[" else _CLOSE if byte in b"}]"
    else _COMMA if byte == ord(",") else _COLON if byte == ord(":") else 0
    for byte in range(256)
)  # fmt: skip
_STEP = np.array([0, 0, 1, -1, 0, 0], np.int32)  # what each kind adds to the depth
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Shape:
    """Depth of nesting, keys of all objects, and values after the first in their list or object."""

    depth: int
    n_keys: int
    n_commas: int

    def check(self, most: "Shape") -> None:
        """Raise `Problem` if any of the three exceeds that of `most`."""
        for what, is_, may_be in (
            ("levels", self.depth, most.depth),
            ("keys", self.n_keys, most.n_keys),
            ("values", self.n_commas, most.n_commas),
        ):
            if is_ > may_be:
                raise refused_field("body", f"{is_} {what}", f"at most {may_be} {what} in one request or event")


@dataclass(frozen=True, slots=True)
class Member:
    """The bytes of one member of a list; they may be invalid JSON."""

    payload: bytes
    shape: Shape


class JsonList:
    """The members of a list, split before any of them is decoded, so that an invalid one does not affect the others."""

    def __init__(self, payload: bytes) -> None:
        """Raises `ValueError` unless the text is one list by its first and last byte and its brackets and quotes."""
        self._text = payload.strip(_BLANKS)
        self._structure = _Structure(self._text)
        depth, kinds = self._structure.depth, self._structure.kinds
        if (
            self._text[:1] != b"["
            or depth[-1] != 0
            or (depth[:-1] < 1).any()
            or self._structure.places[-1] != len(self._text) - 1
        ):
            raise ValueError("with all brackets and quotes closed")
        separators = np.flatnonzero((kinds == _COMMA) & (depth == 1))
        self._starts = np.r_[0, separators]

    def __len__(self) -> int:
        """How many members; none in a list of blanks."""
        empty = len(self._starts) == 1 and not self._text[1:-1].strip(_BLANKS)
        return 0 if empty else len(self._starts)

    def __iter__(self) -> Iterator[Member]:
        """The members in order."""
        shapes = self._structure.shapes(self._starts)
        places = self._structure.places[self._starts].tolist()
        ends = [*places[1:], len(self._text) - 1]
        for start, end, shape in zip(places, ends, shapes, strict=True):
            yield Member(self._text[start + 1 : end], shape)


def json_list(payload: bytes, most: int, expected: str) -> JsonList:
    """A list of 1 to `most` members; raises `Problem` that says what was expected."""
    try:
        members = JsonList(payload)
    except ValueError as cause:
        raise refused_field("body", payload[:80].decode(errors="replace"), f"{expected}, {cause}") from None
    if not 1 <= len(members) <= most:
        raise refused_field("body", f"a list of {len(members)}", expected)
    return members


def check(payload: bytes, most: Shape) -> None:
    """Raise `Problem` if the shape of a text exceeds `most`.

    A text has no more levels, keys and values than such bytes, those in strings included. To count these takes a microsecond,
    to measure a hundred, so a text is measured only if the counts exceed `most`.
    """
    n_open = payload.count(b"{") + payload.count(b"[")
    if n_open > most.depth or payload.count(b":") > most.n_keys or payload.count(b",") > most.n_commas:
        measure(payload).check(most)


def measure(payload: bytes) -> Shape:
    """The shape of a text."""
    structure = _Structure(payload)
    if len(structure.kinds) == 0:
        return Shape(0, 0, 0)
    n = np.bincount(structure.kinds, minlength=_COLON + 1)
    return Shape(int(structure.depth.max()), int(n[_COLON]), int(n[_COMMA]))


class _Structure:
    """Brackets, commas and colons outside strings: positions, kinds, and the depth after each."""

    def __init__(self, text: bytes) -> None:
        # From the left: a backslash escapes the next character, so a quote after an odd number of backslashes is escaped.
        unescaped = text.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        kinds = np.frombuffer(unescaped.translate(_KINDS), np.uint8)
        places = np.flatnonzero(kinds)
        kinds = kinds[places]
        quotes = kinds == _QUOTE
        outside = ~(np.logical_xor.accumulate(quotes) | quotes)
        self.places, self.kinds = places[outside], kinds[outside]
        self.depth: npt.NDArray[np.int32] = np.cumsum(_STEP[self.kinds], dtype=np.int32)

    def shapes(self, starts: npt.NDArray[np.int64]) -> list[Shape]:
        """Shapes of the parts of a list that begin at its bracket and at its commas."""
        depths = np.maximum.reduceat(self.depth, starts) - 1
        n_keys = np.add.reduceat(self.kinds == _COLON, starts, dtype=np.int64)
        n_commas = np.add.reduceat((self.kinds == _COMMA) & (self.depth > 1), starts, dtype=np.int64)
        return [Shape(*one) for one in zip(depths.tolist(), n_keys.tolist(), n_commas.tolist(), strict=True)]
