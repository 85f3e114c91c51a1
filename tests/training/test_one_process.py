"""The stages of a profile run in one process as DVC would run them: each after those whose files it reads."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from recommndr_training.one_process import NotInOneProcess, in_order, run

STAGES = yaml.safe_load((Path(__file__).parents[2] / "dvc.yaml").read_text())["stages"]


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
