"""What each rule did to a list that is made, for answers that explain it and for metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommndr.business_rules import Block, Boost, Bury, Cap, NotAgain, Pin, SetRule
from recommndr.features.shopper import ShopperRow
from recommndr_engine.arrays import Mask, Rows
from recommndr_engine.live_items import LiveItems
from recommndr_engine.rules_in_force import RulesInForce, lately_of, members, refused_lately

MOVING = ("pin", "boost", "bury")  # kinds of rules that fill or move places


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What one rule did: its items among the places of the list, or the number of items that it keeps out."""

    rule: SetRule
    places: tuple[int, ...] = ()  # from 0
    kept_out: int | None = None  # None for rules that keep nothing out


@dataclass(frozen=True, slots=True)
class MadeList:
    """The items of a list and, by place from 0, the rules that pinned them."""

    item_ids: Sequence[str]
    pinned: dict[int, str]  # rule ids


def effects(rules: RulesInForce, live: LiveItems, made: MadeList, row: ShopperRow | None, now_s: float) -> list[RuleEffect]:
    """By rule, in the order of their ids."""
    rows = live.rows_of(made.item_ids)
    return [_effect(one, live, rows, made.pinned, row, now_s) for one in rules.rules]


def moved(rules: RulesInForce, live: LiveItems, made: MadeList) -> dict[str, int]:
    """The number of places by kind of rule, of `MOVING`."""
    factors = rules.factor_of(live.rows_of(made.item_ids))
    factors[list(made.pinned)] = 1.0
    return {"pin": len(made.pinned), "boost": int((factors > 1.0).sum()), "bury": int((factors < 1.0).sum())}


def _effect(
    one: SetRule, live: LiveItems, rows: Rows, pinned: dict[int, str], row: ShopperRow | None, now_s: float
) -> RuleEffect:
    match one.rule:
        case Pin():
            return RuleEffect(one, tuple(place for place, rule_id in pinned.items() if rule_id == one.rule_id))
        case Block():
            return RuleEffect(one, kept_out=int(members(live, live.table, one.rule.target).sum()))
        case NotAgain():
            lately = lately_of(live, live.table, one.rule)
            return RuleEffect(one, kept_out=0 if row is None else len(refused_lately(live, row, now_s, [lately])))
        case Boost() | Bury() | Cap():
            target = one.rule.target
            among: Mask = np.ones(len(rows), np.bool_) if target is None else members(live, live.table, target)[rows]
            return RuleEffect(one, tuple(np.flatnonzero(among).tolist()))
