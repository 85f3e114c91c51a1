"""Named types of the request path's arrays."""

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]  # rows of a bundle or of the live item table; the argument's name says which
ScoreArray = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.float64]  # seconds since the epoch, UTC

NO_ROW = -1
