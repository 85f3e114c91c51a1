"""Lines of events as in the lake, built from the values of a test."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import strategies as st

from recommndr_lake_writer.lake import table_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = ("view", "purchase", "dislike", "impression", "search")
WEIGHTS = {"view": 1.0, "purchase": 5.0, "dislike": -1.0}


@dataclass(frozen=True)
class Said:
    """One line: who did what with which item, how many hours after noon."""

    user: str
    item: str | None
    kind: str = "view"
    hour: float = 0.0
    tenant: str = "shop"

    @property
    def at(self) -> datetime:
        return NOON + timedelta(hours=self.hour)


def lines(said: Sequence[Said]) -> pa.Table:
    """Each as an event of its own."""
    return table_of(
        [
            {
                "tenant": one.tenant,
                "received_on": one.at.date(),
                "event_id": f"{one.tenant}-{number}",
                "kind": one.kind,
                "user_id": one.user,
                "occurred_at": one.at,
                "received_at": one.at,
                "event_at": one.at,
                "line_no": 0,
                "item_id": one.item,
                "weight": WEIGHTS.get(one.kind, 0.0),
            }
            for number, one in enumerate(said)
        ]
    )


said_lines = st.lists(
    st.builds(
        Said,
        user=st.sampled_from(["u1", "u2", "ü3"]),
        item=st.sampled_from(["i1", "i2", "i|3", None]),
        kind=st.sampled_from(KINDS),
        hour=st.floats(0, 2_000).map(lambda hour: round(hour, 2)),
    ),
    max_size=40,
)
