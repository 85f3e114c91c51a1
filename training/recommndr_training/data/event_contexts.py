"""Contexts of events as numbers: a shop has millions of lines and a few hundred combinations of device, system and place."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommndr.features.action import CONTEXT
from recommndr_training.data import id_codes

ContextNames = tuple[str, ...]  # parallel to `CONTEXT`; "" is unknown
Codes = npt.NDArray[np.int32]


class CodedContexts(NamedTuple):
    """The contexts of lines by their place among the distinct ones."""

    codes: Codes  # (n,)
    names: tuple[ContextNames, ...]  # sorted


def coded(lines: pd.DataFrame) -> CodedContexts:
    """The contexts of lines; a column that is missing is unknown everywhere.

    >>> coded(pd.DataFrame({"country": ["DE", None, "AT", "DE"]}))
    CodedContexts(codes=array([2, 0, 1, 2], dtype=int32), names=(('', '', '', ''), ('', '', 'AT', ''), ('', '', 'DE', '')))
    """
    codes = np.zeros(len(lines), np.int32)
    names: tuple[ContextNames, ...] = ((),)
    for column in CONTEXT:
        here, known = _column(lines, column)
        if len(known) == 1:
            names = tuple((*before, *known) for before in names)
            continue
        # After each column, so that many values in all columns do not overflow.
        distinct, codes = _distinct(codes.astype(np.int64) * len(known) + here, len(names) * len(known))
        places = zip(*(part.tolist() for part in np.divmod(distinct, len(known))), strict=True)
        names = tuple((*names[before], known[place]) for before, place in places)
    return CodedContexts(codes, names if len(lines) else ())


def _column(lines: pd.DataFrame, column: str) -> tuple[Codes, list[str]]:
    """The values of a column, sorted, the unknown one first, and the place of each line's among them."""
    if column not in lines:
        return np.zeros(len(lines), np.int32), [""]
    found = id_codes.coded(lines[column])
    values = found.ids
    if values[:1] == [""]:  # the first word, and unknown too
        return found.codes.astype(np.int32).clip(0), values
    return (found.codes + 1).astype(np.int32), ["", *values]


def _distinct(values: npt.NDArray[np.int64], size: int) -> tuple[npt.NDArray[np.int64], Codes]:
    """The distinct values below `size`, ascending, and the place of each value among them."""
    if size > len(values):  # too many to mark
        distinct, places = np.unique(values, return_inverse=True)
        return distinct, places.astype(np.int32)
    there = np.zeros(size, np.bool_)
    there[values] = True
    return np.flatnonzero(there), (np.cumsum(there, dtype=np.int32) - np.int32(1))[values]
