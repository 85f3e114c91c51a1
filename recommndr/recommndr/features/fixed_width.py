"""States of one width: a batch of them is one buffer, read with one `np.frombuffer`."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Records = npt.NDArray[np.void]  # of the group's dtype, which has a field `version`


def values(records: Records) -> list[bytes]:
    """The bytes of each record: the inverse of `read`."""
    size, every = records.dtype.itemsize, records.tobytes()
    return [every[start : start + size] for start in range(0, len(every), size)]


def read(values: Sequence[bytes], dtype: np.dtype[np.void], version: int, group: str) -> Records:
    """A batch of values -> (n,) structured array; raises `ValueError` when one is of another format."""
    wrong = next((value for value in values if len(value) != dtype.itemsize), None)
    if wrong is not None:
        raise ValueError(f"{group} state of {len(wrong)} bytes: expected {dtype.itemsize}")
    found = np.frombuffer(b"".join(values), dtype)
    if (found["version"] != version).any():
        raise ValueError(f"{group} state formats {set(found['version'].tolist())}: expected {version}")
    return found
