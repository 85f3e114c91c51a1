"""The order of a list: candidates best first, one per group, moved and pinned by the shop's rules, within its caps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrays import Rows, ScoreArray
from recommndr_engine.eligibility import Eligibility
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.rules_in_force import PlacedPin
from recommndr_engine.variety import Places, among_first

_NO_ROWS = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """The list as positions among the candidates and, after them, the pinned items that are none."""

    order: Places  # (n,) in the list's order
    added: Rows = field(default_factory=lambda: _NO_ROWS)  # live rows of those pinned items
    pinned: Mapping[int, PlacedPin] = field(default_factory=dict)  # by place in the list
    place_by_score: Rows | None = None  # (n,) from 1, 0 for no candidate; None without rules


@dataclass(frozen=True, slots=True)
class Asked:
    """The list that is asked for: by whom (None: unknown), and when."""

    request: ListRequest
    row: ShopperRow | None
    now_s: float


def arrange(live: LiveItems, live_rows: Rows, scores: ScoreArray, order: Places, asked: Asked) -> Arrangement:
    """At most `request.k` places; `live_rows` and `scores` are parallel over the candidates.

    `order` has the positions of those that may be shown now, best first.
    """
    table, request = live.table, asked.request
    if not request.rules.is_empty:
        return _by_rules(live, live_rows, order, scores, asked)
    order = order[among_first(table.group[live_rows[order]], 1)]
    return Arrangement(order[request.variety.choose(table, live_rows[order], scores[order], request.k)])


def _by_rules(live: LiveItems, candidates: Rows, by_score: Places, scores: ScoreArray, asked: Asked) -> Arrangement:
    table, rules, k = live.table, asked.request.rules, asked.request.k
    pins = _pins(live, asked)
    pinned = np.array([pin.live_row for pin in pins], np.int32)
    added = pinned[~np.isin(pinned, candidates[by_score])]
    live_rows = np.concatenate([candidates, added])
    first = _positions(live_rows, by_score, len(candidates), pinned)
    others = by_score[_moved(rules.factor_of(candidates[by_score]))]
    others = others[~np.isin(others, first)]
    worth = np.sort(scores[others])[::-1]  # by place, because a boosted item is worth what its place says
    order = np.concatenate([first, others])
    worth = np.concatenate([np.zeros(len(first), worth.dtype), worth])
    kept = among_first(table.group[live_rows[order]], 1)
    kept[: len(first)] = True
    order, worth = order[kept], worth[kept]
    for cap in rules.caps:
        kept = cap.keeps(live_rows[order])
        kept[: len(first)] = True
        order, worth = order[kept], worth[kept]
    chosen = order[rules.variety(asked.request.variety).choose(table, live_rows[order], worth, k, len(first))]
    final = _interleaved([pin.place for pin in pins], chosen)
    places = np.zeros(len(live_rows), np.int32)
    places[by_score] = np.arange(1, len(by_score) + 1)
    by_position = dict(zip(first.tolist(), pins, strict=True))
    at = {place: by_position[position] for place, position in enumerate(final.tolist()) if position in by_position}
    return Arrangement(final, added, at, places[final])


def _moved(factors: ScoreArray) -> Places:
    """Items best first by their place over their factor.

    >>> _moved(np.array([1.0, 1.0, 1.0, 4.0], np.float32)).tolist()
    [0, 3, 1, 2]
    """
    return np.argsort(np.arange(1, len(factors) + 1) / factors, kind="stable")


def _pins(live: LiveItems, asked: Asked) -> list[PlacedPin]:
    """The pins that the request allows, with the places that they get: of two for one place, the second gets the next."""
    request, table = asked.request, live.table
    wanted = request.rules.pins_in(request.list_name, request.filters.category)
    if not wanted:
        return []
    rows = np.array([pin.live_row for pin in wanted], np.int32)
    allowed = table.shown(rows, asked.now_s) & Eligibility.by_request(live, request, asked.row, asked.now_s).allows(rows)
    if not request.filters.is_empty:
        allowed &= request.filters.mask(live, table)[rows]
    placed: list[PlacedPin] = []
    for pin in (pin for pin, is_allowed in zip(wanted, allowed.tolist(), strict=True) if is_allowed):
        place = max(pin.place, placed[-1].place + 1) if placed else pin.place
        if place < request.k and all(pin.live_row != other.live_row for other in placed):
            placed.append(pin._replace(place=place))
    return placed


def _positions(live_rows: Rows, by_score: Places, n_candidates: int, pinned: Rows) -> Places:
    """Where the pinned items are among the candidates and those added to them."""
    known = np.concatenate([by_score, np.arange(n_candidates, len(live_rows))])
    found = live_rows[known]
    by_row = np.argsort(found, kind="stable")
    places: Places = known[by_row[np.searchsorted(found[by_row], pinned)]]
    return places


def _interleaved(pin_places: list[int], chosen: Places) -> Places:
    """The list from its pinned items, which come first in `chosen`, and the others."""
    listed = chosen[len(pin_places) :].tolist()
    for place, position in zip(pin_places, chosen.tolist(), strict=False):
        listed.insert(min(place, len(listed)), position)
    return np.array(listed, np.intp)
