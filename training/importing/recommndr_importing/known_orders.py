"""Finds orders that earlier imports wrote to the lake, so that later lines of these orders join them."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyarrow.dataset import Dataset

from recommndr_importing.order_times import MARGIN, MARGIN_US, UNKNOWN, Times
from recommndr_importing.row_ids import US_PER_DAY, Lanes, event_keys, order_keys
from recommndr_lake_writer.lake import events_dir

_EPOCH = date(1970, 1, 1)
_COLUMNS = ("event_id", "received_at")


class KnownOrders:
    """A tenant's orders in a lake. Each day is read once, when it is first needed."""

    def __init__(self, lake_dir: Path, tenant: str) -> None:
        self._seen: set[int] = set()
        self._keys: npt.NDArray[np.uint64] = np.empty(0, np.uint64)  # sorted
        self._starts: Times = np.empty(0, np.int64)
        self._of_tenant: Dataset | None = None
        if DeltaTable.is_deltatable(path := str(events_dir(lake_dir))):
            self._of_tenant = DeltaTable(path).to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])

    def starts(self, lanes: Lanes, at_us: Times) -> Times:
        """Return when the order of each line began, (n,) microseconds; `UNKNOWN` where the lake has no such order.

        An order that began before the line is taken before one that began after it.
        """
        self._read_around(at_us)
        found = np.full(len(at_us), UNKNOWN)
        if len(self._keys) == 0:
            return found
        for offset in _days_by_preference():
            keys = order_keys(lanes, at_us // US_PER_DAY + offset)
            places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
            starts = self._starts[places]
            joins = (self._keys[places] == keys) & (np.abs(starts - at_us) <= MARGIN_US) & (found == UNKNOWN)
            found[joins] = starts[joins]
        return found

    def _read_around(self, at_us: Times) -> None:
        days = np.unique(at_us // US_PER_DAY)
        margin = np.arange(-MARGIN.days, MARGIN.days + 1)
        asked = set(np.unique(days[:, None] + margin).tolist()) - self._seen
        self._seen |= asked
        if self._of_tenant is None or not asked:
            return
        wanted = pc.field("received_on").isin([_EPOCH + timedelta(days=day) for day in asked])
        wanted &= (pc.field("kind") == "purchase") & pc.field("offset").is_null()
        keys, starts = [self._keys], [self._starts]
        for lines in self._of_tenant.to_batches(columns=list(_COLUMNS), filter=wanted):
            keys.append(event_keys(lines["event_id"]))
            starts.append(lines["received_at"].cast("int64").to_numpy())
        self._keys, first = np.unique(np.concatenate(keys), return_index=True)
        self._starts = np.concatenate(starts)[first]


def _days_by_preference() -> Iterator[int]:
    yield from range(0, -MARGIN.days - 1, -1)
    yield from range(1, MARGIN.days + 1)
