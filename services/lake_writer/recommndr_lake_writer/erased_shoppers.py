"""Who was erased, so that answers of before do not come into the lake after the erasure was carried out."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_lake_writer.erasures import CLOCKS_DIFFER, Erasures


@dataclass
class ErasedShoppers:
    """Reads the lake's list of erasures, each once."""

    erasures: Erasures
    _read: set[str] = field(default_factory=set, init=False)
    _until: dict[tuple[str, str], datetime] = field(default_factory=dict, init=False)

    def without(self, answers: pa.Table) -> pa.Table:
        """The answers but for those to erased shoppers from before their erasure; raises `OSError`."""
        self._refresh()
        ids = pa.array(sorted({user_id for _, user_id in self._until}), pa.string())
        suspects = np.flatnonzero(pc.is_in(answers["user_id"], value_set=ids).to_numpy())
        if not len(suspects):
            return answers
        kept = np.ones(answers.num_rows, np.bool_)
        for place, row in zip(suspects, answers.select(["tenant", "user_id", "at"]).take(suspects).to_pylist(), strict=True):
            until = self._until.get((row["tenant"], row["user_id"]))
            kept[place] = until is None or row["at"] > until
        return answers.filter(pa.array(kept))

    def _refresh(self) -> None:
        for erasure in self.erasures.new(self._read):
            key = erasure.tenant, erasure.user_id
            until = erasure.received_at + CLOCKS_DIFFER
            self._until[key] = max(until, self._until.get(key, until))
