"""A stage of dvc.yaml depends on all code that it imports: what is changed is run again, and no judgement mixes versions."""

import ast
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
PACKAGES = {
    "recommndr": "recommndr",
    "recommndr_engine": "serving/engine",
    "recommndr_importing": "training/importing",
    "recommndr_lake_writer": "services/lake_writer",
    "recommndr_simulation": "training/simulation",
    "recommndr_training": "training",
}
# Commands are shells over these modules; a stage that calls `recommndr <command>` runs its file of commands/.
COMMANDS = {"import": "recommndr_training.commands.import_data", "simulate": "recommndr_training.commands.simulate"}
# What a command line looks like and what is only live changes nothing that a stage writes.
SHELLS = {"recommndr_training.console", "recommndr_training.commands.live_run"}


def module_of(stage: str) -> str:
    return COMMANDS.get(stage) or STAGES[stage]["do"]["cmd"].split()[2]


def file_of(module: str) -> Path | None:
    root = PACKAGES.get(module.partition(".")[0])
    if root is None:
        return None
    path = ROOT / root / module.replace(".", "/")
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.exists()), None)


@cache
def imported(file: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return frozenset(name for name in names if name not in SHELLS)


def closure(module: str) -> set[Path]:
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        file = file_of(waiting.pop())
        if file is not None and file not in found:
            found.add(file)
            waiting += imported(file)
    return {file for file in found if file.name != "__init__.py" or file.stat().st_size > 400}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_all_it_imports(stage: str) -> None:
    declared = [ROOT / path for path in STAGES[stage]["do"]["deps"] if "${" not in path]
    missing = [
        file.relative_to(ROOT).as_posix()
        for file in sorted(closure(module_of(stage)))
        if not any(file == place or place in file.parents for place in declared)
    ]
    assert missing == []


@pytest.mark.parametrize("stage", sorted(set(STAGES) - {"prepare"}))
def test_the_grocers_rules_touch_no_other_shops_data(stage: str) -> None:
    assert not [file.name for file in closure(module_of(stage)) if file.name.startswith("grocer_")]
