from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommndr.features import item, shopper
from recommndr.identity import entity_key
from recommndr.seed import GROUP_ITEM, GROUP_PURCHASED, GROUP_USER, N_SHARES, SEEDED, Seed, share_of
from recommndr.tenancy import TenantPolicy
from recommndr.topics import split_seed_key
from recommndr_training.live.live_lake import LiveLake
from recommndr_training.live.seed_log import Reach, SeedsNotPublished
from recommndr_training.live.seed_publisher import Publisher, Shop
from recommndr_training.shipping import seed
from recommndr_training.shipping.seed import EntityState, SeedFile
from tests.training.orders import CUT_S, DAY_S, Order, table
from tests.training.replayed import advanced, replay
from tests.training.seed_records import FRESH, MemoryLog

ORDERS = [Order(f"o{n}", f"u{n % 3}", CUT_S - n * DAY_S, (f"i{n}", "i0")) for n in range(1, 9)]
STATES = replay(table(ORDERS), CUT_S)
SEEDS = SeedFile(CUT_S, list(seed.entity_states(advanced(table(ORDERS), CUT_S))))
N_SEEDS = len(STATES.items) + sum(len(shopper.parts(state)) for state in STATES.shoppers.values())
WEEKS_S = 465 * 7 * DAY_S
SHOP = Shop("grocer", TenantPolicy(), SEEDS.rows, WEEKS_S)
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def publisher(log: MemoryLog, lake_dir: Path) -> Publisher:
    return Publisher(log, LiveLake(lake_dir), lambda: NOW, lambda _: None)


@pytest.fixture
def log(tmp_path: Path) -> MemoryLog:
    made = MemoryLog()
    publisher(made, tmp_path).publish(SHOP)
    return made


def test_a_generation_begins_before_its_cut_and_is_complete_behind_all_its_seeds(log: MemoryLog) -> None:
    assert [(n_before, one.step) for n_before, _, one in log.generations] == [
        (0, "begun"), (0, "cut"), (N_SEEDS, "complete"),
    ]  # fmt: skip
    assert {one.number for _, _, one in log.generations} == {int(NOW.timestamp() * 1_000)}
    assert {one.counting for _, _, one in log.generations} == {TenantPolicy().counting}


def test_the_publisher_waits_between_the_first_announcement_and_its_look_at_the_events(tmp_path: Path) -> None:
    log, done = MemoryLog(), []
    asked = Publisher(
        log, LiveLake(tmp_path), lambda: NOW, lambda s: done.append((s, [one.step for _, _, one in log.generations]))
    )
    asked.publish(SHOP)
    assert done == [(10.0, ["begun"])]


def test_the_last_announcement_says_how_many_seeds_each_share_has(log: MemoryLog) -> None:
    keys = [split_seed_key(key) for key, _ in log.seeds]
    counts = Counter(share_of(SEEDED[key.group], entity_key(key.tenant, key.entity).decode()) for key in keys)
    assert log.generations[-1][2].n_seeds == tuple(counts[share] for share in range(N_SHARES))


def test_every_group_of_a_shopper_and_every_item_is_published_once_under_its_key(log: MemoryLog) -> None:
    keys = [split_seed_key(key) for key, _ in log.seeds]
    assert keys == [
        ("grocer", group, 0, user) for user in sorted(STATES.shoppers) for group in shopper.parts(STATES.shoppers[user])
    ] + [("grocer", GROUP_ITEM, 0, item_id) for item_id in sorted(STATES.items)]
    assert {key.group for key in keys} >= {GROUP_USER, GROUP_PURCHASED}


def test_published_states_are_the_replay_of_shifted_history(log: MemoryLog) -> None:
    shifted = replay(table(ORDERS), CUT_S + WEEKS_S, shift_s=WEEKS_S)
    for key, value in log.seeds:
        place, found = split_seed_key(key), Seed.from_bytes(value)
        assert found.generation == log.generations[0][2].number
        if place.group == GROUP_ITEM:
            assert found.state == item.to_bytes(shifted.items[place.entity])
        else:
            assert found.state == shopper.parts(shifted.shoppers[place.entity])[place.group]


def test_the_next_generation_is_newer_lies_on_the_other_side_and_keeps_the_shift(log: MemoryLog, tmp_path: Path) -> None:
    publisher(log, tmp_path).publish(replace(SHOP, shift_s=2 * WEEKS_S))
    first, second = log.generations[2][2], log.generations[-1][2]
    assert (second.number, second.side, second.shift_s) == (first.number + 1, 1, WEEKS_S)
    assert {split_seed_key(key).side for key, _ in log.seeds[N_SEEDS:]} == {1}


def test_a_publication_after_one_that_died_leaves_the_complete_seeds_alone(log: MemoryLog, tmp_path: Path) -> None:
    log.announce("grocer", log.generations[0][2].model_copy(update={"number": log.generations[0][2].number + 5, "side": 1}))
    publisher(log, tmp_path).publish(SHOP)
    assert (log.generations[-1][2].number, log.generations[-1][2].side) == (log.generations[0][2].number + 6, 1)


def test_without_a_lake_that_has_all_events_nothing_is_published(tmp_path: Path) -> None:
    log = MemoryLog(Reach("events-1", FRESH, (3, *FRESH[1:])))
    with pytest.raises(SeedsNotPublished, match="there is no lake; check that the lake writer runs"):
        publisher(log, tmp_path).publish(SHOP)
    assert not log.seeds
    assert [one.step for _, _, one in log.generations] == ["begun"]


def test_events_that_are_gone_from_the_topic_are_not_waited_for(tmp_path: Path) -> None:
    ends = (3, *FRESH[1:])
    log = MemoryLog(Reach("events-1", ends, ends))
    assert publisher(log, tmp_path).publish(SHOP).offsets == ends


def test_history_that_counts_in_another_way_is_refused_before_anything_is_announced(tmp_path: Path) -> None:
    log = MemoryLog()
    with pytest.raises(ValueError, match="train the profile again"):
        publisher(log, tmp_path).publish(replace(SHOP, policy=TenantPolicy(purchase_half_life_days=7)))
    assert not log.generations


def test_progress_is_called_for_each_entity(tmp_path: Path) -> None:
    heard: list[int] = []
    replace(publisher(MemoryLog(), tmp_path), progress=heard.append).publish(SHOP)
    assert sum(heard) == len(SEEDS.rows)


def test_a_seed_file_reads_back_as_it_was_written_and_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert seed.write(advanced(table(ORDERS), CUT_S), tmp_path / name) == len(SEEDS.rows)
    assert seed.read(tmp_path / "a") == SEEDS
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_missing_seed_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="train the profile first"):
        seed.read(tmp_path / "seeds.parquet")


def test_an_unknown_group_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="seed group 'basket' of 'DE'"):
        publisher(MemoryLog(), tmp_path).publish(replace(SHOP, imported=[EntityState("basket", "DE", b"")]))
