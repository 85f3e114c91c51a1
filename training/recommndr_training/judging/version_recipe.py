"""The recipe of a version: all that is needed to train it again. A bundle carries it as `recipe.json`.

Later the recipe of the version that serves is trained at the gate cut of its challenger, so that both have seen the same.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recommndr_engine import retrievers
from recommndr_engine.ranker import RANKER_FILE
from recommndr_training import params, stage_files
from recommndr_training.examples import asking
from recommndr_training.ranking import ranker
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.retrieval import kept_retrievers, retriever_fits

_LEARNING = ("examples", "ranker", "tune")  # stages and sections that are not of one retriever


@dataclass(frozen=True, slots=True)
class VersionRecipe:
    """All as JSON has it. Tuning may choose options, retrievers and numbers of trees anew for newer data, but no settings."""

    settings: Mapping[str, Mapping[str, Any]]  # by stage: what `params.yaml` names
    retrievers: tuple[str, ...]
    options: Mapping[str, Mapping[str, Any]]  # by stage that fits retrievers
    ranker: Mapping[str, Any] | None  # None: the version has no ranker
    asking: Mapping[str, Any]  # when the ranker's requests are
    learnt: Mapping[str, Any] | None  # of the ranker: variant and numbers of trees

    @classmethod
    def of_profile(cls, profile: str, directory: Path) -> "VersionRecipe":
        """The recipe of what the stages have fitted below a profile's folder."""
        names, options = kept_retrievers.names(directory), retriever_fits.options_of(profile)
        has_ranker = (directory / RANKER_FILE).exists()
        recipe = cls(
            settings={stage: params.section(profile, stage) for stage in (*retriever_fits.FITS, *_LEARNING)},
            retrievers=names,
            options={stage: asdict(options[stage]) for stage in retrievers.stages_of(names)},
            ranker=asdict(RankerParams(**params.section(profile, "ranker"))) if has_ranker else None,
            asking=asdict(asking.of_profile(profile)),
            learnt=stage_files.load_json(directory / ranker.REPORT)["recipe"] if has_ranker else None,
        )
        return cls.from_json(json.loads(json.dumps(asdict(recipe))))  # lists for tuples, as one that was read has

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "VersionRecipe":
        """What `asdict` gave, or JSON of it; raises `TypeError` or `KeyError` for something else."""
        return cls(**{**values, "retrievers": tuple(values["retrievers"])})

    def has_settings_of(self, other: "VersionRecipe") -> bool:
        """Whether only the data can differ, and what tuning chose by them."""
        return self.settings == other.settings
