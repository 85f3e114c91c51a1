"""An erased shopper's rows leave the lake, and only those, whatever is written meanwhile and whenever a process dies."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from deltalake.exceptions import CommitFailedError
from prometheus_client import CollectorRegistry

from recommndr.events import CLIENT_EVENT, decode, encode, erasure, stamp
from recommndr.identity import TenantId
from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer import forgetting
from recommndr_lake_writer.batch import EventsBatch
from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.erasures import Erasures
from recommndr_lake_writer.events_writer import events_writer
from recommndr_lake_writer.lake import read_events, rows_of, table_of
from recommndr_lake_writer.metrics import Metrics
from recommndr_lake_writer.upkeep import Upkeep
from recommndr_lake_writer.writer import LakeWriter
from recommndr_tail.dead_letters import InMemoryDeadLetters
from recommndr_tail.group_inbox import InMemoryInbox
from tests.lake_writer.housekeeping import upkeep
from tests.lake_writer.topic import NOW, TOPIC, event_bytes, records

ODD = "o'hara\\' OR 1=1 --"


def erase_bytes(user_id: str, tenant: str = "grocer", received_s: float = 0.0, number: int = 900) -> bytes:
    return encode(erasure(tenant, user_id, UUID(int=number), NOW + timedelta(days=1, seconds=received_s)))


def login_bytes(number: int, user_id: str, guest_id: str) -> bytes:
    told = {"event_id": UUID(int=number), "kind": "identify", "user_id": user_id, "guest_id": guest_id, "occurred_at": NOW}
    return encode(stamp(CLIENT_EVENT.validate_python(told), "grocer", NOW + timedelta(days=1)))


def written(lake: Path, values: list[bytes]) -> LakeWriter[EventsBatch]:
    """All of a topic of one partition, committed."""
    inbox = InMemoryInbox(records(list(values), partitions=1), {(TOPIC, 0)})
    policies = {TenantId("grocer"): TenantPolicy()}
    writer = events_writer(inbox, EventsTable(lake), InMemoryDeadLetters(), policies, Metrics(CollectorRegistry()), lambda: NOW)
    writer.step()
    writer.step()
    writer.commit()
    return writer


def users(lake: Path, tenant: str = "grocer") -> dict[str, int]:
    ids = read_events(lake, tenant)["user_id"].to_pylist()
    return {user_id: ids.count(user_id) for user_id in set(ids)}


@pytest.mark.parametrize("user_id", ["u1", "a|b", "ü", ODD, '"quoted"'])
def test_the_shoppers_rows_go_on_every_day_and_what_came_after_stays(user_id: str, tmp_path: Path) -> None:
    at_s = 4 * 86_400.0
    values = [event_bytes(n, user_id=user_id, received_s=86_400.0 * n) for n in range(1, 4)]
    values += [event_bytes(10, user_id="other"), event_bytes(11, tenant="books", user_id=user_id)]
    values += [event_bytes(12, user_id=user_id, received_s=at_s + 90.0)]  # by a collector whose clock is ahead
    values += [erase_bytes(user_id, received_s=at_s), event_bytes(20, user_id=user_id, received_s=at_s + 91.0)]
    written(tmp_path, values)
    assert users(tmp_path) == {user_id: 2 * 5, "other": 2}
    keeper = upkeep(tmp_path)
    keeper.erase()
    assert users(tmp_path) == {user_id: 2, "other": 2}
    assert users(tmp_path, "books") == {user_id: 2}
    (done,) = Erasures(tmp_path).all()
    assert (done.n_rows, done.done_at) == (2 * 4, keeper.now())


def test_imported_rows_go_too(tmp_path: Path) -> None:
    written(tmp_path / "from", [event_bytes(1, user_id="u1"), event_bytes(2, user_id="u2")])
    rows = read_events(tmp_path / "from", "grocer")
    for name in ("partition", "offset"):
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.nulls(len(rows), rows.schema.field(name).type))
    EventsTable(tmp_path / "to").append(rows, {})
    written(tmp_path / "to", [erase_bytes("u1", received_s=5.0)])
    upkeep(tmp_path / "to").erase()
    assert users(tmp_path / "to") == {"u2": 2}


def test_it_waits_until_everything_before_it_is_committed(tmp_path: Path) -> None:
    inbox = InMemoryInbox(records([event_bytes(1, user_id="u1"), erase_bytes("u1")], partitions=1), {(TOPIC, 0)})
    table = EventsTable(tmp_path)
    writer = events_writer(inbox, table, InMemoryDeadLetters(), {}, Metrics(CollectorRegistry()), lambda: NOW)
    writer.step()
    writer.step()

    def dies(*_: object) -> None:
        upkeep(tmp_path).erase()  # between the note and the commit
        raise OSError("killed")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(table, "append", dies)
        with pytest.raises(OSError, match="killed"):
            writer.commit()
    (pending,) = Erasures(tmp_path).all()
    assert pending.done_at is None
    writer.commit()
    assert users(tmp_path) == {"u1": 2}
    upkeep(tmp_path).erase()
    assert users(tmp_path) == {}


def test_what_is_committed_meanwhile_stays_and_a_deletion_that_came_too_late_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = written(tmp_path, [event_bytes(1, user_id="u1"), event_bytes(2, user_id="u2"), erase_bytes("u1")])
    conflicts, really = [1, 2], forgetting.DeltaTable.delete

    def meanwhile(table: Any, predicate: str) -> Any:
        event = decode(event_bytes(30 + len(conflicts), user_id="u1", received_s=1_000.0))  # the shopper is back
        writer.table.append(table_of(rows_of(event, TenantPolicy(), 1, len(conflicts))), {})
        if conflicts:
            conflicts.pop()
            raise CommitFailedError("another commit came first")
        return really(table, predicate)

    monkeypatch.setattr(forgetting.DeltaTable, "delete", meanwhile)
    upkeep(tmp_path).erase()
    assert users(tmp_path) == {"u1": 2 * 3, "u2": 2}


def test_seeds_are_forgotten_first_and_again_when_that_failed(tmp_path: Path) -> None:
    written(tmp_path, [event_bytes(1, user_id="u1"), erase_bytes("u1")])
    asked: list[tuple[str, str]] = []

    def forget_seeds(tenant: str, user_id: str) -> None:
        asked.append((tenant, user_id))
        if len(asked) == 1:
            raise OSError("Kafka is away")

    keeper = Upkeep(tmp_path, timedelta(hours=1), Metrics(CollectorRegistry()), lambda: NOW, lambda: True, forget_seeds)
    with pytest.raises(OSError, match="away"):
        keeper.step()
    assert users(tmp_path) == {"u1": 2}
    keeper.step()
    assert (users(tmp_path), asked) == ({}, [("grocer", "u1")] * 2)
    keeper.step()
    assert len(asked) == 2


def test_logins_that_name_the_shopper_as_a_guest_go_and_others_stay(tmp_path: Path) -> None:
    logins = [login_bytes(number, *pair) for number, pair in enumerate((("anna", "u1"), ("bert", "u1"), ("anna", "u2")), 50)]
    written(tmp_path, [event_bytes(1, user_id="anna"), *logins, erase_bytes("u1", received_s=5.0)])
    upkeep(tmp_path).erase()
    assert users(tmp_path) == {"anna": 3}
    assert set(read_events(tmp_path, "grocer")["guest_id"].to_pylist()) == {None, "u2"}
