"""All retrievers: the `SPECS` that the files of this folder declare. A new retriever is one new file."""

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from recommndr_engine.retriever import Parameters, Retriever, RetrieverSpec


def _declared() -> Iterable[RetrieverSpec]:
    for module in pkgutil.iter_modules(__path__):
        yield from import_module(f"{__name__}.{module.name}").SPECS


def _in_order(declared: Iterable[RetrieverSpec]) -> tuple[RetrieverSpec, ...]:
    specs = sorted(declared, key=lambda spec: spec.place)
    for field in ("name", "place"):
        values = [getattr(spec, field) for spec in specs]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"retrievers: {field} {twice[0]!r} is declared twice")
    return tuple(specs)


SPECS = _in_order(_declared())
BY_NAME = {spec.name: spec for spec in SPECS}
FIT_STAGES = tuple(dict.fromkeys(spec.stage for spec in SPECS if spec.stage is not None))
BLEND_WEIGHTS = {spec.name: spec.blend_weight for spec in SPECS}


def for_bundle(directory: Path, parameters: Parameters) -> list[Retriever]:
    """The retrievers of a bundle, in the order of their bits in `Candidates.sources`; arrays are mapped from disk."""
    return [spec.read(directory, parameters) for spec in SPECS]
