"""Stage user_neighbours: the shoppers among whom serving looks for like-minded ones."""

from dataclasses import dataclass
from pathlib import Path

import typer

from recommndr_engine.retrievers.user_neighbours import MATRIX, UserNeighbours
from recommndr_engine.shopper_matrix import ShopperMatrix
from recommndr_training import stage_files, stage_settings
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval import shopper_matrix
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

PARAMETERS = "user_neighbours/parameters.json"
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class UserNeighboursParams:
    """The number of like-minded shoppers, and of all that are looked through.

    Recall@100 of new items on the tuning cut at 100 and 300: grocer .081, .083; Online Retail .194, .196 (ALS .092, .212).
    """

    half_life_days: float = 90.0
    n_neighbours: int = 300
    max_shoppers: int = 20_000  # keeps a request below a few milliseconds


def _options(profile: str) -> UserNeighboursParams:
    return UserNeighboursParams(**stage_settings.counting(profile, "user_neighbours"))


def _matrix(known: Interactions, cut_s: float, options: UserNeighboursParams) -> ShopperMatrix:
    return shopper_matrix.fit(known, cut_s, options.half_life_days * _DAY_S, options.max_shoppers)


def _retrievers(known: Interactions, cut_s: float, options: UserNeighboursParams) -> list[UserNeighbours]:
    matrix = _matrix(known, cut_s, options)
    return [UserNeighbours(matrix, options.n_neighbours)] if matrix.n_shoppers else []


def _write(known: Interactions, cut_s: float, options: UserNeighboursParams, directory: Path) -> None:
    _matrix(known, cut_s, options).write(directory / MATRIX)
    stage_files.save_parameters(directory / PARAMETERS, {"user_neighbours.n_neighbours": options.n_neighbours})


FIT = RetrieverFit(
    _options,
    _retrievers,
    _write,
    (Axis("n_neighbours", (100, 300, 1_000)), Axis("half_life_days", (7.0, 30.0, 90.0, 365.0), is_time=True)),
)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
