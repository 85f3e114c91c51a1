"""ServedAnswer: one answer as `recommndr.served.v1` holds it, with ranker inputs. The value of the topic, msgpack.

Of the candidates that the ranker scored one is drawn with equal chances, shown or not: so the drawn ones of many answers are
distributed as all that the ranker saw. The places of the list are not: they are what the ranker liked. Their inputs are in a
sample of the answers.

Numbers of the ranker are the bytes of little-endian float32, so they are read as they were computed. The names of the inputs
are the same for all answers of a bundle and four times as long as their values. A record needs not have them: any record
with the same `model_version` may say them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Self

import msgpack
import numpy as np
import numpy.typing as npt

SCHEMA_VERSION = 2
Floats = npt.NDArray[np.float32]
_FLOAT = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class ServedAnswer:
    """One answer."""

    request_id: Annotated[str, "of the answer"]
    list_name: Annotated[str, "recommend, similar_items, frequently_bought_together, popular or trending"]
    at_s: Annotated[float, "instant of the list, epoch seconds, by the slot's clock"]
    ladder: Annotated[str, "step of the ladder"]
    method: Annotated[str, "what ordered the list"]
    model_version: Annotated[str | None, "version of the bundle; null when the list was made without one"]
    release: Annotated[str | None, "id of the release; null before the first"]
    arm: Annotated[str, "stable, challenger, previous or none"]
    item_ids: Annotated[tuple[str, ...], "the list, best first"]
    scores: Annotated[Floats, "(n places,) what ordered it; bytes of float32, as all arrays here"]
    sources: Annotated[tuple[tuple[str, ...], ...], "by place, the retrievers that proposed the item"]
    asked: Annotated[Mapping[str, Any], "scope, exclude, filters, context, cart and viewed of the request, if not the usual"]
    n_candidates: Annotated[int, "how many items were scored; the drawn one had the chance of one in so many"] = 0
    country: Annotated[str | None, "the shopper's, as the list took it; null when it is not known"] = None
    device: Annotated[str | None, "likewise"] = None
    n_events: Annotated[int | None, "events of the shopper that the slot knew; null for lists that need no shopper"] = None
    drawn_item_id: Annotated[str | None, "one of them, drawn with equal chances; null without a ranker"] = None
    drawn_score: Annotated[float | None, "its score by the ranker"] = None
    drawn_inputs: Annotated[Floats | None, "(n columns,) its ranker inputs"] = None
    shown_inputs: Annotated[Floats | None, "(n places, n columns) ranker inputs of the list; in a sample"] = None
    columns: Annotated[tuple[str, ...], "names of the ranker inputs; empty where another record says them"] = ()
    retrievers: Annotated[tuple[str, ...], "names of the bundle's retrievers, with the names of the inputs"] = ()

    def to_bytes(self, *, named: bool = True) -> bytes:
        """The Kafka value; unless `named` without the names of the inputs and retrievers."""
        values = ((name, () if name in _OF_BUNDLE and not named else getattr(self, name)) for name in _NAMES)
        filled = {name: _packed(value) for name, value in values if value is not None}
        packed: bytes = msgpack.packb({"schema_version": SCHEMA_VERSION} | filled)
        return packed

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Inverse of `to_bytes`; raises `ValueError` for any other bytes."""
        try:
            found = msgpack.unpackb(value)
            _check_version(found["schema_version"])
            read = _EMPTY | {name: _READ.get(name, _same)(found[name]) for name in _NAMES if name in found}
            return cls(**read)._checked()
        except (ValueError, KeyError, TypeError, AttributeError, msgpack.UnpackException) as cause:
            raise ValueError(f"served answer of {len(value)} bytes cannot be read: {cause}") from cause

    def _checked(self) -> Self:
        n_places, n_inputs = len(self.item_ids), 0 if self.drawn_inputs is None else len(self.drawn_inputs)
        lengths = {"scores": len(self.scores), "sources": len(self.sources)}
        if self.shown_inputs is not None:
            lengths["shown_inputs"] = len(self.shown_inputs)
        if wrong := {name: n for name, n in lengths.items() if n != n_places}:
            raise ValueError(f"{wrong}: expected {n_places}, one of each place")
        if self.columns and len(self.columns) != n_inputs:
            raise ValueError(f"{len(self.columns)} columns of {n_inputs} ranker inputs: expected as many")
        return self


def _check_version(version: object) -> None:
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema_version {version!r}: expected {SCHEMA_VERSION}")


def _packed(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    values = value.astype(_FLOAT, copy=False).tobytes()
    return values if value.ndim == 1 else [value.shape[1], values]


def _same(value: Any) -> Any:
    return value


def _vector(packed: bytes) -> Floats:
    return np.frombuffer(packed, _FLOAT).astype(np.float32, copy=False)


def _matrix(packed: tuple[int, bytes]) -> Floats:
    n_columns, values = packed
    return _vector(values).reshape(-1, n_columns)


_NAMES = tuple(one.name for one in fields(ServedAnswer))
_OF_BUNDLE = frozenset({"columns", "retrievers"})
_EMPTY: dict[str, Any] = {"model_version": None, "release": None}  # None is not written
_READ: dict[str, Callable[[Any], Any]] = {
    "item_ids": tuple,
    "scores": _vector,
    "sources": lambda packed: tuple(map(tuple, packed)),
    "drawn_inputs": _vector,
    "shown_inputs": _matrix,
    "columns": tuple,
    "retrievers": tuple,
}
