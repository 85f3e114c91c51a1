"""Rows of a shop's log -> lines of events, and the rows that are none. Pure but for the order book."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recommndr_importing import columns
from recommndr_importing.columns import Flags
from recommndr_importing.mapping import Column, EventsMapping, Kind
from recommndr_importing.order_book import Keys, OrderBook
from recommndr_importing.row_ids import line_numbers, order_ids, row_ids, shopper_keys
from recommndr_importing.times import instants
from recommndr_importing.verdicts import Verdicts

_EARLIEST_US = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
# Words of the context and what fits into an event; others are left empty and counted.
_CONTEXT = {"session_id": ".{1,128}", "device": ".{1,64}", "os": ".{1,64}", "country": "[A-Z]{2}", "region": ".{1,64}"}


class Known(Protocol):
    """Orders that are known from elsewhere."""

    def around(self, at_us: npt.NDArray[np.int64]) -> tuple[Keys, Keys, npt.NDArray[np.int64]]:
        """Key, shopper and time of lines of orders at about these instants, unless an earlier call gave them."""
        ...


@dataclass(frozen=True)
class Converted:
    """A batch of a shop's log."""

    lines: pa.Table  # the lake's columns but tenant, date, weight and the three times; `at` and `order_key` (null: no order)
    accepted: Flags  # (rows,)
    reasons: pa.Array  # of the others, in their order
    emptied: Counter[str]  # values of the context that do not fit, by column


