"""Which retrievers pay on the tuning cut: a ranker is learnt without each, and without the candidates that only it proposed.

Every retriever takes time of every request, so it has to show what for. One stays if doing without it loses more than noise:
the paired 95 % interval of what it adds is above 0, for all items or for new ones. It also stays if it and those left out
before it together lose more than noise, or on average more than a small margin: many losses within noise can add up to one that
is not, and with few shoppers nearly everything is within noise. The dearest go first, so that the margin pays for them, and of
two that do the same the cheaper one stays. Rankers of this comparison are small, but all alike.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from recommndr_engine import columns
from recommndr_engine.retrievers import BY_NAME, SPECS
from recommndr_training.examples.examples import Examples
from recommndr_training.examples.learning_table import LearningTable
from recommndr_training.ranking import tuning_quality
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.ranking.ranker_recipe import DEFAULT, Recipe
from recommndr_training.ranking.ranker_sizes import MAX_LOSS
from recommndr_training.ranking.ranker_variants import learn, summed
from recommndr_training.relative_gain import Figures, Gain, by_question, flat

MARGINS = MAX_LOSS  # what all that goes may cost together, as for smaller models
# In the order in which doing without them is tried. The others answer requests that the tuning cut does not have.
TRIED = tuple(sorted((spec for spec in SPECS if not spec.own_requests), key=lambda spec: -spec.cost_ms))
Gains = Mapping[str, Gain]  # by question
_N_EXAMPLES = 150_000
# Of a retriever's own columns. Places by other retrievers stay as they are: they move by the few candidates that go.
_ENDINGS = ("_score", "_rank", "_largest", "_last")


@dataclass(frozen=True, slots=True)
class Trial:
    """What one retriever adds to those that are kept."""

    retriever: str
    gains: Gains  # of having it
    together: Gains  # of the best that was seen so far over doing without it and all that were left out before it

    @property
    def kept(self) -> bool:
        """Whether it stays."""
        return any(
            self.gains[question].is_outside_noise
            or self.together[question].is_outside_noise
            or self.together[question].mean > margin
            for question, margin in MARGINS.items()
        )


@dataclass(frozen=True, slots=True)
class Worth:
    """A retriever for the stage's report."""

    trial: Trial
    only: float  # share of the tuning cut's wanted candidates that it alone proposed

    @property
    def retriever(self) -> str:
        """Its name."""
        return self.trial.retriever

    @property
    def kept(self) -> bool:
        """Whether it ships."""
        return self.trial.kept

    def to_json(self) -> dict[str, Any]:
        """For the stage's report."""
        together = {f"together_{question}_mean": gain.mean for question, gain in self.trial.together.items()}
        cost_ms = BY_NAME[self.retriever].cost_ms
        return flat(self.trial.gains) | together | {"only": self.only, "cost_ms": cost_ms, "kept": self.kept}


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
    """Every retriever of `TRIED`, in this order; what goes is no longer there for the next."""
    judges = tuning_quality.of_some(tuning, options.max_choice_shoppers, options.seed)
    newest = _newest(learning)

    @cache  # a shop has retrievers that say nothing there: doing without them needs no other ranker
    def figures_of(dropped: tuple[str, ...]) -> Figures:
        return _figures(newest, judges, dropped, options)

    def figures_without(dropped: Collection[str]) -> Figures:
        return figures_of(tuple(name for name in dropped if tuning_quality.says_something(judges, name)))

    return [Worth(trial, _only(judges, trial.retriever)) for trial in tried([spec.name for spec in TRIED], figures_without)]


def tried(names: Sequence[str], figures_without: Callable[[Collection[str]], Figures]) -> list[Trial]:
    """Doing without each of these, one after the other; those that went stay away."""
    best = base = figures_without(())
    dropped: tuple[str, ...] = ()
    found = []
    for name in names:
        figures = figures_without((*dropped, name))
        found.append(Trial(name, by_question(base, figures), by_question(best, figures)))
        if not found[-1].kept:
            # A retriever that looks harmful by chance must not pay for the next ones.
            best = {question: max(best[question], figures[question], key=np.nansum) for question in MARGINS}
            dropped, base = (*dropped, name), figures
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


def _only(judges: Examples, name: str) -> float:
    wanted = judges.sources[judges.bought]
    return float(np.mean(wanted == np.uint32(1 << list(BY_NAME).index(name)))) if len(wanted) else 0.0
