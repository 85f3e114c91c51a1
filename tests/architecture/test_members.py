"""What each member brings along: an image or an environment holds only what it runs."""

import tomllib
from functools import cache
from pathlib import Path

import pytest

LOCK = tomllib.loads((Path(__file__).parents[2] / "uv.lock").read_text())
DEPENDENCIES = {
    package["name"]: {dependency["name"] for dependency in package.get("dependencies", ())} for package in LOCK["package"]
}


@cache
def installed_with(member: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [member]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += DEPENDENCIES[name]
    return frozenset(found)


@pytest.mark.parametrize("member", ["recommndr-training", "recommndr-simulation", "recommndr-importing", "recommndr-engine"])
def test_who_computes_on_arrays_installs_no_feature_store_and_no_event_loop(member: str) -> None:
    assert not installed_with(member) & {"feast", "uvloop", "recommndr-serving", "recommndr-feature-repo"}


def test_the_engine_needs_arrays_an_index_and_a_runtime() -> None:
    assert DEPENDENCIES["recommndr-engine"] == {"recommndr", "faiss-cpu", "numpy", "onnxruntime", "pydantic", "scipy"}
