"""Contexts of events as numbers: a shop has millions of lines and a few hundred combinations of device, system and place."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommndr.features.action import CONTEXT

ContextNames = tuple[str, ...]  # parallel to `CONTEXT`; "" is unknown


class CodedContexts(NamedTuple):
    """The contexts of lines by their place among the distinct ones."""

    codes: npt.NDArray[np.int32]  # (n,)
    names: tuple[ContextNames, ...]  # sorted


def coded(lines: pd.DataFrame) -> CodedContexts:
    """The contexts of lines; a column that is missing is unknown everywhere.

    >>> coded(pd.DataFrame({"country": ["DE", None, "AT", "DE"]}))
    CodedContexts(codes=array([2, 0, 1, 2], dtype=int32), names=(('', '', '', ''), ('', '', 'AT', ''), ('', '', 'DE', '')))
    """
    codes = np.zeros(len(lines), np.int64)
    names: tuple[ContextNames, ...] = ((),)
    for column in CONTEXT:
        values = pd.Categorical(lines[column] if column in lines else [None] * len(lines))
        known = np.array(["", *values.categories], object)
        ordered = np.argsort(known, kind="stable")
        here = np.argsort(ordered)[values.codes.astype(np.int64) + 1]
        # After each column, so that many values in all columns do not overflow.
        distinct, codes = np.unique(codes * len(known) + here, return_inverse=True)
        places = zip(*(part.tolist() for part in np.divmod(distinct, len(known))), strict=True)
        names = tuple((*names[before], known[ordered[place]]) for before, place in places)
    return CodedContexts(codes.astype(np.int32), names)
