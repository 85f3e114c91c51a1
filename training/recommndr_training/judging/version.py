"""A trained version below a folder, which can be asked for lists as of any instant, as a slot would be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from recommndr.catalog import CatalogItem
from recommndr_engine import retrievers
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.candidates import MAX_CANDIDATES
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.pipeline_config import RANKER, PipelineConfig, methods_of
from recommndr_engine.ranker import OnnxRanker, Ranker
from recommndr_engine.retriever import Retriever
from recommndr_training import stage_files
from recommndr_training.examples import examples
from recommndr_training.examples.rolling import Moment
from recommndr_training.params import DataParams
from recommndr_training.questions import methods_by_question
from recommndr_training.ranking.ranker_recipe import VARIANTS
from recommndr_training.retrieval import kept_retrievers, popularity

RANKER_PARAMETERS = "ranker/parameters.json"
CHAMPION = "champion"  # its version's folder, below the profile's
CHAMPION_STATE = f"{CHAMPION}/state.json"


@dataclass(frozen=True, slots=True)
class Version:
    """Arrays and ranker as they were fitted; only the live item table depends on the instant."""

    items: BundleItems
    found_by: Sequence[Retriever]
    ranker: Ranker | None
    entries: Mapping[str, CatalogItem]
    config: PipelineConfig
    odds_share: float | None  # scores are log-odds where so many negatives were kept; None: they are no log-odds

    @classmethod
    def read(cls, directory: Path, data: DataParams) -> "Version":
        """From the files that the stages wrote below a profile's folder."""
        names = kept_retrievers.names(directory)
        parameters = stage_files.load_parameters(directory, retrievers.stages_of(names))
        learnt = stage_files.load_json(directory / RANKER_PARAMETERS)
        return cls(
            BundleItems.read(directory / popularity.ITEM_IDS),
            retrievers.for_bundle(directory, parameters, names),
            OnnxRanker.found(directory),
            examples.catalogue(pd.read_parquet(directory / stage_files.ITEMS)),
            replace(PipelineConfig.of_policy(data.policy), n_ranked=learnt.get("ranker.n_ranked", MAX_CANDIDATES)),
            _odds_share(learnt),
        )

    @property
    def methods(self) -> tuple[str, ...]:
        """What can order its lists."""
        names = methods_of(retriever.name for retriever in self.found_by)
        return tuple(name for name in names if name != RANKER or self.ranker is not None)

    def at(self, moment: Moment) -> Pipeline:
        """Its request path over the item states of that moment."""
        live = examples.live_items(self.entries, moment.item_ids, moment.item_records)
        return Pipeline(self.items, self.found_by, self.ranker, live, self.config)


def champion(directory: Path, data: DataParams) -> tuple[Version, Mapping[str, str]] | None:
    """What stage champion trained below a profile's folder, with its method for each question; None without it."""
    path = directory / CHAMPION_STATE
    state = stage_files.load_json(path) if path.exists() else {}
    if not state.get("compared"):
        return None
    return Version.read(directory / CHAMPION, data), methods_by_question(state["method"], state.get("scope_methods", {}))


def _odds_share(parameters: Mapping[str, Any]) -> float | None:
    variant = VARIANTS.get(parameters.get("ranker.variant", ""))
    return float(parameters["ranker.share_of_negatives"]) if variant is not None and variant.tells_odds else None
