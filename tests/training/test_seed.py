from pathlib import Path

import pytest

from recommndr.features import item, shopper
from recommndr.seed import GROUP_CONTROL, GROUP_ITEM, GROUP_PURCHASED, GROUP_USER, Seed
from recommndr.topics import PARTITIONS, split_seed_key
from recommndr_training.live.seed_publisher import Generation, publish, records
from recommndr_training.shipping import seed
from recommndr_training.shipping.seed import EntityState, SeedFile
from tests.training.orders import CUT_S, DAY_S, Order, table
from tests.training.replayed import advanced, replay

ORDERS = [Order(f"o{n}", f"u{n % 3}", CUT_S - n * DAY_S, (f"i{n}", "i0")) for n in range(1, 9)]
STATES = replay(table(ORDERS), CUT_S)
SEEDS = SeedFile(CUT_S, list(seed.entity_states(advanced(table(ORDERS), CUT_S))))
N_SEEDS = len(STATES.items) + sum(len(shopper.parts(state)) for state in STATES.shoppers.values())
WEEKS_S = 465 * 7 * DAY_S
GENERATION = Generation("grocer", 1_700_000_000_000, tuple(range(PARTITIONS)), WEEKS_S)


class MemoryLog:
    """A log that remembers what came, and what was already safe at each flush."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, bytes]] = []
        self.safe: list[int] = []

    def append(self, key: bytes, value: bytes) -> None:
        self.records.append((key, value))

    def flush(self) -> None:
        self.safe.append(len(self.records))


def published() -> MemoryLog:
    log = MemoryLog()
    assert publish(log, SEEDS, GENERATION, lambda n: None) == N_SEEDS
    return log


def test_the_control_record_is_safe_before_any_seed_is_sent() -> None:
    log = published()
    assert split_seed_key(log.records[0][0]) == ("grocer", GROUP_CONTROL, "")
    assert Seed.from_bytes(log.records[0][1]) == Seed(GENERATION.number, GENERATION.offsets, b"")
    assert log.safe == [1, N_SEEDS + 1]


def test_every_group_of_a_shopper_and_every_item_is_published_once_under_its_key() -> None:
    keys = [split_seed_key(key) for key, _ in published().records[1:]]
    assert keys == [
        ("grocer", group, user) for user in sorted(STATES.shoppers) for group in shopper.parts(STATES.shoppers[user])
    ] + [("grocer", GROUP_ITEM, item_id) for item_id in sorted(STATES.items)]
    assert {group for _, group, _ in keys} >= {GROUP_USER, GROUP_PURCHASED}


def test_published_states_are_the_replay_of_shifted_history() -> None:
    shifted = replay(table(ORDERS), CUT_S + WEEKS_S, shift_s=WEEKS_S)
    for key, value in published().records[1:]:
        _, group, entity = split_seed_key(key)
        found = Seed.from_bytes(value)
        assert (found.generation, found.offsets) == (GENERATION.number, GENERATION.offsets)
        if group == GROUP_ITEM:
            assert found.state == item.to_bytes(shifted.items[entity])
        else:
            assert found.state == shopper.parts(shifted.shoppers[entity])[group]


def test_progress_is_called_for_each_seed() -> None:
    heard: list[int] = []
    publish(MemoryLog(), SEEDS, GENERATION, heard.append)
    assert sum(heard) == len(SEEDS.rows)


def test_a_seed_file_reads_back_as_it_was_written_and_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert seed.write(advanced(table(ORDERS), CUT_S), tmp_path / name) == len(SEEDS.rows)
    assert seed.read(tmp_path / "a") == SEEDS
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_missing_seed_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="train the profile first"):
        seed.read(tmp_path / "seeds.parquet")


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(ValueError, match="seed group 'segment' of 'DE'"):
        list(records(EntityState("segment", "DE", b""), GENERATION))
