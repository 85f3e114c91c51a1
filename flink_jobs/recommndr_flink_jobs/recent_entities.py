"""Entities that were folded lately, decoded: reading their bytes again took two thirds of the fold's time.

Flink's state is what counts. Every change is put there in the same call, and a worker that starts again begins with none.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

Key = tuple[str, str]  # group, `tenant|entity`
Decoded = TypeVar("Decoded")


class RecentEntities:
    """The `capacity` entities that were asked for last, of any group."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entities: OrderedDict[Key, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entities)

    def get(self, key: Key, load: Callable[[], Decoded]) -> Decoded:
        """The entity, by `load` if it is not here; raises what `load` raises. A group always loads the same type."""
        entity: Decoded | None = self._entities.get(key)
        if entity is None:
            entity = self._entities[key] = load()
            if len(self._entities) > self._capacity:
                self._entities.popitem(last=False)
        else:
            self._entities.move_to_end(key)
        return entity

    def forget(self, key: Key) -> None:
        """Drop an entity that Flink's state does not agree with."""
        self._entities.pop(key, None)
