"""Suite of the ranker's training sets: the matrix, its labels, its requests and its cuts.

The matrix is summarised column by column with arrays; expectations apply to one row per column, named by the column.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import great_expectations.expectations as gxe
import numpy as np
import numpy.typing as npt
import pandas as pd
from great_expectations.expectations.row_conditions import Column
from scipy.stats import rankdata

from recommndr_engine.columns import COLUMNS
from recommndr_engine.columns.column import Column as RankerColumn
from recommndr_training.validation.checking import Checked, Table, because, check
from recommndr_training.validation.limits import Limits

_JUDGED_ROWS = 200_000  # enough for an AUC to three digits
_ROUNDING_DAYS = 1e-3  # float32 of a year in days
_COLUMN = "check the column's formula in recommndr_engine/columns and the states it reads"


@dataclass(frozen=True, slots=True)
class Cut:
    """The examples of one cut."""

    matrix: npt.NDArray[np.float32]  # (n, columns)
    labels: npt.NDArray[np.bool_]  # (n,)
    cut_s: float
    label_end_s: float  # events from here on are not labels


def check_training_set(
    cuts: Sequence[Cut],
    n_candidates: npt.NDArray[np.int64],
    gate_cut_s: float,
    limits: Limits,
    columns: Sequence[RankerColumn] = COLUMNS,
) -> list[Checked]:
    """Check columns, labels and periods of `cuts`; `n_candidates` is by request of the last cut, which keeps all negatives."""
    return [
        check(Table("ranker columns", column_frame(cuts, columns)), columns_suite(limits)),
        check(Table("ranker cuts", cut_frame(cuts, gate_cut_s)), cuts_suite(limits)),
        check(Table("ranker requests", pd.DataFrame({"n_candidates": n_candidates})), requests_suite()),
    ]


def column_frame(cuts: Sequence[Cut], columns: Sequence[RankerColumn]) -> pd.DataFrame:
    """One row per column: extremes, number of unknown or infinite values over all `cuts`, `auc` over the last one.

    `auc` is the larger of the AUC of the values and of their negatives; NaN if all labels are equal.
    """
    figures = [_figures([cut.matrix[:, place] for cut in cuts], column) for place, column in enumerate(columns)]
    judged = cuts[-1]
    step = -(-len(judged.labels) // _JUDGED_ROWS) if len(judged.labels) else 1
    labels = judged.labels[::step]
    aucs = [separation(judged.matrix[::step, place], labels) for place in range(len(columns))]
    return pd.DataFrame(figures, index=[column.name for column in columns]).assign(auc=aucs)


def _figures(parts: Sequence[npt.NDArray[np.float32]], column: RankerColumn) -> dict[str, float | bool]:
    values = np.concatenate(parts)
    finite = values[np.isfinite(values)]
    return {
        "n_unknown": int(np.isnan(values).sum()),
        "n_infinite": int(np.isinf(values).sum()),
        "may_be_unknown": bool(np.isnan(column.unknown)),
        "is_time": column.name.endswith(("_since", "_age")),
        "lowest": float(finite.min()) if len(finite) else 0.0,
        "highest": float(finite.max()) if len(finite) else 0.0,
        "unknown_share": float(np.isnan(values).mean()) if len(values) else 0.0,
    }


def separation(values: npt.NDArray[np.float32], labels: npt.NDArray[np.bool_]) -> float:
    """Larger AUC of `values` (n,) and `-values` for `labels` (n,); unknown values rank lowest. NaN if all labels are equal.

    By ranks (Mann, Whitney 1947), ties averaged.
    """
    n_true, n = int(labels.sum()), len(labels)
    if n_true in (0, n):
        return float("nan")
    ranks = rankdata(np.where(np.isnan(values), -np.inf, values))
    auc = (ranks[labels].sum() - n_true * (n_true + 1) / 2) / (n_true * (n - n_true))
    return float(max(auc, 1.0 - auc))


def cut_frame(cuts: Sequence[Cut], gate_cut_s: float) -> pd.DataFrame:
    """One row per cut, named by its number: examples, columns, share of positives, and the time from label end to gate."""
    return pd.DataFrame(
        {
            "n_examples": [len(cut.labels) for cut in cuts],
            "n_rows": [len(cut.matrix) for cut in cuts],
            "share_of_positives": [float(cut.labels.mean()) if len(cut.labels) else None for cut in cuts],
            "label_period_s": [cut.label_end_s - cut.cut_s for cut in cuts],
            "end_to_gate_s": [gate_cut_s - cut.label_end_s for cut in cuts],
        },
        index=[f"cut {place}" for place in range(len(cuts))],
    )


def columns_suite(limits: Limits) -> list[gxe.Expectation]:
    """Expectations on `column_frame`."""
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="n_infinite", value_set=[0], **because("an infinite value: a division by zero", _COLUMN)
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="n_unknown",
            value_set=[0],
            row_condition=Column("may_be_unknown") == False,  # noqa: E712 - builds a condition
            **because("NaN in a column whose unknown value is a number", _COLUMN),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="lowest",
            min_value=-_ROUNDING_DAYS,
            row_condition=Column("is_time") == True,  # noqa: E712
            **because("the column counts from an event after the cut: it leaks the future", _COLUMN),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="auc",
            max_value=limits.max_column_auc,
            **because("this column alone predicts the label almost perfectly: it leaks the label", _COLUMN),
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="highest",
            column_B="lowest",
            severity="warning",
            **because("the column is constant, so the ranker cannot use it", "nothing to do if the shop has no such events"),
        ),
    ]


def cuts_suite(limits: Limits) -> list[gxe.Expectation]:
    """Expectations on `cut_frame`."""
    return [
        gxe.ExpectTableRowCountToBeBetween(min_value=1, **because("there are no cuts", "import a longer history")),
        gxe.ExpectColumnValuesToBeBetween(
            column="n_examples", min_value=1, **because("no examples at a cut", "lower ranker.max_cuts, or import more history")
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="n_examples",
            column_B="n_rows",
            **because("the numbers of labels and rows differ", "a bug in stage ranker: report it"),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="share_of_positives",
            min_value=limits.min_positives_share,
            max_value=limits.max_positives_share,
            **because(
                "hardly any, or nearly all, candidates are positive",
                "check the tenant's target and the retrievers; if it is right, set min_positives_share or max_positives_share",
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="label_period_s",
            min_value=0.0,
            strict_min=True,
            **because("labels end before the cut", "a bug in stage ranker: report it"),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="end_to_gate_s",
            min_value=0.0,
            **because("labels reach into the gate period and leak", "a bug in stage ranker: report it"),
        ),
    ]


def requests_suite() -> list[gxe.Expectation]:
    """Expectations on the number of candidates by request."""
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="n_candidates",
            min_value=1,
            **because("a request has no candidates", "check the retrievers' files and quotas"),
        )
    ]
