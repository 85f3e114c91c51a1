"""Stage read_lake: a tenant's events and items in a lake -> the prepared tables, on their original dates.

Events without an item (searches, logins) and events outside the dataset's period are not taken as lines; logins have a table of
their own. Dropped rows are counted in `rejected.json`.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import typer

from recommndr_lake_writer.items import read_items
from recommndr_lake_writer.lake import iter_events
from recommndr_training import params
from recommndr_training.data import coded_lines, logins
from recommndr_training.data.claims import without_claims
from recommndr_training.data.coded_lines import LINES_SCHEMA
from recommndr_training.data.history import instants_s
from recommndr_training.data.id_codes import coded
from recommndr_training.data.prepared import Prepared, prices, write
from recommndr_training.params import BadParams, DataParams

_MAX_INT32 = 2**31 - 1
_MORE = ("event_at", "received_at", "sender", "doubt")
_ENDS = (("earliest", "min"), ("latest", "max"))


def prepare(events: pa.Table, items: pa.Table, data: DataParams) -> Prepared:
    """Rows of the lake's tables -> lines and items; every row is in `lines` or counted under a reason."""
    n_rows = events.num_rows
    # Under one name, because each is a copy of gigabytes where there are ten million events.
    events, n_outside = _inside(events, data)
    events, n_claims = without_claims(events, data.policy)
    events, n_doubted = _without_doubted(events)
    n_without = _without_item(events)
    lines, n_joined = _once(_lines(events.filter(pc.is_valid(events["item_id"]))))
    known = lines["item_id"].isin(items["item_id"].to_pylist())
    counts = {
        "rows": n_rows,
        **n_outside,
        **n_claims,
        **n_doubted,
        **n_without,
        "joined_same_item_of_an_event": n_joined,
        "of_items_the_catalogue_lacks": int((~known).sum()),
    }
    if data.unknown_items == "drop":
        lines = lines[known].reset_index(drop=True)
    counts["kept"] = len(lines)
    return Prepared(lines, _items(items, lines, data), counts)


