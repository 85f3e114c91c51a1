"""How shoppers choose: a multinomial logit over the shown items, with planted preferences and position bias.

    utility = quality + preference for brand and colour - (price level - own level)^2 + reduction + newness
    P(look at shown item i) ~ exp(utility_i + examination(position_i)),   examination(p) = -eta log(1 + p)

(McFadden, "Conditional logit analysis of qualitative choice behavior", 1974; position bias as in Joachims, Swaminathan &
Schnabel, "Unbiased learning-to-rank with biased feedback", WSDM 2017.) Several looks at one list are the first of a
Plackett-Luce ranking, drawn by adding Gumbel noise. The functions are pure; the generator is passed in. Live traffic uses the
same functions.
"""

import numpy as np

from recommndr_simulation.arrays import Bools, Doubles, Floats, Ints
from recommndr_simulation.calendar import clock_logit
from recommndr_simulation.places import GEAR_CART_LOGIT, HOURS_AHEAD
from recommndr_simulation.shoppers import FAVOURITE_SHARE, Shoppers
from recommndr_simulation.world import World

BROWSE, TARGET, COMPARE = 0, 1, 2  # the intent of a visit

_BRAND_LIKED, _BRAND_DISLIKED, _COLOUR_LIKED = 1.3, -1.5, 0.6
_NEWNESS, _NEW_DAYS = 0.4, 21.0
_POSITION_ETA = 0.6
# Utility at which looking at an item and leaving the list are equally likely (live traffic only: offline the number of looks is
# planned).
_NOT_LOOKING = 3.0
# Log-odds of a cart per look by intent, at middling utility; then the weights of utility and price.
_CART_LOGIT = np.array([-5.45, 0.5, -1.95], np.float32)
_CART_UTILITY = 0.55
_MIDDLING_UTILITY = 1.0
# Log-odds of an order per visit with a filled cart. RetailRocket: 32 % of carts become purchases.
_ORDER_LOGIT = np.array([-3.5, -0.35, -2.0], np.float32)
_ORDER_URGE = 0.25
SLATE_SIZE = 20


def utility(world: World, who: Shoppers, items: Ints, day: Ints) -> Floats:
    """(n, C) planted utility of `items` (n, C) catalogue rows for the n shoppers `who` on `day` (n,)."""
    goods = world.catalogue
    brand = goods.brand[items]
    liked = (
        (brand == who.favourite_brands[:, :1])
        | (brand == who.favourite_brands[:, 1:2])
        | (brand == who.favourite_brands[:, 2:3])
    )
    value = goods.quality[items] + _BRAND_LIKED * liked + _BRAND_DISLIKED * (brand == who.disliked_brand[:, None])
    value += _COLOUR_LIKED * (goods.colour[items] == who.colour[:, None])
    value -= 0.5 * who.price_strictness[:, None] * (goods.price_z[items] - who.price_level[:, None]) ** 2
    value += who.bargains[:, None] * reduction(world, items, day[:, None])
    age = day[:, None] - goods.launched_day[items]
    value += _NEWNESS * np.clip(1 - age / _NEW_DAYS, 0, 1)
    worth: Floats = value.astype(np.float32, copy=False)
    return worth


def available(world: World, items: Ints, day: Ints) -> Bools:
    """Which items are on sale on `day`; shapes broadcast."""
    goods = world.catalogue
    on_sale: Bools = (goods.launched_day[items] <= day) & (day < goods.withdrawn_day[items])
    return on_sale


def reduction(world: World, items: Ints, day: Ints) -> Floats:
    """Share of the price that a promotion takes off; shapes broadcast."""
    goods = world.catalogue
    department = goods.leaf_department[goods.leaf[items]]
    taken_off: Floats = world.calendar.discount[day, department] * goods.promotable[items]
    return taken_off


def price_minor(world: World, items: Ints, day: Ints) -> Ints:
    """Price of one piece on `day`, in minor units."""
    paid: Ints = np.round(world.catalogue.price_minor[items] * (1 - reduction(world, items, day))).astype(np.int64)
    return paid


def examination(position: Ints | Doubles) -> Floats:
    """Log of how likely the place `position` (0 = top) is examined, relative to the top."""
    seen: Floats = (-_POSITION_ETA * np.log1p(position)).astype(np.float32)
    return seen


