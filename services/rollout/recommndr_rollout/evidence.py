"""What the rules see of one tenant's release at one instant. A figure that is not known is None."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from recommndr.outcomes.partial import Partial
from recommndr.release import Slot


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a tenant's requests to one slot came to within a window."""

    requests: float = 0.0
    errors: float = 0.0  # 5xx but 503
    refused: float = 0.0  # 4xx
    lists: float = 0.0
    full: float = 0.0  # lists of the top step of the ladder


@dataclass(frozen=True, slots=True)
class Drift:
    """How far logged values of the challenger are from those of the stable slot at the same time."""

    n_samples: int  # shoppers of each arm
    psi_of_column: Mapping[str, float]
    psi_of_scores: float
    gap_of_stable: float  # mean difference of a list's first and last score, in standard deviations of candidates' scores
    gap_of_challenger: float
    ks_of_column: Mapping[str, float] = field(default_factory=dict)
    ks_of_scores: float = 0.0


class Mix(NamedTuple):
    """How far apart the slots' shoppers are by one mix, as population stability index."""

    n_samples: int  # shoppers of each arm
    psi: float


@dataclass(frozen=True, slots=True)
class Consistency:
    """The newest report on logged ranker inputs and their replay."""

    n_answers: int
    differing: float  # share of differing inputs in the column where most differ


@dataclass(frozen=True, slots=True)
class Arm:
    """One slot as the tenant's shoppers meet it."""

    slot: Slot
    is_up: bool | None = None  # it answered within the last 20 seconds
    restarts: float = 0.0  # in five minutes, at most since the phase began
    is_loaded: bool = False  # it answers with the version that the record names
    refusal: str | None = None  # why it does not load the version
    recent: Traffic = field(default_factory=Traffic)  # the last 30 seconds
    traffic: Traffic = field(default_factory=Traffic)  # the last five minutes
    p95_s: float | None = None  # over five minutes
    memory_growth: float | None = None  # of its process, bytes now by the least since the phase began
    processor_s_per_request: float | None = None
    outcomes: Mapping[str, Partial] = field(default_factory=dict)  # by list, since the release began


@dataclass(frozen=True, slots=True)
class Evidence:
    """The arm that is judged, and the one beside it; a promoted version has nobody beside it."""

    judged: Arm
    beside: Arm | None
    phase_s: float  # how long the phase lasts
    is_warming: bool = False  # the version has no traffic yet
    drift: Drift | None = None
    mixes: Mapping[str, Mix] = field(default_factory=dict)  # country, device, list and unknown_shopper
    consistency: Consistency | None = None
