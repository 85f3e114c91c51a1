"""What a shop's lines say about its settings: target kind, label horizon, period and gate cut. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recommndr.events import DEFAULT_WEIGHTS

_DAY_S = 86_400.0
_VISIT_S = 1_800.0  # deeds of one shopper within half an hour are one visit
# Shops whose horizon was chosen by trials have it near this quantile of the gaps: gift-ware 36 days by it, 38 by trials.
_QUANTILE = 0.6
_MIN_GAPS = 30
_DEFAULT_DAYS, _MAX_DAYS = 14.0, 60.0
# Two and a half horizons before the gate for the ranker, one for the gate, and half of one to spare.
_HORIZONS_OF_HISTORY = 4.0
# A target needs as many events as that share of all, up to so many: by fewer the gate cannot judge.
_TARGET_SHARE, _TARGET_EVENTS = 0.02, 1_000
_SETTLED = "as in the shop's settings"
_STRAYS = 0.0005  # of all lines: so few may lie far outside the rest
_FAR = 0.2  # of the whole span


@dataclass(frozen=True, slots=True)
class Traffic:
    """Settings of a shop as its lines suggest them, each with its reason."""

    n_lines: int
    n_shoppers: int
    n_items: int
    kinds: dict[str, int]  # lines by kind
    target_kind: str
    target_why: str
    horizon_days: float
    horizon_why: str
    since: datetime
    until: datetime  # the instant after the last line

    def told(self) -> str:
        """The figures for people, a line each."""
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in self.kinds.items())
        return "\n".join(
            [
                f"{self.n_lines:,} lines of {self.n_shoppers:,} shoppers and {self.n_items:,} items: {kinds}",
                f"from {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}, judged from {self.gate_cut:%Y-%m-%d %H:%M} on",
                f"target kind: {self.target_kind} ({self.target_why})",
                f"label horizon: {self.horizon_days:g} days ({self.horizon_why})",
            ]
        )

    @property
    def gate_cut(self) -> datetime:
        """Training ends there; what comes after it judges."""
        return self.until - timedelta(days=self.horizon_days)


def traffic(lines: pa.Table, settled: tuple[str, float] | None = None) -> Traffic:
    """Settings from lines with `user_id`, `item_id`, `kind` and `at` (timestamps), (n,) each, n at least 1.

    `settled` are target kind and horizon in days that were chosen before and stay.
    """
    kinds = {each["values"]: each["counts"] for each in pc.value_counts(lines["kind"].combine_chunks()).to_pylist()}
    target, target_why = (settled[0], _SETTLED) if settled else target_kind(kinds)
    at_s = lines["at"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy() / 1e6
    since_s, until_s = period(at_s)
    users = lines["user_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    is_target = pc.equal(lines["kind"], target).to_numpy()
    span_days = (until_s - since_s) / _DAY_S
    days, why = (settled[1], _SETTLED) if settled else label_horizon_days(users[is_target], at_s[is_target], span_days)
    return Traffic(
        n_lines=lines.num_rows,
        n_shoppers=len(np.unique(users)),
        n_items=pc.count_distinct(lines["item_id"]).as_py(),
        kinds=dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))),
        target_kind=target,
        target_why=target_why,
        horizon_days=days,
        horizon_why=why,
        since=datetime.fromtimestamp(since_s, UTC),
        until=datetime.fromtimestamp(until_s, UTC),
    )


def target_kind(kinds: dict[str, int]) -> tuple[str, str]:
    """The kind that recommendations should lead to: the one of most weight that occurs often enough to be judged by.

    >>> target_kind({"view": 9_000, "purchase": 900, "add_to_cart": 100})[0]
    'purchase'
    >>> target_kind({"view": 96_754, "add_to_cart": 2_394, "purchase": 852})[0]
    'add_to_cart'
    """
    least = min(_TARGET_SHARE * sum(kinds.values()), _TARGET_EVENTS)
    wanted = sorted((kind for kind in kinds if _weight(kind) > 0), key=lambda kind: (-_weight(kind), -kinds[kind], kind))
    enough = [kind for kind in wanted if kinds[kind] >= least]
    if not enough:
        return "view", "no kind of event leads anywhere"
    rare = [f"{kind} ({kinds[kind]:,})" for kind in wanted[: wanted.index(enough[0])]]
    why = f"the strongest kind with enough events: {kinds[enough[0]]:,}"
    return enough[0], why + (f"; too rare to judge by: {', '.join(rare)}" if rare else "")


def _weight(kind: str) -> float:
    return DEFAULT_WEIGHTS.get(kind, 0.0)


def label_horizon_days(users: npt.NDArray[np.int32], at_s: npt.NDArray[np.float64], span_days: float) -> tuple[float, str]:
    """Days within which a shopper's next target event mostly comes, from the gaps between those that there are.

    `users` (n,) codes and `at_s` (n,) epoch seconds of target events. At most a quarter of the history, so that there are cuts
    to learn at; whole days, hours or minutes.
    """
    order = np.lexsort((at_s, users))
    gaps_s = np.diff(at_s[order])[np.diff(users[order]) == 0]
    gaps_days = gaps_s[gaps_s > _VISIT_S] / _DAY_S
    most = min(span_days / _HORIZONS_OF_HISTORY, _MAX_DAYS)
    if len(gaps_days) < _MIN_GAPS:
        days, why = _DEFAULT_DAYS, f"{len(gaps_days)} shoppers' returns say nothing: the default"
    else:
        days = float(np.quantile(gaps_days, _QUANTILE))
        why = f"six of ten returns come within {days:.3g} days"
        days = max(days, 1.0)
    if days > most:
        days, why = most, f"{why}; a quarter of the history of {span_days:.3g} days at most"
    return _rounded(days), why


def _rounded(days: float) -> float:
    if days >= 1.0:
        return float(int(days))
    per_day = 24 if days * 24 >= 1.0 else 1_440  # hours, or minutes
    return round(max(int(days * per_day), 1) / per_day, 6)


def period(at_s: npt.NDArray[np.float64]) -> tuple[float, float]:
    """First whole second of the lines and the one after the last, (n,) epoch seconds; a few strays far outside do not count."""
    first, last = float(at_s.min()), float(at_s.max())
    low, high = (float(np.quantile(at_s, share)) for share in (_STRAYS, 1 - _STRAYS))
    far = _FAR * (last - first)
    begin = low if low - first > far else first
    end = high if last - high > far else last
    return float(np.floor(begin)), float(np.floor(end)) + 1.0
