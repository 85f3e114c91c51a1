"""The imported history that a shop began with, on the instants to which its installation moved it."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recommndr_training import params
from recommndr_training.data import logins
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.known_items import KNOWN_S
from recommndr_training.live.taken_history import TakenHistory
from recommndr_training.shipping import shipped
from recommndr_training.stage_files import ITEMS, TRAIN_LINES, TRAIN_LOGINS

_INSTANTS = ("at_s", "known_s")
_DATES = ("available_from", "available_until")


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """What the version of a profile learnt from: lines, logins, and the catalogue that it knew."""

    lines: pa.Table  # of `LINES_SCHEMA`
    logins: pa.Table
    items: pd.DataFrame  # with `known_s`: epoch seconds since which each is known, -inf = from the beginning

    @classmethod
    def read(cls, taken: TakenHistory, root: Path = Path()) -> Self:
        """Read from the profile's folder; raises `FileNotFoundError` where its training is gone."""
        directory = root / params.profile_dir(taken.profile) / shipped.DIRECTORY
        lines = pq.read_table(directory / TRAIN_LINES).cast(LINES_SCHEMA)
        identified = logins.read(directory / TRAIN_LOGINS)
        return cls(lines, identified, pd.read_parquet(directory / ITEMS)).moved(taken.shift_s)

    def moved(self, shift_s: float) -> Self:
        """The same history so much later."""
        items = self.items.assign(**{KNOWN_S: self.items[KNOWN_S] + shift_s})
        for name in _DATES:
            items[name] = pd.to_datetime(items[name], utc=True) + pd.Timedelta(seconds=shift_s)
        return type(self)(_moved(self.lines, shift_s), _moved(self.logins, shift_s), items)

    def until(self, live_since_s: float, gone: Collection[str]) -> Self:
        """What happened before the first live event, without erased shoppers."""
        return type(self)(
            _until(self.lines, live_since_s, gone, ("user_id",)),
            _until(self.logins, live_since_s, gone, ("user_id", "guest_id")),
            self.items,
        )


def _moved(table: pa.Table, shift_s: float) -> pa.Table:
    for name in _INSTANTS:
        table = table.set_column(table.schema.get_field_index(name), name, pc.add(table[name], shift_s))
    return table


def _until(table: pa.Table, end_s: float, gone: Collection[str], ids: Collection[str]) -> pa.Table:
    kept = table["known_s"].to_numpy() < end_s
    for name in ids:
        kept &= ~pc.is_in(table[name], value_set=pa.array(sorted(gone), pa.string())).to_numpy()
    return table.filter(pa.array(kept.astype(np.bool_)))


def none() -> HistoryPart:
    """The history of a shop that began with nothing."""
    names = ["item_id", "title", "category_path", "brand", "price_minor", "currency", "group_id", "tags", *_DATES, KNOWN_S]
    return HistoryPart(LINES_SCHEMA.empty_table(), logins.NO_LOGINS, pd.DataFrame(columns=pd.Index(names, dtype=object)))
