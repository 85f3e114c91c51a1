"""How often feature drift is called where there is none, how far a retrained version is, and which swapped columns are found.

    python -m tests.load.drift_alarms --profile small [--windows 1000] [--shoppers 500]

The ranker inputs are real: a trained profile's shoppers ask its shipped bundle, and those models that were judged, which learnt
from less data. A quiet window draws both arms from the same version, a candidate per shopper.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from recommndr.drift.distances import Distances, Floats, ks, psi
from recommndr.features import shopper
from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr_engine import bundle_files
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_training import params
from recommndr_training.judging.version import Version
from recommndr_training.shipping import seed
from recommndr_training.shipping.seed import SeedFile

_PER_SHOPPER = 12
Draw = Callable[[int], Floats]


def furthest(ours: Floats, theirs: Floats) -> Distances:
    """By column the larger of the two distances, as the rule takes it."""
    return np.maximum(psi(ours, theirs), ks(ours, theirs))


def quiet(draw: Draw, n_shoppers: int, n_windows: int) -> Distances:
    """(n_windows,) the distance of the furthest column where both arms are alike."""
    return np.array([furthest(draw(n_shoppers), draw(n_shoppers)).max() for _ in range(n_windows)])


def swaps(ours: Floats, theirs: Floats) -> Distances:
    """The distance of each pair of columns that changed places; equal columns are no pair."""
    n = ours.shape[1]
    apart = np.zeros((n, n))
    for step in range(1, n):
        places = (np.arange(n) + step) % n
        apart[np.arange(n), places] = furthest(ours[:, places], theirs)
    pairs = [pair for pair in combinations(range(n), 2) if not np.array_equal(*ours.T[list(pair)], equal_nan=True)]
    return np.array([max(apart[i, j], apart[j, i]) for i, j in pairs])


def inputs_of(pipeline: Pipeline, seeds: SeedFile, n_shoppers: int) -> Floats:
    """(n, _PER_SHOPPER, n_columns) inputs of candidates, drawn with equal chances, of shoppers in the hours after the seeds."""
    random, rows = np.random.default_rng(1), []
    states = [one.state for one in seeds.rows if one.group == GROUP_USER]
    for place in random.permutation(len(states)):
        row = shopper.read(shopper.columns(shopper.from_bytes(states[place])))
        if row.n_events:
            ranked = pipeline.recommend(row, ListRequest(), seeds.until_s + random.uniform(0, 3_600)).ranked
            if ranked is not None and len(ranked.rows) >= _PER_SHOPPER:
                rows.append(ranked.inputs[random.choice(len(ranked.rows), _PER_SHOPPER, replace=False)])
        if len(rows) == n_shoppers:
            break
    return np.stack(rows)


def pipelines(profile: str) -> tuple[Pipeline, Pipeline, SeedFile]:
    """The shipped and the judged version, over the items as of the seeds."""
    directory, data = params.profile_dir(profile), params.data(profile)
    seeds, judged = seed.read(seed.seed_path(profile)), Version.read(directory, data)
    live = LiveItems()
    live.apply_catalog(judged.entries)
    items = [one for one in seeds.rows if one.group == GROUP_ITEM]
    live.apply_features([one.entity for one in items], [one.state for one in items])
    bundle = directory / "bundle"
    shipped = Pipeline.read(bundle, bundle_files.read_manifest(bundle), live)
    return shipped, Pipeline(judged.items, judged.found_by, judged.ranker, live, judged.config), seeds


def drawing(inputs: Floats, seed_: int) -> Draw:
    random = np.random.default_rng(seed_)
    return lambda n: inputs[random.integers(0, len(inputs), n), random.integers(0, _PER_SHOPPER, n)]


def _told(values: Distances) -> dict[str, float]:
    return {"median": round(float(np.median(values)), 3), "99%": round(float(np.quantile(values, 0.99)), 3),
            "largest": round(float(values.max()), 3)}  # fmt: skip


def _shares(values: Distances, limits: Sequence[float] = (0.25, 0.5, 1.0)) -> dict[str, float]:
    return {f"> {limit}": round(float((values > limit).mean()), 4) for limit in limits}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--windows", type=int, default=1_000)
    parser.add_argument("--shoppers", type=int, default=500)
    asked = parser.parse_args()
    shipped, judged, seeds = pipelines(asked.profile)
    ours, theirs = (inputs_of(one, seeds, 1_000) for one in (shipped, judged))
    draw, other = drawing(ours, 2), drawing(theirs, 3)
    retrained = furthest(draw(4_000), other(4_000))
    found = {
        "profile": asked.profile,
        "quiet windows": _told(quiet(draw, asked.shoppers, asked.windows)),
        "retrained": {"largest": round(float(retrained.max()), 3), "column": int(retrained.argmax())},
        "swapped pairs found": _shares(swaps(draw(asked.shoppers), draw(asked.shoppers))),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
