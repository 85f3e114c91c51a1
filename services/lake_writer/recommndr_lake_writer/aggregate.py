"""Aggregates of the lake's lines: weighted sums per shopper and item.

The unit is the line, as in item states: an item on two lines of an event counts twice, and the quantity does not matter.
Positive and negative evidence are summed separately and never netted. `recommndr_spark` does the same on Spark; a test there
compares the two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from recommndr.tenancy import TenantPolicy

_INSTANT = pa.timestamp("us", tz="UTC")
_DAY_US = 86_400e6
_PAIR = ["user_id", "item_id"]
# Partial sums wait until they have this many rows together (about 300 MB), or as many as were joined before. So each row is
# joined only a few times, and memory is a few times that of the distinct pairs, however long the history is.
_MAX_PARTIAL_ROWS = 4_000_000

SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("item_id", pa.string()),
        ("positive", pa.float64()),
        ("negative", pa.float64()),
        ("n_lines", pa.int64()),
        ("last_at", _INSTANT),
    ]
)


class UnknownKinds(ValueError):
    """Kinds that the tenant does not have, or whose weight is 0."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """The kinds that count, each with a weight other than 0, and the half-life in days of a line (None: no decay)."""

    weights: Mapping[str, float]
    half_life_days: float | None = None

    def __post_init__(self) -> None:
        if self.half_life_days is not None and not self.half_life_days > 0:
            raise ValueError(f"half-life of {self.half_life_days} days: expected more than 0")

    @classmethod
    def from_policy(
        cls, policy: TenantPolicy, kinds: Iterable[str] | None = None, half_life_days: float | None = None
    ) -> "Weighing":
        """From a tenant's policy, restricted to `kinds`; None: all kinds with a weight. Raises `UnknownKinds`."""
        of_all = {kind: policy.weight(kind) for kind in policy.kinds}
        weights = {kind: weight for kind, weight in of_all.items() if weight != 0.0}
        if kinds is None:
            return cls(weights, half_life_days)
        asked = tuple(kinds)
        if unknown := [kind for kind in asked if kind not in of_all]:
            raise UnknownKinds(f"unknown kinds {unknown}: this tenant has {sorted(of_all)}")
        if weightless := [kind for kind in asked if kind not in weights]:
            raise UnknownKinds(
                f"kinds {weightless} weigh 0 for this tenant: leave them out, or give them a weight in the tenants file"
            )
        return cls({kind: weights[kind] for kind in weights if kind in asked}, half_life_days)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Weighted sums of one tenant.

    `pairs` has `SCHEMA`, ordered by user and item; `positive` and `negative` are sums of |weight| * 2^-(age / half-life),
    both >= 0, with ages as of `as_of`; `n_lines` counts lines undecayed. `as_of` is None when nothing counted.
    """

    pairs: pa.Table
    n_lines_by_kind: Mapping[str, int]
    first_at: datetime | None
    as_of: datetime | None


@dataclass(slots=True)
class _Partial:
    """Sums as of their own newest line; joining decays the older ones to the newest."""

    pairs: pa.Table
    as_of: datetime


@dataclass(slots=True)
class _Fold:
    weighing: Weighing
    partials: list[_Partial] = field(default_factory=list)
    n_lines_by_kind: dict[str, int] = field(default_factory=dict)
    first_at: datetime | None = None

    def add(self, lines: pa.Table) -> None:
        kinds = pa.array(list(self.weighing.weights), pa.string())
        counted = lines.filter(pc.and_(pc.is_valid(lines["item_id"]), pc.is_in(lines["kind"], value_set=kinds)))
        if not counted.num_rows:
            return
        for of_kind in pc.value_counts(counted["kind"]).to_pylist():
            kind = of_kind["values"]
            self.n_lines_by_kind[kind] = self.n_lines_by_kind.get(kind, 0) + of_kind["counts"]
        span = pc.min_max(counted["event_at"]).as_py()
        self.first_at = span["min"] if self.first_at is None else min(self.first_at, span["min"])
        weight = pc.take(pa.array(self.weighing.weights.values(), pa.float64()), pc.index_in(counted["kind"], value_set=kinds))
        weight = pc.multiply(weight, _decay(counted["event_at"], span["max"], self.weighing.half_life_days))
        rows = pa.table(
            {
                "user_id": counted["user_id"],
                "item_id": counted["item_id"],
                "positive": pc.max_element_wise(weight, 0.0),
                "negative": pc.max_element_wise(pc.negate(weight), 0.0),
                "n_lines": pa.repeat(pa.scalar(1, pa.int64()), counted.num_rows),
                "last_at": counted["event_at"],
            },
            schema=SCHEMA,
        )
        self.partials.append(_Partial(_summed(rows), span["max"]))
        n_waiting = sum(partial.pairs.num_rows for partial in self.partials[1:])
        if n_waiting > max(_MAX_PARTIAL_ROWS, self.partials[0].pairs.num_rows):
            self.partials = [self.joined()]

    def joined(self) -> _Partial:
        as_of = max(partial.as_of for partial in self.partials)
        return _Partial(_summed(pa.concat_tables([self.moved(partial, as_of) for partial in self.partials])), as_of)

    def moved(self, partial: _Partial, as_of: datetime) -> pa.Table:
        if self.weighing.half_life_days is None:
            return partial.pairs
        factor = 2.0 ** (-(as_of - partial.as_of).total_seconds() / (self.weighing.half_life_days * 86_400.0))
        moved = partial.pairs
        for name in ("positive", "negative"):
            moved = moved.set_column(moved.schema.get_field_index(name), name, pc.multiply(moved[name], factor))
        return moved


def aggregate(tables: Iterable[pa.Table], weighing: Weighing, as_of: datetime | None = None) -> Aggregate:
    """Fold tables of the lake's lines, each event in them once, as of `as_of` (None: the newest line that counts).

    Equal tables in equal order give equal bits. Lines without an item or of kinds that do not count are skipped.
    """
    fold = _Fold(weighing)
    for table in tables:
        fold.add(table)
    if not fold.partials:
        return Aggregate(SCHEMA.empty_table(), {}, None, None)
    whole = fold.joined()
    asked = as_of or whole.as_of
    pairs = fold.moved(whole, asked).sort_by([(name, "ascending") for name in _PAIR])
    return Aggregate(pairs, dict(sorted(fold.n_lines_by_kind.items())), fold.first_at, asked)


def _decay(at: pa.ChunkedArray, as_of: datetime, half_life_days: float | None) -> pa.ChunkedArray | pa.Scalar:
    if half_life_days is None:
        return pa.scalar(1.0)
    age_us = pc.subtract(pa.scalar(as_of, _INSTANT), at).cast(pa.int64()).cast(pa.float64())
    return pc.power(2.0, pc.divide(age_us, -half_life_days * _DAY_US))


def _summed(rows: pa.Table) -> pa.Table:
    sums = [("positive", "sum"), ("negative", "sum"), ("n_lines", "sum"), ("last_at", "max")]
    # Threads would add in another order each time, which changes the last bits.
    grouped = rows.group_by(_PAIR, use_threads=False).aggregate(sums)
    return grouped.rename_columns([name.removesuffix("_sum").removesuffix("_max") for name in grouped.column_names]).select(
        SCHEMA.names
    )
