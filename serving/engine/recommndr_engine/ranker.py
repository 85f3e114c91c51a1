"""The ranker: gradient-boosted trees as ONNX, on one thread, so that requests do not compete for cores."""

from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime

from recommndr_engine.arrays import ScoreArray

RANKER_FILE = "ranker/ranker.onnx"
Matrix = npt.NDArray[np.float32]  # (n candidates, n ranker inputs)


class Ranker(Protocol):
    """Scores candidates by their ranker inputs."""

    def score(self, matrix: Matrix) -> ScoreArray:
        """(n,) float32, larger is better."""
        ...


class OnnxRanker:
    """A tree ensemble in ONNX with one output: the raw score (log-odds for log-loss)."""

    def __init__(self, model: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self.n_inputs = int(self._session.get_inputs()[0].shape[1])

    @classmethod
    def found(cls, directory: Path) -> "OnnxRanker | None":
        """The ranker of a bundle; None for a version that was made without one."""
        return cls.read(directory) if (directory / RANKER_FILE).exists() else None

    @classmethod
    def read(cls, directory: Path) -> "OnnxRanker":
        """From a bundle's folder."""
        return cls((directory / RANKER_FILE).read_bytes())

    def score(self, matrix: Matrix) -> ScoreArray:
        """See `Ranker`; raises `ValueError` if the matrix has another number of columns than the model."""
        if matrix.shape[1] != self.n_inputs:
            raise ValueError(f"ranker matrix has {matrix.shape[1]} columns: expected {self.n_inputs}")
        if not len(matrix):
            return np.zeros(0, np.float32)
        scores: ScoreArray = self._session.run(None, {self._input: matrix})[0].reshape(-1)
        return scores
