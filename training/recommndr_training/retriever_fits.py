"""All fits of retrievers by stage. A stage that a `RetrieverSpec` names but that has no fit is an error at import."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers import FIT_STAGES, SPECS
from recommndr_training import als, buy_again, item_neighbours, popularity
from recommndr_training.interactions import Interactions
from recommndr_training.retriever_fit import RetrieverFit

Options = Mapping[str, Any]  # by stage: the stage's own parameters

FITS: dict[str, RetrieverFit[Any]] = {
    "als": als.FIT,
    "buy_again": buy_again.FIT,
    "item_neighbours": item_neighbours.FIT,
    "popularity": popularity.FIT,
}
if set(FITS) != set(FIT_STAGES):
    raise ValueError(f"fits of stages {sorted(FITS)}, expected those that retrievers name: {sorted(FIT_STAGES)}")


def options_of(profile: str) -> Options:
    """The retriever stages' own options, so that each cut fits what the stages will ship."""
    return {stage: fit.options(profile) for stage, fit in FITS.items()}


def fit_retrievers(known: Interactions, cut_s: float, options: Options) -> list[Retriever]:
    """All retrievers from what was known before `cut_s`, in the order a bundle loads them."""
    fitted = {found.name: found for stage, fit in FITS.items() for found in fit.retrievers(known, cut_s, options[stage])}
    return [fitted[spec.name] if spec.stage else spec.read(Path(), {}) for spec in SPECS]
