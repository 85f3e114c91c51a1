"""A ranker column is one decorated function: its name is the column's name, its docstring the description."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.columns.request import Floats, Request

Facts = TypeVar("Facts")
Values = Floats | ScoreArray | float  # (n,) over the candidates, or one number for all of them


@dataclass(frozen=True, slots=True)
class Column:
    """One float32 column of the ranker's input."""

    name: str
    description: str
    unknown: float  # value for candidates of which nothing is known
    group: "ColumnGroup[Any]"
    compute: Callable[[Any], Values]


class ColumnGroup(Generic[Facts]):
    """Columns that read the same facts, computed once per request; without facts (None) all columns are unknown."""

    def __init__(self, facts: Callable[[Request], Facts | None]) -> None:
        self.facts = facts
        self.columns: list[Column] = []

    def column(self, unknown: float = 0.0) -> Callable[[Callable[[Facts], Values]], Callable[[Facts], Values]]:
        """Declare the decorated function as the column of its name; its docstring is the column's description."""

        def declare(compute: Callable[[Facts], Values]) -> Callable[[Facts], Values]:
            self.add(compute.__name__, compute.__doc__ or "", compute, unknown)
            return compute

        return declare

    def add(self, name: str, description: str, compute: Callable[[Facts], Values], unknown: float = 0.0) -> None:
        """Declare one column; raises `ValueError` if the name is taken in this group or the description is missing."""
        if not description:
            raise ValueError(f"ranker column {name}: expected a docstring that describes it")
        if any(column.name == name for column in self.columns):
            raise ValueError(f"ranker column {name}: declared twice")
        self.columns.append(Column(name, description.rstrip("."), unknown, self, compute))
