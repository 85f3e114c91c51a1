"""Turns rows of a shop's log into lines of events and rejected rows. Pure; each row is read independently."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_importing import columns
from recommndr_importing.columns import Flags
from recommndr_importing.mapping import Column, EventsMapping, Kind
from recommndr_importing.prices import read_prices
from recommndr_importing.row_ids import hash_text, line_numbers, order_lanes, row_ids
from recommndr_importing.times import instants
from recommndr_importing.verdicts import Verdicts

_EARLIEST_US = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
# Columns of the context and their longest valid value; longer values are left empty and counted.
_CONTEXT = {"session_id": ".{1,128}", "device": ".{1,64}", "os": ".{1,64}", "country": "[A-Z]{2}", "region": ".{1,64}"}


@dataclass
class Noticed:
    """Counts of accepted values that may be mistakes of the shop."""

    emptied: Counter[str] = field(default_factory=Counter)  # invalid values of the context and prices of items, by column
    damaged: Counter[str] = field(default_factory=Counter)  # ids that look damaged, by column
    examples: dict[str, str] = field(default_factory=dict)  # a damaged id of each column
    fractions: int = 0  # rejected quantities that are not whole

    def __iadd__(self, other: "Noticed") -> "Noticed":
        self.emptied += other.emptied
        self.damaged += other.damaged
        self.examples = other.examples | self.examples
        self.fractions += other.fractions
        return self


@dataclass(frozen=True)
class Converted:
    """A batch of a shop's log."""

    # The lake's columns without tenant, date, weight and the three times; `at`; `order_0` and `order_1`, hashes of shopper and
    # order number (null: no order); `context`, the hash of the columns that do not identify an event.
    lines: pa.Table
    accepted: Flags  # (rows,)
    reasons: pa.Array  # of the rejected rows, in their order
    noticed: Noticed


