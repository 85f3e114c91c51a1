"""The last step of the ladder: a list out of the live item table alone, best sellers first as far as it knows."""

import numpy as np

from recommndr.events import KIND_CODE
from recommndr.features.decay import HALF_LIFE_NAMES, HALF_LIVES_S
from recommndr_engine.arrays import NO_ROW
from recommndr_engine.live_items import NO_CODE, LiveItems
from recommndr_engine.pipeline import Ask

_PURCHASE = KIND_CODE["purchase"]
_MONTH = HALF_LIFE_NAMES.index("30d")


def static_list(live: LiveItems, ask: Ask, now_s: float) -> list[tuple[str, float]]:
    """At most `ask.k` items that can be had and pass the filters, with their decayed purchases; one per group."""
    table = live.table
    every = np.arange(len(table), dtype=np.int32)
    allowed = table.shown(every, now_s) & ask.filters.mask(live, table)
    excluded = live.rows_of(ask.exclude)
    allowed[excluded[excluded != NO_ROW]] = False
    rows = np.flatnonzero(allowed)
    age_s = np.maximum(now_s - table.at_s[rows, _PURCHASE], 0.0)
    sold = table.sums[rows, _PURCHASE, _MONTH] * np.exp2(-age_s / HALF_LIVES_S[_MONTH])
    chosen: list[tuple[str, float]] = []
    groups: set[int] = set()
    for place in np.argsort(-sold, kind="stable").tolist():
        if len(chosen) == ask.k:
            break
        group = int(table.group[rows[place]])
        item = live.item(int(rows[place]))
        if item is None or group in groups:
            continue
        if group != NO_CODE:
            groups.add(group)
        chosen.append((item.item_id, float(sold[place])))
    return chosen
