"""Aggregates of the lake's lines per shopper and item: the interest that ALS learns from, and weighted sums.

Interest is defined in `interest`. The unit of the sums is the line, as in item states: an item on two lines of an event counts
twice, and the quantity does not matter. Positive and negative evidence are summed separately and never netted.
`recommndr_spark` does the same on Spark; a test there compares the two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer.interest import Interest

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
        ("interest", pa.float64()),
        ("n_lines", pa.int64()),
        ("last_at", _INSTANT),
    ]
)
# Of a part of the lines: what joins with the same of other parts.
_PARTIAL = pa.schema(
    [
        *(SCHEMA.field(name) for name in ("user_id", "item_id", "positive", "negative", "n_lines", "last_at")),
        ("n_targets", pa.float64()),  # decayed, each event once
        ("seen_at", _INSTANT),  # the newest event of any weight, its kind's code and its weight
        ("seen_code", pa.int8()),
        ("seen_weight", pa.float64()),
    ]
)


class UnknownKinds(ValueError):
    """Kinds that the tenant does not have, or whose weight is 0."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """How interest is counted, and how the sums are: their kinds, each with a weight other than 0, and the half-life in days of
    a line (None: no decay).
    """

    interest: Interest
    weights: Mapping[str, float]
    half_life_days: float | None = None

    def __post_init__(self) -> None:
        if self.half_life_days is not None and not self.half_life_days > 0:
            raise ValueError(f"half-life of {self.half_life_days} days: expected more than 0")

    @classmethod
    def from_policy(
        cls, policy: TenantPolicy, kinds: Iterable[str] | None = None, half_life_days: float | None = None
    ) -> "Weighing":
        """From a tenant's policy, restricted to `kinds`; None: all kinds with a weight. Raises `UnknownKinds`.

        Interest always decays: with the tenant's half-life where no other is given.
        """
        of_all = {kind: policy.weight(kind) for kind in policy.kinds}
        weights = {kind: weight for kind, weight in of_all.items() if weight != 0.0}
        if kinds is None:
            return cls(Interest.of_policy(policy, half_life_days), weights, half_life_days)
        asked = tuple(kinds)
        if unknown := [kind for kind in asked if kind not in of_all]:
            raise UnknownKinds(f"unknown kinds {unknown}: this tenant has {sorted(of_all)}")
        if weightless := [kind for kind in asked if kind not in weights]:
            raise UnknownKinds(
                f"kinds {weightless} weigh 0 for this tenant: leave them out, or give them a weight in the tenants file"
            )
        taken = {kind: weights[kind] for kind in weights if kind in asked}
        return cls(Interest.of_policy(policy, half_life_days, asked), taken, half_life_days)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Weighted sums of one tenant.

    `pairs` has `SCHEMA`, ordered by user and item. `interest` is that of `interest.Interest`; `positive` and `negative` are
    sums of |weight| * 2^-(age / half-life), both >= 0. Ages are as of `as_of`. `n_lines` counts lines undecayed. `as_of` is
    None when nothing counted.
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
    last_at: datetime | None = None

    def add(self, lines: pa.Table) -> None:
        kinds = pa.array(list(self.weighing.interest.codes), pa.string())
        seen = lines.filter(pc.and_(pc.is_valid(lines["item_id"]), pc.is_in(lines["kind"], value_set=kinds)))
        if not seen.num_rows:
            return
        counts = pc.is_in(seen["kind"], value_set=pa.array(list(self.weighing.weights), pa.string()))
        self._told(seen.filter(counts))
        as_of = pc.max(seen["event_at"]).as_py()
        self.partials.append(_Partial(_summed(self._rows(seen, counts, as_of)), as_of))
        n_waiting = sum(partial.pairs.num_rows for partial in self.partials[1:])
        if n_waiting > max(_MAX_PARTIAL_ROWS, self.partials[0].pairs.num_rows):
            self.partials = [self.joined()]

    def _told(self, counted: pa.Table) -> None:
        if not counted.num_rows:
            return
        for of_kind in pc.value_counts(counted["kind"]).to_pylist():
            kind = of_kind["values"]
            self.n_lines_by_kind[kind] = self.n_lines_by_kind.get(kind, 0) + of_kind["counts"]
        span = pc.min_max(counted["event_at"]).as_py()
        self.first_at = min(span["min"], self.first_at or span["min"])
        self.last_at = max(span["max"], self.last_at or span["max"])

    def _rows(self, seen: pa.Table, counts: pa.ChunkedArray, as_of: datetime) -> pa.Table:
        interest, at = self.weighing.interest, seen["event_at"]
        weight = pc.multiply(_of_kind(seen, self.weighing.weights), _decay(at, as_of, self.weighing.half_life_days))
        is_target = pc.and_(pc.equal(seen["kind"], interest.target), pa.array(_first_lines(seen)))
        return pa.table(
            {
                "user_id": seen["user_id"],
                "item_id": seen["item_id"],
                "positive": pc.max_element_wise(weight, 0.0),
                "negative": pc.max_element_wise(pc.negate(weight), 0.0),
                "n_lines": counts.cast(pa.int64()),
                "last_at": pc.if_else(counts, at, pa.scalar(None, _INSTANT)),
                "n_targets": pc.multiply(is_target.cast(pa.float64()), _decay(at, as_of, interest.half_life_days)),
                "seen_at": at,
                "seen_code": _of_kind(seen, interest.codes).cast(pa.int8()),
                "seen_weight": _of_kind(seen, interest.weights),
            },
            schema=_PARTIAL,
        )

    def joined(self) -> _Partial:
        as_of = max(partial.as_of for partial in self.partials)
        return _Partial(_summed(pa.concat_tables([self.moved(partial, as_of) for partial in self.partials])), as_of)

    def moved(self, partial: _Partial, as_of: datetime) -> pa.Table:
        moved, age_days = partial.pairs, (as_of - partial.as_of).total_seconds() / 86_400.0
        of_sums = self.weighing.half_life_days
        halved = {"n_targets": self.weighing.interest.half_life_days}
        halved |= {} if of_sums is None else dict.fromkeys(("positive", "negative"), of_sums)
        for name, half_life_days in halved.items():
            factor = 2.0 ** (-age_days / half_life_days)
            moved = moved.set_column(moved.schema.get_field_index(name), name, pc.multiply(moved[name], factor))
        return moved


def aggregate(tables: Iterable[pa.Table], weighing: Weighing, as_of: datetime | None = None) -> Aggregate:
    """Fold tables of the lake's lines, each event whole and once, as of `as_of` (None: the newest line that counts).

    Equal tables in equal order give equal bits. Lines without an item or of kinds that do not count are skipped, and those that
    were received at `as_of` or later.
    """
    fold = _Fold(weighing)
    for table in tables:
        fold.add(table if as_of is None else table.filter(pc.less(table["received_at"], pa.scalar(as_of, _INSTANT))))
    if fold.last_at is None:
        return Aggregate(SCHEMA.empty_table(), {}, None, None)
    asked = as_of or fold.last_at
    pairs = fold.moved(fold.joined(), asked)
    pairs = pairs.append_column("interest", _interest(pairs, asked, weighing.interest))
    pairs = pairs.filter(pc.greater(pairs["n_lines"], 0)).select(SCHEMA.names).cast(SCHEMA)
    pairs = pairs.sort_by([(name, "ascending") for name in _PAIR])
    return Aggregate(pairs, dict(sorted(fold.n_lines_by_kind.items())), fold.first_at, asked)


def _interest(pairs: pa.Table, as_of: datetime, interest: Interest) -> pa.ChunkedArray:
    newest = pc.multiply(pairs["seen_weight"], _decay(pairs["seen_at"], as_of, interest.half_life_days))
    return pc.if_else(pc.greater(pairs["n_targets"], 0.0), pairs["n_targets"], newest)


def _of_kind(lines: pa.Table, values: Mapping[str, float]) -> pa.ChunkedArray:
    """The value of each line's kind, 0 for kinds without one."""
    place = pc.index_in(lines["kind"], value_set=pa.array(list(values), pa.string()))
    return pc.take(pa.array(list(values.values()), pa.float64()), place).fill_null(0.0)


