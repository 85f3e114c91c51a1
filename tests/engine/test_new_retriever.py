"""A retriever is one file: everything else is derived from the spec in it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import recommndr_engine

_TOY = '''
"""Cheapest: the shopper's last resort."""

import numpy as np

from recommndr_engine.retriever import RetrieverSpec
from recommndr_engine.scores import OrderedScores


class Cheapest:
    name = "cheapest"

    @classmethod
    def read(cls, directory, parameters):
        return cls()

    def open(self, shopper, items):
        return OrderedScores(np.linspace(1.0, 0.5, 40, dtype=np.float32)[::-1].copy())


SPECS = (
    RetrieverSpec(
        Cheapest.name, 999, Cheapest.read, stage=None, file=None, quota=7, blend_weight=0.25, reason="Costs little", cost_ms=0.1
    ),
)
'''
_LOOK = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from recommndr.features import shopper
from recommndr_engine import columns, retrievers
from recommndr_engine.live_items import LiveItems
from recommndr_engine.list_request import ListRequest
from recommndr_engine.pipeline import Pipeline
from recommndr_serving.http.answers import reason
from tests.engine.bundles import N_ITEMS, NOW, bought, catalog_item, item_id, row_of, write_bundle
sys.path.insert(0, "docs")
import catalogue

live = LiveItems()
live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
bundle = write_bundle(Path(sys.argv[2]))
pipeline = Pipeline.read(bundle.directory, bundle.manifest, live)
listed = pipeline.recommend(shopper.read(row_of(bought(1))), ListRequest(k=N_ITEMS), NOW.timestamp())
print(json.dumps({
    "column": "cheapest_score" in columns.NAMES,
    "proposed": sum("cheapest" in sources for sources in listed.sources),
    "score": "cheapest" in listed.retriever_scores,
    "weight": retrievers.BLEND_WEIGHTS["cheapest"],
    "reason": reason(["cheapest"]),
    "documented": "`cheapest`" in catalogue.features(),
    "judged": "cheapest" in pipeline.methods,
    "stages": list(retrievers.FIT_STAGES),
}))
"""


def test_a_retriever_of_one_file_is_asked_ranked_explained_judged_and_documented(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    shutil.copytree(Path(recommndr_engine.__file__).parent, tmp_path / "recommndr_engine")
    (tmp_path / "recommndr_engine" / "retrievers" / "cheapest.py").write_text(_TOY)
    ran = subprocess.run(
        [sys.executable, "-c", _LOOK, str(root), str(tmp_path / "bundle")],
        check=False,
        capture_output=True,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert "cheapest" not in seen.pop("stages")
    assert seen.pop("proposed") == 7
    assert seen == {
        "column": True,
        "score": True,
        "weight": 0.25,
        "reason": "Costs little",
        "documented": True,
        "judged": True,
    }
