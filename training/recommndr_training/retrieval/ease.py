"""Stage ease: the inverse of the shoppers' own matrix, of those who were active last where there are many.

The matrix is square in shoppers, so their number is limited. A shop that grows beyond the limit keeps the retriever: it has all
of its shoppers at earlier cuts and a part of them at later ones. A ranker cannot use a column that ends between two cuts.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import typer
from scipy import sparse
from scipy.linalg import lapack

from recommndr_engine.arrays import ScoreArray
from recommndr_engine.retrievers.ease import INVERSE_FILE, MATRIX, SCALE_FILE, Ease
from recommndr_engine.shopper_matrix import ShopperMatrix
from recommndr_training import stage_files, stage_settings
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval import shopper_matrix
from recommndr_training.retrieval.retriever_fit import Axis, RetrieverFit

PARAMETERS = "ease/parameters.json"
_DAY_S = 86_400.0
_BLOCK_SHOPPERS = 512  # whose products with all shoppers are in memory at once
_BLOCK_ITEMS = 2_048  # whose products with the inverse are in memory at once


@dataclass(frozen=True, slots=True)
class EaseParams:
    """The half-life of interests and the strength of the ridge.

    NDCG@10 of new items on the tuning cut at 3, 30, 300: grocer .025, .028, .033; Online Retail .079, .096, .099.
    """

    half_life_days: float = 90.0
    regularisation: float = 300.0
    # So many need 100 MB in the bundle, 0.5 GB and some ten seconds of a fit, and up to 10 ms of each request.
    max_shoppers: int = 5_000


def fit(matrix: ShopperMatrix, regularisation: float) -> tuple[npt.NDArray[np.float32], ScoreArray]:
    """(n_shoppers, n_shoppers) M = (X X' + regularisation I)^-1 and (n_items,) 1 / (1 - x_j' M x_j), float32 both."""
    inverse = _inverse(matrix.by_shopper, regularisation)
    held = np.zeros(matrix.n_items, np.float32)
    for start in range(0, matrix.n_items, _BLOCK_ITEMS):
        block = matrix.by_item[start : start + _BLOCK_ITEMS]
        held[start : start + _BLOCK_ITEMS] = np.asarray(block.multiply(block @ inverse).sum(axis=1)).ravel()
    return inverse, (1.0 / (1.0 - held)).astype(np.float32)


def _inverse(rows: sparse.csr_matrix, regularisation: float) -> npt.NDArray[np.float32]:
    """(n_shoppers, n_shoppers) inverse of the ridged products of the rows; in place, since squares of shoppers are large."""
    n_shoppers = rows.shape[0]
    gram = np.empty((n_shoppers, n_shoppers), np.float64, order="F")
    for start in range(0, n_shoppers, _BLOCK_SHOPPERS):
        block = slice(start, start + _BLOCK_SHOPPERS)
        gram[:, block] = (rows @ rows[block].T).toarray()
    gram[np.diag_indices_from(gram)] += regularisation
    factor, failed = lapack.dpotrf(gram, lower=True, overwrite_a=True)
    if failed:
        raise ValueError(f"ease: the matrix of {n_shoppers} shoppers has no inverse; expected a regularisation > 0")
    lower, _ = lapack.dpotri(factor, lower=True, overwrite_c=True)  # zeros above the diagonal
    inverse: npt.NDArray[np.float32] = lower.astype(np.float32, order="C")
    inverse += np.tril(inverse, -1).T
    return inverse


def fitted(known: Interactions, cut_s: float, options: EaseParams) -> Ease | None:
    """The retriever; None where nobody has two items."""
    matrix = shopper_matrix.fit(known, cut_s, options.half_life_days * _DAY_S, options.max_shoppers)
    return Ease(matrix, *fit(matrix, options.regularisation)) if matrix.n_shoppers else None


def _options(profile: str) -> EaseParams:
    return EaseParams(**stage_settings.counting(profile, "ease"))


def _retrievers(known: Interactions, cut_s: float, options: EaseParams) -> list[Ease]:
    retriever = fitted(known, cut_s, options)
    return [] if retriever is None else [retriever]


def _write(known: Interactions, cut_s: float, options: EaseParams, directory: Path) -> None:
    retriever = fitted(known, cut_s, options)
    stage_files.save_parameters(directory / PARAMETERS, {})
    if retriever is None:
        for name in (INVERSE_FILE, SCALE_FILE):
            (directory / name).unlink(missing_ok=True)
        ShopperMatrix.remove(directory / MATRIX)
        typer.echo("no EASE: it needs shoppers with at least two items", err=True)
        return
    retriever.matrix.write(directory / MATRIX)
    stage_files.save_arrays(directory, {INVERSE_FILE: retriever.inverse, SCALE_FILE: retriever.scale})


FIT = RetrieverFit(_options, _retrievers, _write, (Axis("regularisation", (30.0, 100.0, 300.0, 1000.0)),))


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Fit on everything before the gate cut."""
    FIT.run(profile)


if __name__ == "__main__":
    typer.run(main)
