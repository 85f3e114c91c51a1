"""The folder of one process: its keys and tenants."""

from pathlib import Path

import pytest
import yaml

from recommndr.settings import Settings
from recommndr.tenancy import Tenants
from recommndr_one_process.places import Places


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    write_tenants(tmp_path / "tenants.yaml", "grocer")
    return tmp_path


def write_tenants(path: Path, *names: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"tenants": {name: {} for name in names}}))


def settings(checkout: Path, **environment: str) -> Settings:
    return Places(checkout / "serve").settings(environment, checkout)


def keys(checkout: Path) -> dict[str, str]:
    folder = checkout / "serve" / "keys"
    return {str(path.relative_to(folder)): path.read_text().strip() for path in sorted(folder.rglob("*")) if path.is_file()}


def tenants(checkout: Path) -> Tenants:
    return Tenants.from_yaml((checkout / "serve" / "tenants.yaml").read_text())


def test_keys_are_made_once(checkout: Path) -> None:
    first = settings(checkout)
    made = keys(checkout)
    assert {"grocer", "admin/grocer", "attribution", "token.pem"} <= set(made)
    assert first.attribution_key.get_secret_value() == made["attribution"]
    settings(checkout)
    assert keys(checkout) == made


def test_a_shop_that_was_added_later_gets_keys_and_the_others_keep_theirs(checkout: Path) -> None:
    settings(checkout)
    before, grocer = keys(checkout), tenants(checkout).tenants
    added = checkout / "var" / "shops" / "toys"
    write_tenants(added / "tenants.yaml", "toys")
    (added / "params.yaml").write_text("")
    settings(checkout)
    after = tenants(checkout).tenants
    assert list(after) == ["grocer", "toys"]
    assert after | grocer == after
    assert before.items() <= keys(checkout).items()
    assert {"toys", "admin/toys"} <= set(keys(checkout))
    assert after["toys"].origins == grocer["grocer"].origins


def test_what_the_environment_says_stands_over_the_folder(checkout: Path) -> None:
    write_tenants(checkout / "own.yaml", "grocer")
    found = settings(checkout, RECOMMNDR_TENANTS_FILE=str(checkout / "own.yaml"), RECOMMNDR_ATTRIBUTION_KEY="k" * 32)
    assert found.tenants_file == checkout / "own.yaml"
    assert found.attribution_key.get_secret_value() == "k" * 32
    assert found.state_dir == checkout / "serve"
