"""The ways to make one list, best first. If one fails the next is tried; the last step of the ladder needs no bundle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrays import NO_ROW
from recommndr_engine.bought_together import BOUGHT_TOGETHER
from recommndr_engine.filters import ItemFilters
from recommndr_engine.list_request import ListRequest, SimilarBy
from recommndr_engine.pipeline import SEGMENT_POPULARITY, TRENDING, Pipeline
from recommndr_engine.pipeline_config import RANKER, WEIGHTED
from recommndr_engine.ranked_list import RankedList
from recommndr_serving.ladder import Missing

MakeList = Callable[[Pipeline, float], RankedList | None]  # at an instant; None: the bundle does not have the item


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to make a list, and the parts that it leaves out."""

    method: str
    missing: Missing
    make: MakeList


@dataclass(frozen=True, slots=True)
class ListPlan:
    """The request, the shopper (None: unknown), and the ways to make the list."""

    request: ListRequest
    row: ShopperRow | None
    attempts: tuple[Attempt, ...]

    @classmethod
    def for_shopper(cls, request: ListRequest, row: ShopperRow | None) -> "ListPlan":
        """The list of a shopper; `row` is None when it could not be read."""
        if row is None:
            return cls(request, None, (_popular(request, None, Missing(user_row=True)),))
        if row.n_events == 0 and request.scope != "buy_again":
            # The ranker was trained on shoppers with events, so it is not used for a new shopper; no part is missing.
            return cls(request, row, (_popular(request, row, Missing()),))
        attempts = (
            Attempt(RANKER, Missing(), lambda pipeline, now_s: pipeline.recommend(row, request, now_s)),
            Attempt(
                WEIGHTED,
                Missing(ranker=True),
                lambda pipeline, now_s: pipeline.recommend(row, request, now_s, WEIGHTED),
            ),
            _popular(request, row, Missing(retrieval=True)),
        )
        return cls(request, row, attempts)

    @classmethod
    def for_similar(cls, item_id: str, by: SimilarBy, usual: ListRequest, category: tuple[str, ...]) -> "ListPlan":
        """Items similar to one item; if the bundle does not have it, best-sellers of `category`."""
        anywhere = replace(usual, exclude=(item_id,))
        in_category = replace(anywhere, filters=ItemFilters(category))

        attempts = (
            Attempt(f"similar_{by}", Missing(), lambda pipeline, now_s: _similar(pipeline, item_id, anywhere, now_s, by)),
            _popular(in_category, None, Missing(retrieval=True)),
        )
        return cls(in_category, None, attempts)

    @classmethod
    def for_basket(cls, item_ids: Sequence[str], usual: ListRequest, category: tuple[str, ...]) -> "ListPlan":
        """What is bought with these items; without evidence what is similar to the first, then best-sellers of `category`."""
        anywhere = replace(usual, exclude=tuple(item_ids))

        def together(pipeline: Pipeline, now_s: float) -> RankedList | None:
            rows = pipeline.items.rows_of(item_ids)
            return pipeline.bought_together(np.unique(rows[rows != NO_ROW]), anywhere, now_s)

        def similar(pipeline: Pipeline, now_s: float) -> RankedList | None:
            made = _similar(pipeline, item_ids[0], anywhere, now_s)
            return made if made is not None and len(made.rows) else None

        in_category = replace(anywhere, filters=ItemFilters(category))
        attempts = (
            Attempt(BOUGHT_TOGETHER, Missing(), together),
            Attempt("similar_blend", Missing(), similar),
            _popular(in_category, None, Missing(retrieval=True)),
        )
        return cls(in_category, None, attempts)

    @classmethod
    def for_everyone(cls, request: ListRequest, context: Mapping[str, str]) -> "ListPlan":
        """Best-sellers within the filters, of shoppers in this context. They need no shopper, so no part is missing."""
        if not context:
            return cls(request, None, (_popular(request, None, Missing()),))
        there = Attempt(SEGMENT_POPULARITY, Missing(), lambda pipeline, now_s: pipeline.popular_among(context, request, now_s))
        return cls(request, None, (there, _popular(request, None, Missing())))

    @classmethod
    def for_trending(cls, request: ListRequest) -> "ListPlan":
        """What rises within the filters; best-sellers follow."""
        rising = Attempt(TRENDING, Missing(), lambda pipeline, now_s: pipeline.trending(request, now_s))
        return cls(request, None, (rising, _popular(request, None, Missing())))


def _similar(
    pipeline: Pipeline, item_id: str, request: ListRequest, now_s: float, by: SimilarBy = "blend"
) -> RankedList | None:
    row = pipeline.items.row(item_id)
    return None if row == NO_ROW else pipeline.similar_items(row, request, now_s, by)


def _popular(request: ListRequest, row: ShopperRow | None, missing: Missing) -> Attempt:
    return Attempt("popularity", missing, lambda pipeline, now_s: pipeline.popular(request, now_s, row))
