"""Stage ease: the inverse of the shoppers' own matrix, for shops with not too many of these."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import typer
from scipy.linalg import lapack

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.retrievers.ease import INVERSE_FILE, MATRIX, SCALE_FILE, Ease
from recommndr_engine.shopper_matrix import ShopperMatrix
from recommndr_training import floors, stage_files, stage_settings
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval import shopper_matrix
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

PARAMETERS = "ease/parameters.json"
_DAY_S = 86_400.0
_BLOCK = 4_096  # items whose products with the inverse are in memory at once


@dataclass(frozen=True, slots=True)
class EaseParams:
    """The half-life of interests and the strength of the ridge.

    NDCG@10 of new items on the tuning cut at 3, 30, 300: grocer .025, .028, .033; Online Retail .079, .096, .099.
    """

    half_life_days: float = 90.0
    regularisation: float = 300.0


def fit(matrix: ShopperMatrix, regularisation: float) -> tuple[npt.NDArray[np.float32], ScoreArray]:
    """(n_shoppers, n_shoppers) M = (X X' + regularisation I)^-1 and (n_items,) 1 / (1 - x_j' M x_j), float32 both."""
    rows = matrix.by_shopper
    gram = (rows @ rows.T).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += regularisation
    factor, failed = lapack.dpotrf(gram, lower=True)
    if failed:
        raise ValueError(f"ease: the matrix of {matrix.n_shoppers} shoppers has no inverse; expected a regularisation > 0")
    lower, _ = lapack.dpotri(factor, lower=True)
    half = np.tril(lower, -1)
    inverse = (half + half.T + np.diag(lower.diagonal())).astype(np.float32)
    held = np.zeros(matrix.n_items, np.float32)
    for start in range(0, matrix.n_items, _BLOCK):
        block = matrix.by_item[start : start + _BLOCK]
        held[start : start + _BLOCK] = np.asarray(block.multiply(block @ inverse).sum(axis=1)).ravel()
    return inverse, (1.0 / (1.0 - held)).astype(np.float32)


def fitted(known: Interactions, cut_s: float, options: EaseParams) -> tuple[Ease | None, str | None]:
    """The retriever, or why the data do not allow it."""
    matrix = shopper_matrix.fit(known, cut_s, options.half_life_days * _DAY_S, floors.EASE_SHOPPERS + 1)
    if missing := floors.missing_for_ease(matrix.n_shoppers):
        return None, missing
    return Ease(matrix, *fit(matrix, options.regularisation)), None


def _options(profile: str) -> EaseParams:
    return EaseParams(**stage_settings.counting(profile, "ease"))


def _retrievers(known: Interactions, cut_s: float, options: EaseParams) -> list[Ease]:
    retriever, _ = fitted(known, cut_s, options)
    return [] if retriever is None else [retriever]


def _write(known: Interactions, cut_s: float, options: EaseParams, directory: Path) -> None:
    retriever, missing = fitted(known, cut_s, options)
    stage_files.save_parameters(directory / PARAMETERS, {})
    if retriever is None:
        for name in (INVERSE_FILE, SCALE_FILE):
            (directory / name).unlink(missing_ok=True)
        ShopperMatrix.remove(directory / MATRIX)
        typer.echo(missing, err=True)
        return
    retriever.matrix.write(directory / MATRIX)
    stage_files.save_arrays(directory, {INVERSE_FILE: retriever.inverse, SCALE_FILE: retriever.scale})


FIT = RetrieverFit(_options, _retrievers, _write, (Axis("regularisation", (30.0, 100.0, 300.0, 1000.0)),))


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
