"""Lines that only a shopper's browser vouches for: a browser can invent orders.

Training and evaluation take the word of the shop's server where there is one. A shop whose server sends no orders, and whose
policy lets browsers report them, is judged by what browsers report; the evaluation's table says so.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.events import BROWSER_KINDS
from recommndr.tenancy import TenantPolicy

_LEFT_OUT, _KEPT = "rejected_from_browsers", "kept_from_browsers"
Flags = npt.NDArray[np.bool_]


def without_claims(events: pa.Table, policy: TenantPolicy) -> tuple[pa.Table, dict[str, int]]:
    """Rows of the lake to train on and to judge by, and the counts of claimed rows that are left out and kept, by kind."""
    is_claim = _flags(pc.equal(events["sender"], "browser"))
    is_claim &= ~_flags(pc.is_in(events["kind"], pa.array(BROWSER_KINDS)))
    left_out, counts = np.zeros(events.num_rows, np.bool_), {_LEFT_OUT: 0}
    for kind in sorted(pc.unique(events["kind"].filter(pa.array(is_claim))).to_pylist()):
        of_kind = _flags(pc.equal(events["kind"], kind))
        claims = of_kind & is_claim
        is_told_by_server = bool((of_kind & ~is_claim).any())
        if is_told_by_server or kind not in policy.browser_kinds:
            left_out |= claims
            counts[f"{_LEFT_OUT}_{kind}"] = int(claims.sum())
        else:
            counts[f"{_KEPT}_{kind}"] = int(claims.sum())
    return events.filter(pa.array(~left_out)), counts | {_LEFT_OUT: int(left_out.sum())}


def note(counts: Mapping[str, int], target_kind: str) -> str | None:
    """A line for the evaluation's table about who reported what it judges by; None when no browser did.

    >>> note({"kept_from_browsers_purchase": 1200}, "purchase")
    "All 1,200 lines of kind purchase were reported by shoppers' browsers, which can invent them; the shop's server sent none."
    """
    if n_kept := counts.get(f"{_KEPT}_{target_kind}", 0):
        return (
            f"All {n_kept:,} lines of kind {target_kind} were reported by shoppers' browsers, which can invent them; "
            "the shop's server sent none."
        )
    if n_left_out := counts.get(f"{_LEFT_OUT}_{target_kind}", 0):
        return f"{n_left_out:,} lines of kind {target_kind} that only shoppers' browsers reported are left out."
    return None


def _flags(mask: pa.ChunkedArray) -> Flags:
    found: Flags = mask.fill_null(False).to_numpy()
    return found
