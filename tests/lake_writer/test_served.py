"""Answers in the lake: as they were, each once, for so long, and none of who was erased."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.served_answer import ServedAnswer
from recommndr_lake_writer.erased_shoppers import ErasedShoppers
from recommndr_lake_writer.erasures import CLOCKS_DIFFER, Erasures
from recommndr_lake_writer.served_batch import MAX_AGE_S, MAX_ROWS, ServedBatch
from recommndr_lake_writer.served_rows import answer_of
from recommndr_lake_writer.served_table import ColumnNames, Named, served_dir
from recommndr_lake_writer.upkeep import MANY_FILES
from tests.lake_writer import test_erasure
from tests.lake_writer.answers import answer, records, stored, writer, written
from tests.lake_writer.housekeeping import upkeep
from tests.lake_writer.test_erasure import erase_bytes
from tests.lake_writer.topic import NOW
from tests.recommndr.served_answers import answers, floats

ERASED_AT = NOW + timedelta(days=1)  # as `erase_bytes` has it
instants = st.integers(0, 4_000_000_000_000_000).map(lambda us: datetime.fromtimestamp(us / 1e6, UTC).timestamp())


def batch(folder: Path) -> ServedBatch:
    return ServedBatch(ErasedShoppers(Erasures(folder)))


@given(st.lists(st.tuples(answers(), instants), min_size=1, max_size=5))
def test_an_answer_comes_back_as_it_was(made: list[tuple[ServedAnswer, float]]) -> None:
    given = [(f"grocer|u{place}", replace(one, at_s=at_s)) for place, (one, at_s) in enumerate(made)]
    filled = batch(Path("no-such-lake"))
    filled.add(records(given, partitions=1), 0.0)
    assert not filled.unreadable
    back = [
        answer_of(row, one.columns, one.retrievers) for row, (_, one) in zip(filled.table().to_pylist(), given, strict=True)
    ]
    for (_, one), found in zip(given, back, strict=True):
        assert found.to_bytes() == one.to_bytes()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["read", "commit", "die"]), max_size=15))
def test_whenever_the_writer_dies_every_answer_is_there_once(steps: list[str]) -> None:
    with TemporaryDirectory() as folder:
        given = [(f"grocer|u{n}", answer(n, NOW + timedelta(seconds=n))) for n in range(20)]
        found, lake = records(given), Path(folder)
        one, _ = writer(lake, found, batch=3)
        for step in steps:
            if step == "read":
                one.step()
            elif step == "commit":
                one.commit()
            else:
                one, _ = writer(lake, found, batch=3)
        for _ in range(12):
            one.step()
        one.commit()
        assert DeltaTable(served_dir(lake)).to_pyarrow_table().num_rows == 20
        assert [key for key, _ in stored(lake)] == [key for key, _ in given]


def test_the_table_has_days_and_tenants_apart_and_the_oldest_answer_comes_first(tmp_path: Path) -> None:
    given = [(f"{tenant}|u", answer(n, NOW - timedelta(hours=11 * n))) for tenant in ("books", "grocer") for n in range(5)]
    written(tmp_path, given)
    assert [one.request_id for _, one in stored(tmp_path)] == ["r4", "r3", "r2", "r1", "r0"]
    folders = {str(path.relative_to(served_dir(tmp_path)).parent) for path in served_dir(tmp_path).rglob("*.parquet")}
    days = [(NOW - timedelta(days=ago)).date() for ago in (0, 1, 2)]
    assert folders == {f"tenant={tenant}/served_on={day}" for tenant in ("books", "grocer") for day in days}
    assert stored(tmp_path / "none") == []


def test_an_answer_that_the_topic_repeats_is_read_once(tmp_path: Path) -> None:
    written(tmp_path, [("grocer|u1", answer(1)), ("grocer|u1", answer(1)), ("grocer|u2", answer(2))])
    assert [key for key, _ in stored(tmp_path)] == ["grocer|u1", "grocer|u2"]


def test_names_of_inputs_are_kept_whichever_record_says_them(tmp_path: Path) -> None:
    named = answer(2, NOW + timedelta(seconds=1), columns=("price", "age"), retrievers=("als",))
    written(tmp_path, [("grocer|u1", answer(1)), ("grocer|u2", named)])
    assert {(one.columns, one.retrievers) for _, one in stored(tmp_path)} == {(("price", "age"), ("als",))}
    assert ColumnNames(tmp_path).of("never seen") is None


def test_a_version_with_any_name_has_a_file_of_its_own(tmp_path: Path) -> None:
    names = ColumnNames(tmp_path)
    for version in ("../v1", "a/b", "v1"):
        names.note(version, Named((version,), ()))
    assert [ColumnNames(tmp_path).of(one) for one in ("../v1", "v1")] == [Named(("../v1",), ()), Named(("v1",), ())]
    assert len(list((tmp_path / "served_columns").iterdir())) == 3


@pytest.mark.parametrize(
    "poison", [b"", b"garbage", None, answer(1).to_bytes()[:-3], replace(answer(1), at_s=1e300).to_bytes()]
)
def test_an_unreadable_record_becomes_a_dead_letter_and_the_rest_continues(poison: bytes | None, tmp_path: Path) -> None:
    found = records([("grocer|u1", answer(1)), ("grocer|u2", answer(2)), ("grocer|u3", answer(3))], partitions=1)
    one, letters = writer(tmp_path, [found[0], replace(found[1], value=poison), found[2]])
    one.step()
    one.commit()
    assert [letter.offset for letter in letters.letters] == [1]
    assert [key for key, _ in stored(tmp_path)] == ["grocer|u1", "grocer|u3"]


def test_a_value_that_its_column_cannot_hold_costs_its_own_record_only(tmp_path: Path) -> None:
    found = records(
        [("grocer|u1", answer(1)), ("grocer|u2", answer(2, n_events=2**40)), ("grocer|u3", answer(3))], partitions=1
    )
    one, letters = writer(tmp_path, found)
    one.step()
    one.commit()
    assert [letter.offset for letter in letters.letters] == [1]
    assert [key for key, _ in stored(tmp_path)] == ["grocer|u1", "grocer|u3"]


def test_a_batch_is_due_by_rows_or_by_age(tmp_path: Path) -> None:
    filled = batch(tmp_path)
    assert not filled.due(1e9)
    filled.add(records([("grocer|u", answer(1))]), 10.0)
    assert not filled.due(10.0 + MAX_AGE_S - 0.1)
    assert filled.due(10.0 + MAX_AGE_S)
    filled.n_rows = MAX_ROWS
    assert filled.due(10.1)


def test_an_erased_shoppers_answers_go_and_later_ones_and_those_of_others_stay(tmp_path: Path) -> None:
    before, after = ERASED_AT - timedelta(days=20), ERASED_AT + CLOCKS_DIFFER + timedelta(seconds=1)
    whose = [("grocer|u1", before), ("grocer|u1", ERASED_AT), ("grocer|u1", after), ("grocer|u2", before), ("books|u1", before)]
    written(tmp_path, [(key, answer(n, at)) for n, (key, at) in enumerate(whose)])
    test_erasure.written(tmp_path, [erase_bytes("u1")])
    upkeep(tmp_path).erase()
    assert [(key, one.request_id) for key, one in stored(tmp_path)] == [("grocer|u2", "r3"), ("grocer|u1", "r2")]
    assert len(stored(tmp_path, "books")) == 1
    (done,) = Erasures(tmp_path).all()
    assert done.n_rows == 2


def test_answers_from_before_an_erasure_that_are_read_after_it_do_not_come_in(tmp_path: Path) -> None:
    one, _ = writer(tmp_path, records([("grocer|u1", answer(1)), ("grocer|u2", answer(2))]))
    one.step()
    test_erasure.written(tmp_path, [erase_bytes("u1")])
    upkeep(tmp_path).erase()
    one.commit()
    assert [key for key, _ in stored(tmp_path)] == ["grocer|u2"]


def test_answers_that_were_being_committed_during_the_erasure_go_at_the_next_upkeep(tmp_path: Path) -> None:
    test_erasure.written(tmp_path, [erase_bytes("u1")])
    keeper = upkeep(tmp_path)
    one, _ = writer(tmp_path, records([("grocer|u1", answer(1)), ("grocer|u2", answer(2))]))
    one.step()
    rows = one._batch.table  # as of before the erasure was noted
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ErasedShoppers, "without", lambda _self, answers: answers)
        keeper.erase()
        one.commit()
        assert rows().num_rows == 2
    assert len(stored(tmp_path)) == 2
    keeper.erase()
    assert [key for key, _ in stored(tmp_path)] == ["grocer|u2"]


def test_answers_are_kept_for_so_many_days(tmp_path: Path) -> None:
    written(tmp_path, [("grocer|u", answer(n, NOW - timedelta(days=30 * n))) for n in range(5)])
    keeper = upkeep(tmp_path, NOW)
    keeper.served_kept = timedelta(days=60)
    keeper.expire()
    assert [one.request_id for _, one in stored(tmp_path)] == ["r2", "r1", "r0"]
    version = DeltaTable(served_dir(tmp_path)).version()
    keeper.expire()
    assert DeltaTable(served_dir(tmp_path)).version() == version
    upkeep(tmp_path / "none").expire()


def test_small_files_are_joined_and_offsets_and_answers_stay(tmp_path: Path) -> None:
    given = [(f"grocer|u{n}", answer(n, NOW + timedelta(seconds=n), drawn_inputs=floats([n, 0.5]))) for n in range(MANY_FILES)]
    found = records(given)
    for n in range(1, MANY_FILES + 1):
        one, _ = writer(tmp_path, found[:n])
        one.step()
        one.commit()
    before = [(key, one.to_bytes()) for key, one in stored(tmp_path)]
    keeper = upkeep(tmp_path)
    keeper.compact()
    keeper.vacuum()
    assert len(DeltaTable(served_dir(tmp_path)).file_uris()) == 1
    assert [(key, one.to_bytes()) for key, one in stored(tmp_path)] == before
    one, _ = writer(tmp_path, found)
    one.step()
    assert not one.has_uncommitted
