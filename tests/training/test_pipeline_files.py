"""params.yaml, dvc.yaml and tenants.yaml against the code and each other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from recommndr.tenancy import Tenants
from recommndr_training import params
from recommndr_training.bundle import MODEL_STAGES
from recommndr_training.params import BadParams

ROOT = Path(__file__).parents[2]
DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def stages() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, stage in DVC.items():
        assert tuple(stage["foreach"]) == params.profiles(ROOT / "params.yaml")
        yield name, stage["do"]


def test_the_stages_are_those_of_the_design() -> None:
    assert set(DVC) >= {"prepare", "validate", "split", *MODEL_STAGES, "evaluate", "bundle", "register", "seed"}


@pytest.mark.parametrize(("name", "stage"), list(stages()))
def test_a_stage_is_a_module_and_depends_on_it(name: str, stage: dict[str, Any]) -> None:
    assert stage["cmd"] == f"python -m recommndr_training.{name} --profile ${{item}}"
    assert f"training/recommndr_training/{name}.py" in stage["deps"]


@pytest.mark.parametrize(("name", "stage"), list(stages()))
def test_every_code_dependency_exists(name: str, stage: dict[str, Any]) -> None:
    code = [dependency for dependency in stage["deps"] if not dependency.startswith("var/")]
    assert [dependency for dependency in code if not (ROOT / dependency).exists()] == []


@pytest.mark.parametrize(("name", "stage"), list(stages()))
def test_a_stage_reads_what_another_one_writes_and_writes_its_own_folder(name: str, stage: dict[str, Any]) -> None:
    written = [path for _, other in stages() for path in _paths(other, "outs", "metrics")]
    read = [dependency for dependency in stage["deps"] if dependency.startswith("var/")]
    assert [path for path in read if not any(path == out or path.startswith(f"{out}/") for out in written)] == []
    folder = "prepared" if name == "prepare" else name
    assert all(path.startswith(f"var/${{item}}/{folder}") for path in _paths(stage, "outs", "metrics", "plots"))


def _paths(stage: dict[str, Any], *kinds: str) -> list[str]:
    entries = [entry for kind in kinds for entry in stage.get(kind, ())]
    return [next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries]


def test_parameters_a_stage_depends_on_are_there() -> None:
    for name, stage in stages():
        for wanted in stage.get("params", ()):
            for profile in params.profiles(ROOT / "params.yaml"):
                section = wanted.replace("${item}", profile).split(".")
                assert section == ["data"] or params.section(*section[1:], ROOT / "params.yaml") is not None, name


def test_the_pipeline_trains_under_the_tenants_own_policy() -> None:
    data = params.data(ROOT / "params.yaml")
    policy = Tenants.from_yaml((ROOT / "tenants.yaml").read_text()).tenants[data.tenant]
    assert data.gate_horizon_days == policy.label_horizon_days
    assert data.purchase_half_life_days == policy.purchase_half_life_days


def test_no_key_is_committed() -> None:
    tenants = Tenants.from_yaml((ROOT / "tenants.yaml").read_text()).tenants
    assert all(policy.keys == () for policy in tenants.values())


def test_dvc_sends_nothing_home() -> None:
    config = (ROOT / ".dvc" / "config").read_text()
    assert "analytics = false" in config
    assert "check_update = false" in config


def test_data_parameters_are_typed() -> None:
    data = params.data(ROOT / "params.yaml")
    assert data.gate_cut == datetime(2017, 12, 18, tzinfo=UTC)
    assert data.gate_end_s - data.gate_cut_s == 14 * 86_400.0
    assert data.purchase_half_life_s == 90 * 86_400.0


@pytest.mark.parametrize("instant", ["2017-12-18", "yesterday", 5])
def test_an_instant_without_zone_is_refused_by_name(instant: object, tmp_path: Path) -> None:
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    values["data"]["gate_cut"] = instant
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(BadParams, match=r"data\.gate_cut"):
        params.data(path)


def test_a_missing_profile_or_section_is_refused_by_name() -> None:
    with pytest.raises(BadParams, match="no profile 'huge'"):
        params.section("huge", "als", ROOT / "params.yaml")
    with pytest.raises(BadParams, match="no section 'two_tower'"):
        params.section("tiny", "two_tower", ROOT / "params.yaml")
