"""Sequential comparison of two arms: it may be looked at every few seconds, and its error stays below alpha.

The mixture sequential probability ratio test for a difference of means with a normal mixture of standard deviation tau (Johari,
Koomen, Pekelis, Walsh, "Always valid inference", Operations Research 2022). The unit is the shopper: a ratio of sums over
shoppers, such as clicks per impression, has the variance of the delta method (Deng, Knoblich, Lu, KDD 2018).
"""

from dataclasses import dataclass
from math import inf, log, sqrt

from recommndr.outcomes.partial import Partial, Sums

ALPHA = 0.01
# The standard deviation of effects that the test is best at, as a share of the stable arm's mean.
TAU_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Mean:
    """An estimate, and the variance of the estimate."""

    value: float
    variance: float  # inf with fewer than two shoppers
    n_shoppers: int


@dataclass(frozen=True, slots=True)
class Difference:
    """The challenger minus the stable arm, with the interval that holds at all times at once."""

    value: float
    low: float
    high: float
    two_sigma: float  # the bound of a single look, for people


def per_impression(partial: Partial, measure: str) -> Mean:
    """A measure per impression."""
    of, shown = partial.sums.get(measure, Sums()), partial.sums.get("impressions", Sums())
    n = partial.n_shoppers
    if not shown.n:
        return Mean(0.0, inf, n)
    ratio = of.n / shown.n
    if n < 2:
        return Mean(ratio, inf, n)
    residuals = of.squares - 2.0 * ratio * of.with_impressions + ratio * ratio * shown.squares
    return Mean(ratio, max(residuals, 0.0) * n / (n - 1) / shown.n**2, n)


def per_shopper(partial: Partial, measure: str) -> Mean:
    """A measure per shopper."""
    of, n = partial.sums.get(measure, Sums()), partial.n_shoppers
    if not n:
        return Mean(0.0, inf, 0)
    mean = of.n / n
    return Mean(mean, inf if n < 2 else max(of.squares - n * mean * mean, 0.0) / (n - 1) / n, n)


def difference(stable: Mean, challenger: Mean, alpha: float = ALPHA) -> Difference:
    """The difference with its always-valid interval of confidence 1 - alpha; unbounded without a variance or a stable mean."""
    value, variance = challenger.value - stable.value, stable.variance + challenger.variance
    tau2 = (TAU_SHARE * stable.value) ** 2
    if not 0.0 < variance < inf or tau2 <= 0.0:
        return Difference(value, -inf, inf, inf)
    reach = sqrt(2.0 * variance * (variance + tau2) / tau2 * (log(1.0 / alpha) + 0.5 * log((variance + tau2) / variance)))
    return Difference(value, value - reach, value + reach, 2.0 * sqrt(variance))
