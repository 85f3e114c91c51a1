"""The settings of a pipeline, and the methods that may order its lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from recommndr.bundle import BundleRefused, Manifest, RouterThresholds
from recommndr.features.action import PURCHASE
from recommndr.features.decay import FloatArray
from recommndr.list_scope import Scope
from recommndr.tenancy import TenantPolicy
from recommndr_engine import columns, retrievers
from recommndr_engine.candidates import MAX_CANDIDATES
from recommndr_engine.columns.column import Column

RANKER, WEIGHTED = "ranker", "weighted"  # methods; the others are the names of single retrievers


def methods_of(names: Iterable[str]) -> tuple[str, ...]:
    """What may order the lists of a bundle with these retrievers."""
    return (RANKER, WEIGHTED, *names)


def check_methods(manifest: Manifest) -> None:
    """Raise `BundleRefused` where a list would be ordered by what the bundle cannot have."""
    methods = methods_of(manifest.retrievers)
    named = {"method": manifest.method}
    named |= {f"scope_methods, scope {scope}: method": method for scope, method in manifest.scope_methods.items()}
    for field_name, method in named.items():
        if method not in methods:
            raise BundleRefused(f"{field_name} {method!r}: expected one of {', '.join(methods)}")


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """The tenant's settings of a pipeline, with defaults."""

    thresholds: RouterThresholds = field(default_factory=RouterThresholds)
    retriever_weights: Mapping[str, float] = field(
        default_factory=lambda: retrievers.BLEND_WEIGHTS
    )  # when no ranker orders the list
    kind_weights: FloatArray = field(default_factory=TenantPolicy().relative_weights)  # by code, relative to the target kind
    target: int = PURCHASE  # code of the target kind, which many columns count
    columns: tuple[Column, ...] = columns.COLUMNS  # the ranker's inputs
    method: str = RANKER  # one of `methods_of` its retrievers: how the bundle orders its lists
    scope_methods: Mapping[Scope, str] = field(default_factory=dict)  # where it is another one
    n_ranked: int = MAX_CANDIDATES  # candidates that the ranker scores, the best of the blended scores

    @classmethod
    def of_policy(cls, policy: TenantPolicy) -> Self:
        """The settings that a tenant's policy decides; the others are the defaults."""
        return cls(kind_weights=policy.relative_weights(), target=policy.kind_code(policy.target_kind))

    @classmethod
    def of_manifest(cls, manifest: Manifest, wanted: tuple[Column, ...], kind_weights: FloatArray | None = None) -> Self:
        """The settings of a bundle with these ranker columns; `kind_weights` stand in for those of its training."""
        return cls(
            thresholds=manifest.router,
            retriever_weights=manifest.weights or retrievers.BLEND_WEIGHTS,
            kind_weights=np.array(manifest.kind_weights) if kind_weights is None else kind_weights,
            target=manifest.target,
            columns=wanted,
            method=manifest.method,
            scope_methods=manifest.scope_methods,
            n_ranked=manifest.n_ranked or MAX_CANDIDATES,
        )

    def method_of(self, scope: Scope) -> str:
        """What orders the lists of a scope."""
        return self.scope_methods.get(scope, self.method)
