"""Sudden change of volume: the last week's days against the same weekdays of the eight weeks before.

Unlike a mean, median and median absolute deviation (MAD) ignore one odd week; comparing Mondays with Mondays removes the
shape of the week. Seasons stay inside the wide bounds; missing or repeated data do not.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommndr_training.validation.limits import Limits

DAY_S = 86_400.0
JUDGED_DAYS = 7
WEEKS = 8  # weeks to look back
_MIN_WEEKS = 4  # with fewer weeks, the usual volume is unknown
_MIN_USUAL = 50.0  # events of a weekday; below that, a quarter or four times as many may be chance
_NEVER_MISSED = 10.0  # a weekday with this median has no empty day by chance (Poisson: 0.005 %)
_SIGMAS = 5.0
_SIGMA_PER_MAD = 1.4826  # of a normal distribution (Rousseeuw, Croux, "Alternatives to the MAD", JASA 1993)
ALL = "all kinds"

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Band:
    """Usual range of each judged day; arrays of shape (JUDGED_DAYS, …), NaN = unknown, which is not a failure."""

    median: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]


def full_days(since_s: float, end_s: float) -> tuple[int, int]:
    """First and end (exclusive) of the whole UTC days within `since_s` .. `end_s`, in days since 1970."""
    first, end = int(np.ceil(since_s / DAY_S)), int(np.floor(end_s / DAY_S))
    return first, max(first, end)


def daily_counts(at_s: npt.NDArray[np.float64], series: npt.NDArray[np.int32], n_series: int, days: tuple[int, int]) -> Counts:
    """(n_days, n_series) events per whole UTC day and series; events outside `days` or of series -1 are not counted."""
    first, end = days
    day = np.floor(np.nan_to_num(at_s, nan=-np.inf) / DAY_S)
    inside = (day >= first) & (day < end) & (series >= 0)
    cell = (day[inside].astype(np.int64) - first) * n_series + series[inside]
    return np.bincount(cell, minlength=(end - first) * n_series).reshape(end - first, n_series)


def usual(counts: Counts, max_ratio: float, closed: npt.NDArray[np.bool_] | None = None) -> Band:
    """Bounds of the last `JUDGED_DAYS` days of `counts` (n_days, n_series), by the same weekdays of the `WEEKS` before.

    low = min(median / r, median - 5 s), high = max(r median, median + 5 s), s = 1.4826 MAD, where the median is at least 50
    events. A day of a weekday that was never empty (median at least 10) may not be empty. Days before a series' first event
    events. A day of a weekday that was never empty (median at least 10) must not be empty. Days before a series' first event
    are not judged, because a new kind has no usual volume. Both bounds are NaN with fewer than four known weeks.
    Days that are `closed` (n_days,) are neither judged nor used as history.
    """
    n_days, n_series = counts.shape
    judged = min(JUDGED_DAYS, n_days)
    shut = np.zeros(n_days, np.bool_) if closed is None else closed
    seen = np.cumsum(counts, axis=0) > 0
    before = np.full((WEEKS, judged, n_series), np.nan)
    for week in range(1, WEEKS + 1):
        rows = np.arange(n_days - judged, n_days) - 7 * week
        known = rows >= 0
        known[known] = ~shut[rows[known]]
        before[week - 1, known] = np.where(seen[rows[known]], counts[rows[known]], np.nan)
    enough = (np.isfinite(before).sum(axis=0) >= _MIN_WEEKS) & ~shut[n_days - judged :, np.newaxis]
    filled = np.where(enough, before, 0.0)
    median = np.where(enough, np.nanmedian(filled, axis=0), np.nan)
    sigma = _SIGMA_PER_MAD * np.nanmedian(np.abs(filled - np.nan_to_num(median)), axis=0)
    low = np.maximum(np.minimum(median / max_ratio, median - _SIGMAS * sigma), 0.0)
    high = np.maximum(median * max_ratio, median + _SIGMAS * sigma)
    judge = median >= _MIN_USUAL
    open_always = enough & (median >= _NEVER_MISSED) & (np.nanmin(filled, axis=0) > 0)
    low = np.where(judge, low, np.where(enough, 0.0, np.nan))
    return Band(median, np.where(open_always, np.maximum(low, 1.0), low), np.where(judge, high, np.nan))


def days_frame(counts: Counts, names: list[str], days: tuple[int, int], limits: Limits) -> pd.DataFrame:
    """One row per judged day and series, named "2017-12-31 purchase": `n_events`, `usual_median`, `usual_low`, `usual_high`.

    The rows of `counts` are `days` (first and end, since 1970). Sums of all series come as `ALL`.
    """
    with_all = np.column_stack([counts.sum(axis=1), counts])
    closed = np.array([date_of(day) in limits.closed_days for day in range(*days)], np.bool_)
    band = usual(with_all, limits.max_volume_ratio, closed)
    judged = len(band.median)
    series = [ALL, *names]
    dates = [date_of(days[1] - judged + place) for place in range(judged)]
    return pd.DataFrame(
        {
            "n_events": with_all[len(with_all) - judged :].astype(np.float64).ravel(),
            "usual_median": band.median.ravel(),
            "usual_low": band.low.ravel(),
            "usual_high": band.high.ravel(),
        },
        index=[f"{date} {name}" for date in dates for name in series],
    )


def date_of(day: int) -> str:
    """Days since 1970 as a date.

    >>> date_of(17_531)
    '2017-12-31'
    """
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()
