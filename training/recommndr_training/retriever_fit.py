"""The interface of a retriever stage, for the stages that fit retrievers again at every cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from recommndr_engine.retriever import Retriever
from recommndr_training.interactions import Interactions

Options = TypeVar("Options")


@dataclass(frozen=True, slots=True)
class RetrieverFit(Generic[Options]):
    """How the retrievers of one stage are made."""

    options: Callable[[str], Options]  # profile -> what the stage itself would fit with
    retrievers: Callable[[Interactions, float, Options], Sequence[Retriever]]  # from what was known before a cut (s)
