"""The shoppers of the tuning cut who judge single retrievers: their states as of the cut, and what they took after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommndr.features.shopper import ShopperRow
from recommndr_engine import list_metrics as metrics
from recommndr_engine.arrays import Rows
from recommndr_engine.item_view import ItemView
from recommndr_engine.list_request import ListRequest
from recommndr_engine.opened import open_many
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.retriever import Retriever
from recommndr_engine.shopper import Shopper
from recommndr_training.data.interactions import Interactions
from recommndr_training.relative_gain import Floats

_K = 10


@dataclass(frozen=True, slots=True)
class Panellist:
    """One shopper, and the items that would have been right."""

    shopper: Shopper
    allowed: npt.NDArray[np.uint8]  # packed bits over the bundle's rows: a hundred thousand items are 12 kB
    owned: Rows  # the target happened to them before the cut
    relevant: Rows  # it did in the horizon after it


@dataclass(frozen=True, slots=True)
class TuningPanel:
    """A sample of the shoppers who came back after the cut."""

    panellists: Sequence[Panellist]
    items: ItemView  # as of the cut

    @classmethod
    def at(
        cls, pipeline: Pipeline, rows: Mapping[str, ShopperRow], known: Interactions, cut_s: float, until_s: float
    ) -> "TuningPanel":
        """Those in `rows` with a target event in [cut_s, until_s); `pipeline` gives what they may be shown."""
        before, after = known.targets.before(cut_s), known.targets.between(cut_s, until_s)
        owned, relevant = before.items_by_user(), after.items_by_user()
        nothing = np.zeros(0, np.int32)
        panellists = [
            Panellist(
                pipeline.shopper(row, cut_s),
                np.packbits(pipeline.allowed(ListRequest(), cut_s, row)),
                owned.get(user, nothing),
                relevant[user],
            )
            for user in relevant
            if (row := rows.get(known.user_ids[user])) is not None
        ]
        return cls(panellists, pipeline.item_view())

    def judge(self, found_by: Sequence[Retriever]) -> dict[str, Floats]:
        """NDCG@10 of each retriever's own list by `name.all` and `name.new`: (n_panellists,), NaN without a relevant item.

        The list for new items has no item that the shopper owns.
        """
        figures = {f"{one.name}.{which}": np.full(len(self.panellists), np.nan) for one in found_by for which in ("all", "new")}
        opened = open_many({one.name: one for one in found_by}, (one.shopper for one in self.panellists), self.items)
        for place, (panellist, scores_of) in enumerate(zip(self.panellists, opened, strict=True)):
            allowed = np.unpackbits(panellist.allowed, count=len(self.items.rows)).view(np.bool_)
            wanted = np.setdiff1d(panellist.relevant, panellist.owned, assume_unique=True)
            for name, scores in scores_of.items():
                # What is left of a longer list without the owned items is the list of new items.
                best, _ = scores.top(_K + (len(panellist.owned) if len(wanted) else 0), allowed)
                figures[f"{name}.all"][place] = _ndcg(best, panellist.relevant)
                if len(wanted):
                    new = best[np.isin(best, panellist.owned, invert=True)]
                    figures[f"{name}.new"][place] = _ndcg(new, wanted)
        return figures


def _ndcg(best_first: Rows, relevant: Rows) -> float:
    hits = np.zeros((1, _K), np.bool_)
    top = best_first[:_K]
    hits[0, : len(top)] = np.isin(top, relevant)
    return float(metrics.ndcg_at_k(hits, np.array([len(relevant)]), _K)[0])
