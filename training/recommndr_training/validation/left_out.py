"""Suite of rows that prepare left out: an import that loses many lines is refused even if the remaining lines are valid."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import great_expectations.expectations as gxe
import pandas as pd

from recommndr_training.validation.checking import FEW_ROWS, Checked, Table, because, check
from recommndr_training.validation.limits import Limits

# names of counts, as the prepare stages write them
_UNKNOWN_ITEM = ("of_items_the_catalogue_lacks", "rejected_unknown_product")
_READ = ("rows", "raw")
_OUTSIDE, _WITHOUT_ITEM, _CLAIMED = "rejected_outside_period", "rejected_without_item", "rejected_from_browsers"
_DOUBTED = "rejected_in_doubt"
_NO_LINES = ("not_sampled", _OUTSIDE, _WITHOUT_ITEM, _CLAIMED, _DOUBTED)
_ABOUT_NO_ITEM = ("search", "identify")
_SHARES = ("unknown_items_share", "outside_period_share", "without_item_share")  # limits, by the names of their functions
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unknown_items_share(counts: Mapping[str, int]) -> float:
    """Share of lines whose item is not in the catalogue, kept or not; from `prepared/rejected.json`.

    >>> unknown_items_share({"rows": 120, "rejected_without_item": 20, "of_items_the_catalogue_lacks": 25, "kept": 75})
    0.25
    """
    return _share(_sum(counts, *_UNKNOWN_ITEM), _sum(counts, *_READ) - _sum(counts, *_NO_LINES))


def outside_period_share(counts: Mapping[str, int]) -> float:
    """Share of lines outside the dataset's period.

    >>> outside_period_share({"rows": 200, "rejected_outside_period": 1, "kept": 199})
    0.005
    """
    return _share(_sum(counts, _OUTSIDE), _sum(counts, *_READ))


def without_item_share(counts: Mapping[str, int]) -> float:
    """Share of the period's lines that lack an item although their kind needs one; searches and logins need none.

    >>> without_item_share({"rows": 120, "rejected_without_item": 22, "rejected_without_item_search": 20, "kept": 98})
    0.02
    """
    n_without = _sum(counts, *(f"{_WITHOUT_ITEM}_{kind}" for kind in _ABOUT_NO_ITEM))
    return _share(
        _sum(counts, _WITHOUT_ITEM) - n_without, _sum(counts, *_READ) - _sum(counts, _OUTSIDE, _CLAIMED, _DOUBTED) - n_without
    )


def check_left_out(counts: Mapping[str, int], limits: Limits) -> Checked:
    """Check the counts of `prepared/rejected.json`; of few lines some more may be left out."""
    few = FEW_ROWS / max(_sum(counts, *_READ), 1)
    limits = replace(limits, **{name: max(getattr(limits, name), few) for name in _SHARES})
    shares = {of.__name__: [of(counts)] for of in (unknown_items_share, outside_period_share, without_item_share)}
    frame = pd.DataFrame(shares, index=["all lines read"])
    return check(Table("left out", frame, lambda _: _told(counts)), left_out_suite(limits))


def left_out_suite(limits: Limits) -> list[gxe.Expectation]:
    """Expectations on the shares that are left out."""
    causes = {
        "unknown_items_share": because(
            "the log has items that are not in the catalogue",
            "import the whole catalogue; if the log has more items than the catalogue, raise unknown_items_share",
        ),
        "outside_period_share": because(
            "events are outside since .. until and are not trained on: a wrong unit or clock, or the log has grown",
            "fix the import, or change since and until of the dataset; if that is on purpose, raise outside_period_share",
        ),
        "without_item_share": because(
            "views, carts or purchases without an item",
            "fix the source or its import mapping; if that is not possible, raise without_item_share in params.yaml",
        ),
    }
    return [
        gxe.ExpectColumnValuesToBeBetween(column=name, max_value=getattr(limits, name), **why) for name, why in causes.items()
    ]


def _told(counts: Mapping[str, int]) -> dict[str, Any]:
    """The counts, with instants as dates."""
    return {
        name.removesuffix("_s"): (_EPOCH + timedelta(seconds=value)).isoformat() if name.endswith("_s") else value
        for name, value in counts.items()
    }


def _sum(counts: Mapping[str, int], *names: str) -> int:
    return sum(counts.get(name, 0) for name in names)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
