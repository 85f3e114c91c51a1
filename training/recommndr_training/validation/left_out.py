"""Suite of what prepare left out: an import that loses many lines is refused, although what it kept is sound."""

from collections.abc import Mapping

import great_expectations.expectations as gxe
import pandas as pd

from recommndr_training.validation.checking import Checked, Table, because, check
from recommndr_training.validation.limits import Limits

# as the stages that prepare name them
_UNKNOWN_ITEM = ("of_items_the_catalogue_lacks", "rejected_unknown_product")
_READ = ("rows", "raw")
_NO_LINES = ("not_sampled", "rejected_without_item")


def unknown_items_share(counts: Mapping[str, int]) -> float:
    """Share of the lines read whose item the catalogue lacks, kept or not; of `prepared/rejected.json`.

    >>> unknown_items_share({"rows": 120, "rejected_without_item": 20, "of_items_the_catalogue_lacks": 25, "kept": 75})
    0.25
    """
    n_lines = sum(counts.get(name, 0) for name in _READ) - sum(counts.get(name, 0) for name in _NO_LINES)
    return sum(counts.get(name, 0) for name in _UNKNOWN_ITEM) / n_lines if n_lines else 0.0


def check_left_out(counts: Mapping[str, int], limits: Limits) -> Checked:
    """The counts of `prepared/rejected.json`."""
    frame = pd.DataFrame({"unknown_items_share": [unknown_items_share(counts)]}, index=["all lines read"])
    return check(Table("left out", frame, lambda _: counts), left_out_suite(limits))


def left_out_suite(limits: Limits) -> list[gxe.Expectation]:
    """What must hold of the shares that are left out."""
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="unknown_items_share",
            max_value=limits.unknown_items_share,
            **because(
                "the log names items that the catalogue lacks",
                "import the whole catalogue first; where a log is known to be wider than its catalogue: unknown_items_share",
            ),
        )
    ]
