"""Names of array types, and frozen dataclasses of arrays as folders of `.npy` files."""

from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
Lines = npt.NDArray[np.void]
Columns = dict[str, npt.NDArray[Any]]


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


Group = TypeVar("Group", bound=_Dataclass)


def save(group: _Dataclass, directory: Path) -> None:
    """One file per field."""
    directory.mkdir(parents=True, exist_ok=True)
    for field in fields(group):
        np.save(directory / f"{field.name}.npy", getattr(group, field.name), allow_pickle=False)


def load(kind: type[Group], directory: Path) -> Group:
    """Map what `save` wrote from disk, so that processes share the pages; raises `FileNotFoundError`."""
    return kind(
        **{field.name: np.load(directory / f"{field.name}.npy", mmap_mode="r", allow_pickle=False) for field in fields(kind)}
    )
