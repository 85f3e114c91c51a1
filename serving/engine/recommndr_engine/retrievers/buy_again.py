"""Buy again: items that this shopper buys repeatedly, by decayed frequency, adjusted by the item's purchase rhythm."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from recommndr_engine.arrays import ScoreArray, Times
from recommndr_engine.item_view import ItemView
from recommndr_engine.retriever import Parameters, RetrieverSpec
from recommndr_engine.scores import SparseScores
from recommndr_engine.shopper import Shopper

RHYTHM_EDGES_FILE = "buy_again/rhythm_edges.npy"
RHYTHM_LIFT_FILE = "buy_again/rhythm_lift.npy"


def mean_gap_s(n_orders: Times, first_s: Times, last_s: Times) -> Times:
    """Mean seconds between orders with an item; NaN for items bought once."""
    gaps = n_orders - 1.0
    result: Times = np.where(gaps > 0, (last_s - first_s) / np.maximum(gaps, 1.0), np.nan)
    return result


def rhythm_bins(since_s: Times, gap_s: Times, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Bin of `since / gap` among `edges`; the last bin (`len(edges) + 1`) is for items without a gap."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = since_s / gap_s
    known = np.isfinite(ratio)
    return np.where(known, np.searchsorted(edges, np.where(known, ratio, 0.0)), len(edges) + 1)


class BuyAgain:
    """Only items the shopper bought; `lift[b]` = how much likelier than by frequency an item in rhythm bin `b` is bought."""

    name = "buy_again"

    def __init__(self, edges: npt.NDArray[np.float64], lift: ScoreArray) -> None:
        if len(lift) != len(edges) + 2:
            raise ValueError(f"{RHYTHM_LIFT_FILE}: {len(lift)} values for {len(edges)} edges, expected {len(edges) + 2}")
        self._edges, self._lift = edges, lift

    @classmethod
    def read(cls, directory: Path, parameters: Parameters) -> "BuyAgain":
        """From a bundle's folder."""
        return cls(
            np.load(directory / RHYTHM_EDGES_FILE, allow_pickle=False),
            np.load(directory / RHYTHM_LIFT_FILE, allow_pickle=False),
        )

    def open(self, shopper: Shopper, items: ItemView) -> SparseScores:
        """See `Retriever`."""
        gap_s = mean_gap_s(shopper.purchased_n_orders, shopper.purchased_first_s, shopper.purchased_last_s)
        since_s = np.maximum(shopper.now_s - shopper.purchased_last_s, 0.0)
        lift = self._lift[rhythm_bins(since_s, gap_s, self._edges)]
        return SparseScores(shopper.purchased_rows, (shopper.purchased_decayed * lift).astype(np.float32))


SPECS = (
    RetrieverSpec(
        name=BuyAgain.name,
        place=10,
        read=BuyAgain.read,
        stage="buy_again",
        file=RHYTHM_LIFT_FILE,
        quota=120,
        # In groceries and wholesale, repeat purchases are by far the best predictor.
        blend_weight=10.0,
        reason="You bought this before",
        cost_ms=0.1,
    ),
)
