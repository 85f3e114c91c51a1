"""Training examples of one cut: the serving pipeline's candidates at that time, labelled by later events.

Retrievers are fitted on events before the cut, shoppers and items are replayed to the cut, and candidates and ranker inputs
come from the serving code, so nothing from the cut or later can reach a column.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from recommndr.catalog import CatalogItem
from recommndr.features import item
from recommndr.features.item import Records
from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrays import Mask, Rows
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.candidates import Candidates
from recommndr_engine.columns import NAMES
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.ranker import Matrix
from recommndr_engine.retrievers import BY_NAME
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.prepared import ITEMS_SCHEMA
from recommndr_training.examples.replay import Request
from recommndr_training.examples.takings import Takings

Answered = tuple[Request, ShopperRow]  # a request with the shopper as of then
Sources = npt.NDArray[np.uint32]
_NOTHING = np.zeros(0, np.int32)
_NOBODY = np.zeros(0, np.bool_)


@dataclass(frozen=True, slots=True)
class Examples:
    """Candidates of many requests, concatenated."""

    matrix: npt.NDArray[np.float32]  # (n, ranker inputs)
    bought: npt.NDArray[np.bool_]  # (n,) the target event happened within the horizon
    new: npt.NDArray[np.bool_]  # (n,) it never did before the cut
    rows: Rows  # (n,) item
    sources: Sources  # (n,) bit i: the i-th of all retrievers (`retrievers.BY_NAME`) proposed it
    requests: npt.NDArray[np.int32]  # (n,) place of the request's user in `user_ids`
    user_ids: list[str]
    n_relevant: npt.NDArray[np.int64]  # (n_users,) distinct items it happened to in the horizon, candidates or not
    n_relevant_new: npt.NDArray[np.int64]  # (n_users,) of them those it never happened to before
    costs_ms: Mapping[str, float] = field(default_factory=dict)  # by retriever, of one request; for people, not for decisions

    def where(self, kept: Mask) -> "Examples":
        """The candidates of (n,) `kept`; users and what is relevant to them stay."""
        return replace(self, **{name: getattr(self, name)[kept] for name in _OF_CANDIDATES})


_OF_CANDIDATES = ("matrix", "bought", "new", "rows", "sources", "requests")


def catalogue(items: pd.DataFrame) -> dict[str, CatalogItem]:
    """Prepared items as catalogue entries by id."""
    table = pa.Table.from_pandas(items, ITEMS_SCHEMA, preserve_index=False)
    return {row["item_id"]: CatalogItem.model_validate(row) for row in table.to_pylist()}


def priced(entries: Mapping[str, CatalogItem], price_minor: Mapping[str, int]) -> dict[str, CatalogItem]:
    """The same entries at these prices; items without one get none: a later price would reveal a later sale."""
    return {
        item_id: entry if entry.price_minor == price_minor.get(item_id) else _at_price(entry, price_minor.get(item_id))
        for item_id, entry in entries.items()
    }


def _at_price(entry: CatalogItem, price_minor: int | None) -> CatalogItem:
    return entry.model_copy(
        update={"price_minor": price_minor, "currency": entry.currency if price_minor is not None else None}
    )


def live_items(entries: Mapping[str, CatalogItem], item_ids: Sequence[str], records: Records) -> LiveItems:
    """The live item table that a slot would have with these `recommndr.features.item.DTYPE` records."""
    live = LiveItems(max(1, len(entries)))
    live.apply_catalog(entries)
    live.apply_features(item_ids, item.values(records))
    return live


def asked(known: Interactions, cut_s: float, horizon_s: float) -> list[str]:
    """User ids of shoppers with a target event within the horizon after the cut: examples are made of them."""
    return [known.user_ids[user] for user in np.unique(known.targets.between(cut_s, cut_s + horizon_s).users)]


@dataclass(frozen=True, slots=True)
class Labels:
    """What requests are labelled by, and the share of their negatives that is kept."""

    takings: Takings
    horizon_s: float
    share_of_negatives: float
    random: np.random.Generator


class _Parts:
    """The examples of the requests so far."""

    def __init__(self, pipeline: Pipeline) -> None:
        every = list(BY_NAME)
        self._places = [every.index(retriever.name) for retriever in pipeline.retrievers]  # a cut may lack some retrievers
        self._among = np.zeros(len(pipeline.items), np.bool_)  # of one request, then False again: a lookup instead of a sort
        self._columns: list[tuple[Matrix, Mask, Mask, Rows, Sources]] = []
        self._shoppers: list[tuple[str, int, int]] = []

    def add(self, request: Request, candidates: Candidates, inputs: Matrix, labels: Labels) -> None:
        """Label one request's candidates, and keep the positives and a share of the others."""
        user, at_s, found = labels.takings.row_of[request.user_id], request.at_s, candidates.rows
        relevant, owned = labels.takings.within(user, at_s, at_s + labels.horizon_s), labels.takings.before(user, at_s)
        bought, new = self._of(found, relevant), ~self._of(found, owned)
        kept = bought | (labels.random.random(len(found)) < labels.share_of_negatives)
        self._columns.append((inputs[kept], bought[kept], new[kept], found[kept], self._of_all(candidates.sources[kept])))
        self._shoppers.append((request.user_id, len(relevant), int((~self._of(relevant, owned)).sum())))

    def _of_all(self, sources: Sources) -> Sources:
        """Bits of the pipeline's own retrievers as bits of all retrievers."""
        found = np.zeros(len(sources), np.uint32)
        for bit, place in enumerate(self._places):
            found |= (sources >> np.uint32(bit) & np.uint32(1)) << np.uint32(place)
        return found

    def _of(self, rows: Rows, some: Rows) -> Mask:
        self._among[some] = True
        among: Mask = self._among[rows]
        self._among[some] = False
        return among

    def examples(self) -> Examples:
        """All of them."""
        nothing = (np.zeros((0, len(NAMES)), np.float32), _NOBODY, _NOBODY, _NOTHING, np.zeros(0, np.uint32))
        matrix, bought, new, rows, sources = map(np.concatenate, zip(nothing, *self._columns, strict=True))
        user_ids, n_relevant, n_new = zip(*self._shoppers, strict=True) if self._shoppers else ((), (), ())
        sizes = [len(kept) for *_, kept in self._columns]
        return Examples(
            matrix=matrix,
            bought=bought,
            new=new,
            rows=rows,
            sources=sources,
            requests=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
            user_ids=list(user_ids),
            n_relevant=np.array(n_relevant, np.int64),
            n_relevant_new=np.array(n_new, np.int64),
        )