class EventLog:
    """Converts the batches of one import, files after files.

    Parameters
    ----------
    mapping
        What the columns say.
    tenant
        Goes into the event ids.
    now
        Nothing happened later than this.
    known
        Where orders are that lines may be of besides; None: nowhere.
    """

    def __init__(self, mapping: EventsMapping, tenant: str, now: datetime, known: Known | None = None) -> None:
        self._mapping, self._tenant, self._known = mapping, tenant, known
        self._now_us = int(now.timestamp() * 1_000_000)
        self.orders = OrderBook()

    def convert(self, rows: pa.Table) -> Converted:
        """Lines of the rows that are events; raises `MissingColumn` when the mapping names a column that is not there."""
        verdicts = Verdicts(rows.num_rows)
        verdicts.apply(self._mapping.reject, rows, "events")
        said: dict[str, pa.Array] = {
            "user_id": self._id(rows, "user_id", verdicts),
            "item_id": self._id(rows, "item_id", verdicts),
            "kind": self._kind(rows, verdicts),
            "at": self._time(rows, verdicts),
        }
        said |= self._numbers(rows, verdicts)
        said["order_id"] = self._words(rows, "order_id", self._mapping.order_id)
        verdicts.reject(columns.bad_ids(said["order_id"]), "order_id_invalid")
        context, emptied = self._context(rows)
        lines = pa.table(said | context).filter(pa.array(verdicts.accepted)).combine_chunks()
        lines = self._with_ids(lines, verdicts)
        return Converted(lines, verdicts.accepted, verdicts.reasons(), emptied)

    def _words(self, rows: pa.Table, field: str, column: Column | None) -> pa.Array:
        name = column and columns.find(column.column, rows.column_names, f"events.{field}", column.optional)
        if column is None or name is None:
            return pa.nulls(rows.num_rows, pa.string())
        return columns.renamed(columns.text(rows[name].combine_chunks()), column.values)

    def _id(self, rows: pa.Table, field: str, verdicts: Verdicts) -> pa.Array:
        ids = self._words(rows, field, getattr(self._mapping, field))
        verdicts.reject(columns.flags(ids.is_null()), f"{field}_missing")
        verdicts.reject(columns.bad_ids(ids), f"{field}_invalid")
        return ids

    def _kind(self, rows: pa.Table, verdicts: Verdicts) -> pa.Array:
        kind = self._mapping.kind
        if kind.constant is not None:
            return pa.repeat(pa.scalar(kind.constant, pa.string()), rows.num_rows)
        name = columns.find(kind.column or (), rows.column_names, "events.kind", optional=False)
        column = rows[name].combine_chunks()
        kinds = _by_number(column, kind) if kind.at_least else columns.renamed(columns.text(column), kind.values)
        verdicts.reject(columns.flags(kinds.is_null()), "kind_unknown")
        return kinds

    def _time(self, rows: pa.Table, verdicts: Verdicts) -> pa.Array:
        time = self._mapping.time
        name = columns.find(time.column, rows.column_names, "events.time", optional=False)
        at = instants(rows[name].combine_chunks(), time)
        at_us = at.cast(pa.int64()).fill_null(_EARLIEST_US).to_numpy()
        verdicts.reject(columns.flags(at.is_null()), "time_unreadable")
        verdicts.reject(at_us < _EARLIEST_US, "time_before_1990")
        verdicts.reject(at_us > self._now_us, "time_in_the_future")
        return at

    def _numbers(self, rows: pa.Table, verdicts: Verdicts) -> dict[str, pa.Array]:
        n, quantity, price = rows.num_rows, self._mapping.quantity, self._mapping.price
        pieces: npt.NDArray[np.int32] = np.ones(n, np.int32)
        name = quantity and columns.find(quantity.column, rows.column_names, "events.quantity", quantity.optional)
        if name:
            pieces, bad = columns.whole_quantity(rows[name].combine_chunks())
            verdicts.reject(bad, "quantity_invalid")
        minor, currency = pa.nulls(n, pa.int64()), pa.nulls(n, pa.string())
        priced = price and columns.find(price.column, rows.column_names, "events.price", price.optional)
        if price and priced:
            minor, bad = columns.price_minor(rows[priced].combine_chunks(), price.decimals)
            verdicts.reject(bad, "price_invalid")
            currency = pa.compute.if_else(minor.is_valid(), pa.scalar(price.currency), pa.scalar(None, pa.string()))
        return {"quantity": pa.array(pieces), "price_minor": minor, "currency": currency}

    def _context(self, rows: pa.Table) -> tuple[dict[str, pa.Array], Counter[str]]:
        found, emptied = {}, Counter[str]()
        for field, pattern in _CONTEXT.items():
            column: Column | None = getattr(self._mapping, field)
            words = self._words(rows, field, column)
            found[field] = columns.fitting(words, pattern)
            emptied[field] += found[field].null_count - words.null_count
        return found, +emptied

    def _with_ids(self, lines: pa.Table, verdicts: Verdicts) -> pa.Table:
        """Lines with event ids and line numbers; lines of another shopper's order are rejected."""
        ordered = columns.flags(lines["order_id"].combine_chunks().is_valid())
        ordered &= columns.flags(pa.compute.equal(lines["kind"].combine_chunks(), "purchase"))
        orders = lines.filter(pa.array(ordered)).combine_chunks()
        event_ids, keys = order_ids(self._tenant, _only(orders["order_id"]))
        if self._known is not None:
            self.orders.settle(*self._known.around(_us(orders["at"])))
        same_shopper = self.orders.admit(keys, shopper_keys(_only(orders["user_id"])), _us(orders["at"]))
        spoilt = np.zeros(len(verdicts.accepted), np.bool_)
        spoilt[np.flatnonzero(verdicts.accepted)[np.flatnonzero(ordered)[~same_shopper]]] = True
        verdicts.reject(spoilt, "order_of_two_shoppers")
        said = [_only(lines["quantity"]).to_numpy().astype(np.int64), _only(lines["price_minor"]).fill_null(-1).to_numpy()]
        words = [_only(lines[name]) for name in ("user_id", "item_id", "kind")]
        ids = row_ids(self._tenant, words, [_us(lines["at"]), *said])
        line_no, order_key = np.zeros(lines.num_rows, np.int32), np.zeros(lines.num_rows, np.uint64)
        line_no[ordered] = line_numbers(_only(orders["item_id"]), [column[ordered] for column in said])
        order_key[ordered] = keys
        identified = lines.drop_columns("order_id").append_column(
            "event_id", pa.compute.replace_with_mask(ids, pa.array(ordered), event_ids)
        )
        identified = identified.append_column("line_no", pa.array(line_no))
        identified = identified.append_column("order_key", pa.array(order_key, mask=~ordered))
        kept = np.ones(lines.num_rows, np.bool_)
        kept[np.flatnonzero(ordered)[~same_shopper]] = False
        return identified if kept.all() else identified.filter(pa.array(kept))


def _by_number(column: pa.Array, kind: Kind) -> pa.Array:
    bounds = sorted((kind.at_least or {}).items(), key=lambda pair: pair[1])
    values, _ = columns.numbers(column)
    places = np.searchsorted([bound for _, bound in bounds], values, side="right") - 1
    unknown = (places < 0) | np.isnan(values)
    return pa.array([name for name, _ in bounds], pa.string()).take(pa.array(places, mask=unknown))


def _only(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _us(at: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    instants_us: npt.NDArray[np.int64] = at.combine_chunks().cast(pa.int64()).to_numpy()
    return instants_us
