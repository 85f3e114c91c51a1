"""Every process that reads or writes Kafka checks its records in C: Python takes 1.4 ms for a record of 8 kB, C a few µs."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROJECTS = (".", "flink_jobs", "training/spark")  # each has a lock and an environment of its own
IN_USE = """
import crc32c
from kafka.record import util
assert crc32c.crc32c.__module__ == "crc32c._crc32c", crc32c.crc32c
assert util.calc_crc32c.__defaults__ == (crc32c.crc32c,), util.calc_crc32c.__defaults__
assert util.calc_crc32c(memoryview(b"123456789")) == 0xE3069283
"""


def packages(project: str) -> list[dict[str, Any]]:
    locked: list[dict[str, Any]] = tomllib.loads((ROOT / project / "uv.lock").read_text())["package"]
    return locked


@pytest.mark.parametrize("project", PROJECTS)
def test_whatever_needs_kafka_python_gets_the_extension_with_it(project: str) -> None:
    extras = {
        package["name"]: needed.get("extra", [])
        for package in packages(project)
        for needed in package.get("dependencies", ())
        if needed["name"] == "kafka-python"
    }
    assert extras
    assert [name for name, of_it in extras.items() if "crc32c" not in of_it] == []


@pytest.mark.parametrize("project", PROJECTS)
def test_kafka_python_uses_the_extension(project: str) -> None:
    subprocess.run([ROOT / project / ".venv/bin/python", "-W", "ignore", "-c", IN_USE], check=True)


def test_no_image_leaves_it_out() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    left_out = [service["build"].get("args", {}).get("LEAVE_OUT", "") for service in services if "build" in service]
    assert any(left_out)
    assert not [names for names in left_out if "crc32c" in names]
