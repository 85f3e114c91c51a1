"""An added shop: its settings in files of its own, and the chain from its files to a registered version."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from docs.catalogue import ROOT
from recommndr.tenancy import Tenants
from recommndr_native.keys import join_added, write_keys
from recommndr_training import one_process, params
from recommndr_training.cli import app
from recommndr_training.judging import window_run
from recommndr_training.shops.shop_folder import ADMIN_KEY, KEY, ShopFolder

START = datetime(2024, 3, 1, 9, tzinfo=UTC)


def shop(*words: str | Path, answers: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["shop", *map(str, words)], input=answers)
    failed = "" if done.exception is None or isinstance(done.exception, SystemExit) else repr(done.exception)
    return done.exit_code, f"{done.output}{failed}"


def in_a_process(folder: Path, *words: str | Path) -> str:
    """What a person would see: MLflow's libraries warn, and in a test's process a warning is an error."""
    command = [sys.executable, "-m", "recommndr_training.cli", "shop", *map(str, words)]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


def log(path: Path, n_days: int = 60, shoppers: int = 1) -> Path:
    """A log of one item and one kind, without prices and categories."""
    rows = [
        f"u{user},only-item,view,{START + timedelta(days=day, minutes=user):%Y-%m-%dT%H:%M:%SZ}"
        for day in range(n_days)
        for user in range(shoppers)
    ]
    path.write_text("\n".join(["user,item,event,time", *rows]) + "\n")
    return path


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the repository's settings, and in it a shop of one item, one shopper and one kind, added to the end."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("dvc.yaml", "params.yaml", "tenants.yaml"):
        shutil.copy(ROOT / name, folder)
    for code in ("recommndr", "services", "serving", "training"):  # a bundle names the revision of the code that made it
        (folder / code).symlink_to(ROOT / code)
    with chdir(folder):
        said = in_a_process(folder, "add", "tiny-shop", "--events", log(folder / "log.csv"), "--yes")
        (folder / "said.txt").write_text(said)
        yield folder


def test_a_shop_of_one_item_and_one_shopper_gets_a_registered_version(checkout: Path) -> None:
    said = (checkout / "said.txt").read_text()
    assert "22 of 22 stages: bundle" in said
    assert "gate: passed, lists are ordered by" in said and "not judged" in said
    assert '"model_version": 1' in said
    assert (checkout / "var/shops/tiny-shop/bundle/manifest.json").exists()


def test_the_keys_of_the_shop_are_those_of_its_tenants_file(checkout: Path) -> None:
    folder = checkout / "var/shops/tiny-shop"
    tenants = Tenants.from_yaml((folder / "tenants.yaml").read_text())
    for name, scopes in ((KEY, ("read", "events")), (ADMIN_KEY, ("catalogue",))):
        assert tenants.authenticate((folder / name).read_text().strip(), *scopes, now=START).tenant == "tiny-shop"
        assert (folder / name).stat().st_mode & 0o077 == 0


def test_running_it_again_changes_nothing(checkout: Path) -> None:
    before = {path: path.read_bytes() for path in (checkout / "var/shops/tiny-shop").glob("*") if path.is_file()}
    said = in_a_process(checkout, "add", "tiny-shop", "--events", checkout / "log.csv", "--yes")
    assert "nothing changed since the last import" in said and "nothing changed since the last training" in said
    assert {path: path.read_bytes() for path in before if path.name != "registered.json"} == {
        path: text for path, text in before.items() if path.name != "registered.json"
    }


def test_it_is_listed_and_shown(checkout: Path) -> None:
    status, said = shop("list")
    assert status == 0
    assert "tiny-shop" in said and "passed" in said and "version 1" in said
    status, said = shop("show", "tiny-shop")
    assert status == 0
    assert "target kind: view" in said and "gate: passed" in said


def test_an_installation_gets_the_added_shops_with_their_keys(checkout: Path) -> None:
    write_keys(checkout / "tenants.yaml", checkout / "keys", checkout / "var/tenants.yaml")
    tenants = Tenants.from_yaml((checkout / "var/tenants.yaml").read_text())
    own = (checkout / "var/shops/tiny-shop" / KEY).read_text().strip()
    assert tenants.authenticate(own, now=START).tenant == "tiny-shop"
    made = (checkout / "keys/tiny-shop").read_text().strip()
    assert tenants.authenticate(made, now=START).tenant == "tiny-shop"


def test_a_shop_that_is_added_later_joins_an_installation_once(checkout: Path) -> None:
    (checkout / "none").mkdir()
    shutil.copy(ROOT / "tenants.yaml", checkout / "none")
    file, keys = checkout / "var/later.yaml", checkout / "later"
    write_keys(checkout / "none/tenants.yaml", keys, file)
    before = Tenants.from_yaml(file.read_text())
    assert "tiny-shop" not in before.tenants
    assert join_added(checkout, keys, file) == ["tiny-shop"]
    after = file.read_text()
    for key in (checkout / "var/shops/tiny-shop" / KEY, keys / "tiny-shop"):
        assert Tenants.from_yaml(after).authenticate(key.read_text().strip(), now=START).tenant == "tiny-shop"
    assert all(Tenants.from_yaml(after).tenants[tenant] == policy for tenant, policy in before.tenants.items())
    assert join_added(checkout, keys, file) == []
    assert file.read_text() == after


def test_a_shop_that_ships_cannot_be_added(checkout: Path) -> None:
    status, said = shop("add", "grocer", "--events", checkout / "log.csv", "--yes")
    assert status == 1 and "grocer: is in tenants.yaml already" in said


def settled(folder: Path, n_days: int) -> ShopFolder:
    status, said = shop("add", "other", "--events", log(folder / "other.csv", n_days, shoppers=3), "--yes", "--dry-run")
    assert status == 0, said
    return ShopFolder("other", folder)


def test_a_dry_run_adds_no_shop(checkout: Path) -> None:
    settled(checkout, 30)
    assert "other" not in params.added()


def test_an_added_shop_has_every_stage_but_imports(checkout: Path) -> None:
    stages = one_process.names("shops/tiny-shop", "bundle")
    assert stages[0] == "read_lake" and stages[-1] == "bundle"
    assert not {"prepare", "import", "simulate"} & set(stages)
    assert one_process.missing("shops/tiny-shop", "bundle") == []
    assert "shops/tiny-shop" in params.profiles()


def changed(path: Path, change: Any) -> None:
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content))


def test_what_people_change_in_the_settings_stays(checkout: Path) -> None:
    folder = ShopFolder("tiny-shop")
    kept = {name: (folder.path / name).read_bytes() for name in ("params.yaml", "tenants.yaml")}
    try:
        changed(folder.path / "params.yaml", lambda file: file["datasets"]["tiny-shop"].update(currency="JPY", until="x"))
        changed(folder.path / "tenants.yaml", lambda file: file["tenants"]["tiny-shop"].update(label_horizon_days=3))
        found = folder.settle()
        data = params.data(folder.profile)
        assert (data.currency, data.policy.label_horizon_days, found.horizon_days) == ("JPY", 3, 3)
        assert data.until - data.gate_cut == timedelta(days=3)
    finally:
        for name, text in kept.items():
            (folder.path / name).write_bytes(text)


def test_an_earlier_gate_period_of_an_added_shop_can_be_judged(checkout: Path) -> None:
    profile = "shops/tiny-shop"
    earlier = window_run.windows(params.data(profile), 2)[1]
    folder = window_run.prepare(profile, earlier, seed=0)
    with chdir(folder):
        moved = params.data(profile)
        assert moved.gate_cut == earlier.cut
        assert one_process.missing(profile, window_run.TARGET) == []
        assert ShopFolder("tiny-shop").lines().num_rows == 60
    assert moved.policy == params.data(profile).policy


def test_a_stage_without_a_section_has_the_defaults(checkout: Path) -> None:
    assert params.section("shops/tiny-shop", "als") == {}


def test_a_shop_that_was_not_added_is_named(checkout: Path) -> None:
    for words in (("show", "nobody"), ("remove", "nobody", "--yes")):
        status, said = shop(*words)
        assert status == 1 and "nobody: no such shop: added are tiny-shop" in said


def test_removing_asks_and_deletes(checkout: Path) -> None:
    copy = shutil.copytree(checkout / "var/shops/tiny-shop", checkout / "var/shops/copy")
    assert shop("remove", "copy", answers="n\n")[0] == 1
    assert copy.exists()
    assert shop("remove", "copy", "--yes")[0] == 0
    assert not copy.exists()
