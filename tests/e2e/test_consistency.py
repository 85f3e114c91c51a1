"""On the running platform, what the ranker is served is what training would learn from."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recommndr.events import Line
from recommndr_lake_writer.lake import read_events
from recommndr_lake_writer.served_table import ColumnNames, stored_answers
from recommndr_native.commands import run
from recommndr_native.go_live import GoLive
from recommndr_native.installation import environment_of
from recommndr_native.shop import Shop, purchase
from recommndr_training.shipping.held_out import Basket
from tests.patience import eventually

pytestmark = pytest.mark.e2e
N_HOUSEHOLDS = 12
N_ROUNDS, N_ASKED = 2, 8
LAG_S = 12.0  # events are known everywhere, and shares of categories, which follow 10 s late


def test_logged_ranker_inputs_are_those_of_a_replay_of_the_lake(live: GoLive, shop: Shop, held_out: list[Basket]) -> None:
    """Households buy what they are shown, and ask again when all of it is known everywhere."""
    households = list(dict.fromkeys(basket.user_id for basket in held_out))[:N_HOUSEHOLDS]
    sent, n_before = [], {household: shop.recommend(household).n_events for household in households}
    for n in range(N_ROUNDS):
        for household in households:
            known = shop.recommend(household)
            sent.append(str(shop.send(purchase(household, [Line(item_id=one) for one in known.item_ids[n : n + 2]]))))
    settings = live.installation.settings
    eventually(lambda: lake_ids(settings.lake_dir, live.tenant) >= set(sent), "the lake has all")
    for household in households:
        eventually(lambda who=household: shop.recommend(who).n_events >= n_before[who] + N_ROUNDS, f"{household}'s row has all")
    time.sleep(LAG_S)  # what shoppers do is in flight for so long, as the report is told
    since = datetime.now(UTC)
    for _ in range(N_ASKED):
        for household in households:
            shop.recommend(household)
    time.sleep(1.0)  # --settle: of newer answers the lake need not have the events
    environment = os.environ | environment_of(settings, os.environ) | dict(live.installation.training_login())
    words = (
        "--tenant",
        live.tenant,
        "--profile",
        live.profile,
        "--since",
        f"{since:%FT%T}",
        "--settle",
        "1s",
        "--lag",
        f"{LAG_S:.0f}s",
    )
    told = run(("recommndr", "consistency", *words), environment, live.checkout, lambda _: None)
    report = json.loads((settings.consistency_dir / f"{live.tenant}.json").read_text())
    assert report["n_answers"] >= N_ASKED * N_HOUSEHOLDS, told
    assert report["n_left_out"] <= 0.05 * report["n_answers"], told  # other tests take items out of stock
    assert {one["name"]: one for one in report["columns"] if one["differing"] > 0.01} == {}, told


def test_what_was_served_is_kept_in_the_lake(live: GoLive, shop: Shop, held_out: list[Basket]) -> None:
    households, settings = {basket.user_id for basket in held_out[:N_HOUSEHOLDS]}, live.installation.settings
    began = datetime.now(UTC)
    for household in households:
        shop.recommend(household)

    def versions_of() -> dict[str, str]:
        days = stored_answers(settings.lake_dir, live.tenant, began, datetime.now(UTC), ["user_id", "model_version"])
        return {row["user_id"]: row["model_version"] for day in days for row in day.to_pylist()}

    eventually(lambda: versions_of().keys() >= households, "the lake has all answers")
    named = ColumnNames(settings.lake_dir).of(versions_of()[min(households)])
    assert named is not None and "own_decayed" in named.columns


def lake_ids(lake_dir: Path, tenant: str) -> set[str]:
    return set(read_events(lake_dir, tenant)["event_id"].to_pylist())
