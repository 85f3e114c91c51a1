"""What each part of a replay costs: CPU of this process for reading a lake, making arrays, folding each group, making bytes.

    python -m tests.load.fold_speed --events 1000000

The log is that of `tests.load.replay_speed`. Prints one JSON line with thousands of events per CPU second. `one_by_one` is the
fold of the groups' own code on the same events, for comparison.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from recommndr.counting import DEFAULT_COUNTING
from recommndr.features import shopper
from recommndr.features.action import IMPRESSION
from recommndr.features.arrays.acts import Acts, Names, Pack, joined
from recommndr.features.arrays.contexts import Contexts
from recommndr.features.arrays.counters import KindCounters
from recommndr.features.arrays.items import Items
from recommndr.features.arrays.purchases import Purchases
from recommndr.features.arrays.recent import RecentItems
from recommndr.features.arrays.sets import ItemSets
from recommndr.features.arrays.shoppers import Shoppers
from recommndr_training.data import history
from recommndr_training.examples.act_arrays import acts_of, half_to, is_doubted, item_lines
from tests.load.replay_speed import TENANT, write

_Result = TypeVar("_Result")
_ONE_BY_ONE = 20_000  # events; it is slow
_SHOPPERS = 5_000  # whose bytes are made


class Costs:
    """Thousands of events (or shoppers) per CPU second, by part."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}

    def of(self, part: str, n: int, work: Callable[[], _Result]) -> _Result:
        """Do it, and note what it costs."""
        began_s = time.process_time()
        result = work()
        self.told[part] = round(n / (time.process_time() - began_s) / 1_000, 1)
        return result


def measure(lake_dir: Path) -> dict[str, float]:
    """All parts, each once."""
    costs, names = Costs(), Names()
    n = sum(len(table) for table in history.of_lake(lake_dir, TENANT))
    tables = costs.of("read", n, lambda: list(history.of_lake(lake_dir, TENANT)))
    acts = costs.of("arrays", n, lambda: joined([acts_of(table, names) for table in tables]))
    doubted = np.concatenate([is_doubted(table) for table in tables])
    lines = costs.of("lines_of_items", n, lambda: item_lines(acts, doubted, np.ones(len(names.items), np.bool_)))
    costs.of("items", n, lambda: Items(half_to).fold(lines.item, lines.kind, lines.at_s, lines.n))
    shoppers = Shoppers(DEFAULT_COUNTING, names, half_to)
    costs.of("shoppers", n, lambda: shoppers.fold(acts))
    _each_group(acts, names, costs)
    known = shoppers.known()[:_SHOPPERS]
    costs.of("bytes_of_shoppers", len(known), lambda: list(map(shopper.to_bytes, shoppers.states(known))))
    some = tables[0].slice(0, _ONE_BY_ONE)
    costs.of("one_by_one", len(some), lambda: _one_by_one(some))
    return {"events": n, "shoppers_known": len(shoppers.known())} | costs.told


def _each_group(acts: Acts, names: Names, costs: Costs) -> None:
    n = len(acts)
    pack = costs.of("sort_by_shopper", n, lambda: Pack.of(acts))
    counters = KindCounters(half_to)
    ones = np.ones(n)
    costs.of("counters", n, lambda: counters.fold(pack.users, pack.owner, pack.acts.kind, pack.acts.at_s, ones))
    costs.of("recent_items", n, lambda: RecentItems(names.items).fold(pack))
    costs.of("contexts", n, lambda: Contexts(names.places).fold(pack))
    costs.of("purchased_items", n, lambda: Purchases(DEFAULT_COUNTING, names, half_to).fold(pack))
    act, item = pack.lines((pack.acts.kind != IMPRESSION) & (pack.acts.kind != DEFAULT_COUNTING.kind))
    costs.of("seen_items", n, lambda: ItemSets(names.items).add(pack.users, pack.owner[act], item))


def _one_by_one(events: pa.Table) -> None:
    states: dict[str, shopper.ShopperState] = {}
    for action in history.iter_actions(events):
        states[action.user_id] = shopper.fold(states.get(action.user_id, shopper.EMPTY), (action,))


def main() -> None:
    """Write, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, help="default: a tenth of the events")
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--lake", type=Path, help="keep the log here, and use the one that is there")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake_dir = chosen.lake or Path(folder) / "lake"
        if not lake_dir.exists():
            write(lake_dir, chosen.events, chosen.users or max(1, chosen.events // 10), chosen.items)
        print(json.dumps(measure(lake_dir)))


if __name__ == "__main__":
    main()
