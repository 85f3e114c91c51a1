"""Stage oracle: compares each method with the best possible list in a simulated shop, whose true preferences are known.

Shoppers, instant and relevant items are the gate's; the oracle orders by planted expectation. Its NDCG is below 1 because
shoppers choose at random; a method's share of it shows how much it could still improve.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import typer

from recommndr_engine.bundle_items import BundleItems
from recommndr_simulation import oracle as planted
from recommndr_simulation.oracle import Question
from recommndr_simulation.titles import item_ids
from recommndr_simulation.world import World
from recommndr_training import params, stage_files
from recommndr_training.data import logins
from recommndr_training.data.interactions import PURCHASE
from recommndr_training.data.logins import NO_LOGINS, with_guests
from recommndr_training.judging import evaluate, request_sets
from recommndr_training.judging.judged import K
from recommndr_training.params import DataParams

TRUTH = "simulate/truth"
OUTPUT = "oracle/metrics.json"


@dataclass(frozen=True, slots=True)
class Log:
    """Events known at the cut, and events after it."""

    train: pd.DataFrame
    gate: pd.DataFrame
    logins: pa.Table = field(default_factory=lambda: NO_LOGINS)  # known at the cut


def oracle_ndcg(world: World, log: Log, data: DataParams, question: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(n_users,) NDCG@10 of the best possible lists for one question of the gate, over every item of the shop."""
    target = data.policy.target_kind
    items = BundleItems(sorted(item_ids(world.catalogue).to_pylist()))
    asked = request_sets.request_sets(log.train, log.gate, items, target, log.logins)[question]
    relevant = {user_id: [items.ids[row] for row in rows] for user_id, rows in asked.relevant.items()}
    past = with_guests(log.train, log.logins)
    had = request_sets.items_by_user(past[past["kind"] == target]) if question == "new" else {}
    instant = Question(data.gate_cut_s, data.gate_end_s - data.gate_cut_s, purchases=target == PURCHASE)
    excluded = {user_id: had[user_id] for user_id in relevant if user_id in had}
    return planted.oracle_ndcg(world, log.train, relevant, instant, excluded, K)


def shares(oracle: float, methods: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """The oracle's NDCG@10 and each method's share of it."""
    return {
        "oracle_ndcg@10": oracle,
        "share_of_the_possible": {name: figures["ndcg@10"] / oracle for name, figures in methods.items()},
    }


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Compare the gate's figures of a simulated shop with the best possible ones."""
    data, directory = params.data(profile), params.profile_dir(profile)
    world = World.load(directory / TRUTH)
    train, gate = (pd.read_parquet(directory / f"split/{part}.parquet") for part in ("train", "gate"))
    log = Log(train, gate, logins.read(directory / stage_files.TRAIN_LOGINS))
    judged = stage_files.load_json(directory / evaluate.METRICS)
    found = {
        question: shares(float(oracle_ndcg(world, log, data, question).mean()), judged[question]["methods"])
        for question in ("all", "new")
    }
    stage_files.save_json(directory / OUTPUT, found)
    for question, figures in found.items():
        best = sorted(figures["share_of_the_possible"].items(), key=lambda pair: -pair[1])
        typer.echo(f"{question}: oracle {figures['oracle_ndcg@10']:.4f}; " + ", ".join(f"{n} {s:.0%}" for n, s in best))


if __name__ == "__main__":
    typer.run(main)
