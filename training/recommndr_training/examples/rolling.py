"""Examples of many cuts, one process per cut: this process replays history and sends each cut's states."""

import multiprocessing
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, NamedTuple, Self

import faiss
import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from recommndr.catalog import CatalogItem
from recommndr.features import item
from recommndr.features.item import Records
from recommndr.features.shopper import ShopperRow
from recommndr.tenancy import TenantPolicy
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.pipeline_config import PipelineConfig
from recommndr_training.data import history, logins
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.known_items import KNOWN_S, entries_before
from recommndr_training.data.logins import NO_LOGINS
from recommndr_training.data.prepared import prices
from recommndr_training.examples import examples, retriever_costs
from recommndr_training.examples.asking import Asking, Times, asked_at
from recommndr_training.examples.examples import Answered, Examples, Labels
from recommndr_training.examples.replay import Replay, Request
from recommndr_training.examples.shard_pool import ShardPool
from recommndr_training.examples.takings import Takings
from recommndr_training.params import DataParams
from recommndr_training.retrieval.kept_fits import KeptFits
from recommndr_training.retrieval.retriever_fits import EVERY_RETRIEVER, Options, fit_retrievers


@dataclass(frozen=True, slots=True)
class Task:
    """The inputs that are the same for all cuts."""

    known: Interactions
    entries: Mapping[str, CatalogItem]
    options: Options
    horizon_s: float
    share_of_negatives: float
    seed: int
    policy: TenantPolicy  # with the kind weights that slots use to read states
    retrievers: Sequence[str] = EVERY_RETRIEVER
    known_s: Mapping[str, float] = field(default_factory=dict)  # by item id: since when the shop has known of it
    kept: KeptFits | None = None  # None: every run fits again
    asking: Asking = field(default_factory=Asking)
    logins: pa.Table = field(default_factory=lambda: NO_LOGINS)

    @classmethod
    def over(cls, lines: pd.DataFrame, items: pd.DataFrame, data: DataParams, **others: Any) -> Self:
        """Over lines and prepared items that end at a cut; `others` are the remaining fields."""
        return cls(
            known=Interactions.from_lines(lines, data.policy, items["item_id"]),
            entries=examples.catalogue(items),
            horizon_s=data.policy.label_horizon_days * 86_400.0,
            policy=data.policy,
            known_s=dict(zip(items["item_id"], items[KNOWN_S], strict=True)),
            **others,
        )


Work = tuple[list["Moment"], bool]  # of one cut, and whether it is the one that tunes


class Round(NamedTuple):
    """Requests that see items as of one instant, and retrievers as of a cut before it."""

    cut_s: float
    at_s: float
    requests: Sequence[Request]  # oldest first, at `at_s` or later


@dataclass(frozen=True, slots=True)
class Moment:
    """One round: the items as of its instant and the shoppers as of their requests, as serving reads them."""

    cut_s: float
    asked: Sequence[Answered]  # only of shoppers known then
    item_ids: Sequence[str]
    item_records: Records
    price_minor: Mapping[str, int]  # by item id, as of the cut; items without a purchase so far have none

    @property
    def shoppers(self) -> Mapping[str, ShopperRow]:
        """By user id, where each is asked for once."""
        return {request.user_id: row for request, row in self.asked}


def moments(
    lines: pd.DataFrame, data: DataParams, asked: Mapping[float, Sequence[str]], identified: pa.Table = NO_LOGINS
) -> Iterator[Moment]:
    """For each cut the user ids of interest -> the moments, oldest first, in one pass over history."""
    rounds = [Round(cut_s, cut_s, [Request(one, cut_s) for one in user_ids]) for cut_s, user_ids in sorted(asked.items())]
    return moments_of(lines, data, rounds, identified)


def moments_of(
    lines: pd.DataFrame, data: DataParams, rounds: Iterable[Round], identified: pa.Table = NO_LOGINS
) -> Iterator[Moment]:
    """The moment of each round; they must come oldest first, because history is replayed once.

    `identified` are the logins beside the lines.
    """
    rounds = list(rounds)
    events = history.of_lines(lines, data.policy.own_kinds, identified=identified)
    shoppers = {request.user_id for one in rounds for request in one.requests}
    shoppers |= logins.guests_of(identified, shoppers)
    paid_at_s, paid = -np.inf, dict[str, int]()
    with Replay([events], ShardPool.of_shoppers(data.policy.counting, shoppers)) as replay:
        for cut_s, at_s, requests in rounds:
            replay.advance_to(at_s)
            records = replay.item_records()
            if cut_s != paid_at_s:
                paid_at_s = cut_s
                paid = {str(item_id): price for item_id, price in prices(lines[lines["known_s"] < cut_s]).items()}
            # Shoppers with impressions only get popularity, not the ranker.
            known = [(request, row) for request, row in replay.rows_at(requests) if row is not None and row.n_events > 0]
            yield Moment(cut_s, known, *records, paid)


