"""A trained version below a folder, which can be asked for lists as of any instant, as a slot would be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from recommndr.catalog import CatalogItem
from recommndr_engine import retrievers
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.pipeline import RANKER, Pipeline, PipelineConfig, methods_of
from recommndr_engine.ranker import OnnxRanker, Ranker
from recommndr_engine.retriever import Retriever
from recommndr_training import examples, kept_retrievers, popularity, stage_files
from recommndr_training.params import DataParams
from recommndr_training.rolling import Moment


@dataclass(frozen=True, slots=True)
class Version:
    """Arrays and ranker as they were fitted; only the live item table depends on the instant."""

    items: BundleItems
    found_by: Sequence[Retriever]
    ranker: Ranker | None
    entries: Mapping[str, CatalogItem]
    config: PipelineConfig

    @classmethod
    def read(cls, directory: Path, data: DataParams) -> "Version":
        """From the files that the stages wrote below a profile's folder."""
        names = kept_retrievers.names(directory)
        parameters = stage_files.load_parameters(directory, retrievers.stages_of(names))
        return cls(
            BundleItems.read(directory / popularity.ITEM_IDS),
            retrievers.for_bundle(directory, parameters, names),
            OnnxRanker.found(directory),
            examples.catalogue(pd.read_parquet(directory / stage_files.ITEMS)),
            PipelineConfig.of_policy(data.policy),
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
