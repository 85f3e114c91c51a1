"""Suite of what prepare left out: an import that loses many lines is refused even if the remaining lines are valid."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import great_expectations.expectations as gxe
import pandas as pd

from recommndr_training.validation.checking import Checked, Table, because, check
from recommndr_training.validation.limits import Limits

# as the stages that prepare name them
_UNKNOWN_ITEM = ("of_items_the_catalogue_lacks", "rejected_unknown_product")
_READ = ("rows", "raw")
_OUTSIDE, _WITHOUT_ITEM = "rejected_outside_period", "rejected_without_item"
_NO_LINES = ("not_sampled", _OUTSIDE, _WITHOUT_ITEM)
_ABOUT_NO_ITEM = ("search", "identify")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unknown_items_share(counts: Mapping[str, int]) -> float:
    """Share of the lines read whose item the catalogue lacks, kept or not; of `prepared/rejected.json`.

    >>> unknown_items_share({"rows": 120, "rejected_without_item": 20, "of_items_the_catalogue_lacks": 25, "kept": 75})
    0.25
    """
    return _share(_sum(counts, *_UNKNOWN_ITEM), _sum(counts, *_READ) - _sum(counts, *_NO_LINES))


def outside_period_share(counts: Mapping[str, int]) -> float:
    """Share of the lines read that lie outside the data's own period.

    >>> outside_period_share({"rows": 200, "rejected_outside_period": 1, "kept": 199})
    0.005
    """
    return _share(_sum(counts, _OUTSIDE), _sum(counts, *_READ))


def without_item_share(counts: Mapping[str, int]) -> float:
    """Share of the lines of the period without an item that should have one: searches and logins are about none.

    >>> without_item_share({"rows": 120, "rejected_without_item": 22, "rejected_without_item_search": 20, "kept": 98})
    0.02
    """
    n_without = _sum(counts, *(f"{_WITHOUT_ITEM}_{kind}" for kind in _ABOUT_NO_ITEM))
    return _share(_sum(counts, _WITHOUT_ITEM) - n_without, _sum(counts, *_READ) - _sum(counts, _OUTSIDE) - n_without)


def check_left_out(counts: Mapping[str, int], limits: Limits) -> Checked:
    """The counts of `prepared/rejected.json`."""
    shares = {of.__name__: [of(counts)] for of in (unknown_items_share, outside_period_share, without_item_share)}
    frame = pd.DataFrame(shares, index=["all lines read"])
    return check(Table("left out", frame, lambda _: _told(counts)), left_out_suite(limits))


def left_out_suite(limits: Limits) -> list[gxe.Expectation]:
    """What must hold of the shares that are left out."""
    causes = {
        "unknown_items_share": because(
            "the log names items that the catalogue lacks",
            "import the whole catalogue first; where a log is known to be wider than its catalogue: unknown_items_share",
        ),
        "outside_period_share": because(
            "events before since or from until on, which nothing is trained on: a wrong unit or clock, or a log that has grown",
            "mend the import, or move since and until of the data set; where they are left out knowingly: outside_period_share",
        ),
        "without_item_share": because(
            "views, carts or purchases that name no item (searches and logins need none)",
            "mend the source or its import; where it cannot be mended: without_item_share",
        ),
    }
    return [
        gxe.ExpectColumnValuesToBeBetween(column=name, max_value=getattr(limits, name), **why) for name, why in causes.items()
    ]


def _told(counts: Mapping[str, int]) -> dict[str, Any]:
    """The counts, instants as people read them."""
    return {
        name.removesuffix("_s"): (_EPOCH + timedelta(seconds=value)).isoformat() if name.endswith("_s") else value
        for name, value in counts.items()
    }


def _sum(counts: Mapping[str, int], *names: str) -> int:
    return sum(counts.get(name, 0) for name in names)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
