"""Which retrievers pay on the tuning cut: a ranker is learnt without each, and without the candidates that only it proposed.

A retriever is left out if it surely does not pay: the upper end of the paired 95 % interval of what it adds is below a small
margin, for all items and for new ones. They are left out one after the other, so that of two that do the same one stays.
Rankers of this comparison are small, but all alike.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommndr_engine import columns
from recommndr_engine.retrievers import BY_NAME, REQUIRED
from recommndr_training.examples.examples import Examples
from recommndr_training.examples.learning_table import LearningTable
from recommndr_training.ranking import tuning_quality
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_recipe import DEFAULT, Recipe
from recommndr_training.ranking.ranker_variants import learn, summed
from recommndr_training.relative_gain import Figures, Gain, flat, relative_gain

MARGINS = {"all": 0.005, "new": 0.02}  # what a retriever must be able to add; the design's limits for smaller models
_N_EXAMPLES = 150_000
# Of a retriever's own columns. Places by other retrievers stay as they are: they move by the few candidates that go.
_ENDINGS = ("_score", "_rank", "_largest", "_last")


@dataclass(frozen=True, slots=True)
class Worth:
    """What one retriever adds to those that are kept."""

    retriever: str
    only: float  # share of the tuning cut's wanted candidates that it alone proposed
    gains: dict[str, Gain]  # by question, of having it
    kept: bool

    def to_json(self) -> dict[str, Any]:
        """For the stage's report."""
        return flat(self.gains) | {"only": self.only, "kept": self.kept}


def without(part: Examples, dropped: Collection[str]) -> Examples:
    """The examples as they would be without these retrievers: no scores of theirs, no candidates that they alone proposed."""
    if not dropped:
        return part
    bits = np.uint32(sum(1 << place for place, name in enumerate(BY_NAME) if name in dropped))
    rows = (part.sources & ~bits) != 0
    left = part.where(rows)  # a copy
    for name in dropped:
        for column in (f"{name}{ending}" for ending in _ENDINGS):
            if column in columns.NAMES:
                place = columns.place(column)
                left.matrix[:, place] = columns.COLUMNS[place].unknown
    return left


def ablate(learning: Sequence[Examples], tuning: Examples, options: RankerParams) -> list[Worth]:
    """Every retriever that proposed a candidate, least worth first; what goes is no longer there for the next."""
    judges = tuning_quality.of_some(tuning, options.max_choice_shoppers, options.seed)
    newest = _newest(learning)
    present = [name for place, name in enumerate(BY_NAME) if (judges.sources >> np.uint32(place) & np.uint32(1)).any()]
    base = _figures(newest, judges, (), options)
    alone = {name: _figures(newest, judges, (name,), options) for name in present if name != REQUIRED}
    dropped: list[str] = []
    found = []
    for name in sorted(alone, key=lambda one: _worth(base, alone[one])):
        figures = alone[name] if not dropped else _figures(newest, judges, (*dropped, name), options)
        gains = {question: relative_gain({question: base[question]}, {question: figures[question]}) for question in MARGINS}
        kept = any(gains[question].high >= margin for question, margin in MARGINS.items())
        found.append(Worth(name, _only(judges, name), gains, kept))
        if kept:
            continue
        dropped.append(name)
        base = figures
    return found


def _newest(learning: Sequence[Examples]) -> list[Examples]:
    """The newest cuts with about `_N_EXAMPLES` examples: what a retriever adds shows on a part of them."""
    taken: list[Examples] = []
    for part in reversed(learning):
        taken.insert(0, part)
        if sum(len(one.bought) for one in taken) >= _N_EXAMPLES:
            break
    return taken


def _figures(learning: Sequence[Examples], judges: Examples, dropped: Collection[str], options: RankerParams) -> Figures:
    table = LearningTable.of([without(part, dropped) for part in learning]).sampled(_N_EXAMPLES, options.seed)
    booster = summed(learn(Recipe(DEFAULT, (options.ablation_trees,), (1.0,)), table, options))
    asked = without(judges, dropped)
    return tuning_quality.figures(asked, np.asarray(booster.predict(asked.matrix, raw_score=True), np.float32))


def _worth(base: Figures, figures: Figures) -> float:
    return relative_gain(base, figures).mean


def _only(judges: Examples, name: str) -> float:
    wanted = judges.sources[judges.bought]
    return float(np.mean(wanted == np.uint32(1 << list(BY_NAME).index(name)))) if len(wanted) else 0.0
