"""What the values of a sampled column look like: how many, how different, numbers, times. Pure."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing import columns
from recommndr_training.shops.time_formats import TimeFormat, time_format

_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*([eE][+-]?[0-9]+)?")
_COMMA_DECIMALS = re.compile(r"[+-]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+),[0-9]+")
_POINT_DECIMALS = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)\.[0-9]+")


@dataclass(frozen=True)
class ColumnLook:
    """A column of a sample. Shares are of its filled values."""

    name: str
    values: pa.Array  # (n,) as read

    @cached_property
    def is_list(self) -> bool:
        """Whether each value is a list or a structure."""
        return bool(pa.types.is_nested(self.values.type))

    @cached_property
    def _counted(self) -> tuple[list[str], npt.NDArray[np.int64]]:
        if self.is_list:
            return [], np.zeros(0, np.int64)
        found = pc.value_counts(columns.codes(self.values).drop_null())
        words, counts = found.field("values").to_pylist(), found.field("counts").to_numpy()
        order = sorted(range(len(words)), key=lambda place: (-int(counts[place]), str(words[place])))
        return [str(words[place]) for place in order], counts[order].astype(np.int64)

    @property
    def words(self) -> list[str]:
        """Its different values as text, the most frequent first."""
        return self._counted[0]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """How often each of `words` occurs."""
        return self._counted[1]

    @cached_property
    def filled(self) -> float:
        """Share of the rows that have a value."""
        n_filled = len(self.values) - self.values.null_count if self.is_list else int(self.counts.sum())
        return n_filled / max(len(self.values), 1)

    @cached_property
    def time(self) -> TimeFormat | None:
        """How it tells times, or None."""
        return time_format(self.values)

    @cached_property
    def _numbers(self) -> npt.NDArray[np.float64]:
        """(words,) as numbers whatever the decimal sign is; NaN for other text."""
        return np.array([_number(word) for word in self.words], np.float64)

    @cached_property
    def numeric(self) -> float:
        """Share of numbers."""
        return self.share_of(~np.isnan(self._numbers))

    @cached_property
    def whole(self) -> float:
        """Share of whole numbers."""
        return self.share_of(self._numbers == np.floor(self._numbers))

    @cached_property
    def negative(self) -> float:
        """Share of numbers of 0 or below."""
        return self.share_of(self._numbers <= 0)

    @property
    def highest(self) -> float:
        """The highest number; NaN where there is none."""
        known = self._numbers[~np.isnan(self._numbers)]
        return float(known.max()) if len(known) else float("nan")

    def share_of(self, chosen: npt.NDArray[np.bool_]) -> float:
        """Share of the values whose word is chosen, (words,) bool."""
        return float(self.counts[chosen].sum() / max(self.counts.sum(), 1))

    def share(self, pattern: str) -> float:
        """Share of the values that a regular expression matches as a whole."""
        fits = re.compile(pattern)
        return self.share_of(np.array([fits.fullmatch(word) is not None for word in self.words], np.bool_))

    @cached_property
    def decimal_signs(self) -> tuple[int, int]:
        """How many values have decimals after a point, and how many after a comma; none if some are no numbers."""
        if self.numeric < 1.0:
            return 0, 0
        points = sum(1 for word in self.words if _POINT_DECIMALS.fullmatch(word))
        return points, sum(1 for word in self.words if _COMMA_DECIMALS.fullmatch(word))


def _number(word: str) -> float:
    if not _NUMBER.fullmatch(word):
        return float("nan")
    if _COMMA_DECIMALS.fullmatch(word):
        word = word.replace(".", "").replace(",", ".")
    elif _POINT_DECIMALS.fullmatch(word):
        word = word.replace(",", "")
    try:
        return float(word)
    except ValueError:
        return float("nan")


def looks(rows: pa.Table) -> list[ColumnLook]:
    """A look at each column of a sample."""
    return [ColumnLook(name, rows[name].combine_chunks()) for name in rows.column_names if name]


def decimal_sign(found: list[ColumnLook]) -> str:
    """The sign before decimals in a file: what most numbers with decimals have."""
    points, commas = (sum(look.decimal_signs[place] for look in found) for place in (0, 1))
    return "," if commas > points else "."
