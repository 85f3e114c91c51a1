from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.events import MAX_LINES
from recommndr_lake_writer.lake import iter_events
from tests.importing.shop import START_S, imported, lines, log, row
from tests.lake_writer.housekeeping import upkeep


def bought(lines_said: list[tuple[int, int, str | None]]) -> list[dict[str, Any]]:
    """Lines of orders in the order of time, each (second, shopper, order)."""
    said = sorted(lines_said, key=lambda line: line[0])
    return [
        row(kind="buy", at=START_S + at, user=f"u{user}", order=o, item=f"i{n % 4}") for n, (at, user, o) in enumerate(said)
    ]


def cut(rows: list[dict[str, Any]], data: st.DataObject) -> list[pa.Table]:
    """The log in pieces."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows)))) - {len(rows)})
    return [log(*rows[start:stop]) for start, stop in zip([0, *cuts], [*cuts, len(rows)], strict=True)]


SECONDS, ORDERS = st.integers(0, 3 * 86_400), st.sampled_from(["o1", "o2", "o3", None])


@settings(max_examples=20, deadline=None)
@given(said=st.lists(st.tuples(SECONDS, st.integers(1, 2), ORDERS), min_size=1, max_size=8), data=st.data())
def test_a_log_cut_anywhere_and_imported_piece_by_piece_reads_like_one_import(
    said: list[tuple[int, int, str | None]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole, torn = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("torn")
    imported(whole, log(*bought(said)))
    for piece in cut(bought(said), data):
        imported(torn, piece)
    assert lines(torn / "lake") == lines(whole / "lake")
    assert pa.concat_tables(iter_events(torn / "lake", "boutique")).to_pylist() == lines(whole / "lake")
    upkeep(torn / "lake").compact()
    assert lines(torn / "lake") == lines(whole / "lake")


@settings(max_examples=15, deadline=None)
@given(said=st.lists(st.tuples(SECONDS, st.just(1), ORDERS), min_size=1, max_size=8), data=st.data())
def test_whatever_order_pieces_are_imported_in_orders_are_whole_and_each_at_one_time(
    said: list[tuple[int, int, str | None]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole, torn = tmp_path_factory.mktemp("whole"), tmp_path_factory.mktemp("torn")
    imported(whole, log(*bought(said)))
    for piece in data.draw(st.permutations(cut(bought(said), data))):
        imported(torn, piece)
    assert said_of(torn / "lake") == said_of(whole / "lake")
    times = {(line["event_id"], line["received_at"]) for line in lines(torn / "lake")}
    assert len(times) == len({event_id for event_id, _ in times})


def said_of(lake: Path) -> list[list[tuple[Any, ...]]]:
    """Lines of each event; an order's id is of the day on which it was first seen to begin."""
    by_event = defaultdict[str, list[tuple[Any, ...]]](list)
    for line in lines(lake):
        by_event[line["event_id"]].append((line["line_no"], line["user_id"], line["item_id"]))
    return sorted(sorted(event) for event in by_event.values())


def test_an_order_torn_between_imports_keeps_the_time_that_the_lake_knows_and_all_its_lines(tmp_path: Path) -> None:
    late = row(kind="buy", order="o", item="i1", at=START_S + 60)
    imported(tmp_path, log(late))
    imported(tmp_path, log(late, row(kind="buy", order="o", item="i2")))
    stored = lines(tmp_path / "lake")
    assert {(line["event_at"].timestamp(), line["item_id"]) for line in stored} == {(START_S + 60, "i1"), (START_S + 60, "i2")}


def test_an_order_number_that_another_shopper_has_in_the_lake_is_another_order(tmp_path: Path) -> None:
    imported(tmp_path, log(row(kind="buy", order="o", user="u1")))
    imported(tmp_path, log(row(kind="buy", order="o", user="u2", item="i2", at=START_S + 60)))
    stored = {(line["user_id"], line["item_id"], line["event_at"].timestamp()) for line in lines(tmp_path / "lake")}
    assert stored == {("u1", "i1", START_S), ("u2", "i2", START_S + 60)}


def test_an_order_torn_between_imports_has_no_more_lines_than_an_event_may_have(tmp_path: Path) -> None:
    long = [row(kind="buy", order="o", item=f"i{n}") for n in range(MAX_LINES + 3)]
    imported(tmp_path, log(*long[:300]))
    outcome = imported(tmp_path, log(*long[200:]))
    assert (outcome.written.n_known, outcome.written.n_over, outcome.written.n_lines) == (100, 3, MAX_LINES - 300)
    assert len(lines(tmp_path / "lake")) == MAX_LINES
