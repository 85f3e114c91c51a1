"""A planted shop: the ranker knows what shoppers buy again, a list knows what is new to them. Each ships for its scopes."""

from pathlib import Path

import numpy as np
import pytest

from recommndr.features import shopper
from recommndr.features.shopper import ShopperRow, read
from recommndr.list_scope import SCOPES
from recommndr_engine import golden
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_training.judging.evaluate import RequestSet, gate_report, judge, usual_orders
from recommndr_training.judging.gate import GatePolicy
from recommndr_training.judging.gate_report import GateReport
from tests.engine.bundles import N_ITEMS, NOW, WrittenBundle, bought, catalog_item, item_id, row_of, with_scope_methods

NOW_S = NOW.timestamp()
N_SHOPPERS, N_OWNED = 40, 12


@pytest.fixture
def live() -> LiveItems:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    return live


class PlantedShop:
    """Shoppers of two camps own items of theirs; they come back for the last ones, and for others of their camp.

    The hand-written ranker knows what a shopper owns and what sells; the retrievers together know the camps.
    """

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        self.rows: dict[str, ShopperRow] = {}
        again, new = {}, {}
        for number in range(N_SHOPPERS):
            camp = random.permutation(np.arange(number % 2, N_ITEMS, 2))
            owned, others = camp[:N_OWNED], camp[N_OWNED:]
            state = shopper.EMPTY
            for days_ago, item in enumerate(owned.tolist(), 1):
                state = bought(item, days_ago=days_ago, state=state)
            user_id = f"u{number:02d}"
            self.rows[user_id] = read(row_of(state))
            again[user_id], new[user_id] = owned[:3].astype(np.int32), others[:4].astype(np.int32)
        everything = {user_id: np.concatenate([again[user_id], new[user_id]]) for user_id in self.rows}
        self.asked = {"all": RequestSet("mixed", everything), "new": RequestSet("discover", new)}

    def judged(self, pipeline: Pipeline) -> GateReport:
        """What the gate decides."""
        lists = {name: judge(pipeline, self.rows, question, NOW_S) for name, question in self.asked.items()}
        return gate_report(lists, usual_orders({}), GatePolicy(n_draws=200))


def test_the_ranker_ships_for_all_items_and_the_list_for_new_ones(
    bundle: WrittenBundle, live: LiveItems, tmp_path: Path
) -> None:
    shop = PlantedShop()
    report = shop.judged(Pipeline.read(bundle.directory, bundle.manifest, live))
    assert (report.passed, report.methods) == (True, {"all": "ranker", "new": "weighted"})
    assert any(one.startswith("weighted orders lists of new items instead of ranker") for one in report.instead)
    shipped = with_scope_methods(bundle, tmp_path / "shipped", report.scope_methods)
    golden.check(shipped.directory, shipped.manifest)
    pipeline = Pipeline.read(shipped.directory, shipped.manifest, live)
    used = {scope: pipeline.recommend(shop.rows["u00"], ListRequest(10, scope), NOW_S).method for scope in SCOPES}
    assert used == {"mixed": "ranker", "discover": "weighted", "unseen": "weighted", "buy_again": "ranker"}
