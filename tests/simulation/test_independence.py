import subprocess
import sys

import recommndr_simulation

_IMPORT_ALL = """
import importlib, pkgutil, sys
import recommndr_simulation as simulation
for module in pkgutil.walk_packages(simulation.__path__, f"{simulation.__name__}."):
    importlib.import_module(module.name)
print("\\n".join(sys.modules))
"""
_HOW_THE_PLATFORM_RECOMMENDS = (
    "recommndr.features",
    "recommndr_serving",
    "recommndr_training",
    "implicit",
    "lightgbm",
)


def test_the_planted_truth_shares_nothing_with_any_model() -> None:
    loaded = subprocess.run([sys.executable, "-c", _IMPORT_ALL], check=True, capture_output=True, text=True).stdout.split()
    assert f"{recommndr_simulation.__name__}.world" in loaded
    # Measuring lists does not reveal how they are made.
    engine = {name for name in loaded if name.startswith("recommndr_engine.")}
    assert engine <= {"recommndr_engine.list_metrics"}
    assert not [name for name in loaded if name.startswith(_HOW_THE_PLATFORM_RECOMMENDS)]
