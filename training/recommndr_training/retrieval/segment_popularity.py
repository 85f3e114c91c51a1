"""Stage segment_popularity: how often shoppers of each segment take each item, for segments with enough shoppers.

Of each segment the items are kept whose rate differs most from the shop's; the others have the shop's rate there, which is off
by less than the smallest difference that is kept.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import typer
from scipy import sparse

from recommndr.features.action import CONTEXT
from recommndr.features.segment import segment_name
from recommndr_engine.retrievers.segment_popularity import SegmentPopularity, SegmentTable
from recommndr_engine.sparse_rows import SparseRows
from recommndr_training import stage_files, stage_settings
from recommndr_training.data.interactions import Floats, Interactions
from recommndr_training.retrieval.popularity import HALF_LIVES_DAYS
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

PARAMETERS = "segment_popularity/parameters.json"
_DAY_S = 86_400.0
_CAP = 1.0  # of one shopper, for an item and for a segment: one event of the target kind now


@dataclass(frozen=True, slots=True)
class SegmentPopularityParams:
    """The half-life of actions, how many shoppers the shop's rate counts as in a segment, and what is kept.

    NDCG@10 of new items on the tuning cut at 4, 7, 30 d: Online Retail .085, .081, .048; boutique .033, .034, .033.
    256 segments of 1,000 items are 2 MB of a bundle.
    """

    half_life_days: float = 7.0
    prior_shoppers: float = 30.0
    min_shoppers: int = 20  # a segment of fewer says what these few take
    max_segments: int = 256  # those with most shoppers
    max_items: int = 1_000  # of a segment


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its shoppers, what they count as together, and how much of that took each item."""

    name: str
    n_shoppers: int
    evidence: float
    taken: sparse.csr_matrix  # (1, n_items)

    def of_items(self) -> Floats:
        """(n_items,) what was taken of each."""
        found: Floats = self.taken.toarray()[0]
        return found


@dataclass(frozen=True, slots=True)
class _Segments:
    """Segments that do not overlap: their shoppers, what these count as together, and how much of that took each item."""

    names: list[str]
    n_shoppers: npt.NDArray[np.int64]
    evidence: Floats
    taken: sparse.csr_matrix  # (n_segments, n_items)

    @classmethod
    def of(cls, known: Interactions, weights: Floats, groups: npt.NDArray[np.int64], names: list[str]) -> "_Segments":
        """From decayed weights and each interaction's place in `names`, -1 where it is in no segment."""
        inside = np.flatnonzero((groups >= 0) & (weights > 0.0))
        weights, groups = weights[inside], groups[inside]

        def capped(of: npt.NDArray[np.int32], n: int) -> sparse.coo_matrix:
            sums = sparse.coo_matrix((weights, (of[inside], groups)), shape=(n, len(names))).tocsr()
            sums.data = np.minimum(sums.data, _CAP)
            return sums.tocoo()

        by_shopper = capped(known.users, len(known.user_ids))
        by_pair = capped(known.pairs, len(known.distinct))
        shape = (len(names), len(known.item_ids))
        return cls(
            names,
            np.bincount(by_shopper.col, minlength=len(names)),
            np.bincount(by_shopper.col, by_shopper.data, minlength=len(names)).astype(np.float64),
            sparse.coo_matrix((by_pair.data, (by_pair.col, known.distinct.items[by_pair.row])), shape=shape).tocsr(),
        )

    def kept(self, min_shoppers: int) -> list[Segment]:
        """Those with enough shoppers."""
        return [
            Segment(self.names[place], int(self.n_shoppers[place]), float(self.evidence[place]), self.taken[place])
            for place in np.flatnonzero(self.n_shoppers >= min_shoppers).tolist()
        ]


def fit(known: Interactions, cut_s: float, options: SegmentPopularityParams) -> SegmentTable | None:
    """The rates as of `cut_s`, from interactions before it; None where no segment has enough shoppers."""
    if not any(any(names) for names in known.context_names):
        return None
    known = known.before(cut_s)
    weights = known.decay(cut_s, options.half_life_days * _DAY_S) * known.weights
    kept = [
        segment
        for place, part in enumerate(CONTEXT)
        for segment in _of_part(known, weights, place, part).kept(options.min_shoppers)
    ]
    if not kept:
        return None
    kept.sort(key=lambda segment: (-segment.n_shoppers, segment.name))
    (shop,) = _Segments.of(known, weights, np.zeros(len(known), np.int64), ["the shop"]).kept(1)
    return _table(kept[: options.max_segments], shop.of_items() / shop.evidence, options)


def _of_part(known: Interactions, weights: Floats, place: int, part: str) -> _Segments:
    values = sorted({names[place] for names in known.context_names} - {""})
    code = {value: each for each, value in enumerate(values)}
    of_context = np.array([code.get(names[place], -1) for names in known.context_names], np.int64)
    return _Segments.of(known, weights, of_context[known.contexts], [segment_name(part, value) for value in values])


def _table(segments: list[Segment], rates: Floats, options: SegmentPopularityParams) -> SegmentTable:
    columns, values = [], []
    for segment in segments:
        difference = (segment.of_items() - segment.evidence * rates) / (segment.evidence + options.prior_shoppers)
        largest = np.argsort(-np.abs(difference), kind="stable")[: options.max_items]
        largest = np.sort(largest[difference[largest] != 0.0])
        columns.append(largest.astype(np.int32))
        values.append(difference[largest].astype(np.float32))
    starts = np.cumsum([0, *map(len, columns)], dtype=np.int64)
    differences = SparseRows(starts, np.concatenate(columns), np.concatenate(values))
    return SegmentTable(rates.astype(np.float32), [segment.name for segment in segments], differences)


def _options(profile: str) -> SegmentPopularityParams:
    return SegmentPopularityParams(**stage_settings.settings(profile, "segment_popularity"))


def _retrievers(known: Interactions, cut_s: float, options: SegmentPopularityParams) -> list[SegmentPopularity]:
    table = fit(known, cut_s, options)
    return [] if table is None else [SegmentPopularity(table)]


def _write(known: Interactions, cut_s: float, options: SegmentPopularityParams, directory: Path) -> None:
    table = fit(known, cut_s, options)
    stage_files.save_parameters(directory / PARAMETERS, {})
    if table is None:
        SegmentTable.remove(directory)
        needed = f"it needs a country, region, device or system with at least {options.min_shoppers} shoppers"
        typer.echo(f"no segment popularity: {needed}", err=True)
        return
    table.write(directory)


FIT = RetrieverFit(
    _options,
    _retrievers,
    _write,
    (Axis("half_life_days", HALF_LIVES_DAYS, is_time=True), Axis("prior_shoppers", (3.0, 10.0, 30.0, 100.0, 300.0))),
)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
