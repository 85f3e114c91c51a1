"""Which variant of the ranker ships, and whether lists are ordered by a ranker at all: the tuning cut decides. Pure.

The rule: a variant's gain over plain log-loss is the mean of its relative gains for all items and for new ones. It may ship if
all of the paired 95 % interval is above 0, or if the gain is 1 % at least and a loss of half a per cent is excluded: every shop
has two questions and few shoppers, and the sum was the best or near it wherever it was tried. Of several the one with the
highest lower end ships; where there is none, log-loss does. A method without a ranker goes before it in the gate only if its
gain over the shipped variant is outside noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommndr_engine.pipeline import POPULARITY
from recommndr_engine.pipeline_config import RANKER, WEIGHTED
from recommndr_engine.retrievers import BLEND_WEIGHTS, BY_NAME
from recommndr_training.examples.examples import Examples
from recommndr_training.ranking import tuning_quality
from recommndr_training.ranking.ranker_recipe import DEFAULT
from recommndr_training.relative_gain import Figures, Gain, relative_gain

_GAIN, _LOSS = 0.01, 0.005


@dataclass(frozen=True, slots=True)
class Compared:
    """One variant or method on the tuning cut."""

    means: dict[str, float]  # ndcg_all, ndcg_new
    gain: Gain  # over the base of the comparison

    def to_json(self) -> dict[str, Any]:
        """For the stage's report."""
        return self.means | {"gain": self.gain.mean, "gain_low": self.gain.low, "gain_high": self.gain.high}


def compare(found: Mapping[str, Figures], base: str) -> dict[str, Compared]:
    """Each of `found` against the one named `base`."""
    return {name: Compared(tuning_quality.means(each), relative_gain(each, found[base])) for name, each in found.items()}


def chosen(compared: Mapping[str, Compared], base: str = DEFAULT) -> str:
    """The name of the surest gain over the base; the base where no gain will do."""
    gains = {name: each.gain for name, each in compared.items() if name != base and _will_do(each.gain)}
    return max(gains, key=lambda name: gains[name].low, default=base)


def _will_do(gain: Gain) -> bool:
    return gain.is_outside_noise or (gain.mean >= _GAIN and gain.low > -_LOSS)


def simple_methods(tuning: Examples) -> dict[str, Figures]:
    """Figures of the lists without a ranker, over the same candidates: the weighted scores and each retriever's own."""
    found = {name: tuning_quality.figures(tuning, tuning_quality.single(tuning, name)) for name in BY_NAME}
    return {WEIGHTED: tuning_quality.figures(tuning, tuning_quality.weighted(tuning, BLEND_WEIGHTS)), **found}


def method_order(against_ranker: Mapping[str, Compared], singles: Sequence[str]) -> list[str]:
    """Methods in the order in which the gate tries them: those surely better than the ranker, the ranker, the others.

    `singles` are the retrievers, best first.
    """
    better = [name for name, each in against_ranker.items() if name != RANKER and each.gain.is_outside_noise]
    better.sort(key=lambda name: -against_ranker[name].gain.low)
    return [*better, *(name for name in (RANKER, WEIGHTED, *singles) if name not in better)]


def best_first(singles: Mapping[str, Mapping[str, float]], figure: str) -> list[str]:
    """Single methods by a figure of the tuning cut, best first; popularity is first of equals and where nothing was tuned."""
    return sorted(BY_NAME, key=lambda name: (-singles.get(name, {}).get(figure, 0.0), name != POPULARITY))
