"""All trials, in the order in which they run, with the verdicts that are expected."""

from collections.abc import Sequence
from typing import Any

from tests.faults import bundles, world
from tests.faults.order import Order
from tests.faults.trial import Case

# Clicks differ between two equal versions by chance, so a trial of an equal one waits until the rules have seen enough.
_LONG_STEPS: dict[str, Any] = {"min_step_s": 30, "patience_s": 60}
_NEVER_IMPATIENT: dict[str, Any] = {"patience_s": 86_400}
# Two columns of the ranker that differ much in size and say much.
SWAPPED = ("recent_since", "leaf_affinity")


def cases(columns: Sequence[str]) -> tuple[Case, ...]:
    """The trials of a version whose ranker has these columns."""
    swapped = (columns.index(SWAPPED[0]), columns.index(SWAPPED[1]))
    return (
        Case("errors", "8 % of the requests raise", "rolled back", ("errors",), order=Order(fault="errors")),
        Case("slow", "every answer takes 400 ms more", "rolled back", ("latency",), order=Order(fault="slow")),
        Case("leak", "every request keeps a megabyte", "rolled back", ("memory",), order=Order(fault="leak")),
        Case("random", "recommends at random", "rolled back", ("ctr", "engagement", "conversion"), bundles.at_random),
        Case(
            "never-bought",
            "items that nobody buys come first",
            "rolled back",
            ("ctr", "engagement", "conversion"),
            bundles.least_bought,
        ),
        Case(
            "swapped",
            f"the ranker columns {' and '.join(SWAPPED)} are exchanged",
            "rolled back",
            ("feature_drift", "ctr", "engagement", "conversion"),
            order=Order(fault="swapped", columns=swapped),
        ),
        Case(
            "crash",
            "the process ends when it starts",
            "rolled back",
            ("slot", "load"),
            order=Order(fault="crash"),
            is_there_at_start=True,
        ),
        Case("equal", "the same models under another name", "promoted", policy=_LONG_STEPS),
        Case(
            "better",
            "the trained ranker after best-sellers",
            "promoted",
            stable=bundles.best_selling,
            policy=_LONG_STEPS,
        ),
        Case("monitoring away", "Prometheus dies for 30 s", "promoted", meanwhile=world.monitoring_away),
        Case("Redis restarts", "Redis dies once", "promoted", meanwhile=world.redis_restarts),
        Case("campaign", "everybody looks at the same 30 items", "promoted", meanwhile=world.campaign),
        Case("wrong prices", "an import multiplies all prices by 100", "promoted", meanwhile=world.wrong_prices),
        Case(
            "no traffic",
            "too few requests to judge by, and patience of a day",
            "held",
            policy=_NEVER_IMPATIENT | {"rules": {"errors": {"min_samples": 1_000_000}}},
            held_s=30.0,
            phase="STEP_1",
        ),
    )
