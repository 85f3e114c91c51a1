"""`recommndr serve` as it is typed."""

import subprocess
import sys
from pathlib import Path

import pytest

from recommndr_one_process.trained import NotTrained, newest_of_each_tenant

PROGRAM = Path(sys.executable).parent / "recommndr"
PARAMS = """
datasets:
  grocer: {currency: USD, since: "2017-01-01T00:00:00Z", until: "2018-01-02T00:00:00Z", gate_cut: "2017-12-18T00:00:00Z"}
profiles: {tiny: {tenant: grocer}, small: {tenant: grocer}}
"""


def test_its_help_names_its_options() -> None:
    told = subprocess.run([PROGRAM, "serve", "--help"], capture_output=True, check=True, text=True).stdout
    assert "recommndr serve" in told
    assert {"--data", "--profile", "--train", "--port", "--pages", "--dev", "--train-at"} <= set(told.split())


def test_a_profile_that_is_not_trained_is_named_with_the_command_that_trains_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotTrained, match="recommndr train --one-process --profile tiny"):
        newest_of_each_tenant(["tiny"])


def test_of_a_shops_profiles_the_one_trained_last_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS)
    (tmp_path / "tenants.yaml").write_text("tenants: {grocer: {}}")
    assert newest_of_each_tenant(None) == []
    for profile in ("small", "tiny"):
        folder = tmp_path / "var" / profile / "bundle"
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
    assert newest_of_each_tenant(["small"]) == ["small"]
    assert newest_of_each_tenant(None) == ["tiny"]
