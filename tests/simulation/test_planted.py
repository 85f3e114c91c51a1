"""What is planted can be found in the log: position bias, partners, things used up, seasons, reductions."""

from dataclasses import dataclass

import numpy as np
import pytest

from recommndr.events import KIND_CODE
from recommndr_simulation import choice, generation
from recommndr_simulation.arrays import Ints, Lines
from recommndr_simulation.profile import profile_of
from recommndr_simulation.world import World

SHOP = profile_of("small", events=60_000)


@dataclass(frozen=True)
class Log:
    world: World
    lines: Lines

    def of(self, *kinds: str) -> Lines:
        return self.lines[np.isin(self.lines["kind"], [KIND_CODE[kind] for kind in kinds])]


@pytest.fixture(scope="module")
def log() -> Log:
    world = World.plant(SHOP)
    return Log(world, generation.lines_of_chunk(world, 0, generation.mean_returns(world)))


def test_what_stands_further_up_is_clicked_more_often_though_it_is_not_better(log: Log) -> None:
    shown, clicked = log.of("impression"), log.of("click")
    rate = np.bincount(clicked["position"], minlength=10) / np.bincount(shown["position"], minlength=10)
    assert rate[0] > 1.5 * rate[4:6].mean() > 1.5 * 0.8 * rate[8:].mean()
    quality = log.world.catalogue.quality[shown["item"]]
    by_place = np.bincount(shown["position"], quality) / np.bincount(shown["position"])
    assert np.ptp(by_place[:8]) < 0.15


def test_partners_are_bought_together_far_more_often_than_other_pairs(log: Log) -> None:
    bought = log.of("purchase")
    partner = log.world.catalogue.partner
    together = _pairs_of_orders(bought["event"], bought["item"])
    are_partners = (partner[together[0]] == together[1]) | (partner[together[1]] == together[0])
    assert len(together[0]) > 50
    assert are_partners.mean() > 50 / log.world.catalogue.n_items


def _pairs_of_orders(order: Ints, item: Ints) -> tuple[Ints, Ints]:
    rows = np.argsort(order, kind="stable")
    order, item = order[rows], item[rows]
    same = order[1:] == order[:-1]
    return item[1:][same], item[:-1][same]


def test_what_is_bought_again_is_what_is_used_up(log: Log) -> None:
    goods, bought = log.world.catalogue, log.of("purchase")
    pair = bought["user"].astype(np.int64) * goods.n_items + bought["item"]
    order = np.lexsort((bought["at_us"], pair))
    again = np.zeros(len(pair), bool)
    again[1:] = pair[order][1:] == pair[order][:-1]
    used_up = goods.leaf_days_again[goods.leaf[bought["item"][order]]] > 0
    assert again.sum() > 15
    assert used_up[again].mean() > 0.7 > used_up[~again].mean() + 0.3
    days = np.diff(bought["at_us"][order], prepend=0)[again & used_up] / 86_400e6
    assert np.median(days) > 7, "nobody restocks the next day"


def test_departments_are_looked_at_more_in_their_season(log: Log) -> None:
    goods, world = log.world.catalogue, log.world
    looks = log.of("view", "click")
    looks = looks[looks["user"] < world.shoppers.n_shoppers]
    day = world.calendar.day_of(looks["at_us"] / 1e6)
    department = goods.leaf_department[goods.leaf[looks["item"]]]
    demand = world.calendar.leaf_season * goods.leaf_weight
    seen, planted = [], []
    for number in range(int(department.max()) + 1):
        mine, its = department == number, goods.leaf_department == number
        seen.append((mine & (day >= 80)).sum() / (mine & (day < 40)).sum())
        planted.append(demand[80:, its].sum() / demand[:40, its].sum())
    assert np.corrcoef(np.log(planted), np.log(seen))[0, 1] > 0.5


def test_reduced_things_are_looked_at_more_than_the_same_things_at_full_price(log: Log) -> None:
    goods, world = log.world.catalogue, log.world
    shown, clicked = log.of("impression"), log.of("click")
    rate = {}
    for name, lines in (("shown", shown), ("clicked", clicked)):
        reduced = choice.reduction(world, lines["item"], world.calendar.day_of(lines["at_us"] / 1e6)) > 0
        promotable = goods.promotable[lines["item"]]
        rate[name] = reduced.sum() / (promotable & ~reduced).sum()
    assert rate["clicked"] > 1.1 * rate["shown"]


def test_bots_walk_through_everything_and_buy_nothing(log: Log) -> None:
    robots = log.lines[log.lines["user"] >= log.world.shoppers.n_shoppers]
    assert 0.004 < len(robots) / len(log.lines) < 0.03
    assert set(robots["kind"]) == {KIND_CODE["view"]}
    assert len(np.unique(robots["item"])) > 0.5 * log.world.catalogue.n_items
