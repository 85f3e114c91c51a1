"""The newest hour in slices of five minutes, with one record of each shopper.

The shopper is the unit. Answers for one shopper are alike, so a hundred of them say little more than one, and an arm with few
shoppers would look different by chance. Slices let two arms be compared at the same times, whatever their shares of traffic.
"""

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

SLICE_S = 300
N_SLICES = 12
MAX_PER_SLICE = 400  # shoppers; of 113 columns they take 180 kB


class OfShopper(Protocol):
    """A record of one shopper at one instant."""

    @property
    def user_id(self) -> str:
        """The shopper."""
        ...

    @property
    def at_s(self) -> float:
        """The instant, epoch."""
        ...


One = TypeVar("One", bound=OfShopper)


@dataclass(slots=True)
class Slices(Generic[One]):
    """Records of one arm."""

    _slices: dict[int, list[One]] = field(default_factory=dict)
    _shoppers: set[str] = field(default_factory=set)

    def add(self, one: One) -> None:
        """Keep it if the shopper is not there yet and the slice has room."""
        number = int(one.at_s // SLICE_S)
        if one.user_id in self._shoppers or number <= max(self._slices, default=number) - N_SLICES:
            return
        there = self._slices.setdefault(number, [])
        if len(there) < MAX_PER_SLICE:
            there.append(one)
            self._shoppers.add(one.user_id)

    def forget(self, now_s: float) -> None:
        """Let go of what is older than the window."""
        for number in [one for one in self._slices if one <= int(now_s // SLICE_S) - N_SLICES]:
            self._shoppers.difference_update(one.user_id for one in self._slices.pop(number))

    def copied(self) -> "Slices[One]":
        """As it is now; the records are shared."""
        return Slices({number: list(there) for number, there in self._slices.items()}, set(self._shoppers))

    def all(self) -> list[One]:
        """All records, by slice."""
        return [one for number in sorted(self._slices) for one in self._slices[number]]

    def beside(self, other: "Slices[One]") -> tuple[list[One], list[One]]:
        """Both arms' records, of as many shoppers of each in every slice."""
        ours, theirs = list[One](), list[One]()
        for number in sorted(self._slices.keys() & other._slices.keys()):
            pairs = list(zip(self._slices[number], other._slices[number], strict=False))
            ours += [one for one, _ in pairs]
            theirs += [one for _, one in pairs]
        return ours, theirs
