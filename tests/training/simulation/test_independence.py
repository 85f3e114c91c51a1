import subprocess
import sys

import recommndr_training.simulation

_IMPORT_ALL = """
import importlib, pkgutil, sys
import recommndr_training.simulation as simulation
for module in pkgutil.walk_packages(simulation.__path__, f"{simulation.__name__}."):
    importlib.import_module(module.name)
print("\\n".join(sys.modules))
"""
_HOW_THE_PLATFORM_RECOMMENDS = ("recommndr.features", "recommndr.ranker_inputs", "recommndr_serving", "implicit", "lightgbm")


def test_the_planted_truth_shares_nothing_with_any_model() -> None:
    loaded = subprocess.run([sys.executable, "-c", _IMPORT_ALL], check=True, capture_output=True, text=True).stdout.split()
    ours = [name for name in loaded if name.startswith("recommndr_training.")]
    assert recommndr_training.simulation.__name__ in ours
    others = [name for name in ours if not name.startswith(recommndr_training.simulation.__name__)]
    # How lists are judged, what time it is and what a shop's server hears: nothing a model knows.
    assert set(others) <= {f"recommndr_training.{name}" for name in ("metrics", "clock", "storefront")}
    assert not [name for name in loaded if name.startswith(_HOW_THE_PLATFORM_RECOMMENDS)]
