"""A training in one process runs again when anything that it starts from changed, and not otherwise."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from recommndr_training import training_inputs

STAGE = "python -m recommndr_training.{} --profile ${{item}}"
STAGES = {
    "import": {"cmd": "recommndr import", "deps": ["imports.py"], "outs": ["var/${item}/lake"]},
    "fit": {"cmd": STAGE.format("fit"), "deps": ["code", "var/${item}/lake"], "outs": ["var/${item}/fit"]},
    "bundle": {"cmd": STAGE.format("bundle"), "deps": ["code/b.py", "var/${item}/fit"], "outs": ["var/${item}/bundle"]},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout whose profile `shop` was trained in one process."""
    (tmp_path / "dvc.yaml").write_text(
        yaml.safe_dump({"stages": {name: {"foreach": ["shop"], "do": do} for name, do in STAGES.items()}})
    )
    for name in (
        "params.yaml",
        "tenants.yaml",
        "imports.py",
        "code/b.py",
        "var/shop/lake/part",
        "var/shop/bundle/manifest.json",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    training_inputs.keep("shop", "bundle", tmp_path)
    assert training_inputs.unchanged("shop", "bundle", tmp_path)
    return tmp_path


def test_a_profile_that_was_never_trained_here_is_not_unchanged(tmp_path: Path, root: Path) -> None:
    (root / "var/shop/trained_from.txt").unlink()
    assert not training_inputs.unchanged("shop", "bundle", root)


def rewritten(name: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text("other")


@pytest.mark.parametrize(
    "change",
    [
        *(pytest.param(rewritten(name), id=name) for name in ("params.yaml", "tenants.yaml", "code/b.py")),
        pytest.param(rewritten("code/new.py"), id="a new module"),
        pytest.param(lambda root: (root / "code/b.py").rename(root / "code/c.py"), id="a renamed module"),
        pytest.param(rewritten("var/shop/lake/more"), id="more in the lake"),
        pytest.param(lambda root: os.utime(root / "var/shop/lake/part", (1, 1)), id="a file of the lake written again"),
        pytest.param(rewritten("var/shop/bundle/manifest.json"), id="a bundle that DVC made"),
        pytest.param(lambda root: (root / "var/shop/bundle/manifest.json").unlink(), id="no bundle"),
    ],
)
def test_it_runs_again_after_a_change(change: Callable[[Path], object], root: Path) -> None:
    change(root)
    assert not training_inputs.unchanged("shop", "bundle", root)


@pytest.mark.parametrize("name", ["imports.py", "code/__pycache__/b.pyc", "var/other/lake", "README.md"])
def test_it_does_not_run_again_for_what_it_does_not_read(name: str, root: Path) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("other")
    assert training_inputs.unchanged("shop", "bundle", root)
