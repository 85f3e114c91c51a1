"""A shop's history, taken up at the first start."""

from contextlib import closing
from pathlib import Path

import pytest

from recommndr.features import item, shopper
from recommndr.tenancy import TenantPolicy
from recommndr.topics import EVENTS
from recommndr_one_process import log_table, taken_up
from recommndr_one_process.database import Database
from recommndr_one_process.seed_log import SqliteSeedLog
from recommndr_training.live.kept_bundle import keep_bundle
from recommndr_training.live.live_lake import LiveLake
from recommndr_training.live.seed_log import SeedsNotPublished
from recommndr_training.live.seed_publisher import Publisher, Shop
from recommndr_training.shipping.seed import EntityState
from tests.e2e.observed import differing
from tests.engine.bundles import WrittenBundle, bought
from tests.one_process.logs import NOW, TENANT, append, columns, database_in, event, follow, item_states, record, stream

STATE = bought(1, 2, 3)
ITEM = item.fold(item.EMPTY, 0, (NOW.timestamp() - 60.0,), (2.0,))
IMPORTED = (EntityState("user", "anna", shopper.to_bytes(STATE)), EntityState("item", "i01", item.to_bytes(ITEM)))


def take_up(database: Database, folder: Path) -> None:
    log = SqliteSeedLog(database, TENANT)
    lake = LiveLake(folder / "no-lake")
    Publisher(log, lake, lambda: NOW, lambda _: None).publish(Shop(TENANT, TenantPolicy(), IMPORTED))
    log.write()


def test_history_is_in_the_rows_and_events_go_on_from_there(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    take_up(database, tmp_path)
    follow(stream(database))
    assert differing(shopper.default_columns() | columns(database, "anna"), shopper.columns(STATE)) == []
    assert item_states(database) == {"i01": ITEM}
    append(database, [record(event(1))])
    follow(stream(database))
    assert columns(database, "anna")["n_events"] == 2


def test_history_is_written_whole_or_not_at_all_and_it_is_noted(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    with closing(database.connect()) as connection:
        assert not taken_up.is_taken_up(connection, TENANT)
        half = SqliteSeedLog(database, TENANT)
        half.append(b"grocer|user.0:anna", b"state")  # the process ends here
        assert log_table.next_offset(connection) == 0
        take_up(database, tmp_path)
        assert taken_up.is_taken_up(connection, TENANT)


def test_a_shop_that_has_sent_events_goes_on_from_these(tmp_path: Path) -> None:
    database = database_in(tmp_path)
    append(database, [record(event(1))])
    with pytest.raises(SeedsNotPublished, match="has sent events"):
        SqliteSeedLog(database, TENANT)
    with closing(database.connect()) as connection:
        assert taken_up.has_any(connection, EVENTS.name, TENANT)
        assert not taken_up.has_any(connection, EVENTS.name, "gro")


def test_a_bundle_is_kept_once_and_whole(bundle: WrittenBundle, tmp_path: Path) -> None:
    kept = tmp_path / "bundles" / bundle.version
    for _ in range(2):
        keep_bundle(bundle.directory, kept)
    names = {path.name for path in bundle.directory.iterdir()}
    assert {path.name for path in kept.iterdir()} == names
    assert [path.name for path in kept.parent.iterdir()] == [bundle.version]
