"""The ranker's input columns: the one list, in order. Serving fills them, training learns on them, the bundle records them.

Every column is float32, NaN = not known. Times are in days, counts decayed unless the name says otherwise. A column is added
here, filled in `recommndr_engine.ranker_matrix`, and that is all: training calls the same code.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RankerInput:
    """One column: its name, what it says, and what a candidate has that lacks it."""

    name: str
    description: str
    default: float = 0.0


_NAN = float("nan")

_OWN = (
    RankerInput("own_decayed", "orders of this shopper with the item, decayed with the tenant's half-life"),
    RankerInput("own_decayed_14d", "the same with 14 d, as if the orders had come evenly"),
    RankerInput("own_decayed_30d", "the same with 30 d, as if the orders had come evenly"),
    RankerInput("own_orders", "orders of this shopper with the item, not decayed"),
    RankerInput("own_since", "days since the last of them", _NAN),
    RankerInput("own_age", "days since the first of them", _NAN),
    RankerInput("own_gap", "mean days between them", _NAN),
    RankerInput("own_since_per_gap", "days since the last, in mean gaps", _NAN),
    RankerInput("own_order_share", "orders with the item, share of the shopper's events since the beginning"),
    RankerInput("own_decayed_share", "decayed orders with the item, share of the shopper's decayed orders (120 d)"),
    RankerInput("own_leaf_share", "decayed orders with the item, share of those in its leaf category"),
    RankerInput("recent_place", "place among the shopper's newest items, 0 = newest", _NAN),
    RankerInput("recent_since", "days since the newest deed with the item of any kind", _NAN),
    RankerInput("recent_weight", "weight of the kind of that deed, relative to the target kind's"),
    RankerInput("own_negative", "the same where the kind speaks against the item (weight below 0)"),
)
_SHOPPER = (
    RankerInput("shopper_events", "events of the shopper's whole life"),
    RankerInput("shopper_orders_7d", "orders, half-life 7 d"),
    RankerInput("shopper_orders_30d", "orders, half-life 30 d"),
    RankerInput("shopper_orders_120d", "orders, half-life 120 d"),
    RankerInput("shopper_orders_trend", "orders at 7 d against 30 d; 1 = steady", _NAN),
    RankerInput("shopper_since", "days since the last order", _NAN),
    RankerInput("shopper_items", "distinct items bought, as far as remembered"),
    RankerInput("shopper_once_share", "share of them bought once"),
    RankerInput("shopper_views_1d", "views, half-life 1 d"),
)
_ITEM = (
    RankerInput("item_purchases_1d", "purchase lines of all shoppers, half-life 1 d"),
    RankerInput("item_purchases_7d", "half-life 7 d"),
    RankerInput("item_purchases_30d", "half-life 30 d"),
    RankerInput("item_purchases_120d", "half-life 120 d"),
    RankerInput("item_trend_7d", "purchases at 7 d against 30 d; 1 = steady", _NAN),
    RankerInput("item_trend_30d", "purchases at 30 d against 120 d; 1 = steady", _NAN),
    RankerInput("item_since", "days since anybody bought it", _NAN),
    RankerInput("item_age", "days since its first event", _NAN),
    RankerInput("item_first_share", "first purchases against popularity: low for staples", _NAN),
    RankerInput("item_views_7d", "views, half-life 7 d"),
    RankerInput("item_carts_7d", "carts it was put into, half-life 7 d"),
    RankerInput("item_negatives_30d", "what speaks against it, by weight relative to the target kind's, half-life 30 d"),
    RankerInput("item_price", "price of one unit, minor units of the tenant's currency", _NAN),
    RankerInput("item_price_ratio", "price against the mean price of what the shopper buys", _NAN),
)
_AFFINITY = (
    RankerInput("root_affinity", "share of the shopper's decayed purchases in the item's root category"),
    RankerInput("second_affinity", "share in its second category level"),
    RankerInput("leaf_affinity", "share in its leaf category"),
    RankerInput("brand_affinity", "share of its brand"),
    RankerInput("leaf_brand_affinity", "share of its brand within its leaf category"),
    RankerInput("leaf_items", "distinct items of its leaf category the shopper bought"),
    RankerInput("leaf_since", "days since the shopper bought anything of its leaf category", _NAN),
    RankerInput("second_since", "days since the shopper bought anything of its second category level", _NAN),
)
# A retriever's score of every candidate, whoever proposed it. Not its rank: that would depend on which other candidates the
# request's scope allows, and mean another thing for new items only than for all.
RETRIEVERS = ("buy_again", "neighbours", "co_visits", "als", "popularity", "first_purchases", "recent")
_RETRIEVERS = tuple(RankerInput(f"{name}_score", f"score of retriever {name}") for name in RETRIEVERS)
_MOMENT = (
    RankerInput("hour", "hour of the day, UTC"),
    RankerInput("weekday", "0 = Monday, UTC"),
)

RANKER_INPUTS: tuple[RankerInput, ...] = (*_OWN, *_SHOPPER, *_ITEM, *_AFFINITY, *_RETRIEVERS, *_MOMENT)

NAMES = tuple(column.name for column in RANKER_INPUTS)
