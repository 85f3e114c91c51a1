"""Stage segment_popularity: how often shoppers of each segment take each item, for segments with enough shoppers.

Of each segment the items are kept whose rate differs most from the shop's; the others have the shop's rate there, which is off
by less than the smallest difference that is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import typer

from recommndr.features.action import CONTEXT
from recommndr_engine.retrievers.segment_popularity import SegmentPopularity, SegmentTable, segment_name
from recommndr_engine.sparse_rows import SparseRows
from recommndr_training import stage_files, stage_settings
from recommndr_training.data.interactions import Floats, Interactions
from recommndr_training.retrieval.popularity import HALF_LIVES_DAYS
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

PARAMETERS = "segment_popularity/parameters.json"
_DAY_S = 86_400.0
_CAP = 1.0  # of one shopper, for an item and for a segment: one event of the target kind now
Codes = npt.NDArray[np.int64]


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
class _Sums:
    """Decayed weights, summed over the actions of each context with each pair of a shopper and an item."""

    contexts: Codes
    users: npt.NDArray[np.int32]
    pairs: Codes  # places in `Interactions.distinct`
    weights: Floats

    @classmethod
    def of(cls, known: Interactions, cut_s: float, half_life_s: float) -> "_Sums":
        weights, n = known.decay(cut_s, half_life_s) * known.weights, max(len(known.distinct), 1)
        keys, of_key = np.unique(known.contexts.astype(np.int64) * n + known.pairs, return_inverse=True)
        contexts, pairs = np.divmod(keys, n)
        sums = np.bincount(of_key, weights, minlength=len(keys)).astype(np.float64)
        return cls(contexts, known.distinct.users[pairs], pairs, sums)

    def capped(self, groups: Codes, of: npt.NDArray[np.integer]) -> tuple[Codes, Codes, Floats]:
        """Sums by group (-1: none) and by `of`, each at most `_CAP`: the groups, what they are of, and the sums above 0."""
        inside = np.flatnonzero((groups >= 0) & (self.weights > 0.0))
        width = int(of.max(initial=0)) + 1
        keys, of_key = np.unique(groups[inside] * width + of[inside], return_inverse=True)
        found, each = np.divmod(keys, width)
        return found, each, np.minimum(np.bincount(of_key, self.weights[inside], minlength=len(keys)), _CAP)


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its shoppers, what they count as together, and how much of that took each item."""

    name: str
    n_shoppers: int
    evidence: float
    items: npt.NDArray[np.int32]
    taken: Floats


def _segments(sums: _Sums, of_context: Codes, names: list[str], of_pair: npt.NDArray[np.int32]) -> Iterator[Segment]:
    """The segments of one part of the context; `of_context` is each context's place in `names`, -1 where it is unknown."""
    groups = of_context[sums.contexts]
    found, _, counted = sums.capped(groups, sums.users)
    n_shoppers = np.bincount(found, minlength=len(names))
    evidence = np.bincount(found, counted, minlength=len(names))
    taken_by, pairs, taken = sums.capped(groups, sums.pairs)
    bounds = np.searchsorted(taken_by, np.arange(len(names) + 1))
    for place, name in enumerate(names):
        part = slice(bounds[place], bounds[place + 1])
        yield Segment(name, int(n_shoppers[place]), float(evidence[place]), of_pair[pairs[part]], taken[part])


def fit(known: Interactions, cut_s: float, options: SegmentPopularityParams) -> SegmentTable | None:
    """The rates as of `cut_s`, from interactions before it; None where no segment has enough shoppers."""
    if not any(any(names) for names in known.context_names):
        return None
    known = known.before(cut_s)
    sums = _Sums.of(known, cut_s, options.half_life_days * _DAY_S)
    kept: list[Segment] = []
    for place, part in enumerate(CONTEXT):
        values = sorted({names[place] for names in known.context_names} - {""})
        code = {value: each for each, value in enumerate(values)}
        of_context = np.array([code.get(names[place], -1) for names in known.context_names], np.int64)
        named = [segment_name(part, value) for value in values]
        kept += [
            segment
            for segment in _segments(sums, of_context, named, known.distinct.items)
            if segment.n_shoppers >= options.min_shoppers
        ]
    if not kept:
        return None
    kept.sort(key=lambda segment: (-segment.n_shoppers, segment.name))
    (shop,) = _segments(sums, np.zeros(len(known.context_names), np.int64), [""], known.distinct.items)
    rates = _taken(shop, len(known.item_ids)) / shop.evidence
    return _table(kept[: options.max_segments], rates, options)


def _taken(segment: Segment, n_items: int) -> Floats:
    return np.bincount(segment.items, segment.taken, minlength=n_items).astype(np.float64)


def _table(segments: list[Segment], rates: Floats, options: SegmentPopularityParams) -> SegmentTable:
    columns, values = [], []
    for segment in segments:
        difference = (_taken(segment, len(rates)) - segment.evidence * rates) / (segment.evidence + options.prior_shoppers)
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