def _inside(events: pa.Table, data: DataParams) -> tuple[pa.Table, dict[str, int]]:
    """Rows of the dataset's period; and the number and time range (epoch seconds) of the others."""
    at = events["event_at"]
    since, until = (pa.scalar(instant, at.type) for instant in (data.since, data.until))
    is_inside = pc.and_(pc.greater_equal(at, since), pc.less(at, until))
    outside_us = pc.cast(at.filter(pc.invert(is_inside)), pa.int64())
    counts = {"rejected_outside_period": len(outside_us)}
    if len(outside_us):
        ends = {f"outside_period_{name}_s": pc.min_max(outside_us)[end].as_py() for name, end in _ENDS}
        counts |= {name: at_us // 1_000_000 for name, at_us in ends.items()}
    return events.filter(is_inside), counts


def _without_doubted(events: pa.Table) -> tuple[pa.Table, dict[str, int]]:
    """Rows without those of robots and of shoppers who repeat themselves, and how many there were by doubt."""
    counts = {each["values"]: each["counts"] for each in pc.value_counts(events["doubt"].drop_null()).to_pylist()}
    if not counts:
        return events, {}
    of_doubt = {f"rejected_in_doubt_{doubt}": n for doubt, n in sorted(counts.items())}
    return events.filter(pc.is_null(events["doubt"])), {"rejected_in_doubt": sum(counts.values())} | of_doubt


def _without_item(events: pa.Table) -> dict[str, int]:
    kinds = pc.value_counts(events.filter(pc.is_null(events["item_id"]))["kind"]).to_pylist()
    of_kind = {f"rejected_without_item_{each['values']}": each["counts"] for each in kinds}
    return {"rejected_without_item": sum(of_kind.values())} | dict(sorted(of_kind.items()))


def _lines(events: pa.Table) -> pd.DataFrame:
    columns = {name: events[name] for name in LINES_SCHEMA.names if name in events.column_names}
    columns["at_s"], columns["known_s"] = instants_s(events)
    columns["n_lines"] = pa.repeat(pa.scalar(1, pa.int32()), events.num_rows)
    columns["quantity"] = pc.fill_null(events["quantity"], 1)
    columns["price_minor"] = pc.if_else(pc.less_equal(events["price_minor"], _MAX_INT32), events["price_minor"], None)
    nothing = pa.nulls(events.num_rows, pa.string())
    lines = pa.table({name: columns.get(name, nothing) for name in LINES_SCHEMA.names})
    return coded_lines.frame(lines.cast(coded_lines.CODED_SCHEMA))


def _once(lines: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Lines of the same event and item merged, their quantities added; and the number of merged lines."""
    keys = pd.DataFrame({name: coded(lines[name]).codes for name in ("event_id", "item_id")})
    repeated = keys.duplicated(keep=False)
    if repeated.any():
        joined = lines[repeated].groupby([*keys], as_index=False, sort=False, observed=True).agg(_joining(lines))
        joined.index = lines.index[repeated & ~keys.duplicated()]
        once = pd.concat([lines[~repeated], joined.astype(lines.dtypes.to_dict())])
    else:
        once = lines
    of_once = keys.loc[once.index]
    order = np.lexsort([of_once["item_id"], of_once["event_id"], once["at_s"]])
    return once.iloc[order].reset_index(drop=True), len(lines) - len(once)


def _joining(lines: pd.DataFrame) -> dict[str, str]:
    added, keys = ("quantity", "n_lines"), ("event_id", "item_id")
    return {name: "sum" if name in added else "first" for name in lines.columns if name not in keys}


def _items(items: pa.Table, lines: pd.DataFrame, data: DataParams) -> pd.DataFrame:
    frame: pd.DataFrame = items.drop_columns(["tenant", "image_url"]).to_pandas()
    if data.unknown_items == "keep":
        lacking = np.setdiff1d(lines["item_id"].unique().astype(str), frame["item_id"].to_numpy(str))
        named = pd.DataFrame({"item_id": lacking, "title": [f"Item {item_id}" for item_id in lacking]}, dtype=object)
        frame = pd.concat([frame, named.reindex(columns=frame.columns)]) if len(named) else frame
    for name in ("category_path", "tags"):
        frame[name] = [list(values) if isinstance(values, list | np.ndarray) else [] for values in frame[name]]
    # A price is a ranker input, so prices from the log must not come from the gate period.
    known_by = prices(lines[lines["known_s"] < data.gate_cut_s]) if lines["price_minor"].notna().any() else None
    price = frame["price_minor"] if known_by is None else frame["item_id"].map(known_by)
    frame["price_minor"] = price.astype("Int32")
    frame["currency"] = frame["price_minor"].isna().map({True: None, False: data.currency})
    return frame.sort_values("item_id", kind="stable").reset_index(drop=True)


def lake_of(profile: str) -> Path:
    """The lake of a profile with imported or simulated events."""
    return params.profile_dir(profile) / "lake"


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Read a profile's lake and write its prepared tables."""
    data, lake_dir = params.data(profile), lake_of(profile)
    events, identified = _events(lake_dir, data.tenant)
    prepared = prepare(events, read_items(lake_dir, data.tenant), data)
    inside = logins.between(identified, data.since.timestamp(), data.until.timestamp())
    write(replace(prepared, logins=inside), params.profile_dir(profile) / "prepared")


def _events(lake_dir: Path, tenant: str) -> tuple[pa.Table, pa.Table]:
    """All events, and the logins among them."""
    days, identified = [], [logins.NO_LOGINS]
    for day in iter_events(lake_dir, tenant):
        days.append(_needed(day))
        at_s, known_s = instants_s(day)
        identified.append(logins.of_rows(day.append_column("at_s", at_s).append_column("known_s", known_s)))
    if not days:
        raise BadParams(f"{lake_dir}: no events of tenant {tenant!r}: import or simulate first")
    return pa.concat_tables(days), pa.concat_tables(identified)


def _needed(day: pa.Table) -> pa.Table:
    return coded_lines.encoded(day.select([name for name in (*LINES_SCHEMA.names, *_MORE) if name in day.column_names]))


if __name__ == "__main__":
    typer.run(main)
