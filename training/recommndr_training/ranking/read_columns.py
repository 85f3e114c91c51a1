"""The ranker that ships reads only the columns that its trees split on: serving fills no column that changes no score."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx

_LEAF = b"LEAF"


def narrowed(model: bytes, kept: Sequence[int] = ()) -> tuple[bytes, npt.NDArray[np.intp]]:
    """The trees over the columns that they split on and those `kept`, and the places of these columns, ascending.

    The scores stay the same. A forest without any column keeps the first one, because ONNX needs one. `model` is one of
    `onnx_trees.convert`.
    """
    changed = onnx.load_from_string(model)
    width = changed.graph.input[0].type.tensor_type.shape.dim[1]
    forests = [{one.name: one for one in node.attribute} for node in changed.graph.node]
    forests = [attributes for attributes in forests if "nodes_featureids" in attributes]
    read = np.zeros(width.dim_value, np.bool_)
    read[list(kept)] = True
    for attributes in forests:
        columns, is_split = _splits(attributes)
        read[columns[is_split]] = True
    read[:1] |= not read.any()
    place = np.cumsum(read) - 1
    for attributes in forests:
        columns, is_split = _splits(attributes)
        del attributes["nodes_featureids"].ints[:]
        attributes["nodes_featureids"].ints.extend(np.where(is_split, place[columns], 0).tolist())
    width.dim_value = int(read.sum())
    return changed.SerializeToString(), np.flatnonzero(read)


def _splits(attributes: dict[str, onnx.AttributeProto]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The column of each node, and whether the node is a split."""
    columns = np.array(attributes["nodes_featureids"].ints, np.int64)
    return columns, np.array([mode != _LEAF for mode in attributes["nodes_modes"].strings], np.bool_)
