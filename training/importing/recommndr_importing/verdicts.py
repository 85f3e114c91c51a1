"""The rejected rows of a batch, each with one reason."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing.columns import Flags, codes, find, flags, numbers
from recommndr_importing.mapping import Rule


class Verdicts:
    """Verdicts on `n` rows. The first reason found is a row's reason."""

    def __init__(self, n: int) -> None:
        self._codes: npt.NDArray[np.int16] = np.full(n, -1, np.int16)
        self._reasons: list[str] = []

    @property
    def accepted(self) -> Flags:
        """Which rows are not rejected."""
        found: Flags = self._codes < 0
        return found

    def reject(self, rows: Flags, reason: str) -> None:
        """Reject those of `rows` that are not yet rejected."""
        if reason not in self._reasons:
            self._reasons.append(reason)
        self._codes[rows & self.accepted] = self._reasons.index(reason)

    def apply(self, rules: Sequence[Rule], rows: pa.Table, where: str, point: str) -> None:
        """Reject rows by the mapping's rules; `point` is the decimal separator. Raises `MissingColumn`."""
        for number, rule in enumerate(rules):
            name = find(rule.column, rows.column_names, f"{where}.reject.{number}", optional=False)
            self.reject(_fulfils(rows[name].combine_chunks(), rule, point), rule.reason)

    def reasons(self) -> pa.Array:
        """Return the reasons of the rejected rows, in their order."""
        return pa.array(self._reasons, pa.string()).take(pa.array(self._codes[~self.accepted]))


def _fulfils(column: pa.Array, rule: Rule, point: str) -> Flags:
    if rule.at_most is not None:
        values, _ = numbers(column, point)
        low: Flags = values <= rule.at_most  # False for NaN
        return low
    words = codes(column)
    if rule.missing:
        return flags(words.is_null())
    if rule.equals is not None:
        return flags(pc.is_in(words, pa.array(rule.equals, pa.string())))
    if rule.starts_with is not None:
        return flags(pc.starts_with(words, rule.starts_with))
    return flags(pc.match_substring_regex(words, rule.matches))
