"""params.yaml, dvc.yaml and tenants.yaml against the code and each other."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from recommndr.identity import TenantId
from recommndr.tenancy import Tenants
from recommndr_engine.retrievers import FIT_STAGES
from recommndr_training import params
from recommndr_training.params import BadParams

ROOT = Path(__file__).parents[2]
DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


SOURCES = {"prepare", "import", "simulate", "read_lake"}  # where events come from differs; all else is the same for all
PROFILES = params.profiles(ROOT / "params.yaml")
KEY = {"${item}", "${key}"}  # foreach over a list names the profile one way, over a mapping the other


def stages() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, stage in DVC.items():
        yield name, stage["do"]


def test_the_stages_are_those_of_the_design() -> None:
    own = {"validate", "split", *FIT_STAGES, "ranker", "evaluate", "bundle", "register", "seed", "validate_features"}
    assert set(DVC) >= SOURCES | own


def test_every_profile_has_a_source_and_goes_through_all_other_stages() -> None:
    for name in set(DVC) - SOURCES - {"oracle"}:
        assert DVC[name]["foreach"] == "${profiles}", name
    prepared = [*DVC["prepare"]["foreach"], *DVC["read_lake"]["foreach"]]
    assert sorted(prepared) == sorted(PROFILES)
    assert sorted([*DVC["import"]["foreach"], *DVC["simulate"]["foreach"]]) == sorted(DVC["read_lake"]["foreach"])


@pytest.mark.parametrize("name", [name for name in DVC if name not in ("import", "simulate")])
def test_a_stage_is_a_module_and_depends_on_its_package(name: str) -> None:
    command, profile = DVC[name]["do"]["cmd"].rsplit(" ", 1)
    module = command.removeprefix("python -m ").removesuffix(" --profile")
    assert module.startswith("recommndr_training.")
    assert module.endswith(f".{name}")
    assert profile in KEY
    assert f"training/{module.rpartition('.')[0].replace('.', '/')}" in DVC[name]["do"]["deps"]


@pytest.mark.parametrize(("name", "stage"), list(stages()))
def test_every_code_dependency_exists(name: str, stage: dict[str, Any]) -> None:
    code = [path for path in stage["deps"] if not path.startswith("var/") and "${" not in path]
    assert [dependency for dependency in code if not (ROOT / dependency).exists()] == []


@pytest.mark.parametrize("shop", [name for name in DVC["import"]["foreach"]])
def test_every_imported_shop_has_a_mapping(shop: str) -> None:
    assert (ROOT / f"training/importing/recommndr_importing/mappings/{shop}.yaml").exists()


@pytest.mark.parametrize(("name", "stage"), list(stages()))
def test_a_stage_reads_what_another_one_writes_and_writes_its_own_folder(name: str, stage: dict[str, Any]) -> None:
    written = [_of_any(path) for _, other in stages() for path in _paths(other, "outs", "metrics")]
    read = [_of_any(path) for path in stage["deps"] if path.startswith("var/")]
    assert [path for path in read if not any(path == out or path.startswith(f"{out}/") for out in written)] == []
    folders = {"prepare": ("prepared",), "read_lake": ("prepared",), "import": ("lake",), "simulate": ("lake", "simulate")}
    own = tuple(f"var/*/{folder}" for folder in folders.get(name, (name,)))
    assert all(_of_any(path).startswith(own) for path in _paths(stage, "outs", "metrics", "plots"))


def _of_any(path: str) -> str:
    return path.replace("${item}", "*").replace("${key}", "*")


def _paths(stage: dict[str, Any], *kinds: str) -> list[str]:
    entries = [entry for kind in kinds for entry in stage.get(kind, ())]
    return [next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries]


@pytest.mark.parametrize("profile", PROFILES)
def test_parameters_a_stage_depends_on_are_there(profile: str) -> None:
    for name in set(DVC) - SOURCES - {"oracle"}:
        for wanted in DVC[name]["do"].get("params", ()):
            assert _is_there(wanted, profile), f"{name}: {wanted}"


def _is_there(wanted: str | dict[str, list[str]], profile: str) -> bool:
    if isinstance(wanted, dict):
        return wanted == {"tenants.yaml": ["tenants.${item.tenant}"]}
    if wanted == "datasets.${item.tenant}":
        return bool(params.data(profile, ROOT / "params.yaml").tenant)
    _, named, section = wanted.split(".")
    return named == "${key}" and params.section(profile, section, ROOT / "params.yaml") is not None


@pytest.mark.parametrize("profile", PROFILES)
def test_the_pipeline_trains_under_the_tenants_own_policy(profile: str) -> None:
    data = params.data(profile, ROOT / "params.yaml")
    assert data.policy == Tenants.from_yaml((ROOT / "tenants.yaml").read_text()).tenants[TenantId(data.tenant)]
    assert data.gate_end_s - data.gate_cut_s == data.policy.label_horizon_days * 86_400.0
    assert data.purchase_half_life_s == data.policy.purchase_half_life_days * 86_400.0


def test_no_key_is_committed() -> None:
    tenants = Tenants.from_yaml((ROOT / "tenants.yaml").read_text()).tenants
    assert all(policy.keys == () for policy in tenants.values())


def test_dvc_sends_nothing_home() -> None:
    config = (ROOT / ".dvc" / "config").read_text()
    assert "analytics = false" in config
    assert "check_update = false" in config


def test_data_parameters_are_typed() -> None:
    assert params.data("tiny", ROOT / "params.yaml").gate_cut == datetime(2017, 12, 18, tzinfo=UTC)


def files_with(tmp_path: Path, **changed: object) -> Path:
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    values["datasets"]["grocer"] |= changed
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    (tmp_path / "tenants.yaml").write_text((ROOT / "tenants.yaml").read_text())
    return path


@pytest.mark.parametrize("instant", ["2017-12-18", "yesterday", 5])
def test_an_instant_without_zone_is_refused_by_name(instant: object, tmp_path: Path) -> None:
    with pytest.raises(BadParams, match=r"datasets\.grocer\.gate_cut"):
        params.data("tiny", files_with(tmp_path, gate_cut=instant))


def test_a_profile_of_a_tenant_without_policy_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = files_with(tmp_path)
    (tmp_path / "tenants.yaml").write_text("tenants: {bakery: {}}")
    with pytest.raises(BadParams, match="no tenant 'grocer': expected one of bakery; add it there first"):
        params.data("tiny", path)


def test_a_missing_profile_or_section_is_refused_by_name() -> None:
    with pytest.raises(BadParams, match="no profile 'huge'"):
        params.section("huge", "als", ROOT / "params.yaml")
    with pytest.raises(BadParams, match="no section 'two_tower'"):
        params.section("tiny", "two_tower", ROOT / "params.yaml")


@pytest.mark.parametrize(("stage", "check"), [("split", "validate"), ("bundle", "validate_features")])
def test_no_stage_runs_before_its_input_was_found_valid(stage: str, check: str) -> None:
    assert any(dependency.endswith(f"/{check}/report.json") for dependency in DVC[stage]["do"]["deps"])


def test_every_stage_of_every_profile_is_in_the_lock() -> None:
    # As in git: the end-to-end tests may train at the same time, and DVC then writes the file.
    staged = subprocess.run(["git", "show", ":dvc.lock"], cwd=ROOT, capture_output=True, check=True).stdout
    locked = set(yaml.safe_load(staged)["stages"])
    of_profiles = {name: PROFILES if DVC[name]["foreach"] == "${profiles}" else tuple(DVC[name]["foreach"]) for name in DVC}
    assert locked == {f"{name}@{profile}" for name, profiles in of_profiles.items() for profile in profiles}
