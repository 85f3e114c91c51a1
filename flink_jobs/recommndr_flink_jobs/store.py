"""The states of a bucket, and the names under which they lie there."""

from collections.abc import Iterator
from typing import Protocol

LIVES = "lives"  # by `bucket|tenant`
HELD = "held"  # messages that wait for a cut, by `tenant|number`
SWEPT = "swept"  # by bucket, the day of the last look for idle shoppers
CATCH_UP = "catch-up"  # by bucket
N_STATES = "n-states"  # of a group with a limit, by `generation|tenant|group`
# Outcomes; both are only ever read in the bucket of the shopper.
SHOPPERS = "outcome"
PARTIALS = "partial"


class Store(Protocol):
    """The states of a bucket. Those of entities lie under the name of their group."""

    def get(self, group: str, key: str) -> bytes | None:
        """The stored value, or None."""

    def put(self, group: str, key: str, value: bytes) -> None:
        """Store `value` under the key."""

    def remove(self, group: str, key: str) -> None:
        """Forget what is stored under the key, if anything is."""

    def of_group(self, group: str) -> Iterator[tuple[str, bytes]]:
        """Key and value of a group that has a map of its own. Nothing may be changed meanwhile."""

    def items(self) -> Iterator[tuple[str, str, bytes]]:
        """Group, key and value of all states but outcomes. Nothing may be changed meanwhile."""
