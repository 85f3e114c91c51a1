"""How a tenant's releases go: the times of the steps, and each rule's limit, samples and consequence.

The defaults are in `RULES`; a tenant's `release` section in `tenants.yaml` changes some of them.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RuleName = Literal[
    "load",
    "slot",
    "errors",
    "latency",
    "ladder",
    "memory",
    "processor",
    "ctr",
    "conversion",
    "engagement",
    "input",
    "feature_drift",
    "score_drift",
    "confidence",
    "mix_drift",
    "consistency",
]
# act: a failing rule takes the traffic back. alert: it holds the release where it is. observe: it is only shown.
Consequence = Literal["act", "alert", "observe"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Frozen):
    """The settings of one rule; `limit` is in the unit that its description names."""

    limit: float = Field(ge=0)
    min_samples: int = Field(default=0, ge=0, description="below it the verdict is unknown")
    consequence: Consequence = "act"
    description: str = ""


class RuleChange(_Frozen):
    """A tenant's settings of one rule; what is left out stays as it is."""

    limit: float | None = Field(default=None, ge=0)
    min_samples: int | None = Field(default=None, ge=0)
    consequence: Consequence | None = None


RULES: dict[RuleName, Rule] = {
    "load": Rule(limit=600, description="seconds that the idle slot may take to load the version"),
    "slot": Rule(limit=1, description="restarts of the process in five minutes; one that is gone for 20 s fails, too"),
    "errors": Rule(limit=0.05, min_samples=50, description="share of requests that the challenger's slot fails (5xx but 503)"),
    "latency": Rule(
        limit=0.3,
        min_samples=100,
        description="95 % of requests take less, seconds, over five minutes; unknown while both slots are as slow",
    ),
    "ladder": Rule(limit=0.04, min_samples=200, description="share of full answers may be so much lower than beside"),
    "memory": Rule(limit=0.5, description="growth of the challenger's process beyond the stable slot's, as a share"),
    "processor": Rule(limit=1.0, min_samples=200, description="processor time of a request beyond the stable slot's, a share"),
    "ctr": Rule(limit=0.05, min_samples=100, description="fall of clicks per impression below the stable slot's, as a share"),
    "conversion": Rule(limit=0.15, min_samples=100, description="fall of purchases per shopper, likewise"),
    "engagement": Rule(limit=0.15, min_samples=100, description="fall of clicks per shopper, likewise"),
    "input": Rule(
        limit=0.1,
        min_samples=200,
        consequence="alert",
        description="share of refused requests (4xx) beyond the stable slot's",
    ),
    "feature_drift": Rule(
        # Measured with tests/load/drift_alarms.py: 500 shoppers a slot stay below .2 by chance, a retrained version below .35.
        limit=0.5,
        min_samples=500,
        description="distance of a ranker column between the slots, as population stability index or as KS distance",
    ),
    "score_drift": Rule(
        limit=1.0,
        min_samples=500,
        consequence="observe",
        description="population stability index of scores; another model has other scores",
    ),
    "confidence": Rule(
        limit=0.5, min_samples=500, consequence="alert", description="fall of the mean score gap of a list, as a share"
    ),
    "mix_drift": Rule(
        # A mix of 500 shoppers a slot stays below .11 by chance.
        limit=0.25,
        min_samples=500,
        consequence="alert",
        description="population stability index of the mix of shoppers between the slots: country, device, list, unknown ones",
    ),
    "consistency": Rule(
        limit=0.01,
        min_samples=500,
        consequence="alert",
        description="share of logged ranker inputs that differ from training's replay, in the column where most do",
    ),
}


class ReleasePolicy(_Frozen):
    """A tenant's settings of releases."""

    min_step_s: float = Field(default=600.0, ge=0, description="a step lasts at least so long")
    patience_s: float = Field(
        default=86_400.0,
        gt=0,
        description="after it a step no longer waits for rules that have too few samples, as in a small shop",
    )
    watch_s: float = Field(default=3_600.0, ge=0, description="after the promotion the old version can come back for so long")
    return_s: float = Field(
        default=5.0, ge=0, description="traffic returns by halves, one each so many seconds, unless it must at once"
    )
    settle_s: float = Field(default=60.0, ge=0, description="after a return, the stable slot must be healthy for so long")
    rules: dict[RuleName, RuleChange] = Field(default_factory=dict)

    def rule(self, name: RuleName) -> Rule:
        """A rule as this tenant has it."""
        change = self.rules.get(name, RuleChange())
        return RULES[name].model_copy(update=change.model_dump(exclude_none=True))
