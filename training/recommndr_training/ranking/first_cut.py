"""How many candidates the ranker scores: as few as lose nothing on the tuning cut. The others cost inputs and ONNX time.

The first cut keeps the best of the blended scores, which need no ranker inputs. The rule is that of the ranker's size: the
fewest whose paired 95 % interval stays above -0.5 % for all items and above -2 % for new ones; all where shoppers are too few
to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommndr_engine.arrays import Mask, ScoreArray
from recommndr_engine.candidates import MAX_CANDIDATES
from recommndr_engine.retrievers import BLEND_WEIGHTS
from recommndr_training.examples.examples import Examples
from recommndr_training.ranking import tuning_quality
from recommndr_training.ranking.ranker_sizes import as_good
from recommndr_training.relative_gain import Figures, Gain, by_question, flat

COUNTS = (150, 200, 300, 400)  # of the 100 items of the longest list some may be sold out or of one group


@dataclass(frozen=True, slots=True)
class FirstCut:
    """Lists of the ranker over this many candidates of each request."""

    n_ranked: int
    share: float  # of all candidates
    means: dict[str, float]
    gains: dict[str, Gain]  # by question, over the ranker of all candidates

    def to_json(self) -> dict[str, Any]:
        """For the stage's report."""
        return self.means | flat(self.gains) | {"share": self.share}


def first_cuts(judges: Examples, scores: ScoreArray) -> list[FirstCut]:
    """Each count of candidates against all of them; `scores` are the ranker's, over the examples."""
    whole = tuning_quality.figures(judges, scores)
    place = tuning_quality.places(judges.requests, tuning_quality.weighted(judges, BLEND_WEIGHTS))
    return [_first_cut(judges, scores, place < n, n, whole) for n in COUNTS]


def chosen(found: Sequence[FirstCut]) -> int:
    """The fewest candidates that lose nothing, else all."""
    return min((cut.n_ranked for cut in found if as_good(cut.gains)), default=MAX_CANDIDATES)


def _first_cut(judges: Examples, scores: ScoreArray, kept: Mask, n: int, whole: Figures) -> FirstCut:
    figures = tuning_quality.figures(judges, np.where(kept, scores, np.float32(-np.inf)))
    share = float(kept.mean()) if len(kept) else 1.0
    return FirstCut(n, share, tuning_quality.means(figures), by_question(figures, whole))