def draw_leaf(world: World, who: Shoppers, day: Ints, rng: np.random.Generator) -> Ints:
    """(n,) leaf category of each shopper's mission: a favourite in its season, or what is generally in demand."""
    end = world.calendar.leaf_end
    n = len(day)
    everyone = np.searchsorted(end.ravel(), day + rng.random(n), side="left") - day * world.catalogue.n_leaves
    own = np.cumsum(favourite_weight(world, who, day), axis=1)
    place = (own < rng.random(n)[:, None] * own[:, -1:]).sum(axis=1)
    mine = who.favourite_leaves[np.arange(n), place]
    leaf: Ints = np.where(rng.random(n) < who.faithful, mine, np.clip(everyone, 0, world.catalogue.n_leaves - 1))
    return leaf


def favourite_weight(world: World, who: Shoppers, day: Ints) -> Doubles:
    """(n, favourites) weight of each favourite leaf on `day`; not normalised."""
    weight: Doubles = FAVOURITE_SHARE * world.calendar.leaf_season[day[:, None], who.favourite_leaves]
    return weight


def draw_slate(world: World, leaf: Ints, day: Ints, rng: np.random.Generator) -> tuple[Ints, Bools]:
    """The items on the shop's own page of a leaf: (n, SLATE_SIZE) distinct items by attention, and which places are filled.

    The filled places come first; position = column.
    """
    goods = world.catalogue
    draws = np.searchsorted(goods.attention_end, leaf[:, None] + rng.random((len(leaf), SLATE_SIZE)), side="left")
    items = np.minimum(draws, goods.leaf_start[leaf + 1][:, None] - 1)
    filled = available(world, items, day[:, None]) & _first_of_its_row(items)
    order = np.argsort(~filled, axis=1, kind="stable")
    return np.take_along_axis(items, order, axis=1), np.take_along_axis(filled, order, axis=1)


def _first_of_its_row(items: Ints) -> Bools:
    order = np.argsort(items, axis=1, kind="stable")
    ordered = np.take_along_axis(items, order, axis=1)
    fresh = np.ones(items.shape, bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.empty(items.shape, bool)
    np.put_along_axis(first, order, fresh, axis=1)
    return first


def rank_looks(appeal: Floats, filled: Bools, n_looks: int, rng: np.random.Generator) -> Ints:
    """(n, n_looks) columns of a slate in the order of looks: Plackett-Luce over `appeal` (n, C)."""
    noise = rng.gumbel(size=appeal.shape).astype(np.float32)
    keys = np.where(filled, appeal + noise, -np.inf)
    best = np.argpartition(-keys, n_looks - 1, axis=1)[:, :n_looks]
    order = np.argsort(-np.take_along_axis(keys, best, axis=1), axis=1)
    ranked: Ints = np.take_along_axis(best, order, axis=1)
    return ranked


def click_probabilities(world: World, who: Shoppers, shown: Ints, day: Ints, interest: Floats | float = 0.0) -> Doubles:
    """(n, C) probability that a shopper's next look goes to each item of a list `shown`; the rest to 1 is no look.

    Items that are not on sale get no look. The order of `shown` is the order on the page. `interest` (n, C) is added to the
    utility: in a list of several leaf categories, those the shopper came for attract more.
    """
    appeal = utility(world, who, shown, day) + interest + examination(np.arange(shown.shape[1]))
    weight = np.where(available(world, shown, day[:, None]), np.exp(appeal.astype(np.float64)), 0.0)
    chances: Doubles = weight / (np.exp(_NOT_LOOKING) + weight.sum(axis=1, keepdims=True))
    return chances


def cart_probability(who: Shoppers, value: Floats, intent: Ints, at_s: Doubles) -> Doubles:
    """Probability that a look at an item of utility `value`, (n,) or (n, C), puts it into the cart; same shape as `value`."""
    visit = _CART_LOGIT[intent] + GEAR_CART_LOGIT[who.gear] + 0.5 * clock_logit(at_s, HOURS_AHEAD[who.country])
    liking = _CART_UTILITY * (value - _MIDDLING_UTILITY)
    return _logistic(liking + (visit if value.ndim == 1 else visit[:, None]))


def order_probability(who: Shoppers, intent: Ints, at_s: Doubles) -> Doubles:
    """(n,) probability that a visit with a filled cart ends in an order."""
    urge = _ORDER_URGE * np.log(np.maximum(who.urge, 0.01))
    return _logistic(_ORDER_LOGIT[intent] + urge + 0.5 * clock_logit(at_s, HOURS_AHEAD[who.country]))


def _logistic(logit: Floats) -> Doubles:
    chances: Doubles = 1 / (1 + np.exp(-logit.astype(np.float64)))
    return chances
