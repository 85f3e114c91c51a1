"""Floors: how much data the parts of a version need. Pure: counts in, what is missing out, one sentence for people.

A shop below a floor is trained and served without the part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Fewer shoppers at the tuning cut choose the number of trees by chance, and trees of fewer learn these shoppers by heart.
RANKER_SHOPPERS = 30
RANKER_ITEMS = 20  # two lists of ten: with fewer items nearly all of them are shown, in whatever order
RANKER_HITS = 30  # candidates with a target event
KNOWN_SHOPPERS = 1_000  # so many shoppers leave traces in every period
GATE_SHOPPERS = 10  # an interval resampled from fewer says nothing
SURE_SHOPPERS = 750  # fewer tell large differences only; earlier gate periods have to be judged, too
_MOST_WINDOWS = 4


@dataclass(frozen=True, slots=True)
class Supply:
    """What the ranker could learn from. Shoppers are those with history at a cut and a target event after it."""

    target: str
    n_items: int
    n_shoppers: Sequence[int]  # by cut, oldest first; the last one tunes


def missing_for_ranker(supply: Supply) -> str | None:
    """Why no ranker can be trained, and what it would need; None if it can.

    >>> missing_for_ranker(Supply("view", 100, [20, 20, 40]))
    >>> missing_for_ranker(Supply("view", 5, [20, 20, 40]))
    'no ranker: there are 5 items with events; it needs 20'
    """
    if supply.n_items < RANKER_ITEMS:
        return f"no ranker: there are {supply.n_items} items with events; it needs {RANKER_ITEMS}"
    *learning, tuning = supply.n_shoppers
    return _below(f"shoppers who came back with a {supply.target}", (sum(learning), tuning), RANKER_SHOPPERS)


def missing_for_tuning(target: str, n_shoppers: int) -> str | None:
    """Why no settings can be chosen by so many shoppers; None if they can.

    >>> missing_for_tuning("purchase", 3)
    'the defaults stay: 3 shoppers came back with a purchase after the tuning cut; choosing needs 30'
    """
    if n_shoppers >= RANKER_SHOPPERS:
        return None
    return (
        f"the defaults stay: {n_shoppers} shoppers came back with a {target} after the tuning cut; "
        f"choosing needs {RANKER_SHOPPERS}"
    )


def missing_hits(target: str, learning: int, tuning: int) -> str | None:
    """The same by the numbers of candidates that got a target event."""
    return _below(f"candidates that got a {target}", (learning, tuning), RANKER_HITS)


def _below(what: str, counts: tuple[int, int], least: int) -> str | None:
    if min(counts) >= least:
        return None
    return (
        f"no ranker: there are {counts[0]:,} {what} at the learning cuts and {counts[1]:,} at the tuning cut; "
        f"it needs {least} at each; import a longer history"
    )


def missing_for_gate(target: str, n_shoppers: int) -> str | None:
    """Why the gate cannot judge by so many shoppers; None if it can.

    >>> missing_for_gate("purchase", 0)
    'not judged: 0 known shoppers with a purchase in the gate period; it needs 10'
    """
    if n_shoppers >= GATE_SHOPPERS:
        return None
    return f"not judged: {n_shoppers} known shoppers with a {target} in the gate period; it needs {GATE_SHOPPERS}"


def few_for_gate(n_shoppers: int) -> str | None:
    """What to do where so few shoppers judge that only large differences show; None where they are enough.

    Earlier gate periods need models of their own, because those of the gate have learnt from them. So the gate itself cannot
    pool them.

    >>> few_for_gate(750)
    >>> few_for_gate(300)
    'judged by 300 shoppers, fewer than 750: `recommndr judge --windows 3` trains for earlier gate periods and pools them'
    """
    if n_shoppers >= SURE_SHOPPERS:
        return None
    windows = min(-(-SURE_SHOPPERS // max(n_shoppers, 1)), _MOST_WINDOWS)
    return (
        f"judged by {n_shoppers} shoppers, fewer than {SURE_SHOPPERS}: `recommndr judge --windows {windows}` trains for "
        "earlier gate periods and pools them"
    )


def wrong_gate_cut(n_known: int, n_returning: int) -> str | None:
    """Why the gate period must be wrong: a shop has many shoppers, and hardly any of them did anything in it. Else None.

    >>> wrong_gate_cut(999, 0)
    >>> wrong_gate_cut(5_000, 10)
    >>> wrong_gate_cut(5_000, 3)
    'of 5,000 known shoppers 3 did anything in the gate period: set gate_cut a label horizon before the end of the data'
    """
    if n_known < KNOWN_SHOPPERS or n_returning >= GATE_SHOPPERS:
        return None
    return (
        f"of {n_known:,} known shoppers {n_returning} did anything in the gate period: "
        "set gate_cut a label horizon before the end of the data"
    )