class EventLog:
    """Converts the batches of one import, one file after the other.

    Parameters
    ----------
    mapping
        What the columns say.
    tenant
        Goes into the event ids.
    now
        Nothing happened later than this.
    """

    def __init__(self, mapping: EventsMapping, tenant: str, now: datetime) -> None:
        self._mapping, self._tenant = mapping, tenant
        self._point = mapping.file.decimal
        self._now_us = int(now.timestamp() * 1_000_000)

    def convert(self, rows: pa.Table) -> Converted:
        """Return the lines of the rows that are events; raises `MissingColumn` when the file lacks a column of the mapping."""
        verdicts, noticed = Verdicts(rows.num_rows), Noticed()
        verdicts.apply(self._mapping.reject, rows, "events", self._point)
        said: dict[str, pa.Array] = {name: self._id(rows, name, verdicts, noticed) for name in ("user_id", "item_id")}
        said |= {"kind": self._kind(rows, verdicts), "at": self._time(rows, verdicts)}
        said |= self._numbers(rows, verdicts, noticed)
        said["order_id"] = self._id(rows, "order_id", verdicts, noticed)
        context = self._context(rows, noticed)
        lines = pa.table(said | context).filter(pa.array(verdicts.accepted)).combine_chunks()
        return Converted(self._with_ids(lines), verdicts.accepted, verdicts.reasons(), noticed)

    def _words(self, rows: pa.Table, field: str, column: Column | None) -> pa.Array:
        name = column and columns.find(column.column, rows.column_names, f"events.{field}", column.optional)
        if column is None or name is None:
            return pa.nulls(rows.num_rows, pa.string())
        words = rows[name].combine_chunks()
        return columns.renamed(columns.codes(words), column.values)

    def _id(self, rows: pa.Table, name: str, verdicts: Verdicts, noticed: Noticed) -> pa.Array:
        """Read the ids of rows. Shopper and item are required, an order is not."""
        column: Column | None = getattr(self._mapping, name)
        there = column and columns.find(column.column, rows.column_names, f"events.{name}", column.optional)
        if column is None or there is None:
            found = columns.ids(pa.nulls(rows.num_rows, pa.string()))
        else:
            found = columns.ids(rows[there].combine_chunks())
        ids = columns.renamed(found.ids, column.values if column else None)
        if name != "order_id":
            verdicts.reject(columns.flags(ids.is_null()), f"{name}_missing")
        verdicts.reject(found.bad, f"{name}_invalid")
        verdicts.reject(found.inexact, f"{name}_inexact")
        damaged = found.damaged & verdicts.accepted
        if damaged.any():
            noticed.damaged[name] += int(damaged.sum())
            noticed.examples[name] = ids.filter(pa.array(damaged))[0].as_py()
        return ids

    def _kind(self, rows: pa.Table, verdicts: Verdicts) -> pa.Array:
        kind = self._mapping.kind
        if kind.constant is not None:
            return pa.repeat(pa.scalar(kind.constant, pa.string()), rows.num_rows)
        name = columns.find(kind.column or (), rows.column_names, "events.kind", optional=False)
        column = rows[name].combine_chunks()
        kinds = _by_number(column, kind, self._point) if kind.at_least else columns.renamed(columns.codes(column), kind.values)
        verdicts.reject(columns.flags(kinds.is_null()), "kind_unknown")
        return kinds

    def _time(self, rows: pa.Table, verdicts: Verdicts) -> pa.Array:
        time = self._mapping.time
        name = columns.find(time.column, rows.column_names, "events.time", optional=False)
        at = instants(rows[name].combine_chunks(), time, self._point)
        at_us = at.cast(pa.int64()).fill_null(_EARLIEST_US).to_numpy()
        verdicts.reject(columns.flags(at.is_null()), "time_unreadable")
        verdicts.reject(at_us < _EARLIEST_US, "time_before_1990")
        verdicts.reject(at_us > self._now_us, "time_in_the_future")
        return at

    def _numbers(self, rows: pa.Table, verdicts: Verdicts, noticed: Noticed) -> dict[str, pa.Array]:
        quantity = self._mapping.quantity
        name = quantity and columns.find(quantity.column, rows.column_names, "events.quantity", quantity.optional)
        values, bad = np.full(rows.num_rows, np.nan), np.zeros(rows.num_rows, np.bool_)
        if name:
            values, bad = columns.numbers(rows[name].combine_chunks(), self._point)
        fraction = (values > 0) & (values != np.floor(values))
        together = None
        if quantity and quantity.fractional:
            together, values = np.where(fraction, values, 1.0), np.where(fraction, 1.0, values)
        else:
            noticed.fractions += int((fraction & verdicts.accepted).sum())
        pieces, bad = columns.whole_quantity(values, bad)
        verdicts.reject(bad, "quantity_invalid")
        prices = read_prices(rows, self._mapping.price, "events.price", self._point, together)
        verdicts.reject(prices.bad, "price_invalid")
        verdicts.reject(prices.bad_currency, "currency_invalid")
        return {"quantity": pa.array(pieces), "price_minor": prices.minor, "currency": prices.currency}

    def _context(self, rows: pa.Table, noticed: Noticed) -> dict[str, pa.Array]:
        found = {}
        for name, pattern in _CONTEXT.items():
            words = self._words(rows, name, getattr(self._mapping, name))
            found[name] = columns.by_distinct(words, partial(columns.fitting, pattern=pattern))
            if n_emptied := found[name].null_count - words.null_count:
                noticed.emptied[name] += n_emptied
        return found

    def _with_ids(self, lines: pa.Table) -> pa.Table:
        """Add event ids and line numbers. The event id of an order follows later, when the day of its start is known."""
        ordered = columns.flags(_only(lines["order_id"]).is_valid())
        ordered &= columns.flags(pc.equal(_only(lines["kind"]), "purchase"))
        said = [_only(lines["quantity"]).to_numpy().astype(np.int64), _only(lines["price_minor"]).fill_null(-1).to_numpy()]
        words = [_only(lines[name]) for name in ("user_id", "item_id", "kind")]
        at_us: npt.NDArray[np.int64] = _only(lines["at"]).cast(pa.int64()).to_numpy()
        made: dict[str, pa.Array] = {"event_id": row_ids(self._tenant, words, [at_us, *said])}
        line_no, lanes = np.zeros(len(at_us), np.int32), np.zeros((len(at_us), 2), np.uint64)
        orders = lines.filter(pa.array(ordered))
        line_no[ordered] = line_numbers(_only(orders["item_id"]), [column[ordered] for column in said])
        lanes[ordered] = order_lanes(self._tenant, _only(orders["user_id"]), _only(orders["order_id"]))
        made |= {"line_no": pa.array(line_no), "context": pa.array(_hashed(lines, (*_CONTEXT, "currency")))}
        made |= {f"order_{lane}": pa.array(lanes[:, lane], mask=~ordered) for lane in range(2)}
        lines = lines.drop_columns("order_id")
        return pa.table([*lines.columns, *made.values()], names=[*lines.column_names, *made])


def _hashed(lines: pa.Table, names: tuple[str, ...]) -> npt.NDArray[np.uint64]:
    mixed = np.zeros(lines.num_rows, np.uint64)
    for name in names:
        column = _only(lines[name])
        is_silent = column.null_count == len(column)  # Most mappings name few columns of the context.
        words = hash_text(pa.nulls(1, pa.string()) if is_silent else column, b"recommndr: words")
        mixed = mixed * np.uint64(31) + words
    return mixed


def _by_number(column: pa.Array, kind: Kind, point: str) -> pa.Array:
    bounds = sorted((kind.at_least or {}).items(), key=lambda pair: pair[1])
    values, _ = columns.numbers(column, point)
    places = np.searchsorted([bound for _, bound in bounds], values, side="right") - 1
    unknown = (places < 0) | np.isnan(values)
    return pa.array([name for name, _ in bounds], pa.string()).take(pa.array(places, mask=unknown))


def _only(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()
