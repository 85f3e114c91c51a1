"""Training and the command `dataset` build one matrix from a lake; `training/spark/tests` compares Spark with the latter."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.aggregate import Weighing, aggregate
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.interest import Interest
from recommndr_lake_writer.lake import EVER_SINCE, iter_events, read_events, table_of
from recommndr_training.data.interactions import Interactions
from recommndr_training.data.read_lake import prepare
from recommndr_training.retrieval import dataset
from tests.training.test_read_lake import CUT, DATA, items, line

POLICY = TenantPolicy(own_kinds=("tasted",), weights={"tasted": 2.5, "click": 0.0, "view": 0.7, "purchase": 4.0})
KINDS = ("view", "click", "purchase", "dislike", "remove_from_cart", "impression", "tasted")
Matrix = dict[tuple[str, str], float]


def some_events(seed: int) -> list[dict[str, Any]]:
    """Of four shoppers and items: many at one instant, late ones, an item on two lines, and some events twice."""
    chance = random.Random(seed)
    found = [
        {
            "event_id": number,
            "kind": chance.choice(KINDS),
            "user_id": chance.choice("abcd"),
            "item_ids": [chance.choice(("v", "w", "x", "y", None)) for _ in range(chance.randrange(1, 4))],
            "days": chance.choice((-40.0, -3.0, -2.75, -1.0, -0.001, 0.0, 2.0)),
            "late_days": chance.choice((0.0, 0.0, 1.5)),
        }
        for number in range(80)
    ]
    return [*found, *chance.sample(found, 10)]


def lake_of(folder: Path, events: list[dict[str, Any]]) -> Path:
    """Each event with its lines, repeats in another order of receipt, in two commits."""
    rows = [
        line(f"e{event['event_id']}", item_id, event["days"], kind=event["kind"], user_id=event["user_id"])
        | {"received_at": CUT + timedelta(days=event["days"] + event["late_days"], seconds=number)}
        | {"received_on": (CUT + timedelta(days=event["days"])).date(), "line_no": line_no, "partition": 0, "offset": number}
        for number, event in enumerate(events)
        for line_no, item_id in enumerate(event["item_ids"])
    ]
    half = len(rows) // 2
    for part in (rows[:half], rows[half:]):
        EventsTable(folder).append(table_of(part), {})
    return folder


def in_process(lake: Path, half_life_days: float) -> Matrix:
    lines = prepare(read_events(lake, "bakery"), items("v", "w", "x", "y"), replace(DATA, policy=POLICY)).lines
    known = Interactions.from_lines(lines, POLICY)
    found = known.before(CUT.timestamp()).interests(CUT.timestamp(), half_life_days * 86_400.0).tocoo()
    places = zip(found.row.tolist(), found.col.tolist(), found.data.tolist(), strict=True)
    return {(known.user_ids[user], known.item_ids[item]): value for user, item, value in places}


def by_command(lake: Path, half_life_days: float | None) -> Matrix:
    weighing = Weighing.from_policy(POLICY, None, half_life_days)
    made = dataset.build(aggregate(iter_events(lake, "bakery", EVER_SINCE, CUT), weighing, CUT))
    found = made.interest.tocoo()
    users, columns = made.user_ids.to_pylist(), made.item_ids.to_pylist()
    places = zip(found.row.tolist(), found.col.tolist(), found.data.tolist(), strict=True)
    return {(users[user], columns[item]): value for user, item, value in places}


@pytest.mark.parametrize(("seed", "half_life_days"), [(1, 0.5), (2, 30.0), (3, 30.0)])
def test_training_and_the_command_build_the_same_matrix(tmp_path: Path, seed: int, half_life_days: float) -> None:
    lake = lake_of(tmp_path, some_events(seed))
    ours, theirs = in_process(lake, half_life_days), by_command(lake, half_life_days)
    assert ours.keys() == theirs.keys()
    assert len(ours) > 5
    assert list(ours.values()) == pytest.approx([theirs[pair] for pair in ours], rel=1e-6, abs=0)


def test_events_of_the_target_kind_add_up_and_else_the_newest_event_counts(tmp_path: Path) -> None:
    def one(event_id: int, kind: str, user_id: str, days: float, *item_ids: str) -> dict[str, Any]:
        event = {"event_id": event_id, "kind": kind, "user_id": user_id, "days": days, "late_days": 0.0}
        return event | {"item_ids": list(item_ids)}

    lake = lake_of(
        tmp_path,
        [
            one(1, "purchase", "a", -30, "v", "v"),
            one(2, "purchase", "a", -60, "v"),
            one(3, "dislike", "a", -1, "v"),
            one(4, "tasted", "a", -30, "w"),
            one(5, "view", "b", -30, "v"),
            one(6, "tasted", "b", -60, "v"),
            one(7, "view", "b", -30, "w"),
            one(8, "dislike", "b", -1, "w"),
            one(9, "view", "b", -90, "x"),
            one(10, "impression", "b", -1, "x"),
        ],
    )
    expected = {("a", "v"): 0.75, ("a", "w"): 0.3125, ("b", "v"): 0.0875, ("b", "x"): 0.021875}
    for found in (in_process(lake, 30.0), by_command(lake, 30.0)):
        assert found == pytest.approx(expected)


def test_the_half_life_is_the_tenant_s_where_no_other_is_given() -> None:
    assert Interest.of_policy(TenantPolicy(purchase_half_life_days=12.0)).half_life_days == 12.0
    assert Weighing.from_policy(TenantPolicy(), None, 3.0).interest.half_life_days == 3.0
    assert Weighing.from_policy(TenantPolicy()).half_life_days is None


def test_only_the_kinds_asked_for_count() -> None:
    asked = Interest.of_policy(POLICY, None, ["view", "dislike"])
    assert asked.weights == pytest.approx({"view": 0.175, "dislike": 0.0})
    assert "impression" not in Interest.of_policy(POLICY).weights
    assert np.isclose(Interest.of_policy(POLICY).weights["purchase"], 1.0)
