"""Stage session_neighbours: the newest visits with at least two items, among which serving looks for similar ones."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer
from scipy import sparse

from recommndr_engine.retrievers.session_neighbours import VISITS, SessionNeighbours
from recommndr_engine.shopper_matrix import ShopperMatrix
from recommndr_training import stage_files, stage_settings
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

PARAMETERS = "session_neighbours/parameters.json"


@dataclass(frozen=True, slots=True)
class SessionNeighboursParams:
    """How many visits and items are looked at."""

    n_visits: int = 500
    n_visits_of_item: int = 500
    n_recent: int = 50
    max_visits: int = 50_000
    max_visit_items: int = 100  # a larger basket resembles every other one


def fit(known: Interactions, cut_s: float, options: SessionNeighboursParams) -> ShopperMatrix:
    """(n_visits, n_items) ones, newest visit first, from interactions before `cut_s`."""
    known = known.before(cut_s)
    liked = known.weights > 0.0
    visits, items, at_s = known.visits[liked], known.items[liked], known.at_s[liked]
    n_visits, n_items = int(visits.max(initial=-1)) + 1, len(known.item_ids)
    held = sparse.csr_matrix((np.ones(len(visits), np.float32), (visits, items)), shape=(n_visits, n_items))
    held.data[:] = 1.0  # several actions with an item are one
    last_s = np.full(n_visits, -np.inf)
    np.maximum.at(last_s, visits, at_s)
    size = np.diff(held.indptr)
    kept = np.flatnonzero((size > 1) & (size <= options.max_visit_items))
    return ShopperMatrix.of(held[kept[np.argsort(-last_s[kept], kind="stable")][: options.max_visits]])


def _options(profile: str) -> SessionNeighboursParams:
    return SessionNeighboursParams(**stage_settings.settings(profile, "session_neighbours"))


def _retrievers(known: Interactions, cut_s: float, options: SessionNeighboursParams) -> list[SessionNeighbours]:
    visits = fit(known, cut_s, options)
    numbers = (options.n_visits, options.n_visits_of_item, options.n_recent)
    return [SessionNeighbours(visits, *numbers)] if visits.n_shoppers else []


def _write(known: Interactions, cut_s: float, options: SessionNeighboursParams, directory: Path) -> None:
    fit(known, cut_s, options).write(directory / VISITS)
    numbers = {name: getattr(options, name) for name in ("n_visits", "n_visits_of_item", "n_recent")}
    stage_files.save_parameters(directory / PARAMETERS, {f"session_neighbours.{name}": each for name, each in numbers.items()})


FIT = RetrieverFit(_options, _retrievers, _write, (Axis("n_visits", (100, 500)), Axis("n_recent", (5, 10, 50))))


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
