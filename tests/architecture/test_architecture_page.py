"""The architecture page names paths that exist, and draws the layers that import-linter enforces."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
TOP_FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}


def _paths() -> set[str]:
    named = re.findall(r"`([A-Za-z_.-]+(?:/[A-Za-z_.-]+)+/?)`", PAGE)
    return {path for path in named if path.split("/")[0] in TOP_FOLDERS}


def test_every_path_on_the_page_exists() -> None:
    assert len(_paths()) > 30
    assert [path for path in sorted(_paths()) if not (ROOT / path).exists()] == []


def test_the_packages_and_stages_of_training_that_it_lists_exist() -> None:
    training = ROOT / "training" / "recommndr_training"
    rows = re.findall(r"^\| `([a-z]+)` \| [^|]+ \| ([^|]*)\|$", PAGE, re.MULTILINE)
    packages = {path.parent.name for path in training.glob("*/__init__.py")}
    assert {package for package, _ in rows} == packages - {"commands", "validation"}
    for package, stages in rows:
        assert [name for name in re.findall(r"`([a-z_]+)`", stages) if not (training / package / f"{name}.py").exists()] == []


def test_the_layers_drawn_are_the_layers_enforced() -> None:
    picture = re.search(r"```\n(.*?)```", PAGE, re.DOTALL)
    assert picture
    drawn = [set(re.findall(r"[a-z_]+(?:/[a-z_]+)?", row)) for row in re.split(r"─{20,}", picture[1])]
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    layers = next(contract["layers"] for contract in tools["importlinter"]["contracts"] if contract["type"] == "layers")
    assert len(drawn) == len(layers)
    for row, layer in zip(drawn, layers, strict=True):
        for package in (name.strip() for name in layer.split("|")):
            member = next(folder for folder in tools["uv"]["workspace"]["members"] if (ROOT / folder / package).is_dir())
            assert member in row, f"{member} is not drawn in the layer of {sorted(row)}"
