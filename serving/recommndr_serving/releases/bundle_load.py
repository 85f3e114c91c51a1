"""Loads a bundle from a directory: checks it, tests its golden requests, connects it to the tenant's live items."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np

from recommndr.bundle import BundleRefused, Manifest
from recommndr.release import Placement
from recommndr_engine import bundle_files, golden
from recommndr_engine.pipeline import Pipeline
from recommndr_serving.tenant_slot import ServedBundle, TenantSlot

log = logging.getLogger(__name__)


def load_bundle(directory: Path, tenant: TenantSlot, placement: Placement, now: Callable[[], datetime]) -> ServedBundle:
    """The bundle of `placement`, ready to answer; raises `BundleRefused` and leaves `tenant` as it was."""
    manifest = bundle_files.check(directory, tenant.tenant, placement.version)
    try:
        golden.check(directory, manifest)
        kind_weights = tenant.policy.relative_weights()
        pipeline = Pipeline.read(directory, manifest, tenant.items, kind_weights)
        _check_scores(pipeline, manifest)
    except BundleRefused:
        raise
    except Exception as cause:  # NumPy, Faiss and ONNX can raise anything on bad files: the bundle cannot be served
        raise BundleRefused(f"{directory.name}: cannot answer: {cause!r}") from cause
    if not np.allclose(kind_weights, manifest.kind_weights):
        log.warning(
            "tenant %s: bundle %s was trained with other weights of kinds; train a new one", tenant.tenant, placement.version
        )
    return ServedBundle(placement, manifest, pipeline, since=now())


def _check_scores(pipeline: Pipeline, manifest: Manifest) -> None:
    """Raise `BundleRefused` for scores that are not finite; golden requests compare orders, which NaN scores also have."""
    if pipeline.ranker is None:
        return
    defaults = np.array([[column.default for column in manifest.ranker_columns]], np.float32)
    score = float(pipeline.ranker.score(defaults)[0])
    if not np.isfinite(score):
        raise BundleRefused(f"ranker: scores {score} when every column has its default, expected a finite number")
