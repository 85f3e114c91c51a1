"""Sudden change of mix: shares of kinds and of categories in the last week against the eight weeks before.

The population stability index of two distributions p (now) and q (before) is `sum((p - q) ln(p / q))`: 0 when equal, above
0.25 by convention a shift (Siddiqi, "Credit Risk Scorecards", 2006; its noise: Yurdakul, Naranjo, "Statistical properties
of the population stability index", J. Risk Model Validation 2020: about (k - 1)(1/n + 1/m), far below 0.25 at our counts).
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

_MIN_EVENTS = 1_000  # in either window; with fewer, a shift cannot be told from chance
TOP = 20  # values that are checked one by one; the others are summed up
OTHERS = "(others)"

Counts = npt.NDArray[np.int64]


def psi_parts(now: Counts, before: Counts) -> npt.NDArray[np.float64]:
    """(k,) contribution of each value to the population stability index of `now` against `before` (k,) counts.

    Half an event is added to every count (Jeffreys' prior), so that a missing value gives a large but finite contribution.
    """
    p, q = ((counts + 0.5) / (counts.sum() + 0.5 * len(counts)) for counts in (now, before))
    parts: npt.NDArray[np.float64] = (p - q) * np.log(p / q)
    return parts


def top_values(now: Counts, before: Counts, names: list[str]) -> tuple[Counts, Counts, list[str]]:
    """The `TOP` values of both windows together, the rest summed up as `OTHERS`."""
    if len(names) <= TOP:
        return now, before, names
    order = np.argsort(-(now + before), kind="stable")
    top, rest = order[:TOP], order[TOP:]
    return (
        np.append(now[top], now[rest].sum()),
        np.append(before[top], before[rest].sum()),
        [*(names[place] for place in top), OTHERS],
    )


def mix_frame(what: str, names: list[str], now: Counts, before: Counts) -> pd.DataFrame:
    """One row per value, named "kind view", the largest change first: `psi` of the whole, `part` of it, both shares.

    `psi` is NaN if either window has too few events; NaN is not a failure.
    """
    now, before, names = top_values(now, before, names)
    parts = psi_parts(now, before) if names else np.zeros(0)
    known = min(now.sum(), before.sum()) >= _MIN_EVENTS
    frame = pd.DataFrame(
        {
            "psi": np.full(len(names), parts.sum() if known else np.nan),
            "part": parts,
            "share_before": before / max(before.sum(), 1),
            "share_now": now / max(now.sum(), 1),
        },
        index=[f"{what} {name}" for name in names],
    )
    return frame.sort_values("part", ascending=False, kind="stable")
