"""Which variant of the ranker ships, and whether lists are ordered by a ranker at all: the tuning cut decides. Pure.

The rule: a variant's gain over plain log-loss is the mean of its relative gains for all items and for new ones. It may ship if
all of the paired 95 % interval is above 0, or if the gain is 1 % at least and a loss of half a per cent is excluded: every shop
has two questions and few shoppers, and the sum was the best or near it wherever it was tried. Of several the one with the
highest lower end ships; where there is none, log-loss does. Which method orders the lists is decided for all items and for new
ones apart: a method without a ranker goes before it in the gate only if its gain for that question over the shipped variant is
outside noise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommndr_engine.pipeline import POPULARITY
from recommndr_engine.pipeline_config import RANKER, WEIGHTED
from recommndr_engine.retrievers import BLEND_WEIGHTS, BY_NAME
from recommndr_training import relative_gain
from recommndr_training.examples.examples import Examples
from recommndr_training.ranking import tuning_quality
from recommndr_training.ranking.ranker_recipe import DEFAULT
from recommndr_training.relative_gain import Figures, Gain

_GAIN, _LOSS = 0.01, 0.005


@dataclass(frozen=True, slots=True)
class Compared:
    """One variant or method on the tuning cut."""

    means: dict[str, float]  # ndcg_all, ndcg_new
    gain: Gain  # over the base of the comparison, both questions together
    gains: dict[str, Gain]  # of each question alone

    def to_json(self) -> dict[str, Any]:
        """For the stage's report."""
        both = {"gain": self.gain.mean, "gain_low": self.gain.low, "gain_high": self.gain.high}
        return self.means | both | relative_gain.flat(self.gains)


def compare(found: Mapping[str, Figures], base: str) -> dict[str, Compared]:
    """Each of `found` against the one named `base`."""
    return {
        name: Compared(
            tuning_quality.means(each),
            relative_gain.relative_gain(each, found[base]),
            relative_gain.by_question(each, found[base]),
        )
        for name, each in found.items()
    }


def chosen(compared: Mapping[str, Compared], base: str = DEFAULT) -> str:
    """The name of the surest gain over the base; the base where no gain will do."""
    gains = {name: each.gain for name, each in compared.items() if name != base and _will_do(each.gain)}
    return max(gains, key=lambda name: gains[name].low, default=base)


def _will_do(gain: Gain) -> bool:
    return gain.is_outside_noise or (gain.mean >= _GAIN and gain.low > -_LOSS)


def simple_methods(tuning: Examples) -> dict[str, Figures]:
    """Figures of the lists without a ranker, over the same candidates: the weighted scores and each retriever's own.

    Retrievers that were left out, or that have nothing to say in this shop, are not there.
    """
    asked = [name for name in BY_NAME if tuning_quality.says_something(tuning, name)]
    found = {name: tuning_quality.figures(tuning, tuning_quality.single(tuning, name)) for name in asked}
    return {WEIGHTED: tuning_quality.figures(tuning, tuning_quality.weighted(tuning, BLEND_WEIGHTS)), **found}


def method_orders(against_ranker: Mapping[str, Compared], questions: Sequence[str]) -> dict[str, list[str]]:
    """By question, methods in the order in which the gate tries them.

    First those that are surely better than the ranker for this question, then the ranker, then the others, best first.
    """
    return {question: _method_order(against_ranker, question) for question in questions}


def _method_order(against_ranker: Mapping[str, Compared], question: str) -> list[str]:
    gains = {name: each.gains[question] for name, each in against_ranker.items() if name != RANKER}
    better = sorted((name for name in gains if gains[name].is_outside_noise), key=lambda name: -gains[name].low)
    means = {name: each.means for name, each in against_ranker.items()}
    others = best_first(means, f"ndcg_{question}", (WEIGHTED, *BY_NAME))
    return [*better, RANKER, *(name for name in others if name not in better)]


def best_first(found: Mapping[str, Mapping[str, float]], figure: str, names: Iterable[str] = BY_NAME) -> list[str]:
    """Methods without a ranker by a figure of the tuning cut, best first; of equals, and untuned ones, popularity is first."""
    return sorted(names, key=lambda name: (-found.get(name, {}).get(figure, 0.0), name != POPULARITY))
