"""A shop's business rules: what it pins, boosts, buries, blocks, caps or does not offer again, and the record of all its rules.

A rule holds from `start` (included) to `end` (not included), in UTC; without them always. Rules are kept and applied in the
order of their ids, so the order in which they were set does not matter.
"""

from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from recommndr.identity import Item, Tenant
from recommndr.instant import Instant, SentInstant

MAX_RULES = 200  # of one shop
MAX_ITEMS = 200  # of one rule
MAX_PLACE = 100  # of a list
MAX_FACTOR = 100.0

# Lists that may have pins: each place of what is bought together has its evidence, and a pin has none.
PinnedList = Literal["recommend", "similar_items", "popular", "trending"]
# A pin is about the shop, not about the item that similar ones are wanted for.
_USUAL_LISTS: tuple[PinnedList, ...] = ("recommend", "popular", "trending")
_CategoryName = Annotated[str, Field(min_length=1, max_length=128)]
CategoryPath = Annotated[tuple[_CategoryName, ...], Field(max_length=8)]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="a-z, 0-9 and '-'")]


class TooManyRules(ValueError):
    """The shop has as many rules as it may have."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Frozen):
    """Which items a rule is about: exactly one of the three."""

    items: Annotated[tuple[Item, ...], Field(max_length=MAX_ITEMS)] = ()
    category: CategoryPath = Field(default=(), description="items whose category path begins with these names, root first")
    brand: str | None = Field(default=None, min_length=1, max_length=128)

    @model_validator(mode="after")
    def _one(self) -> "Target":
        if sum((bool(self.items), bool(self.category), self.brand is not None)) != 1:
            raise ValueError("expected exactly one of items, category and brand")
        return self


class _Rule(_Frozen):
    reason: str = Field(min_length=1, max_length=500, description="why; it is kept with the rule and in the audit log")
    start: SentInstant | None = Field(default=None, description="the rule holds from this instant on")
    end: SentInstant | None = Field(default=None, description="and until this instant")

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: datetime | None, info: ValidationInfo) -> datetime | None:
        start = info.data.get("start")
        if end is not None and start is not None and end <= start:
            raise ValueError(f"expected an instant after start, {start.isoformat()}")
        return end


class Pin(_Rule):
    """An item stands at a place, wherever the request allows the item."""

    kind: Literal["pin"]
    item_id: Item
    place: int = Field(ge=1, le=MAX_PLACE)
    category: CategoryPath = Field(default=(), description="only in lists that are filtered to this category or below it")
    lists: Annotated[tuple[PinnedList, ...], Field(min_length=1, max_length=4)] = Field(
        default=_USUAL_LISTS, description="in these lists"
    )


class Boost(_Rule):
    """An item counts as `factor` times closer to the top: with 2, the item of place 10 competes with that of place 5."""

    kind: Literal["boost"]
    target: Target
    factor: float = Field(ge=1.0, le=MAX_FACTOR)


class Bury(_Rule):
    """The opposite of a boost: with 2, the item of place 5 competes with that of place 10."""

    kind: Literal["bury"]
    target: Target
    factor: float = Field(ge=1.0, le=MAX_FACTOR)


class Block(_Rule):
    """The items, and all others of their groups of colours and sizes, are in no list."""

    kind: Literal["block"]
    target: Target


class Cap(_Rule):
    """At most so many places for the items of `target`, or for those of each brand or category."""

    kind: Literal["cap"]
    at_most: int = Field(ge=1, le=MAX_PLACE)
    per: Literal["brand", "category"] | None = Field(default=None, description="of each; a category is the whole path")
    target: Annotated[Target | None, Field(validate_default=True)] = None

    @field_validator("target")
    @classmethod
    def _one(cls, target: Target | None, info: ValidationInfo) -> Target | None:
        if "per" in info.data and (target is None) == (info.data["per"] is None):
            raise ValueError("expected either a target or per")
        return target


class NotAgain(_Rule):
    """What the shopper bought within so many days is not offered, nor others of its group: all items, or those of `target`."""

    kind: Literal["not_again"]
    days: int = Field(ge=1, le=3_650)
    target: Target | None = None


Rule = Annotated[Pin | Boost | Bury | Block | Cap | NotAgain, Field(discriminator="kind")]
RuleKind = Literal["pin", "boost", "bury", "block", "cap", "not_again"]
KINDS: tuple[RuleKind, ...] = get_args(RuleKind)


class SetRule(_Frozen):
    """A rule with its id, and who set it when."""

    rule_id: RuleId
    rule: Rule
    set_by: str
    set_at: Instant

    def holds_at(self, now_s: float) -> bool:
        """Whether the rule is in force."""
        start, end = self.rule.start, self.rule.end
        return (start is None or start.timestamp() <= now_s) and (end is None or now_s < end.timestamp())


class RuleBook(_Frozen):
    """The record of one shop: all its rules by id, and how often they changed."""

    tenant: Tenant
    record_version: int = 0
    rules: tuple[SetRule, ...] = ()

    def of(self, rule_id: str) -> SetRule | None:
        """The rule of this id."""
        return next((one for one in self.rules if one.rule_id == rule_id), None)

    def with_rule(self, rule: SetRule) -> "RuleBook":
        """The same with this rule, in the place of one with its id; raises `TooManyRules`."""
        others = self.without(rule.rule_id).rules
        if len(others) >= MAX_RULES:
            raise TooManyRules(f"the shop has {len(others)} rules: expected at most {MAX_RULES}; remove one first")
        return self.model_copy(update={"rules": tuple(sorted((*others, rule), key=lambda one: one.rule_id))})

    def without(self, rule_id: str) -> "RuleBook":
        """The same without the rule of this id."""
        return self.model_copy(update={"rules": tuple(one for one in self.rules if one.rule_id != rule_id)})

    def next_change_s(self, now_s: float) -> float:
        """The next instant at which a rule begins or ends; infinity if there is none."""
        ends = (at.timestamp() for one in self.rules for at in (one.rule.start, one.rule.end) if at is not None)
        return min((at_s for at_s in ends if at_s > now_s), default=float("inf"))
