"""Stage buy_again: how much likelier an item is bought than its decayed frequency says, by time since the last purchase.

The lift is learnt on the label horizon before the cut: per bin of (time since the last purchase / mean gap), observed purchases
over the decayed count. An item bought once has no gap and a bin of its own.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import typer

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.retrievers.buy_again import RHYTHM_EDGES_FILE, RHYTHM_LIFT_FILE, BuyAgain, mean_gap_s, rhythm_bins
from recommndr_training import params, stage_files, stage_settings
from recommndr_training.data.interactions import Interactions, pairs
from recommndr_training.retrieval.retriever_fit import RetrieverFit

PARAMETERS = "buy_again/parameters.json"
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class BuyAgainParams:
    """The tenant's half-life and label horizon, and the edges of the bins of since / gap."""

    half_life_days: float = 90.0
    horizon_days: float = 14.0
    edges: tuple[float, ...] = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
    prior: float = 50.0  # decayed purchases that pull a sparse bin towards no lift


def fit(known: Interactions, cut_s: float, options: BuyAgainParams) -> tuple[npt.NDArray[np.float64], ScoreArray]:
    """Edges (n,) and lift (n + 2,), 1 = as likely as the frequency says; all 1 without history."""
    edges = np.asarray(options.edges, np.float64)
    learnt_s = cut_s - options.horizon_days * _DAY_S
    known = known.targets
    before, after = known.before(learnt_s), known.between(learnt_s, cut_s)
    if not len(before) or not len(after):
        return edges, np.ones(len(edges) + 2, np.float32)
    bought = pairs(before, learnt_s, options.half_life_days * _DAY_S)
    n_items = len(known.item_ids)
    again = np.isin(
        bought.users.astype(np.int64) * n_items + bought.items, after.users.astype(np.int64) * n_items + after.items
    )
    bins = rhythm_bins(learnt_s - bought.last_s, mean_gap_s(bought.n_orders, bought.first_s, bought.last_s), edges)
    seen = np.bincount(bins, again, minlength=len(edges) + 2)
    expected = np.bincount(bins, bought.decayed, minlength=len(edges) + 2)
    if not seen.any():
        return edges, np.ones(len(edges) + 2, np.float32)
    rate = seen.sum() / expected.sum()
    lift = (seen + options.prior * rate) / (expected + options.prior) / rate
    return edges, lift.astype(np.float32)


def options_of(profile: str) -> BuyAgainParams:
    """The stage's parameters, with the tenant's half-life and label horizon where the profile names none itself."""
    horizon_days = params.data(profile).policy.label_horizon_days
    return BuyAgainParams(**stage_settings.counting(profile, "buy_again", horizon_days=horizon_days))


def _retrievers(known: Interactions, cut_s: float, options: BuyAgainParams) -> list[BuyAgain]:
    return [BuyAgain(*fit(known, cut_s, options))]


def _write(known: Interactions, cut_s: float, options: BuyAgainParams, directory: Path) -> None:
    edges, lift = fit(known, cut_s, options)
    stage_files.save_arrays(directory, {RHYTHM_EDGES_FILE: edges, RHYTHM_LIFT_FILE: lift})
    stage_files.save_parameters(
        directory / PARAMETERS,
        {"buy_again.half_life_days": options.half_life_days, "buy_again.horizon_days": options.horizon_days},
    )


FIT = RetrieverFit(options_of, _retrievers, _write)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
