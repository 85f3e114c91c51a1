"""Stage popularity: recently popular items, and items of first purchases; also writes the ids of the bundle's rows."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import typer

from recommndr.features.decay import HALF_LIVES_S
from recommndr_engine.arrays import ScoreArray
from recommndr_engine.bundle_items import ITEM_IDS_FILE, BundleItems
from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers.category_affinity import CategoryAffinity
from recommndr_engine.retrievers.popular_now import HALF_LIFE_PARAMETER, PopularNow, Trending
from recommndr_engine.retrievers.popularity import FIRST_PURCHASES_FILE, POPULARITY_FILE, FirstPurchases, Popularity
from recommndr_training import stage_files, stage_settings
from recommndr_training.data.interactions import Interactions, pairs
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

ITEM_IDS = f"popularity/{ITEM_IDS_FILE}"  # the bundle has it at its root
PARAMETERS = "popularity/parameters.json"
_DAY_S = 86_400.0
# A history of n half-lives shows how they differ: 30 d from 120 d of history on, an hour below four days (a news site's).
_ROOM = 4.0


@dataclass(frozen=True, slots=True)
class PopularityParams:
    """A half-life of 30 d beats 4 d and plain counts on grocer, for all items and for new ones. On news it is an hour."""

    half_life_days: float = 30.0
    first_half_life_days: float = 30.0  # of first purchases
    live_half_life_days: float | None = None  # one of the item counters'; None: by the length of history


def fit(known: Interactions, cut_s: float, options: PopularityParams) -> tuple[ScoreArray, ScoreArray]:
    """Popularity and first-purchase popularity, (n_items,) float32 each, from interactions before `cut_s`: weighted and decayed
    sums, over all actions and over shoppers' first purchases."""
    return fit_every(known, cut_s, options), fit_first(known, cut_s, options)


def fit_every(known: Interactions, cut_s: float, options: PopularityParams) -> ScoreArray:
    """(n_items,) float32: sums over all actions."""
    known = known.before(cut_s)
    weights = known.decay(cut_s, options.half_life_days * _DAY_S) * known.weights
    return np.bincount(known.items, weights, minlength=len(known.item_ids)).astype(np.float32)


def fit_first(known: Interactions, cut_s: float, options: PopularityParams) -> ScoreArray:
    """(n_items,) float32: sums over shoppers' first purchases."""
    half_life_s = options.first_half_life_days * _DAY_S
    bought = pairs(known.before(cut_s).targets, cut_s, half_life_s)
    weights = np.exp2((bought.first_s - cut_s) / half_life_s)
    return np.bincount(bought.items, weights, minlength=len(known.item_ids)).astype(np.float32)


def _options(profile: str) -> PopularityParams:
    return PopularityParams(**stage_settings.settings(profile, "popularity"))


def live_half_life_s(known: Interactions, cut_s: float, options: PopularityParams) -> float:
    """Half-life of what is popular now, seconds: without an option the longest one that history has room for, at most 30 d."""
    if options.live_half_life_days is not None:
        return options.live_half_life_days * _DAY_S
    past = known.before(cut_s)
    history_s = cut_s - float(past.at_s[0]) if len(past) else 0.0
    longest = [half_life_s for half_life_s in HALF_LIVES_S if _ROOM * half_life_s <= history_s and half_life_s <= 30 * _DAY_S]
    return max(longest, default=HALF_LIVES_S[0])


def _retrievers(known: Interactions, cut_s: float, options: PopularityParams) -> list[Retriever]:
    return [found for of_some in (_of_every, _of_first, _live) for found in of_some(known, cut_s, options)]


def _of_every(known: Interactions, cut_s: float, options: PopularityParams) -> list[Retriever]:
    return [Popularity(fit_every(known, cut_s, options))]


def _of_first(known: Interactions, cut_s: float, options: PopularityParams) -> list[Retriever]:
    return [FirstPurchases(fit_first(known, cut_s, options))]


def _live(known: Interactions, cut_s: float, options: PopularityParams) -> list[Retriever]:
    live_s = live_half_life_s(known, cut_s, options)
    return [PopularNow(live_s), Trending(live_s), CategoryAffinity(live_s)]


def _write(known: Interactions, cut_s: float, options: PopularityParams, directory: Path) -> None:
    every, first = fit(known, cut_s, options)
    stage_files.save_arrays(directory, {POPULARITY_FILE: every, FIRST_PURCHASES_FILE: first})
    BundleItems(known.item_ids).write(directory / ITEM_IDS)
    settings = {f"popularity.{name}": value for name, value in asdict(options).items() if value is not None}
    settings[HALF_LIFE_PARAMETER] = live_half_life_s(known, cut_s, options)
    stage_files.save_parameters(directory / PARAMETERS, settings)


HALF_LIVES_DAYS = (1.0 / 24.0, 0.25, 1.0, 7.0, 30.0, 120.0)
FIT = RetrieverFit(
    _options,
    _retrievers,
    _write,
    (
        Axis("half_life_days", HALF_LIVES_DAYS, is_time=True, changed=_of_every),
        Axis("first_half_life_days", HALF_LIVES_DAYS, is_time=True, changed=_of_first),
        Axis("live_half_life_days", tuple(half_life_s / _DAY_S for half_life_s in HALF_LIVES_S), is_time=True, changed=_live),
    ),
)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
