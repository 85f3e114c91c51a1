"""What a module of `recommndr.features.added` has: a state and functions that are laws, not habits.

Merge is associative and commutative, and a fold of many actions is the merge of each; so order does not matter.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from recommndr.features.action import Action
from recommndr.features.schema import FeatureSchema, Value

StateT = TypeVar("StateT")


class AddedGroup(Protocol[StateT]):
    """One group; states are treated as immutable."""

    SCHEMA: FeatureSchema
    EMPTY: StateT

    def takes(self, action: Action) -> bool:
        """Whether the action can change a state."""
        ...

    def fold(self, state: StateT, actions: Sequence[Action]) -> StateT:
        """The state with a shopper's actions merged in."""
        ...

    def merge(self, a: StateT, b: StateT) -> StateT:
        """The merged state."""
        ...

    def to_bytes(self, state: StateT) -> bytes:
        """Versioned bytes, the same for equal states."""
        ...

    def from_bytes(self, value: bytes) -> StateT:
        """Inverse of `to_bytes`; raises `ValueError` for any other bytes."""
        ...

    def columns(self, state: StateT) -> dict[str, Value]:
        """The state as the schema's fields."""
        ...

    def shifted(self, state: StateT, shift_s: float) -> StateT:
        """The state of the same shopper whose every action was so much later."""
        ...
