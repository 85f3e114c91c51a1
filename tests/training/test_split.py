import pandas as pd
import pytest

from recommndr_training.data.split import split
from recommndr_training.validation.refusal import Refused
from tests.training.orders import CUT_S, DAY_S, Order, table

LINES = table(
    [Order(str(day), "u1", CUT_S + day * DAY_S, ("i1",)) for day in (-2, -1, 0, 1, 13, 14, 15)],
)


def test_the_cut_belongs_to_the_gate_and_the_gates_end_to_neither() -> None:
    parts = split(LINES, CUT_S, CUT_S + 14 * DAY_S)
    assert parts.train["at_s"].tolist() == [CUT_S - 2 * DAY_S, CUT_S - DAY_S]
    assert parts.gate["at_s"].tolist() == [CUT_S + day * DAY_S for day in (0, 1, 13)]
    assert parts.n_after == 2


def test_a_shop_without_events_before_the_cut_is_refused() -> None:
    with pytest.raises(Refused, match="nothing to train on: no event before the gate cut"):
        split(LINES, CUT_S - 90 * DAY_S, CUT_S - 76 * DAY_S)


def test_a_gate_period_without_events_is_no_reason_not_to_train() -> None:
    parts = split(LINES, CUT_S + 90 * DAY_S, CUT_S + 104 * DAY_S)
    assert (len(parts.train), len(parts.gate)) == (len(LINES), 0)


def test_what_was_received_after_the_cut_is_not_trained_on_and_is_counted() -> None:
    lines = table([Order("1", "u1", CUT_S - DAY_S, ("a",)), Order("2", "u1", CUT_S - 60.0, ("b",), late_s=90.0)])
    gate = table([Order("3", "u1", CUT_S, ("c",), late_s=DAY_S)])
    parts = split(pd.concat([lines, gate]), CUT_S, CUT_S + DAY_S)
    assert parts.train["item_id"].tolist() == ["a"]
    assert parts.gate["item_id"].tolist() == ["c"]
    assert (parts.n_late, parts.n_after) == (1, 0)
