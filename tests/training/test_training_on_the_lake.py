"""A shop that was added and lived on is trained again on its lake: it knows what happened, and nothing of after."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from recommndr.release_files import ReleaseFiles
from recommndr_engine.bundle_items import ITEM_IDS_FILE
from recommndr_one_process.database import Database
from recommndr_one_process.trained import to_take_up
from recommndr_training import params
from recommndr_training.retraining import lake_part
from recommndr_training.retraining.outcome import Outcome
from tests.training.living_shop import HISTORY_DAYS, ITEMS, LivingShop, checkout_in

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")]
NEW = range(100, 106)  # items that the shop did not have before it went live


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingShop]:
    """A shop that lived for two weeks, was trained as of then, and lived on for another day."""
    with checkout_in(tmp_path_factory.mktemp("checkout")) as checkout:
        living = LivingShop(checkout, "bakery")
        living.add()
        living.take_up()
        living.live(HISTORY_DAYS, 13, range(ITEMS))
        living.live(HISTORY_DAYS, 13, NEW, shoppers="new-")
        living.put_items([*(f"i{n}" for n in NEW), "i-untouched"])
        pinned = lake_part.newest_version(living.places.folder / "lake")
        living.live(HISTORY_DAYS + 13, 1, range(200, 206), shoppers="later-")
        said = living.train("--lake-version", str(pinned))
        (checkout / "said.txt").write_text(said)
        yield living


def manifest(shop: LivingShop) -> Any:
    return json.loads((shop.profile_dir / "bundle/manifest.json").read_text())


def lines(shop: LivingShop, stage: str) -> pd.DataFrame:
    found: pd.DataFrame = pq.read_table(shop.profile_dir / stage / "split/train.parquet").to_pandas()
    return found


def test_what_happened_in_the_shop_is_learnt_and_nothing_after_the_version(shop: LivingShop) -> None:
    learnt = lines(shop, "refit")
    assert {f"i{n}" for n in NEW} < set(learnt["item_id"])
    assert learnt["user_id"].str.startswith("new-").any()
    assert not learnt["user_id"].str.startswith("later-").any()
    assert not learnt["item_id"].isin([f"i{n}" for n in range(200, 206)]).any()
    ranked = {one.decode() if isinstance(one, bytes) else str(one) for one in item_ids(shop)}
    assert {"i100", "i-untouched"} < ranked
    assert "i200" not in ranked


def item_ids(shop: LivingShop) -> Any:
    return np.load(shop.profile_dir / "bundle" / ITEM_IDS_FILE)


def test_what_judged_had_seen_nothing_of_the_gate_cut_or_later(shop: LivingShop) -> None:
    data = params.data("shops/bakery/live")
    assert lines(shop, "")["known_s"].max() < data.gate_cut_s
    gate = pq.read_table(shop.profile_dir / "split/gate.parquet").to_pandas()
    assert gate["at_s"].min() >= data.gate_cut_s


def test_each_event_is_there_once(shop: LivingShop) -> None:
    learnt = lines(shop, "refit")
    assert not learnt.duplicated(["event_id", "item_id"]).any()
    n_history = len(pq.read_table(shop.checkout / "var/shops/bakery/refit/split/train.parquet"))
    assert (learnt["at_s"] < manifest_since(shop)).sum() == n_history


def manifest_since(shop: LivingShop) -> float:
    """The instant of the first live event."""
    lake = shop.places.folder / "lake"
    version = manifest(shop)["parameters"]["lake.version"]
    return lake_part.read(lake, "bakery", version, {}).live_since_s


def test_the_version_is_released_and_audited(shop: LivingShop) -> None:
    release = ReleaseFiles(shop.places.folder / "releases").load("bakery")
    assert release is not None and release.previous is not None
    assert (release.stable.version, release.stable.model_version) == (manifest(shop)["version"], 2)
    assert (shop.places.folder / "bundles" / release.stable.version / "manifest.json").is_file()
    audit = (shop.places.folder / "audit.jsonl").read_text().splitlines()
    assert [json.loads(one)["by"] for one in audit if "release.promote" in one][-1] == "tests"


def test_a_start_does_not_go_back_to_the_version_of_the_import(shop: LivingShop) -> None:
    database = Database(shop.places.database)
    connection = database.connect()
    try:
        assert not to_take_up("shops/bakery", connection, shop.places.folder / "releases")
    finally:
        connection.close()


def test_run_data_and_card_name_the_version_of_the_lake(shop: LivingShop) -> None:
    version = manifest(shop)["parameters"]["lake.version"]
    client = mlflow.MlflowClient(f"sqlite:///{shop.checkout}/var/registry/mlflow.db")
    registered = client.get_model_version("recommndr-bakery", "2")
    run = client.get_run(registered.run_id)
    assert run.data.params["lake.version"] == str(version)
    (data,) = run.inputs.dataset_inputs
    assert json.loads(data.dataset.source)["lake.version"] == version
    card = (shop.profile_dir / "bundle/model_card.md").read_text()
    assert f"version {version} of the lake" in card
    assert f"recommndr train --tenant bakery --lake-version {version}" in card


def test_how_it_ended_is_kept(shop: LivingShop) -> None:
    outcome = Outcome.read(shop.profile_dir)
    assert outcome is not None
    assert (outcome.ending, outcome.model_version) == ("released", 2)
    assert outcome.n_live == 13 * 40 * 2


def test_a_shop_without_live_events_keeps_what_it_has(shop: LivingShop) -> None:
    other = LivingShop(Path.cwd(), "grocer")
    assert "no live events of grocer" in other.train(status=3)
    outcome = Outcome.read(other.profile_dir)
    assert outcome is not None and outcome.ending == "kept"
