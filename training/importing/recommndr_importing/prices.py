"""Converts prices in major units into minor units of their currency. Pure."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.events import MAX_PRICE_MINOR
from recommndr_importing.columns import Flags, by_distinct, codes, find, fitting, flags, numbers, renamed
from recommndr_importing.mapping import Currency, Price

# ISO 4217; all other currencies have two decimals.
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


class Prices(NamedTuple):
    """Prices of rows; each field has shape (n,)."""

    minor: pa.Array  # int64; null: no price
    currency: pa.Array  # string; null: no price
    bad: Flags  # negative, too large or not a number
    bad_currency: Flags  # a price without a valid currency


def decimals(currency: str) -> int:
    """Return the decimals of a currency's minor unit.

    >>> decimals("EUR"), decimals("JPY"), decimals("KWD")
    (2, 0, 3)
    """
    return _DECIMALS.get(currency, 2)


def no_prices(n: int) -> Prices:
    """Return the prices of n rows without a price."""
    nothing = np.zeros(n, np.bool_)
    return Prices(pa.nulls(n, pa.int64()), pa.nulls(n, pa.string()), nothing, nothing)


def read_prices(rows: pa.Table, price: Price | None, field: str, point: str, pieces: "np.ndarray | None" = None) -> Prices:
    """Read prices of one piece, or of `pieces` pieces together, (n,) float64; raises `MissingColumn`.

    A row that names no price needs no currency.
    """
    name = price and find(price.column, rows.column_names, field, price.optional)
    if price is None or name is None:
        return no_prices(rows.num_rows)
    values, bad = numbers(rows[name].combine_chunks(), point)
    currency = currencies(rows, price.currency, field)
    said = currency.dictionary_encode()
    places = [price.decimals if price.decimals is not None else decimals(code) for code in said.dictionary.to_pylist()]
    scales = np.array([*(10.0**n for n in places), np.nan])  # the last scale is for rows without a valid currency
    with np.errstate(over="ignore"):  # what exceeds float64 is infinite: too large, as any amount above the limit
        values = values if pieces is None else values * pieces
        minor = np.rint(values * scales[said.indices.fill_null(len(places)).to_numpy()])
    bad_currency = ~np.isnan(values) & flags(currency.is_null())
    bad = bad | (minor < 0) | (minor > MAX_PRICE_MINOR)
    unknown = bad | np.isnan(minor)
    found = pa.array(np.where(unknown, 0, minor).astype(np.int64), mask=unknown)
    return Prices(found, pc.if_else(found.is_valid(), currency, pa.scalar(None, pa.string())), bad, bad_currency)


def currencies(rows: pa.Table, currency: Currency, field: str) -> pa.Array:
    """Return the currency of each row, (n,) string, null where it is invalid; raises `MissingColumn`."""
    if currency.constant is not None:
        return pa.repeat(pa.scalar(currency.constant, pa.string()), rows.num_rows)
    name = find(currency.column or (), rows.column_names, f"{field}.currency", optional=False)
    words = renamed(codes(rows[name].combine_chunks()), currency.values)
    return by_distinct(words, lambda distinct: fitting(pc.utf8_upper(distinct), "[A-Z]{3}"))
