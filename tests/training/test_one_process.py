"""The stages of a profile run in one process as DVC would run them: each after those whose files it reads."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from recommndr_training.one_process import NotInOneProcess, code, in_order, missing, run

STAGES_ROOT = Path(__file__).parents[2]
STAGES = yaml.safe_load((STAGES_ROOT / "dvc.yaml").read_text())["stages"]


@pytest.mark.parametrize("profile", ["tiny", "boutique", "online_retail"])
def test_a_stage_runs_after_those_that_write_its_files(profile: str) -> None:
    ordered = in_order(STAGES, profile, "bundle")
    assert ordered[-1] == "bundle"
    assert "register" not in ordered
    there: set[str] = set()
    for stage in ordered:
        todo = STAGES[stage]["do"]
        read = {str(path).replace("${key}", profile).replace("${item}", profile) for path in todo["deps"]}
        assert {path for path in read if path.startswith(f"var/{profile}/")} <= there
        for part in ("outs", "metrics", "plots"):
            for path in todo.get(part, ()):
                name = next(iter(path)) if isinstance(path, dict) else path
                there.add(name.replace("${key}", profile).replace("${item}", profile))


def write(directory: Path) -> None:
    stage = "python -m recommndr_training.{} --profile ${{item}}"
    todo = {
        "last": {"cmd": stage.format("made_last"), "deps": ["var/${item}/middle"], "outs": ["var/${item}/last"]},
        "first": {"cmd": "recommndr import", "deps": [], "outs": ["var/${item}/first"]},
        "middle": {"cmd": stage.format("made_middle"), "deps": ["var/${item}/first"], "outs": ["var/${item}/middle"]},
        "other": {"cmd": stage.format("made_other"), "deps": [], "outs": ["var/${item}/other"]},
    }
    known = {"stages": {name: {"foreach": ["shop"], "do": do} for name, do in todo.items()}}
    (directory / "dvc.yaml").write_text(yaml.safe_dump(known))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Which stages ran, and for which profile."""
    calls: list[tuple[str, str]] = []
    for name in ("last", "middle", "other"):
        module = ModuleType(f"recommndr_training.made_{name}")
        module.main = lambda profile, name=name: calls.append((name, profile))  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return calls


def test_only_what_the_target_needs_is_run(tmp_path: Path, ran: list[tuple[str, str]]) -> None:
    write(tmp_path)
    (tmp_path / "var/shop/first").mkdir(parents=True)
    assert [stage for stage, _ in run("shop", "last", tmp_path)] == ["middle", "last"]
    assert ran == [("middle", "shop"), ("last", "shop")]


def test_a_missing_import_says_which_stage_makes_it(tmp_path: Path, ran: list[tuple[str, str]]) -> None:
    write(tmp_path)
    with pytest.raises(NotInOneProcess, match="dvc repro first@shop"):
        list(run("shop", "last", tmp_path))
    assert ran == []


def test_what_no_module_runs_is_missing_until_its_files_are_there(tmp_path: Path) -> None:
    write(tmp_path)
    assert missing("shop", "last", tmp_path) == ["first"]
    (tmp_path / "var/shop/first").mkdir(parents=True)
    assert missing("shop", "last", tmp_path) == []


def test_the_code_is_that_of_the_stages_that_run_here() -> None:
    found = code("boutique", "bundle", STAGES_ROOT)
    assert {"recommndr/recommndr", "serving/engine/recommndr_engine"} <= set(found)
    assert "training/simulation/recommndr_simulation" not in found  # of stage simulate, which DVC runs
    assert all((STAGES_ROOT / path).exists() for path in found)
