"""All fits of retrievers by stage. A stage that a `RetrieverSpec` names but that has no fit is an error at import."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recommndr_engine.retriever import Retriever
from recommndr_engine.retrievers import BY_NAME, FIT_STAGES, specs_of, stages_of
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval import (
    als,
    buy_again,
    content,
    ease,
    item_neighbours,
    popularity,
    seen_together,
    segment_popularity,
    session_neighbours,
    user_neighbours,
)
from recommndr_training.retrieval.kept_fits import KeptFits
from recommndr_training.retrieval.retriever_fit import RetrieverFit

EVERY_RETRIEVER = tuple(BY_NAME)
Options = Mapping[str, Any]  # by stage: the stage's own parameters

FITS: dict[str, RetrieverFit[Any]] = {
    "als": als.FIT,
    "buy_again": buy_again.FIT,
    "content": content.FIT,
    "ease": ease.FIT,
    "item_neighbours": item_neighbours.FIT,
    "popularity": popularity.FIT,
    "seen_together": seen_together.FIT,
    "segment_popularity": segment_popularity.FIT,
    "session_neighbours": session_neighbours.FIT,
    "user_neighbours": user_neighbours.FIT,
}
if set(FITS) != set(FIT_STAGES):
    raise ValueError(f"fits of stages {sorted(FITS)}, expected those that retrievers name: {sorted(FIT_STAGES)}")


def options_of(profile: str) -> Options:
    """The retriever stages' own options, so that each cut fits what the stages will ship."""
    return {stage: fit.options(profile) for stage, fit in FITS.items()}


def fit_retrievers(
    known: Interactions,
    cut_s: float,
    options: Options,
    names: Sequence[str] = EVERY_RETRIEVER,
    kept: KeptFits | None = None,
) -> list[Retriever]:
    """The retrievers of these names from what was known before `cut_s`, in this order.

    Fits that were `kept` are not made again. Those are left out that the data do not suffice for; raises `UnusableRetrievers`.
    """
    specs, stages = specs_of(names), stages_of(names)

    def fit(stage: str) -> Sequence[Retriever]:
        if kept is None:
            return FITS[stage].retrievers(known, cut_s, options[stage])
        return kept.retrievers(stage, FITS[stage], known, cut_s, options[stage])

    fitted = {found.name: found for stage in stages for found in fit(stage)}
    ready = {spec.name: spec.read(Path(), {}) for spec in specs if spec.stage is None} | fitted
    return [ready[name] for name in names if name in ready]