def _first_lines(lines: pa.Table) -> npt.NDArray[np.bool_]:
    """(n,) which line is the first of its event with its item."""
    events, items = (lines[name].combine_chunks().dictionary_encode() for name in ("event_id", "item_id"))
    keys = events.indices.to_numpy().astype(np.int64) * len(items.dictionary) + items.indices.to_numpy()
    first = np.zeros(len(lines), np.bool_)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


def _decay(at: pa.ChunkedArray, as_of: datetime, half_life_days: float | None) -> pa.ChunkedArray | pa.Scalar:
    if half_life_days is None:
        return pa.scalar(1.0)
    age_us = pc.subtract(pa.scalar(as_of, _INSTANT), at).cast(pa.int64()).cast(pa.float64())
    return pc.power(2.0, pc.divide(age_us, -half_life_days * _DAY_US))


def _summed(rows: pa.Table) -> pa.Table:
    # In this order the last of a pair is its newest event. Threads would add in another order each time, which changes the
    # last bits.
    ordered = rows.sort_by([(name, "ascending") for name in ("seen_at", "seen_code")])
    how = [("positive", "sum"), ("negative", "sum"), ("n_lines", "sum"), ("last_at", "max"), ("n_targets", "sum")]
    how += [(name, "last") for name in ("seen_at", "seen_code", "seen_weight")]
    grouped = ordered.group_by(_PAIR, use_threads=False).aggregate(how)
    return grouped.rename_columns([*_PAIR, *(name for name, _ in how)]).select(_PARTIAL.names)
