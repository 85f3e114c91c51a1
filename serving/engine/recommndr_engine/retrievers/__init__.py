"""All retrievers: the `SPECS` that the files of this folder declare. A new retriever is one new file."""

import pkgutil
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path

from recommndr_engine.retriever import Parameters, Retriever, RetrieverSpec
from recommndr_engine.retrievers.popularity import Popularity

REQUIRED = Popularity.name  # answers for shoppers of whom nothing is known


class UnusableRetrievers(ValueError):
    """No bundle can be served with this list of retrievers; the message says why."""


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


def specs_of(names: Sequence[str]) -> tuple[RetrieverSpec, ...]:
    """The specs of a bundle's retrievers, in its order; raises `UnusableRetrievers`."""
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise UnusableRetrievers(f"{unknown[0]!r}: this release has no such retriever, only {', '.join(BY_NAME)}")
    if len(set(names)) < len(names):
        raise UnusableRetrievers(f"{', '.join(names)}: expected each name once")
    if REQUIRED not in names:
        raise UnusableRetrievers(f"{', '.join(names) or 'none'}: expected {REQUIRED} among them, for unknown shoppers")
    return tuple(BY_NAME[name] for name in names)


def found(directory: Path) -> tuple[str, ...]:
    """Names of the retrievers whose files are in a folder, in the order of their places."""
    return tuple(spec.name for spec in SPECS if spec.file is None or (directory / spec.file).exists())


def stages_of(names: Sequence[str]) -> tuple[str, ...]:
    """The training stages that fit these retrievers, each once; raises `UnusableRetrievers`."""
    return tuple(dict.fromkeys(spec.stage for spec in specs_of(names) if spec.stage is not None))


def for_bundle(directory: Path, parameters: Parameters, names: Sequence[str]) -> list[Retriever]:
    """These retrievers of a bundle, in the order of their bits in `Candidates.sources`; arrays are mapped from disk."""
    return [spec.read(directory, parameters) for spec in specs_of(names)]
