"""The mix of the shoppers whom each slot of a release meets: by country, device, list asked for, and whether known. Pure.

The edge gives shoppers to slots by a hash of their ids, so both slots meet the same mix but for chance. A mix that differs is
a slot that reads context or states otherwise, or an edge that does not divide as it should.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from recommndr.drift.mixes import Counts, MixDrift, mix_drift
from recommndr.drift.slices import Slices
from recommndr.served_answer import ServedAnswer

SlotMixName = Literal["country", "device", "list", "unknown_shopper"]
SLOT_MIXES: tuple[SlotMixName, ...] = get_args(SlotMixName)
MIN_SHOPPERS = 50  # below it the distances are large by chance; the rule asks for more
_NOT_ASKED = ""


class Visit(NamedTuple):
    """A shopper's first answer in an arm."""

    user_id: str
    at_s: float
    values: tuple[str, ...]  # by place of `SLOT_MIXES`; empty where the list needs no shopper


def visit(user_id: str, answer: ServedAnswer) -> Visit:
    """What an answer says of its shopper. A country that is not known is a value: a slot that loses it must be seen."""
    n_events = answer.n_events
    if n_events is None:
        return Visit(user_id, answer.at_s, (_NOT_ASKED, _NOT_ASKED, answer.list_name, _NOT_ASKED))
    known = "known" if n_events else "unknown"
    return Visit(user_id, answer.at_s, (answer.country or "unknown", answer.device or "unknown", answer.list_name, known))


def mixes(visits: Sequence[Visit]) -> dict[SlotMixName, Counts]:
    """By mix and value the number of shoppers.

    >>> mixes([Visit("u1", 0.0, ("DE", "phone", "popular", "known"))])["device"]
    {'phone': 1}
    """
    table = np.array([one.values for one in visits], np.str_).reshape(-1, len(SLOT_MIXES))
    return {name: _counts(table[:, place]) for place, name in enumerate(SLOT_MIXES)}


def _counts(values: np.ndarray) -> Counts:
    found, n = np.unique(values[values != _NOT_ASKED], return_counts=True)
    return dict(zip(found.tolist(), n.tolist(), strict=True))


def between(stable: Slices[Visit], challenger: Slices[Visit]) -> dict[SlotMixName, tuple[Counts, Counts]]:
    """By mix the shoppers of the challenger and of the stable arm, as many of both in every five minutes."""
    ours, theirs = (mixes(one) for one in challenger.beside(stable))
    return {name: (ours[name], theirs[name]) for name in SLOT_MIXES}


def drift_of(stable: Slices[Visit], challenger: Slices[Visit]) -> dict[SlotMixName, MixDrift]:
    """The distance of each mix that has enough shoppers of both arms."""
    found = {name: mix_drift(*counts, MIN_SHOPPERS) for name, counts in between(stable, challenger).items()}
    return {name: drift for name, drift in found.items() if drift is not None}