def make(pipeline: Pipeline, asked: Iterable[Answered], labels: Labels) -> Examples:
    """Examples of the requests of shoppers who took something within the horizon, perhaps of none."""
    takings = labels.takings
    served = [one for one in asked if takings.takes(one[0].user_id, one[0].at_s, labels.horizon_s)]
    opened = pipeline.open_many(pipeline.shopper(row, request.at_s) for request, row in served)
    parts = _Parts(pipeline)
    for (request, row), one in zip(served, opened, strict=True):
        found = pipeline.retrieve(one, pipeline.allowed(ListRequest(), request.at_s, row))
        parts.add(request, found.candidates, pipeline.inputs(one.shopper, found), labels)
    return parts.examples()


def joined(parts: Sequence[Examples]) -> Examples:
    """The examples of several parts as one."""
    starts = np.cumsum([0, *(len(part.user_ids) for part in parts)])[:-1]
    return Examples(
        matrix=np.concatenate([part.matrix for part in parts]),
        bought=np.concatenate([part.bought for part in parts]),
        new=np.concatenate([part.new for part in parts]),
        rows=np.concatenate([part.rows for part in parts]),
        sources=np.concatenate([part.sources for part in parts]),
        requests=np.concatenate([part.requests + np.int32(start) for part, start in zip(parts, starts, strict=True)]),
        user_ids=[user_id for part in parts for user_id in part.user_ids],
        n_relevant=np.concatenate([part.n_relevant for part in parts]),
        n_relevant_new=np.concatenate([part.n_relevant_new for part in parts]),
    )


def sample(examples: Examples, share_of_negatives: float, seed: int) -> Examples:
    """All positives and a random share of the negatives; per-user counts are not changed."""
    kept = examples.bought | (np.random.default_rng(seed).random(len(examples.bought)) < share_of_negatives)
    return examples.where(kept)


def bundle_items(known: Interactions) -> BundleItems:
    """The item rows that all arrays of these interactions share."""
    return BundleItems(known.item_ids)
