"""Examples of many cuts, one process per cut: this process replays history and sends each cut's states."""

import multiprocessing
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field

import faiss
import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from recommndr.catalog import CatalogItem
from recommndr.features.shopper import ShopperRow
from recommndr.tenancy import TenantPolicy
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline, PipelineConfig
from recommndr_training import examples, history
from recommndr_training.examples import Examples
from recommndr_training.interactions import Interactions
from recommndr_training.kept_fits import KeptFits
from recommndr_training.known_items import entries_before
from recommndr_training.params import DataParams
from recommndr_training.prepared import prices
from recommndr_training.replay import Replay, Request
from recommndr_training.retriever_fits import EVERY_RETRIEVER, Options, fit_retrievers
from recommndr_training.shard_pool import ShardPool


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


@dataclass(frozen=True, slots=True)
class Moment:
    """Items and the requested shoppers as of one cut, as serving reads them."""

    cut_s: float
    shoppers: Mapping[str, ShopperRow]  # by user id; only those known then
    item_ids: Sequence[str]
    item_records: npt.NDArray[np.void]
    price_minor: Mapping[str, int]  # by item id; items without a purchase so far have none


def moments(lines: pd.DataFrame, data: DataParams, asked: Mapping[float, Sequence[str]]) -> Iterator[Moment]:
    """For each cut the user ids of interest -> the moments, oldest first, in one pass over history."""
    events = history.of_lines(lines, data.policy.own_kinds)
    with Replay([events], ShardPool.start(data.purchase_half_life_s)) as replay:
        for cut_s, user_ids in sorted(asked.items()):
            replay.advance_to(cut_s)
            rows = replay.rows_at([Request(user_id, cut_s) for user_id in user_ids])
            # Shoppers with impressions only get popularity, not the ranker.
            known = {request.user_id: row for request, row in rows if row is not None and row.n_events > 0}
            paid = {str(item_id): price for item_id, price in prices(lines[lines["known_s"] < cut_s]).items()}
            yield Moment(cut_s, known, *replay.item_records(), paid)


def examples_at(task: Task, lines: pd.DataFrame, data: DataParams, cuts_s: Sequence[float], n_processes: int) -> list[Examples]:
    """Examples of each cut, in order; negatives are sampled for all cuts but the last, which tunes."""
    began_s = time.time()
    # spawn: OpenMP (Faiss, ALS) does not survive a fork
    context = multiprocessing.get_context("spawn")
    asked = {cut_s: examples.asked(task.known, cut_s, task.horizon_s) for cut_s in cuts_s}
    room = threading.Semaphore(n_processes + 1)  # limits the waiting moments, which hold thousands of shoppers each
    with ProcessPoolExecutor(n_processes, context, _start, (task,)) as pool:
        jobs: list[Future[Examples]] = []
        for moment in moments(lines, data, asked):
            room.acquire()
            jobs.append(pool.submit(_examples_of, moment, moment.cut_s != cuts_s[-1]))
            jobs[-1].add_done_callback(lambda _: room.release())
        made = [job.result() for job in jobs]
    if task.kept is not None:
        task.kept.keep_since(began_s)
    return made


_task: list[Task] = []  # of this worker process: sent once, not with every cut


def _start(task: Task) -> None:
    faiss.omp_set_num_threads(1)
    _task.append(task)


def _examples_of(moment: Moment, sampled: bool) -> Examples:
    task = _task[0]
    with threadpool_limits(1):
        made = make_examples(task, moment)
    return examples.sample(made, task.share_of_negatives, task.seed) if sampled else made


def make_examples(task: Task, moment: Moment) -> Examples:
    """Examples of one cut, in this process."""
    found_by = fit_retrievers(task.known, moment.cut_s, task.options, task.retrievers, task.kept)
    live = live_items_at(task, moment)
    pipeline = Pipeline(examples.bundle_items(task.known), found_by, None, live, PipelineConfig.of_policy(task.policy))
    return examples.make(pipeline, moment.shoppers, task.known, moment.cut_s, task.horizon_s)


def live_items_at(task: Task, moment: Moment) -> LiveItems:
    """The live item table that a slot would have had at the cut, without the items that were created later."""
    entries = entries_before(task.entries, task.known_s, moment.cut_s)
    return examples.live_items(examples.priced(entries, moment.price_minor), moment.item_ids, moment.item_records)
