"""Counts of live traffic: outcomes by position, ladder steps, versions, latency and failures."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recommndr_simulation.live.visit import Ask, Did
from recommndr_simulation.live.visitors import Visitor
from recommndr_simulation.storefront import Failed, ShownList

_PLACES_TOLD = 10


@dataclass(slots=True)
class Tally:
    """Counters, changed in place; an event counts when it is acknowledged."""

    visitors: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    shown: Counter[int] = field(default_factory=Counter)  # by place of recommended lists
    clicked: Counter[int] = field(default_factory=Counter)
    ladder: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    order_lines: int = 0
    attributed_orders: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # the first message of each failure reason
    latency_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def came(self, visitor: Visitor) -> None:
        """Count a session that begins."""
        self.visitors["sessions"] += 1
        self.visitors["new"] += visitor.is_new
        self.visitors["guests"] += visitor.guest_id is not None

    def answered(self, ask: Ask, shown: ShownList, took_s: float) -> None:
        """Count an answered list."""
        self.requests[ask.rail] += 1
        self.latency_s[ask.rail].append(took_s)
        if ask.rail == "recommend":
            self.ladder[shown.ladder] += 1
            self.versions[shown.model_version or "none"] += 1

    def acknowledged(self, did: Did, took_s: float) -> None:
        """Count an acknowledged event."""
        self.events[did.kind] += 1
        self.latency_s["event"].append(took_s)
        if did.rail == "recommend":
            places = [line.position for line in did.lines if line.position is not None]
            (self.shown if did.kind == "impression" else self.clicked).update(places)
        if did.kind == "purchase":
            self.order_lines += len(did.lines)
            self.attributed_orders += did.attribution is not None

    def failed(self, what: str, cause: Failed) -> None:
        """Count a failed request."""
        reason = f"{what}: {cause.reason}"
        self.failures[reason] += 1
        self.examples.setdefault(reason, str(cause))

    @property
    def line(self) -> str:
        """A progress line."""
        return (
            f"{self.visitors['sessions']} sessions, {self.shown.total()} shown, {self.clicked.total()} clicks "
            f"(CTR {_percent(self.ctr)}), {self.events['purchase']} orders, {self.failures.total()} failed"
        )

    @property
    def ctr(self) -> float | None:
        """Clicks per item shown on recommended lists; None before the first impression."""
        return _share(self.clicked.total(), self.shown.total())

    def summary(self) -> dict[str, Any]:
        """All counts for JSON; a share without a denominator is null."""
        orders, sessions = self.events["purchase"], self.visitors["sessions"]
        return {
            **{name: self.visitors[name] for name in ("sessions", "new", "guests", "cut_short")},
            "requests": dict(self.requests),
            "events": dict(self.events.most_common()),
            "recommended": {
                "lists_shown": self.shown[0],
                "items_shown": self.shown.total(),
                "clicks": self.clicked.total(),
                "ctr": _rounded(self.ctr),
                "ctr_by_place": [_rounded(_share(self.clicked[at], self.shown[at])) for at in self._places()],
            },
            "carts": self.events["add_to_cart"],
            "orders": orders,
            "order_lines": self.order_lines,
            "attributed_orders": self.attributed_orders,
            "conversion": _rounded(_share(orders, sessions)),
            "ladder": _shares(self.ladder),
            "model_versions": _shares(self.versions),
            "latency_ms": {name: _percentiles_ms(taken) for name, taken in sorted(self.latency_s.items())},
            "failed": {reason: {"times": n, "example": self.examples[reason]} for reason, n in self.failures.most_common()},
        }

    def _places(self) -> range:
        return range(min(_PLACES_TOLD, max(self.shown, default=-1) + 1))


def _shares(counts: Counter[str]) -> dict[str, float]:
    return {name: round(n / counts.total(), 4) for name, n in counts.most_common()}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _percentiles_ms(taken_s: Sequence[float]) -> dict[str, float]:
    found = np.percentile(np.array(taken_s) * 1_000, (50, 95, 99))
    return {f"p{level}": round(float(at), 1) for level, at in zip((50, 95, 99), found, strict=True)}
