"""The interface of a retriever stage, for the stages that fit retrievers again at every cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from recommndr_engine.retriever import Retriever
from recommndr_training.interactions import Interactions

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class Axis:
    """A setting that stage tune may change, and the values it tries beside the one that stands."""

    name: str  # a field of the stage's options
    values: tuple[float, ...]  # of the field's own type
    is_time: bool = False  # in days: values beyond the length of history are not tried


@dataclass(frozen=True, slots=True)
class RetrieverFit(Generic[Options]):
    """How the retrievers of one stage are fitted."""

    options: Callable[[str], Options]  # profile -> the options with which the stage itself would fit
    retrievers: Callable[[Interactions, float, Options], Sequence[Retriever]]  # from interactions known before a cut (s)
    grid: tuple[Axis, ...] = ()  # in the order in which they are tried; the first should matter most
