"""The gate's decision and what it rests on, as it lies in the bundle."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from recommndr.list_scope import Scope
from recommndr_training import questions
from recommndr_training.questions import ALL, NEW

REPORT_FILE = "gate.json"  # in a bundle
NOT_JUDGED = "not_judged"
FEW_JUDGED = "few_judged"
INSTEAD = "instead"  # with the question: what ships in the place of a method that was refused
_NOTES = (NOT_JUDGED, FEW_JUDGED)  # checks that always pass: what to know of the decision


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the gate looked at."""

    name: str
    passed: bool
    finding: str  # one sentence with the figures


@dataclass(frozen=True, slots=True)
class GateReport:
    """The decision for all items and for new ones."""

    method: str  # orders the lists
    checks: tuple[Check, ...]
    judged_at: str | None = None  # the cut: the recipe was fitted on what was known before it
    learnt_until: str | None = None  # the models that ship have learnt up to here
    new_method: str | None = None  # orders the lists of new items, where that is another one

    @property
    def methods(self) -> dict[str, str]:
        """What orders the lists, by question."""
        return {ALL: self.method, NEW: self.new_method or self.method}

    @property
    def scope_methods(self) -> dict[Scope, str]:
        """What orders the lists of a scope where it is not `method`."""
        return questions.scope_methods(self.methods)

    def method_of(self, scope: Scope) -> str:
        """What orders the lists of a scope."""
        return self.scope_methods.get(scope, self.method)

    @property
    def passed(self) -> bool:
        """Whether the version may be served."""
        return all(check.passed for check in self.checks)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why not, one sentence each."""
        return tuple(check.finding for check in self.checks if not check.passed)

    @property
    def instead(self) -> tuple[str, ...]:
        """Which methods were refused before one passed, and why, one sentence each."""
        return tuple(check.finding for check in self.checks if check.name.startswith(f"{INSTEAD}."))

    def summary(self) -> str:
        """The decision for people: one line, one for each method that another one replaces, and one for each refusal.

        >>> GateReport("als", (Check("rmse", True, "RMSE is 0.4"),)).summary()
        'gate: passed, lists are ordered by als'
        """
        notes = "".join(f"; {check.finding}" for check in self.checks if check.name in _NOTES)
        told = f"{questions.told(self.methods)}{self._when()}{notes}"
        head = f"gate: passed, lists are ordered by {told}" if self.passed else f"gate: refused; figures of {told}:"
        return "\n".join([head, *(f"- {finding}" for finding in (*self.instead, *self.refusals))])

    def _when(self) -> str:
        if self.judged_at is None or self.learnt_until is None:
            return ""
        return f" (recipe judged at {self.judged_at}; learnt until {self.learnt_until})"

    def with_checks(self, more: Sequence[Check]) -> "GateReport":
        """The same decision with more to it."""
        return replace(self, checks=(*self.checks, *more))

    def noted(self, few: str | None) -> "GateReport":
        """The same decision with the note that it rests on few shoppers, if it does."""
        return self.with_checks([Check(FEW_JUDGED, True, few)]) if few else self

    def to_json(self) -> dict[str, Any]:
        """The report as it lies in the bundle."""
        return asdict(self) | {"passed": self.passed}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "GateReport":
        """What `to_json` gave, now or before there was a method of new items; raises `KeyError` or `TypeError` otherwise."""
        checks = tuple(Check(**check) for check in values["checks"])
        later = {name: values.get(name) for name in ("judged_at", "learnt_until", "new_method")}
        return cls(values["method"], checks, **later)


def unjudged(method: str, why: str) -> GateReport:
    """The report where too few shoppers came back in the gate period: `method`, the simplest one, passes."""
    return GateReport(method, (Check(NOT_JUDGED, True, why),))
