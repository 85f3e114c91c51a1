"""What training measured of the lists as a bundle orders them."""

from typing import NamedTuple

from recommndr.bundle import Manifest

METRIC = "ndcg@10"


class Quality(NamedTuple):
    """The mean over shoppers, with its 95 % interval."""

    metric: str
    value: float
    low: float | None
    high: float | None


def quality(manifest: Manifest) -> Quality | None:
    """None for a shop of too few shoppers, which is not judged."""
    measured = f"all.methods.{manifest.method}.{METRIC}"
    if measured not in manifest.metrics:
        return None
    return Quality(
        METRIC, manifest.metrics[measured], manifest.metrics.get(f"{measured}_low"), manifest.metrics.get(f"{measured}_high")
    )
