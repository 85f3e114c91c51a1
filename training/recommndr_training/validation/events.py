"""Suite of events: what must hold of the lines of `prepared/lines.parquet`, of its days and of its mix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import great_expectations.expectations as gxe
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from great_expectations.expectations.row_conditions import Column

from recommndr.events import MAX_LINES
from recommndr_training.validation import mix, volume
from recommndr_training.validation.checking import Checked, Table, because, check
from recommndr_training.validation.event_lines import compact
from recommndr_training.validation.identifiers import ExpectColumnValuesToBeEntityIds, ExpectColumnValuesToBeUuids
from recommndr_training.validation.limits import Limits
from recommndr_training.validation.types import check_types

NO_CATEGORY = "(none)"
DEARER = "where prices are that high in the shop's currency: max_price_minor"
_IMPORT = "mend the source or its import, then run it again"


@dataclass(frozen=True, slots=True)
class Rules:
    """The tenant's rules that its events are checked against."""

    schema: pa.Schema  # of the lines
    kinds: Sequence[str]  # that the tenant has
    since_s: float  # the data's own period
    until_s: float
    now_s: float  # nothing may be newer
    limits: Limits = field(default_factory=Limits)

    @property
    def end_s(self) -> float:
        """Where the data end: the last week is counted from here."""
        return min(self.until_s, self.now_s)


def check_events(lines: pa.Table, root_category: Mapping[str, str], rules: Rules) -> list[Checked]:
    """Types first, alone when they fail; then lines, days and mix. `root_category` is by item id, of the whole catalogue."""
    types = check_types("events", lines.schema, rules.schema)
    if types.failures:
        return [types]
    frame = compact(lines, list(root_category))
    return [types, _check_lines(lines, frame, rules), _check_days(frame, rules), _check_mix(frame, root_category, rules)]


def _check_lines(lines: pa.Table, frame: pd.DataFrame, rules: Rules) -> Checked:
    def context(row: int) -> dict[str, Any]:
        values = {name: lines[name][row].as_py() for name in ("event_id", "user_id", "item_id", "kind", "at_s")}
        return values | {"at": _instant(values.pop("at_s"))}

    return check(Table("events", frame, context), lines_suite(rules))


def lines_suite(rules: Rules) -> list[gxe.Expectation]:
    """What must hold of the columns of `event_lines.compact`."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, **because("the table is empty", _IMPORT)),
        *_ids(),
        *_catalogue(rules.limits),
        *_required("kind", "at_s", "quantity"),
        gxe.ExpectColumnValuesToBeInSet(
            column="kind",
            value_set=list(rules.kinds),
            **because("a kind that the shop does not have", "map it in the import, or add it to the tenant's own_kinds"),
        ),
        *_instants(rules),
        *_amounts(rules.limits),
        *_whole_events(),
    ]


def _required(*columns: str) -> list[gxe.Expectation]:
    why = because("a value is missing that every line has", _IMPORT)
    return [gxe.ExpectColumnValuesToNotBeNull(column=column, **why) for column in columns]


def _ids() -> list[gxe.Expectation]:
    why = because("an id is empty, longer than 128 bytes, or holds control characters", _IMPORT)
    return [
        *_required("event_id", "user_id", "item_id"),
        ExpectColumnValuesToBeUuids(column="event_id", **because("the event's id is no UUID", _IMPORT)),
        ExpectColumnValuesToBeEntityIds(column="user_id", **why),
        ExpectColumnValuesToBeEntityIds(column="item_id", **why),
    ]


def _catalogue(limits: Limits) -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="item_id",
            column_B="item_id_of_catalogue",
            mostly=1.0 - limits.unknown_items_share,
            **because(
                "the catalogue does not know the item",
                "import the catalogue first; where a log is known to be wider than its catalogue: unknown_items_share",
            ),
        )
    ]


def _instants(rules: Rules) -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="at_s",
            min_value=rules.since_s,
            max_value=rules.until_s,
            strict_max=True,
            **because("outside the data's own period: a wrong unit (ms for s), zone, since or until", _IMPORT),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="at_s", max_value=rules.now_s, **because("an event in the future: a clock or a unit is wrong", _IMPORT)
        ),
    ]


def _amounts(limits: Limits) -> list[gxe.Expectation]:
    expectations = [
        gxe.ExpectColumnValuesToBeBetween(
            column="quantity", min_value=1, max_value=1_000_000, **because("a return, or a measure instead of pieces", _IMPORT)
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="price_minor",
            min_value=0,
            max_value=limits.max_price_minor,
            **because("a refund, or a price in another unit than minor units of the currency", f"{_IMPORT}; {DEARER}"),
        ),
    ]
    if limits.purchases_have_prices:
        priced = gxe.ExpectColumnValuesToNotBeNull(
            column="price_minor",
            row_condition=Column("kind") == "purchase",
            **because("a purchase without a price", f"{_IMPORT}; where the source has no prices: purchases_have_prices"),
        )
        expectations.append(priced)
    return expectations


def _whole_events() -> list[gxe.Expectation]:
    one = because("lines with one event_id say different things", "give each event an id of its own in the import")
    pairs = [(name, f"{name}_of_event") for name in ("user_id", "kind", "at_s")]
    return [
        *(gxe.ExpectColumnPairValuesToBeEqual(column_A=mine, column_B=first, **one) for mine, first in pairs),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["event_no", "item_id"],
            **because("an item is twice in one event: a line was read twice", "add up quantities in the import, drop repeats"),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="lines_of_event", max_value=MAX_LINES, **because("an event with more lines than any may have", _IMPORT)
        ),
    ]


def _check_days(frame: pd.DataFrame, rules: Rules) -> Checked:
    opens = frame["opens_event"].to_numpy()
    kind = _places(frame["kind"], list(rules.kinds))[opens]
    days = volume.full_days(rules.since_s, rules.end_s)
    counts = volume.daily_counts(frame["at_s"].to_numpy()[opens], kind, len(rules.kinds), days)
    used = np.flatnonzero(counts.any(axis=0)).tolist()  # kinds that never happened have nothing to say
    table = volume.days_frame(counts[:, used], [rules.kinds[place] for place in used], days, rules.limits)
    return check(Table("events by day", table, lambda row: table.loc[row].round(1).to_dict()), days_suite())


def days_suite() -> list[gxe.Expectation]:
    """What must hold of the last week's days (`volume.days_frame`)."""
    cure = "complete or mend the feed of that day; where the change is real: closed_days or max_volume_ratio"
    return [
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="n_events",
            column_B="usual_low",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            **because("far fewer events than on the same weekday of the weeks before: a file is missing or cut", cure),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="usual_high",
            column_B="n_events",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            **because("far more events than on the same weekday of the weeks before: a file was read twice, or robots", cure),
        ),
    ]


