"""Which rows of an added shop an import adds or replaces, and samples of large files."""

import gzip
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from recommndr_importing import mapping as mapping_module
from recommndr_importing.batch import BadFile
from recommndr_training.shops.imported import Imported, OtherMapping
from recommndr_training.shops.sample import MAX_LINES, take
from recommndr_training.shops.shop_files import ShopFiles

HEAD = "user,item,event,time\n"
MAPPING = "events: {user_id: user, item_id: item, kind: {column: event, values: {view: view}}, time: time}"


def given(*paths: Path, mapping: str = MAPPING) -> Imported:
    for path in paths:
        if not path.exists():
            path.write_text(f"{HEAD}u,{path.stem},view,2024-03-01T10:00:00Z\n")
    return Imported.of(ShopFiles.look(paths, None), mapping_module.parse(mapping, "shop.yaml"))


def test_the_same_files_are_covered_and_survive_json(tmp_path: Path) -> None:
    before = given(tmp_path / "a.csv", tmp_path / "b.csv")
    assert Imported.from_json(before.to_json()) == before
    assert before.covers(given(tmp_path / "a.csv"))


def test_a_new_or_changed_file_is_imported_beside_the_earlier_ones(tmp_path: Path) -> None:
    before, day = given(tmp_path / "a.csv"), given(tmp_path / "b.csv")
    assert not before.covers(day) and not day.replaces(before, tmp_path / "shop.yaml")
    both = day.beside(before)
    assert both.covers(before) and both.covers(day)
    (tmp_path / "a.csv").write_text(f"{HEAD}u,a,view,2024-03-01T10:00:00Z\nu,c,view,2024-03-02T10:00:00Z\n")
    assert not both.covers(given(tmp_path / "a.csv"))


def test_another_mapping_replaces_only_where_no_file_is_lost(tmp_path: Path) -> None:
    before = given(tmp_path / "a.csv", tmp_path / "b.csv")
    other = replace(before, mapping="another")
    assert other.replaces(before, tmp_path / "shop.yaml")
    alone = replace(given(tmp_path / "b.csv"), mapping="another")
    with pytest.raises(OtherMapping, match=r"a\.csv was imported by: give these files"):
        alone.replaces(before, tmp_path / "shop.yaml")


def test_a_sample_of_a_large_file_is_bounded_and_reaches_its_end(tmp_path: Path) -> None:
    n = 600_000
    path = tmp_path / "log.csv"
    path.write_text(HEAD + "".join(f"u{row},item,view,2024-03-01T10:00:00Z\n" for row in range(n)))
    users = take(path).rows["user"].to_pylist()
    assert users[: MAX_LINES - 1] == [f"u{row}" for row in range(MAX_LINES - 1)]
    assert len(users) < n / 2
    assert users[-1] == f"u{n - 1}"
    assert len(set(users)) == len(users)


def test_a_compressed_file_is_sampled_at_its_begin(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress((HEAD + "u,i,view,2024-03-01T10:00:00Z\n" * 3).encode()))
    assert take(path).rows.num_rows == 3


def test_a_parquet_file_is_sampled_in_all_its_parts(tmp_path: Path) -> None:
    rows = pa.table({"user": [f"u{row}" for row in range(100_000)]})
    pq.write_table(rows, path := tmp_path / "log.parquet", row_group_size=10_000)
    users = take(path).rows["user"].to_pylist()
    assert len(users) < 100_000 and int(users[-1][1:]) >= 90_000
    assert len(set(users)) == len(users)


def test_a_file_of_zero_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"")
    with pytest.raises(BadFile, match=r"log\.csv"):
        take(tmp_path / "log.csv")
