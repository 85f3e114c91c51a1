"""The ranker's input columns: the one list, in order. Serving fills them, training learns on them, the bundle records them.

Every column is float32, NaN = not known. Times are in days, counts decayed unless the name says otherwise. A column is added
here, filled in `recommndr_serving.ranker_matrix`, and that is all: training calls the same code.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RankerInput:
    """One column: its name, what it says, and what a candidate has that lacks it."""

    name: str
    description: str
    default: float = 0.0


RANKER_INPUTS: tuple[RankerInput, ...] = ()

NAMES = tuple(column.name for column in RANKER_INPUTS)
