"""The interface of a retriever stage, for the stages that fit retrievers again: at every cut, and for what ships."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from recommndr_engine.retriever import Retriever
from recommndr_training import params
from recommndr_training.data.interactions import Interactions

Options = TypeVar("Options")


Fit = Callable[[Interactions, float, Options], Sequence[Retriever]]


@dataclass(frozen=True, slots=True)
class Axis:
    """A setting that stage tune may change, and the values it tries beside the one that stands."""

    name: str  # a field of the stage's options
    values: tuple[float, ...]  # of the field's own type
    is_time: bool = False  # in days: values beyond the length of history are not tried
    changed: Fit[Any] | None = None  # fits those of the stage's retrievers that the setting changes; None: it changes all


@dataclass(frozen=True, slots=True)
class RetrieverFit(Generic[Options]):
    """How the retrievers of one stage are fitted, always from interactions known before a cut (s)."""

    options: Callable[[str], Options]  # profile -> the options with which the stage itself would fit
    retrievers: Fit[Options]
    write: Callable[[Interactions, float, Options, Path], None]  # fits, writes arrays and parameters below a profile's folder
    grid: tuple[Axis, ...] = ()  # in the order in which they are tried; the first should matter most

    def run(self, profile: str) -> None:
        """The stage: fit on everything before the gate cut."""
        data, directory = params.data(profile), params.profile_dir(profile)
        self.write(Interactions.read(directory, data.policy), data.gate_cut_s, self.options(profile), directory)
