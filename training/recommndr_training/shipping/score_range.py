"""Whether the refitted models score as the judged ones did: a refit that went wrong must not ship. Pure: scores in, checks out.

Both order lists for the newest shoppers at the instant where their data end (`own_instant`). The shop goes on, so scores move a
little. A broken column, an empty retriever or other settings move them far.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from recommndr.list_scope import Scope
from recommndr_training.judging.gate_report import Check

Scores = npt.NDArray[np.float32]
MIN_INSIDE = 0.5
MIN_PLACES = 0.9  # in a small shop there is less that is new to its shoppers as time goes on


def checks(
    judged: Sequence[Scores], refitted: Sequence[Scores], comparable: bool = True, scope: Scope = "mixed"
) -> list[Check]:
    """From the scores of each list of a scope, best first, by the judged and by the refitted models.

    `comparable` says whether a score means the same in both: a ranker's does, a sum of counts does not.
    """
    prefix, what = ("refit", "lists") if scope == "mixed" else (f"refit.{scope}", f"lists of scope {scope}")
    n_before, n_now = (float(np.mean([len(one) for one in lists])) if lists else 0.0 for lists in (judged, refitted))
    found = [
        Check(
            f"{prefix}.places",
            n_now >= MIN_PLACES * n_before,
            f"refitted models fill {n_now:.1f} places of the {what}, the judged ones {n_before:.1f}; "
            f"it must be {MIN_PLACES:.0%} of them at least",
        )
    ]
    if not comparable or not n_before or not n_now:
        return found
    before, now = (np.concatenate(lists).astype(np.float64) for lists in (judged, refitted))
    low, high = float(before.min()), float(before.max())
    inside = float(np.mean((low <= now) & (now <= high)))
    return [
        *found,
        Check(
            f"{prefix}.range",
            inside >= MIN_INSIDE,
            f"{inside:.0%} of the refitted models' scores of the {what} are within the range of the judged ones "
            f"({low:.3f} to {high:.3f}); it must be {MIN_INSIDE:.0%} at least",
        ),
        Check(
            f"{prefix}.order",
            low == high or bool(now.min() < now.max()),
            f"scores of the {what} go from {now.min():.3f} to {now.max():.3f}; refused when all are the same",
        ),
    ]