def _check_mix(frame: pd.DataFrame, root_category: Mapping[str, str], rules: Rules) -> Checked:
    end_s = volume.full_days(rules.since_s, rules.end_s)[1] * volume.DAY_S
    now_s = end_s - volume.JUDGED_DAYS * volume.DAY_S
    before_s = now_s - volume.WEEKS * 7 * volume.DAY_S
    at_s = frame["at_s"].to_numpy()
    opens = frame["opens_event"].to_numpy()
    windows = [(at_s >= now_s) & (at_s < end_s), (at_s >= before_s) & (at_s < now_s)]
    kinds, category, names = list(rules.kinds), *_categories(frame["item_id"], root_category)
    kind = _places(frame["kind"], kinds)
    of_kind = [_counts(kind[window & opens], len(kinds)) for window in windows]
    of_category = [_counts(category[window], len(names)) for window in windows]
    frames = [mix.mix_frame("kind", kinds, *of_kind), mix.mix_frame("category", names, *of_category)]
    table = pd.concat(frames)
    return check(Table("events by mix", table, lambda row: table.loc[row].round(4).to_dict()), mix_suite(rules.limits))


def mix_suite(limits: Limits) -> list[gxe.Expectation]:
    """What must hold of the last week's mix (`mix.mix_frame`)."""
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="psi",
            max_value=limits.max_mix_psi,
            **because(
                "the last week's mix is not that of the eight weeks before (the values that moved most come first)",
                "look for a feed that is missing, mapped otherwise or read twice; where the change is real: max_mix_psi",
            ),
        )
    ]


def _places(column: "pd.Series[Any]", names: list[str]) -> npt.NDArray[np.int32]:
    """(n,) place of each value in `names`, -1 where it is none of them."""
    place = pd.Index(names).get_indexer(column.cat.categories)
    return np.append(place, -1).astype(np.int32)[column.cat.codes.to_numpy()]


def _categories(item: "pd.Series[Any]", root_category: Mapping[str, str]) -> tuple[npt.NDArray[np.int32], list[str]]:
    """(n,) root category of each line's item, as a place among the names that come with it."""
    of_item = pd.Categorical([root_category.get(item_id, NO_CATEGORY) for item_id in item.cat.categories])
    places = np.append(of_item.codes, -1).astype(np.int32)[item.cat.codes.to_numpy()]
    return places, [str(name) for name in of_item.categories]


def _counts(places: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.int64]:
    return np.bincount(places[places >= 0], minlength=n)


def _instant(at_s: float | None) -> str:
    try:
        return "?" if at_s is None else datetime.fromtimestamp(at_s, UTC).isoformat()
    except (ValueError, OverflowError, OSError):  # beyond all years
        return str(at_s)
