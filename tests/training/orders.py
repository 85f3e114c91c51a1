"""Purchase histories for tests: as tables of lines, and as strategies."""

from collections import Counter
from dataclasses import dataclass

import pandas as pd
from hypothesis import strategies as st

from recommndr.event_ids import order_event_id

CUT_S = 1_513_555_200.0  # 2017-12-18 00:00 UTC
DAY_S = 86_400.0
USERS = ("u1", "u2", "u3")
ITEMS = tuple(f"i{number}" for number in range(12))


@dataclass(frozen=True)
class Order:
    order_id: str
    user_id: str
    at_s: float
    item_ids: tuple[str, ...]
    kind: str = "purchase"
    late_s: float = 0.0  # received so much later

    @property
    def event_id(self) -> str:
        return str(order_event_id("grocer", self.order_id))


def table(orders: list[Order]) -> pd.DataFrame:
    """Order lines as `prepared/lines.parquet` has them; prices rise at the cut."""
    rows = [
        (o.event_id, o.user_id, item_id, o.kind, o.at_s, o.at_s + o.late_s, n_lines, n_lines, 100 if o.at_s < CUT_S else 900)
        for o in orders
        for item_id, n_lines in Counter(o.item_ids).items()
    ]
    numbers = {"at_s": "float64", "known_s": "float64", **dict.fromkeys(("n_lines", "quantity", "price_minor"), "int32")}
    return pd.DataFrame(rows, columns=["event_id", "user_id", "item_id", "kind", *numbers]).astype(numbers)


@st.composite
def histories(draw: st.DrawFn, min_size: int = 1) -> list[Order]:
    """Up to twenty orders in the ninety days around the cut; whole seconds, as shops record them."""
    n = draw(st.integers(min_size, 20))
    return [
        Order(
            order_id=f"o{number}",
            user_id=draw(st.sampled_from(USERS)),
            at_s=CUT_S + draw(st.integers(-80 * 86_400, 10 * 86_400)),
            item_ids=tuple(sorted(draw(st.lists(st.sampled_from(ITEMS), min_size=1, max_size=5)))),
        )
        for number in range(n)
    ]