def rounds_of(task: Task, cuts_s: Sequence[float]) -> Iterator[Round]:
    """All requests of training: those of a cut are split where item counters are brought up to date."""
    takings, asking = Takings.of(task.known, task.logins), task.asking
    chosen = asked_at(task.known, takings, Times(tuple(cuts_s), task.horizon_s), asking, task.share_of_negatives, task.seed)
    for place, (cut_s, instants) in enumerate(zip(cuts_s, chosen, strict=True)):
        requests = instants.requests(task.known.user_ids)
        until_s = cuts_s[place + 1] if place + 1 < len(cuts_s) else cut_s
        for at_s in np.unique(np.linspace(cut_s, until_s, asking.item_instants, endpoint=False)).tolist():
            later_s = at_s + (until_s - cut_s) / asking.item_instants
            here = [one for one in requests if at_s <= one.at_s < later_s] if until_s > cut_s else requests
            if here or at_s == cut_s:
                yield Round(cut_s, at_s, here)


def examples_at(task: Task, lines: pd.DataFrame, data: DataParams, cuts_s: Sequence[float], n_processes: int) -> list[Examples]:
    """Examples of each cut, in order; the last one tunes: it keeps all negatives and the times of the retrievers."""
    began_s = time.time()
    by_cut = groupby(moments_of(lines, data, rounds_of(task, cuts_s), task.logins), lambda moment: moment.cut_s)
    work = ((list(of_cut), cut_s == cuts_s[-1]) for cut_s, of_cut in by_cut)
    made = _here(task, work) if n_processes == 1 else _in_processes(task, work, n_processes)
    if task.kept is not None:
        task.kept.keep_since(began_s)
    return made


def _here(task: Task, work: Iterable[Work]) -> list[Examples]:
    """In this process: starting another one takes longer than a small shop's examples."""
    with threadpool_limits(1), one_faiss_thread():
        return [make_examples(task, *of_cut, tunes=tunes) for of_cut, tunes in work]


def _in_processes(task: Task, work: Iterable[Work], n_processes: int) -> list[Examples]:
    # spawn: OpenMP (Faiss, ALS) does not survive a fork
    context = multiprocessing.get_context("spawn")
    room = threading.Semaphore(n_processes + 1)  # limits the waiting moments, which hold thousands of shoppers each
    with ProcessPoolExecutor(n_processes, context, _start, (task,)) as pool:
        jobs: list[Future[Examples]] = []
        for of_cut, tunes in work:
            room.acquire()
            jobs.append(pool.submit(_examples_of, of_cut, tunes))
            jobs[-1].add_done_callback(lambda _: room.release())
        return [job.result() for job in jobs]


@contextmanager
def one_faiss_thread() -> Iterator[None]:
    """Searches use one thread, then as many as before."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


_task: list[Task] = []  # of this worker process: sent once, not with every cut


def _start(task: Task) -> None:
    faiss.omp_set_num_threads(1)
    _task.append(task)


def _examples_of(of_cut: Sequence[Moment], tunes: bool) -> Examples:
    with threadpool_limits(1):
        return make_examples(_task[0], *of_cut, tunes=tunes)


def make_examples(task: Task, first: Moment, *later: Moment, tunes: bool = True) -> Examples:
    """Examples of one cut, in this process; the catalogue stays as of the cut."""
    found_by = fit_retrievers(task.known, first.cut_s, task.options, task.retrievers, task.kept)
    live = live_items_at(task, first)
    pipeline = Pipeline(examples.bundle_items(task.known), found_by, None, live, PipelineConfig.of_policy(task.policy))
    random = np.random.default_rng([task.seed, int(first.cut_s)])
    labels = Labels(Takings.of(task.known, task.logins), task.horizon_s, 1.0 if tunes else task.share_of_negatives, random)
    costs_ms = retriever_costs.measure(pipeline, first.asked) if tunes else {}  # nobody reads those of other cuts
    made = [examples.make(pipeline, first.asked, labels)]
    for moment in later:
        live.apply_features(moment.item_ids, item.values(moment.item_records))
        made.append(examples.make(pipeline, moment.asked, labels))
    return replace(examples.joined(made), costs_ms=costs_ms)


def live_items_at(task: Task, moment: Moment) -> LiveItems:
    """The live item table that a slot would have had at the cut, without the items that were created later."""
    entries = entries_before(task.entries, task.known_s, moment.cut_s)
    return examples.live_items(examples.priced(entries, moment.price_minor), moment.item_ids, moment.item_records)
