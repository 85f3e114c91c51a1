"""On the running platform, what the ranker is served is what training would learn from."""

import json
import os
import time
from itertools import islice

import pytest

from recommndr.events import Line
from recommndr_lake_writer.lake import read_events
from recommndr_native.commands import run
from recommndr_native.go_live import GoLive
from recommndr_native.installation import environment_of
from recommndr_native.shop import Shop, purchase
from recommndr_training.shipping.held_out import Basket
from tests.patience import eventually

pytestmark = pytest.mark.e2e
N_HOUSEHOLDS = 12
N_ROUNDS = 4


def test_logged_ranker_inputs_are_those_of_a_replay_of_the_lake(live: GoLive, shop: Shop, held_out: list[Basket]) -> None:
    """Households buy and ask in turn; each is asked for at once, and again when its purchase is known."""
    households = list(dict.fromkeys(basket.user_id for basket in held_out))[:N_HOUSEHOLDS]
    sent = []
    for n in range(N_ROUNDS):
        for household in households:
            known = shop.recommend(household)
            sent.append(str(shop.send(purchase(household, [Line(item_id=one) for one in known.item_ids[n : n + 2]]))))
            eventually(lambda: shop.recommend(household).n_events > known.n_events, "the purchase is known", every_s=0.05)  # noqa: B023
    settings = live.installation.settings
    eventually(
        lambda: set(sent) <= set(read_events(settings.lake_dir, live.tenant)["event_id"].to_pylist()), "the lake has all"
    )
    time.sleep(1.0)  # --settle: of newer answers the lake need not have the events
    environment = os.environ | environment_of(settings, os.environ) | dict(live.installation.training_login())
    words = ("--tenant", live.tenant, "--profile", live.profile, "--last", "5m", "--settle", "1s", "--answers", "150")
    told = run(("recommndr", "consistency", *words), environment, live.checkout, lambda _: None)
    report = json.loads((settings.consistency_dir / f"{live.tenant}.json").read_text())
    assert report["n_answers"] > 50, told
    assert report["n_left_out"] < 0.05 * report["n_answers"], told
    assert {one["name"]: one for one in islice(report["columns"], 5) if one["differing"] > 0.01} == {}, told
