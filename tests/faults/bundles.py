"""Versions whose ranker is another one than the trained: their golden answers are their own, so every slot loads them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from recommndr.bundle import MANIFEST, Manifest
from recommndr_engine import bundle_files, golden
from recommndr_engine.ranker import RANKER_FILE

MakeRanker = Callable[[tuple[str, ...]], onnx.ModelProto]  # of the names of the columns


def at_random(columns: tuple[str, ...]) -> onnx.ModelProto:
    """Scores without meaning: the sine of a large, arbitrary sum of all columns."""
    weights = np.random.default_rng(0).normal(size=len(columns)) * 1e3
    return _linear(columns, weights, "Sin")


def least_bought(columns: tuple[str, ...]) -> onnx.ModelProto:
    """Items that nobody ever bought come first."""
    return _linear(columns, np.array([-1.0 if name in ("item_targets_120d", "own_targets") else 0.0 for name in columns]))


def best_selling(columns: tuple[str, ...]) -> onnx.ModelProto:
    """Best-sellers come first, the same for all shoppers."""
    return _linear(columns, np.array([1.0 if name == "item_targets_30d" else 0.0 for name in columns]))


def _linear(columns: tuple[str, ...], weights: np.ndarray, *then: str) -> onnx.ModelProto:
    """`x @ weights`, with 0 where x is unknown, and then the operators named."""
    known = helper.make_node("IsNaN", ["x"], ["is_unknown"])
    filled = helper.make_node("Where", ["is_unknown", "zero", "x"], ["filled"])
    names = ["summed", *(f"after_{name}" for name in then)]
    summed = helper.make_node("MatMul", ["filled", "weights"], [names[0]])
    further = [helper.make_node(name, [names[at]], [names[at + 1]]) for at, name in enumerate(then)]
    graph = helper.make_graph(
        [known, filled, summed, *further],
        "planted",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, len(columns)])],
        [helper.make_tensor_value_info(names[-1], TensorProto.FLOAT, [None, 1])],
        [
            numpy_helper.from_array(np.zeros(1, np.float32), "zero"),
            numpy_helper.from_array(weights.astype(np.float32)[:, None], "weights"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def another(trained: Path, to: Path, note: float, make: MakeRanker | None = None) -> Manifest:
    """Copy the trained bundle under another version; with `make`, another ranker orders its lists."""
    shutil.copytree(trained, to)
    manifest = bundle_files.read_manifest(to)
    if make is not None:
        model = make(tuple(column.name for column in manifest.ranker_columns))
        (to / RANKER_FILE).write_bytes(model.SerializeToString())
        manifest = _with_golden_answers(to, manifest)
    renamed = manifest.model_copy(
        update={"metrics": {**manifest.metrics, "note": note}, "files": bundle_files.file_entries(to)}
    ).sealed()
    (to / MANIFEST).write_text(renamed.model_dump_json(indent=1) + "\n")
    return renamed


def _with_golden_answers(directory: Path, manifest: Manifest) -> Manifest:
    path = directory / golden.GOLDEN_FILE
    before = golden.Golden.model_validate_json(path.read_bytes())
    shoppers = [request.columns for request in before.requests if request.scope == "mixed"]
    path.write_text(golden.answer(directory, manifest, shoppers, before.at_s).to_json())
    return manifest
