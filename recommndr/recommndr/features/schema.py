"""The schema of a feature group: names, types, defaults, time to live. `feature_repo` turns it into Feast views."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

Dtype = Literal["int64", "float64", "string", "int64_list", "float64_list", "string_list"]
Value = int | float | str | list[int] | list[float] | list[str]
StoredValue = Value | npt.NDArray[np.int64] | npt.NDArray[np.float64]  # as a reader of the online store gets it


@dataclass(frozen=True, slots=True)
class FeatureField:
    """One stored feature."""

    name: str
    dtype: Dtype
    description: str

    @property
    def default(self) -> Value:
        """The value that readers get for an entity that was never seen."""
        defaults: dict[Dtype, Value] = {"int64": 0, "float64": 0.0, "string": ""}
        return defaults.get(self.dtype, [])


@dataclass(frozen=True, slots=True)
class FeatureSchema:
    """The schema of one feature group in the registry."""

    name: str
    entity: Literal["user", "item", "segment"]
    fields: tuple[FeatureField, ...]
    ttl: timedelta
    owner: str = "recommndr"
