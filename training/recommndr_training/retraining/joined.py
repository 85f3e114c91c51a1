"""History and live events as one log. Pure: tables in, the prepared tables of a profile out.

An event counts once: history ends where the first live event was received, and an event of the lake whose id history has is
left out. So neither an export that overlaps the live log nor an import into both counts twice.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recommndr_lake_writer.items import SCHEMA as ITEMS_SCHEMA
from recommndr_training.data import coded_lines, logins, read_lake
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.id_codes import coded
from recommndr_training.data.known_items import KNOWN_S
from recommndr_training.data.prepared import Prepared, prices
from recommndr_training.params import DataParams
from recommndr_training.retraining.history_part import HistoryPart
from recommndr_training.retraining.lake_part import LakePart

_LOOKED_AT = ("user_id", "item_id", "kind", "price_minor")  # by what settings are worked out
_INSTANT = pa.timestamp("us", tz="UTC")
_LOGIN_ORDER = [(name, "ascending") for name in ("known_s", "at_s", "event_id")]


def once(history: HistoryPart, live: LakePart) -> LakePart:
    """The lake's part without the events that history has."""
    there = pa.concat_arrays([history.lines["event_id"].combine_chunks(), history.logins["event_id"].combine_chunks()])
    if not len(there):
        return live
    new = [pc.invert(pc.is_in(table["event_id"], value_set=there)) for table in (live.events, live.logins)]
    return replace(live, events=live.events.filter(new[0]), logins=live.logins.filter(new[1]))


def looked_at(history: HistoryPart, live: LakePart) -> pa.Table:
    """Lines of both, with what `traffic` and `completeness` look at."""
    of_history = history.lines.select(_LOOKED_AT)
    at = pc.multiply(history.lines["at_s"], 1e6).cast(pa.int64(), safe=False).cast(_INSTANT)
    of_live = live.events.filter(live.events["item_id"].is_valid())
    types = [LINES_SCHEMA.field(name).type if name != "price_minor" else pa.int64() for name in _LOOKED_AT]
    columns = [
        pa.chunked_array([*old.cast(kind).chunks, *new.cast(kind).chunks], kind)
        for old, new, kind in zip(of_history.columns, of_live.select(_LOOKED_AT).columns, types, strict=True)
    ]
    both_at = pa.chunked_array([*at.chunks, *of_live["event_at"].cast(_INSTANT).chunks], _INSTANT)
    return pa.table([*columns, both_at], names=[*_LOOKED_AT, "at"])


def catalogue(history: HistoryPart, live: LakePart, known: pa.Table) -> pa.Table:
    """The items of the live catalogue, and those of history that it lacks. Each has the date since which it was known at all.

    The shop's catalogue before it went live is that of history. So an item that history does not have came later: it is known
    since its first event, or, without one, since the first live event.
    """
    frame: pd.DataFrame = known.to_pandas()
    known_s = history.items.set_index("item_id")[KNOWN_S].astype(np.float64)
    old = history.items[~history.items["item_id"].isin(frame["item_id"])].reindex(columns=ITEMS_SCHEMA.names)
    parts = [one for one in (frame, old) if len(one)]
    if not parts:
        return ITEMS_SCHEMA.empty_table()
    frame = pd.concat(parts, ignore_index=True)
    since_s = frame["item_id"].map(known_s).to_numpy(np.float64)
    is_new = ~frame["item_id"].isin(known_s.index).to_numpy()
    if len(known_s):
        first_s = frame["item_id"].map(_first_known_s(live)).to_numpy(np.float64)
        since_s = np.where(is_new, np.fmin(first_s, live.live_since_s), since_s)
    dated = pd.to_datetime(pd.Series(np.where(np.isfinite(since_s), since_s, np.nan)), unit="s", utc=True)
    frame["available_from"] = pd.to_datetime(frame["available_from"], utc=True).fillna(dated)
    return pa.Table.from_pandas(_for_arrow(frame), ITEMS_SCHEMA, preserve_index=False)


def join(history: HistoryPart, live: LakePart, items: pa.Table, data: DataParams) -> Prepared:
    """The prepared tables of both parts; `items` are those of `catalogue`. What is left out is counted."""
    of_live = read_lake.prepare(live.events, items, data)
    old, n_outside = _inside(history.lines, data)
    lines = coded_lines.frame(pa.concat_tables([coded_lines.encoded(old), coded_lines.table_of(of_live.lines)]))
    keys = [coded(lines[name]).codes for name in ("item_id", "event_id")]
    order = np.lexsort([*keys, lines["at_s"].to_numpy()])
    lines = lines.iloc[order].reset_index(drop=True)
    counts = dict(of_live.counts) | {"of_history": len(old), "kept": len(lines)}
    counts["rows"] += history.lines.num_rows
    counts["rejected_outside_period"] += n_outside
    identified = pa.concat_tables([history.logins, live.logins]).sort_by(_LOGIN_ORDER)
    inside = logins.between(identified, data.since.timestamp(), data.until.timestamp())
    return Prepared(lines, _with_prices(of_live.items, lines, data), counts, inside)


def _inside(lines: pa.Table, data: DataParams) -> tuple[pa.Table, int]:
    at_s = lines["at_s"].to_numpy()
    kept = (at_s >= data.since.timestamp()) & (at_s < data.until.timestamp())
    return lines.filter(pa.array(kept)), int((~kept).sum())


def _with_prices(items: pd.DataFrame, lines: pd.DataFrame, data: DataParams) -> pd.DataFrame:
    """As `read_lake` does for its lines: a price is a ranker input, so it must not come from the gate period."""
    if not lines["price_minor"].notna().any():
        return items
    price = items["item_id"].map(prices(lines[lines["known_s"] < data.gate_cut_s])).astype("Int32")
    return items.assign(price_minor=price, currency=price.isna().map({True: None, False: data.currency}))


def _first_known_s(live: LakePart) -> "pd.Series[float]":
    first = pa.table({"item_id": live.events["item_id"].cast(pa.string()), "at": live.events["received_at"].cast(pa.int64())})
    found = first.group_by("item_id").aggregate([("at", "min")]).to_pandas().dropna(subset=["item_id"])
    series: pd.Series[float] = found.set_index("item_id")["at_min"] / 1e6
    return series


def _for_arrow(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists as lists, and what is missing as None."""
    for name in ("category_path", "tags"):
        frame[name] = [list(value) if isinstance(value, list | tuple | np.ndarray) else [] for value in frame[name]]
    frame["available_until"] = pd.to_datetime(frame["available_until"], utc=True)
    frame["price_minor"] = frame["price_minor"].astype("Int64")
    texts = ["tenant", "item_id", "title", "brand", "currency", "image_url", "group_id"]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), None)
    return frame
