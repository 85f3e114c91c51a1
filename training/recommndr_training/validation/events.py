"""Suite of events: checks the lines of `prepared/lines.parquet`, their daily volume and their mix."""

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
from recommndr_training.validation.checking import Checked, Table, because, check, tolerating
from recommndr_training.validation.event_lines import compact
from recommndr_training.validation.identifiers import ExpectColumnValuesToBeEntityIds, ExpectColumnValuesToBeUuids
from recommndr_training.validation.limits import Limits
from recommndr_training.validation.types import check_types

NO_CATEGORY = "(none)"
HIGH_PRICES = "if prices are that high in the shop's currency, raise max_price_minor in params.yaml"
_IMPORT = "fix the source or its import mapping, then import again"


@dataclass(frozen=True, slots=True)
class Rules:
    """The tenant's rules for its events."""

    schema: pa.Schema  # of the lines
    kinds: Sequence[str]  # all kinds of the tenant
    since_s: float  # the dataset's period
    until_s: float
    now_s: float  # no event may be later
    limits: Limits = field(default_factory=Limits)

    @property
    def end_s(self) -> float:
        """The end of the data; the last week is counted back from here."""
        return min(self.until_s, self.now_s)


def check_events(lines: pa.Table, root_category: Mapping[str, str], rules: Rules) -> list[Checked]:
    """Types first; if they fail, nothing else. Then lines, days and mix. `root_category` by item id, of the whole catalogue."""
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
    """Expectations on the columns of `event_lines.compact`."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, **because("there are no lines of events", _IMPORT)),
        *_ids(),
        *_catalogue(rules.limits),
        *_required("kind", "at_s", "quantity"),
        gxe.ExpectColumnValuesToBeInSet(
            column="kind",
            value_set=list(rules.kinds),
            **because(
                "the shop does not have this kind of event", "map it in the import, or add it to own_kinds in tenants.yaml"
            ),
        ),
        *_instants(rules),
        *_amounts(rules.limits),
        *_whole_events(),
    ]


def _required(*columns: str) -> list[gxe.Expectation]:
    why = because("a required value is missing", _IMPORT)
    return [gxe.ExpectColumnValuesToNotBeNull(column=column, **why) for column in columns]


def _ids() -> list[gxe.Expectation]:
    why = because("an id is empty, longer than 128 bytes, or contains control characters", _IMPORT)
    return [
        *_required("event_id", "user_id", "item_id"),
        ExpectColumnValuesToBeUuids(column="event_id", **because("the event id is not a UUID", _IMPORT)),
        ExpectColumnValuesToBeEntityIds(column="user_id", **why),
        ExpectColumnValuesToBeEntityIds(column="item_id", **why),
    ]


def _catalogue(limits: Limits) -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="item_id",
            column_B="item_id_of_catalogue",
            **tolerating(limits.unknown_items_share),
            **because(
                "the catalogue does not have this item",
                "import the whole catalogue; if the log has more items than the catalogue, raise unknown_items_share",
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
            **because(
                "the time is outside the dataset's period: a wrong unit (ms for s) or zone, or wrong since or until", _IMPORT
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="at_s", max_value=rules.now_s, **because("the event is in the future: a wrong clock or unit", _IMPORT)
        ),
    ]


def _amounts(limits: Limits) -> list[gxe.Expectation]:
    tolerated = tolerating(limits.wrong_amounts_share)
    expectations = [
        gxe.ExpectColumnValuesToBeBetween(
            column="quantity",
            min_value=1,
            max_value=1_000_000,
            **tolerated,
            **because("a return, or a weight or volume instead of pieces", _IMPORT),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="price_minor",
            min_value=0,
            max_value=limits.max_price_minor,
            **tolerated,
            **because("a refund, or a price that is not in minor units of the currency", f"{_IMPORT}; {HIGH_PRICES}"),
        ),
    ]
    if limits.purchases_have_prices:
        priced = gxe.ExpectColumnValuesToNotBeNull(
            column="price_minor",
            row_condition=Column("kind") == "purchase",
            **tolerated,
            **because(
                "a purchase without a price", f"{_IMPORT}; if the source has no prices, set purchases_have_prices to false"
            ),
        )
        expectations.append(priced)
    return expectations


def _whole_events() -> list[gxe.Expectation]:
    one = because("lines with the same event_id differ", "give each event its own id in the import")
    pairs = [(name, f"{name}_of_event") for name in ("user_id", "kind", "at_s")]
    return [
        *(gxe.ExpectColumnPairValuesToBeEqual(column_A=mine, column_B=first, **one) for mine, first in pairs),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["event_no", "item_id"],
            **because(
                "an event has the same item twice: a line was read twice", "in the import, add up quantities and drop repeats"
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="lines_of_event", max_value=MAX_LINES, **because("an event has more lines than allowed", _IMPORT)
        ),
    ]


def _check_days(frame: pd.DataFrame, rules: Rules) -> Checked:
    opens = frame["opens_event"].to_numpy()
    kind = _places(frame["kind"], list(rules.kinds))[opens]
    days = volume.full_days(rules.since_s, rules.end_s)
    counts = volume.daily_counts(frame["at_s"].to_numpy()[opens], kind, len(rules.kinds), days)
    used = np.flatnonzero(counts.any(axis=0)).tolist()  # kinds that never happened are not checked
    table = volume.days_frame(counts[:, used], [rules.kinds[place] for place in used], days, rules.limits)
    return check(Table("events by day", table, lambda row: table.loc[row].round(1).to_dict()), days_suite())


def days_suite() -> list[gxe.Expectation]:
    """Expectations on the last week's days (`volume.days_frame`)."""
    cure = "complete or fix the data of that day; if the change is real, set closed_days or max_volume_ratio in params.yaml"
    return [
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="n_events",
            column_B="usual_low",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            **because("far fewer events than on the same weekday of earlier weeks: a file is missing or incomplete", cure),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="usual_high",
            column_B="n_events",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            **because("far more events than on the same weekday of earlier weeks: a file was read twice, or bots", cure),
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
    """Expectations on the last week's mix (`mix.mix_frame`)."""
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="psi",
            max_value=limits.max_mix_psi,
            **because(
                "the last week's mix differs from the eight weeks before (the values that changed most come first)",
                "look for data that are missing, mapped differently or read twice; if the change is real, raise max_mix_psi",
            ),
        )
    ]


def _places(column: "pd.Series[Any]", names: list[str]) -> npt.NDArray[np.int32]:
    """(n,) position of each value in `names`, -1 if it is not there."""
    place = pd.Index(names).get_indexer(column.cat.categories)
    return np.append(place, -1).astype(np.int32)[column.cat.codes.to_numpy()]


def _categories(item: "pd.Series[Any]", root_category: Mapping[str, str]) -> tuple[npt.NDArray[np.int32], list[str]]:
    """(n,) root category of each line's item, as a position in the returned names."""
    of_item = pd.Categorical([root_category.get(item_id, NO_CATEGORY) for item_id in item.cat.categories])
    places = np.append(of_item.codes, -1).astype(np.int32)[item.cat.codes.to_numpy()]
    return places, [str(name) for name in of_item.categories]


def _counts(places: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.int64]:
    return np.bincount(places[places >= 0], minlength=n)


def _instant(at_s: float | None) -> str:
    try:
        return "?" if at_s is None else datetime.fromtimestamp(at_s, UTC).isoformat()
    except (ValueError, OverflowError, OSError):  # outside the range of years
        return str(at_s)
