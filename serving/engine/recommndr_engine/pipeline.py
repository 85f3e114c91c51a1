"""The request path of one bundle: candidates, scores, order. Pure: arrays in, arrays out, no clock, no network.

    shopper -> allowed rows -> retrievers -> candidates -> ranker inputs -> ranker -> availability, one per group, rules -> list

Each stage is a method, so that training runs the first ones and a slot can skip unavailable parts: without a user row
(`no_user_features`) popularity proposes and orders, without a ranker (`no_ranker`) the blended retriever scores order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from recommndr.bundle import BundleRefused, Manifest
from recommndr.features import shopper as shopper_features
from recommndr.features.decay import FloatArray
from recommndr.features.shopper import ShopperRow
from recommndr.list_scope import SCOPES
from recommndr_engine import columns, retrievers
from recommndr_engine.arrangement import Asked, arrange
from recommndr_engine.arrays import NO_ROW, Mask, Rows, ScoreArray
from recommndr_engine.blend import best_first, blend
from recommndr_engine.bought_together import BOUGHT_TOGETHER, BoughtTogether
from recommndr_engine.bundle_items import ITEM_IDS_FILE, BundleItems
from recommndr_engine.candidates import MAX_CANDIDATES, Candidates, merge
from recommndr_engine.columns.request import Request
from recommndr_engine.eligibility import Eligibility
from recommndr_engine.item_view import ItemView
from recommndr_engine.list_request import ListRequest, SimilarBy
from recommndr_engine.live_items import LiveItems
from recommndr_engine.opened import Opened, open_many
from recommndr_engine.pipeline_config import RANKER, WEIGHTED, PipelineConfig, check_methods, methods_of
from recommndr_engine.ranked_list import Ordering, Ranked, RankedList, Retrieved, with_added
from recommndr_engine.ranker import RANKER_FILE, Matrix, OnnxRanker, Ranker
from recommndr_engine.related_scores import RelatedScores
from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers.popular_now import PopularNow, Trending
from recommndr_engine.retrievers.popularity import Popularity
from recommndr_engine.retrievers.segment_popularity import SegmentPopularity
from recommndr_engine.router import is_asked
from recommndr_engine.scores import DenseScores
from recommndr_engine.segments_now import SEGMENTS_NOW, SegmentsNow
from recommndr_engine.shopper import Shopper
from recommndr_engine.similarities import similarities

POPULARITY, SEGMENT_POPULARITY, TRENDING = Popularity.name, SegmentPopularity.name, Trending.name
PINNED = "pin"  # the source of an item that only a rule of the shop proposed
_NOBODY = shopper_features.read({})


class Pipeline:
    """One bundle's arrays over one tenant's live item table."""

    def __init__(
        self,
        items: BundleItems,
        found_by: Sequence[Retriever],
        ranker: Ranker | None,
        live: LiveItems,
        config: PipelineConfig | None = None,
        baskets: BoughtTogether | None = None,
    ) -> None:
        self.items, self.retrievers, self.ranker, self.live = items, tuple(found_by), ranker, live
        self._config, self._baskets = config or PipelineConfig(), baskets
        self._live_rows = live.rows_of(items.ids, create=True)
        self._by_live_row = np.full(len(live), NO_ROW, np.int32)
        self._by_live_row[self._live_rows] = np.arange(len(items), dtype=np.int32)
        self._by_name = {retriever.name: retriever for retriever in self.retrievers}
        self._sources_by_bit = (*self._by_name, SEGMENTS_NOW)
        self._segments_now = SegmentsNow(live.segments, self._known_rows)
        self._shown: tuple[tuple[int, int], Mask] = ((-1, -1), np.zeros(0, np.bool_))
        self._names_of: dict[int, tuple[str, ...]] = {}  # by the bits of a candidate's sources

    @classmethod
    def read(cls, directory: Path, manifest: Manifest, live: LiveItems, kind_weights: FloatArray | None = None) -> "Pipeline":
        """A bundle's pipeline; raises `BundleRefused` if its ranker is missing or it names a column or retriever unknown here.

        `kind_weights` are the tenant's current ones; without them those of the bundle's training are used.
        """
        try:
            wanted = columns.named([column.name for column in manifest.ranker_columns])
            found_by = retrievers.for_bundle(directory, manifest.parameters, manifest.retrievers)
        except columns.UnknownColumn as unknown:
            raise BundleRefused(f"ranker_columns: {unknown}") from None
        except retrievers.UnusableRetrievers as unusable:
            raise BundleRefused(f"retrievers: {unusable}") from None
        check_methods(manifest)
        ranker, config = OnnxRanker.found(directory), PipelineConfig.of_manifest(manifest, wanted, kind_weights)
        if ranker is None and (by_ranker := [scope for scope in SCOPES if config.method_of(scope) == RANKER]):
            raise BundleRefused(f"{RANKER_FILE}: missing, but the ranker orders the lists of scope {', '.join(by_ranker)}")
        if ranker is not None and ranker.n_inputs != len(wanted):
            raise BundleRefused(f"ranker_columns: the manifest names {len(wanted)}, the model reads {ranker.n_inputs}")
        items, baskets = BundleItems.read(directory / ITEM_IDS_FILE), BoughtTogether.found(directory)
        return cls(items, found_by, ranker, live, config, baskets)

    @property
    def methods(self) -> tuple[str, ...]:
        """What can order the lists here, without a ranker all but that."""
        return tuple(name for name in methods_of(self._by_name) if name != RANKER or self.ranker is not None)

    def shopper(self, row: ShopperRow, now_s: float) -> Shopper:
        """A stored shopper in this bundle's rows, with the tenant's weights."""
        return Shopper.from_row(row, self.items, now_s, self._config.kind_weights, self._config.target)

    def item_view(self) -> ItemView:
        """The live item table as published now, in this bundle's rows."""
        # Before the table: a change in between is then read once more, not missed.
        n_changes, n_catalogue_changes = self.live.n_feature_changes, self.live.n_changes
        return ItemView(self.live.table, self._live_rows, n_changes, self._changed_since, n_catalogue_changes)

    def recommend(self, row: ShopperRow | None, request: ListRequest, now_s: float, method: str | None = None) -> RankedList:
        """The list of a shopper; `row` is None when it could not be read. `method` stands in for the bundle's of the scope."""
        if row is None:
            return self.popular(request, now_s)
        (made,) = self.lists(self.open(self.shopper(row, now_s)), request, [method or self._config.method_of(request.scope)])
        return made

    def open(self, shopper: Shopper) -> Opened:
        """The retrievers' scores for a shopper."""
        return Opened(self._by_name, shopper, self.item_view())

    def open_many(self, shoppers: Iterable[Shopper]) -> Iterator[Opened]:
        """The same for many shoppers, faster than one by one."""
        return open_many(self._by_name, shoppers, self.item_view())

    def lists(self, opened: Opened, request: ListRequest, methods: Sequence[str]) -> list[RankedList]:
        """A shopper's list by each method; what they share is computed once."""
        allowed = self.allowed(request, opened.shopper.now_s, opened.shopper.row)
        found = None if all(method in self._by_name for method in methods) else self.retrieve(opened, allowed)
        return [
            self._by_one(method, opened, allowed, request)
            if found is None or method in self._by_name
            else self._list(found, self._ordering(method, opened.shopper, found, request), _asked(opened, request))
            for method in methods
        ]

    def _ordering(self, method: str, shopper: Shopper, found: Retrieved, request: ListRequest) -> Ordering:
        if self.ranker is None or method == WEIGHTED:
            scores = blend(found.retriever_scores, self._config.retriever_weights, len(found.candidates))
            chosen = self._config.method_of(request.scope) == WEIGHTED
            return Ordering(scores, WEIGHTED, "full" if chosen else "no_ranker")
        inputs = self.inputs(shopper, found)
        return Ordering(self.ranker.score(inputs), RANKER, inputs=inputs)

    def _by_one(self, method: str, opened: Opened, allowed: Mask, request: ListRequest) -> RankedList:
        """A list of one retriever; where it has too little to say, best-sellers follow."""
        depth = request.k + retrievers.BY_NAME[method].quota
        found, scores = self._in_turn((method, *self._best_sellers), opened, allowed, depth)
        return self._list(found, Ordering(scores, method), _asked(opened, request))

    def _in_turn(self, names: Sequence[str], opened: Opened, allowed: Mask, depth: int) -> tuple[Retrieved, ScoreArray]:
        """At most `depth` items of these retrievers, those of each below those before, and scores in this order."""
        asked = {name: opened[name] for name in names}
        rows, scores, bits = np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(0, np.uint32)
        rest = allowed.copy()
        for name, each in asked.items():
            more, theirs = each.top(depth - len(rows), rest) if len(rows) < depth else (rows[:0], scores[:0])
            if len(scores):
                theirs = theirs / theirs.max(initial=np.float32(1e-30)) * (scores[-1] / np.float32(2.0))
            rest[more] = False
            rows, scores = np.concatenate([rows, more]), np.concatenate([scores, theirs])
            bits = np.concatenate([bits, np.full(len(more), 1 << self._bit(name), np.uint32)])
        return Retrieved(Candidates(rows, bits), {name: each.for_rows(rows) for name, each in asked.items()}), scores

    @property
    def _best_sellers(self) -> tuple[str, ...]:
        """Retrievers of what is popular: now, as far as the item counters say, then at the time of training."""
        return tuple(name for name in (PopularNow.name, POPULARITY) if name in self._by_name)

    def allowed(self, request: ListRequest, now_s: float, row: ShopperRow | None = None) -> Mask:
        """(n_items,) which bundle rows may be in the list."""
        allowed = self._shown_rows(now_s).copy()
        if not request.filters.is_empty:
            allowed &= request.filters.mask(self.live, self.live.table)[self._live_rows]
        Eligibility.by_request(self.live, request, row, now_s).narrow(allowed, self._bundle_rows)
        return allowed

    def _bundle_rows(self, live_rows: Rows) -> Rows:
        """Bundle rows of live rows, without those of items that the bundle does not know."""
        rows = self._known_rows(live_rows)
        known: Rows = rows[rows != NO_ROW]
        return known

    def _known_rows(self, live_rows: Rows) -> Rows:
        """(n,) bundle row of each live row; `NO_ROW` for an item that the bundle does not know."""
        rows, is_old = np.full(len(live_rows), NO_ROW, np.int32), live_rows < len(self._by_live_row)
        rows[is_old] = self._by_live_row[live_rows[is_old]]  # rows that came after the bundle are none of its
        return rows

    def _changed_since(self, n_feature_changes: int) -> Rows | None:
        live_rows = self.live.changed_since(n_feature_changes)
        return None if live_rows is None else self._bundle_rows(live_rows)

    def retrieve(self, opened: Opened, allowed: Mask) -> Retrieved:
        """Candidates of the retrievers that the router selects, and every retriever's score of each candidate.

        With a ranker at most `n_ranked` of them, the best of the blended scores.
        """
        shopper = opened.shopper
        specs = [retrievers.BY_NAME[name] for name in opened]
        quotas = [spec.quota if is_asked(spec, shopper.n_events, self._config.thresholds) else 0 for spec in specs]
        unknown = allowed.copy()
        unknown[shopper.purchased_rows] = False
        proposals = [
            scores.top(quota, unknown if spec.discovers else allowed)[0] if quota else np.zeros(0, np.int32)
            for scores, spec, quota in zip(opened.values(), specs, quotas, strict=True)
        ]
        candidates = merge(proposals, quotas)
        by_retriever = np.empty((len(opened), len(candidates)), np.float32)
        for found, scores in zip(by_retriever, opened.values(), strict=True):
            found[:] = scores.for_rows(candidates.rows)
        if self.ranker is not None and len(candidates) > self._config.n_ranked:
            mixed = blend(dict(zip(opened, by_retriever, strict=True)), self._config.retriever_weights, len(candidates))
            kept = best_first(mixed)[: self._config.n_ranked]
            kept.sort()
            candidates, by_retriever = candidates.only(kept), by_retriever.take(kept, axis=1)
        return Retrieved(
            candidates,
            dict(zip(opened, by_retriever, strict=True)),
            {name: scores.to_recent(candidates.rows) for name, scores in opened.items() if isinstance(scores, RelatedScores)},
        )

    def inputs(self, shopper: Shopper, found: Retrieved) -> Matrix:
        """Ranker inputs of the candidates."""
        request = Request(
            shopper, found.candidates.rows, found.retriever_scores, self.live.table, self._live_rows, found.to_recent
        )
        return columns.fill(request, self._config.columns)

    def popular(self, request: ListRequest, now_s: float, row: ShopperRow | None = None) -> RankedList:
        """Recent best-sellers; for a known shopper only eligible ones."""
        return self._of_everyone(
            POPULARITY, (), self._somebody(now_s), self.allowed(request, now_s, row), Asked(request, row, now_s)
        )

    def popular_among(self, context: Mapping[str, Any], request: ListRequest, now_s: float) -> RankedList | None:
        """Best-sellers among shoppers in this context (`recommndr.features.action.CONTEXT`).

        By the live counters; where they say nothing yet by the bundle's day; None where that has nothing either.
        """
        there, method = self._somebody(now_s, **context), SEGMENT_POPULARITY
        now = self._segments_now.scores(context, self.item_view(), self._config.kind_weights, now_s)
        if now is not None:
            method = SEGMENTS_NOW
            there.give(method, now)
        elif method not in self._by_name:
            return None
        return self._of_everyone(method, (method,), there, self.allowed(request, now_s), Asked(request, None, now_s))

    def trending(self, request: ListRequest, now_s: float) -> RankedList | None:
        """What rises, then best-sellers; None without the retriever."""
        if TRENDING not in self._by_name:
            return None
        return self._of_everyone(
            TRENDING, (TRENDING,), self._somebody(now_s), self.allowed(request, now_s), Asked(request, None, now_s)
        )

    def _somebody(self, now_s: float, **context: Any) -> Opened:
        """A shopper of whom nothing else is known."""
        return self.open(self.shopper(replace(_NOBODY, **context), now_s))

    def _of_everyone(self, method: str, first: Sequence[str], somebody: Opened, allowed: Mask, asked: Asked) -> RankedList:
        """A list that no shopper's history changes: by these retrievers, then best-sellers."""
        depth = asked.request.k + retrievers.BY_NAME[POPULARITY].quota
        found, scores = self._in_turn((*first, *self._best_sellers), somebody, allowed, depth)
        return self._list(found, Ordering(scores, method, "no_user_features"), asked)

    def similar_items(self, row: int, request: ListRequest, now_s: float, by: SimilarBy = "blend") -> RankedList:
        """Items similar to the item of bundle row `row`: near in ALS space, bought by the same shoppers, or both evenly."""
        request = replace(request, exclude=(*request.exclude, self.items.ids[row]))
        allowed = self.allowed(request, now_s)
        masked = {
            name: np.where(allowed, scores, np.float32(0.0)) for name, scores in similarities(self.retrievers, row, by).items()
        }
        mixed = blend(masked, dict.fromkeys(masked, 1.0), len(allowed))
        rows, scores = DenseScores(mixed).top(MAX_CANDIDATES)
        bits = sum((masked[name][rows] > 0.0).astype(np.uint32) << self._bit(name) for name in masked)
        found = Retrieved(Candidates(rows, bits), {name: scores[rows] for name, scores in masked.items()})  # type: ignore[arg-type]
        return self._list(found, Ordering(scores, f"similar_{by}"), Asked(request, None, now_s))

    def bought_together(self, rows: Rows, request: ListRequest, now_s: float) -> RankedList | None:
        """What is in one basket with these bundle rows more often than chance lets expect; None where no basket proves it."""
        if self._baskets is None:
            return None
        found = self._baskets.with_items(rows)
        found = found.only(self.allowed(request, now_s)[found.rows])
        if not len(found):
            return None
        candidates = Candidates(found.rows, np.zeros(len(found), np.uint32))
        made = self._list(Retrieved(candidates, {}), Ordering(found.scores, BOUGHT_TOGETHER), Asked(request, None, now_s))
        return replace(made, sources=((BOUGHT_TOGETHER,),) * len(made.rows), companions=found.of_rows(made.rows))

    def _bit(self, name: str) -> int:
        return self._sources_by_bit.index(name)

    def _shown_rows(self, now_s: float) -> Mask:
        """(n_items,) which bundle rows may be shown; cached for a second, because `_list` checks the returned items again."""
        key = (self.live.n_changes, int(now_s))
        known, mask = self._shown
        if known != key:
            mask = self.live.table.shown(self._live_rows, now_s)
            self._shown = (key, mask)
        return mask

    def _list(self, found: Retrieved, by: Ordering, asked: Asked) -> RankedList:
        live_rows, best = self._live_rows[found.candidates.rows], best_first(by.scores)
        best = best[self.live.table.shown(live_rows[best], asked.now_s)]
        placed = arrange(self.live, live_rows, by.scores, best, asked)
        order, n = placed.order, len(found.candidates)
        ranked = None if by.inputs is None else Ranked(found.candidates.rows, by.scores, by.inputs)
        if len(placed.added):
            found, by = with_added(found, by, len(placed.added))
        return RankedList(
            rows=found.candidates.rows[order],
            scores=by.scores[order],
            sources=tuple(
                (PINNED,) if position >= n else self._sources(bits)
                for position, bits in zip(order.tolist(), found.candidates.sources[order].tolist(), strict=True)
            ),
            step=by.step,
            n_candidates=n,
            method=by.method,
            inputs=None if by.inputs is None else by.inputs[order],
            columns=tuple(column.name for column in self._config.columns),
            retriever_scores={name: values[order] for name, values in found.retriever_scores.items()},
            ranked=ranked,
            pinned=placed.pinned,
            place_by_score=placed.place_by_score,
        )

    def _sources(self, bits: int) -> tuple[str, ...]:
        if bits not in self._names_of:
            self._names_of[bits] = tuple(name for i, name in enumerate(self._sources_by_bit) if bits >> i & 1)
        return self._names_of[bits]


def _asked(opened: Opened, request: ListRequest) -> Asked:
    return Asked(request, opened.shopper.row, opened.shopper.now_s)
