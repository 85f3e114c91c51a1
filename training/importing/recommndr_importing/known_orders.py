"""Orders that earlier imports brought into the lake: lines of theirs that come later have to join them."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyarrow.dataset import Dataset

from recommndr_importing.order_book import Keys
from recommndr_importing.row_ids import order_keys, shopper_keys
from recommndr_lake_writer.lake import events_dir

# An order's lines lie in different files when it was placed around midnight, or was changed in the days after.
MARGIN = timedelta(days=7)
_US_PER_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1)
_COLUMNS = ("event_id", "user_id", "received_at")
_ORDERS_VERSION = "^.{14}5.{21}$"  # UUIDs of rows without an order have version 8
Orders = tuple[Keys, Keys, npt.NDArray[np.int64]]  # key, shopper, microseconds; (n,) each, one of each line


class KnownOrders:
    """A tenant's orders in a lake, read as days are asked for, each day once."""

    def __init__(self, lake_dir: Path, tenant: str) -> None:
        self._seen: set[int] = set()
        self._of_tenant: Dataset | None = None
        if DeltaTable.is_deltatable(path := str(events_dir(lake_dir))):
            self._of_tenant = DeltaTable(path).to_pyarrow_dataset(file_pruning_predicate=[("tenant", "=", tenant)])

    def around(self, at_us: npt.NDArray[np.int64]) -> Orders:
        """The orders of all days within `MARGIN` of some instants that no earlier call has given."""
        days = np.unique(at_us // _US_PER_DAY)
        margin = np.arange(-MARGIN.days, MARGIN.days + 1)
        asked = set(np.unique(days[:, None] + margin).tolist()) - self._seen
        self._seen |= asked
        parts: list[Orders] = [(np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.int64))]
        if self._of_tenant is not None and asked:
            wanted = pc.field("date").isin([_EPOCH + timedelta(days=day) for day in asked])
            wanted &= (pc.field("kind") == "purchase") & pc.field("offset").is_null()
            for lines in self._of_tenant.to_batches(columns=list(_COLUMNS), filter=wanted):
                orders = lines.filter(pc.match_substring_regex(lines["event_id"], _ORDERS_VERSION))
                at = orders["received_at"].cast("int64").to_numpy()
                parts.append((order_keys(orders["event_id"]), shopper_keys(orders["user_id"]), at))
        keys, shoppers, times = zip(*parts, strict=True)
        return np.concatenate(keys), np.concatenate(shoppers), np.concatenate(times)
