"""A lake of many tenants with small random data: Kafka events, repeats, imports, late and early lines."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from lines import KINDS, NOON

from recommndr_lake_writer.delta import EventsTable
from recommndr_lake_writer.lake import events_dir, table_of

TENANTS = ("shop", "books", "007", "2026-03-01", *(f"small-{number}" for number in range(4)))
USERS = ("u1", "ü2", "a|b", "007", " ", "7")
ITEMS = ("i1", "i2", "é3", "100%", "a=b", "0001", None)


def lake(folder: Path) -> Path:
    """Written in three commits; the first was compacted, so the folder has files that are no longer part of the table."""
    table = EventsTable(folder)
    chance = random.Random(4)
    for commit in range(3):
        rows = [row for tenant in TENANTS for row in _rows(chance, tenant, 120 if tenant == "shop" else 12)]
        chance.shuffle(rows)
        table.append(table_of(rows), {})
        if commit == 0:
            DeltaTable(events_dir(folder)).optimize.compact()  # repeats stay
    return folder


def _rows(chance: random.Random, tenant: str, n_records: int) -> Iterator[dict[str, Any]]:
    """Few event ids, so that they repeat often."""
    for _ in range(n_records):
        number = chance.randrange(n_records)
        if chance.random() < 0.3:  # imported, perhaps again: without an offset, and the same each time
            yield from _record(random.Random(f"{tenant} {number}"), tenant, number, {})
        else:  # a repeat's content differs from the first record's
            place = {"partition": chance.randrange(3), "offset": chance.randrange(10**6)}
            yield from _record(chance, tenant, number, place)


def _record(chance: random.Random, tenant: str, number: int, place: dict[str, int]) -> Iterator[dict[str, Any]]:
    # At a day boundary a repeat may be in the next day's folder.
    occurred_at = NOON + timedelta(hours=12 * (number % 7), seconds=chance.choice((0, -2, 90)))
    received_at = occurred_at + timedelta(seconds=chance.choice((-120, 0, 0, 60)))
    event_at = min(occurred_at, received_at)
    kind, user = chance.choice(KINDS), chance.choice(USERS)
    for line_no in range(chance.randrange(1, 4)):
        yield place | {
            "tenant": tenant,
            "received_on": received_at.date(),
            "event_id": f"event-{number}",
            "kind": kind,
            "user_id": user,
            "occurred_at": occurred_at,
            "received_at": received_at,
            "event_at": event_at,
            "line_no": line_no,
            "item_id": chance.choice(ITEMS),
            "weight": 0.0,
        }
