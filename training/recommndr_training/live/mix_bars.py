"""Bars of a mix: the shares of its most common values, side by side."""

from collections.abc import Mapping

from recommndr.drift.mixes import Counts, share
from recommndr_training.live.drift_page import Bars

_N_VALUES = 10


def mix_bars(title: str, counts: Mapping[str, Counts]) -> Bars:
    """`counts` by label."""
    together: dict[str, int] = {}
    for of_label in counts.values():
        for value, n in of_label.items():
            together[value] = together.get(value, 0) + n
    common = sorted(together, key=lambda value: (-together[value], value))[:_N_VALUES]
    shares = {label: [share(of_label, value) or 0.0 for value in common] for label, of_label in counts.items()}
    return Bars(title, shares, common)
