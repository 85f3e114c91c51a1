"""Stage popularity: recently popular items, and items of first purchases; also writes the ids of the bundle's rows."""

from dataclasses import asdict, dataclass

import numpy as np
import typer

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.bundle_items import ITEM_IDS_FILE, BundleItems
from recommndr_engine.retrievers.popularity import FIRST_PURCHASES_FILE, POPULARITY_FILE, FirstPurchases, Popularity
from recommndr_training import params, stage_files
from recommndr_training.interactions import Interactions, pairs
from recommndr_training.retriever_fit import RetrieverFit

ITEM_IDS = f"popularity/{ITEM_IDS_FILE}"  # the bundle has it at its root
PARAMETERS = "popularity/parameters.json"


@dataclass(frozen=True, slots=True)
class PopularityParams:
    """A half-life of 30 d beats 4 d and plain counts on grocer, for all items and for new ones."""

    half_life_days: float = 30.0


def fit(known: Interactions, cut_s: float, options: PopularityParams) -> tuple[ScoreArray, ScoreArray]:
    """Popularity and first-purchase popularity, (n_items,) float32 each, from interactions before `cut_s`: weighted and decayed
    sums, over all actions and over shoppers' first purchases."""
    known = known.before(cut_s)
    half_life_s, n_items = options.half_life_days * 86_400.0, len(known.item_ids)
    every = np.bincount(known.items, known.decay(cut_s, half_life_s) * known.weights, minlength=n_items)
    bought = pairs(known.purchases, cut_s, half_life_s)
    first = np.bincount(bought.items, np.exp2((bought.first_s - cut_s) / half_life_s), minlength=n_items)
    return every.astype(np.float32), first.astype(np.float32)


def _options(profile: str) -> PopularityParams:
    return PopularityParams(**params.section(profile, "popularity"))


def _retrievers(known: Interactions, cut_s: float, options: PopularityParams) -> list[Popularity]:
    every, first = fit(known, cut_s, options)
    return [Popularity(every), FirstPurchases(first)]


FIT = RetrieverFit(_options, _retrievers)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    options = _options(profile)
    directory = params.profile_dir(profile)
    data = params.data(profile)
    known = Interactions.read(directory, data.policy)
    every, first = fit(known, data.gate_cut_s, options)
    stage_files.save_arrays(directory, {POPULARITY_FILE: every, FIRST_PURCHASES_FILE: first})
    BundleItems(known.item_ids).write(directory / ITEM_IDS)
    stage_files.save_parameters(
        directory / PARAMETERS, {f"popularity.{name}": value for name, value in asdict(options).items()}
    )


if __name__ == "__main__":
    typer.run(main)
