"""The planted catalogue: leaf categories, brands, prices, appeal, launches, complements. Items are ordered by leaf."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from recommndr_simulation.arrays import Bools, Columns, Doubles, Floats, Ints, Rows
from recommndr_simulation.profile import SimProfile
from recommndr_simulation.vocabulary import BRAND_ENDS, BRAND_STARTS, COLOURS, DEPARTMENTS, leaf_names

_STREAM = 1
_NORMAL = NormalDist()
# RetailRocket: the top 10 % of the categories hold 49.5 % of category visitors; a log-normal with sigma 1.27 gives that.
# Shoppers' favourites are drawn from the same weights, so the share is kept.
_LEAF_SIGMA = 1.35
# Spread of attention among items of one leaf; with quality and leaves it gives the report's popularity curve.
_ATTENTION_SIGMA = 0.9
# Spread of log prices inside a leaf and between leaves; together about Online Retail's 1.12 (p90/p10 = 18).
_PRICE_SIGMA_ITEM, _PRICE_SIGMA_LEAF, _PRICE_SIGMA_BRAND = 0.50, 0.60, 0.30
_SHARE_AT_OPENING = 0.75  # the others are launched during the year and are cold items
_SHARE_WITHDRAWN = 0.06
_SHARE_PROMOTABLE = 0.45
_BRANDS_PER_DEPARTMENT = 14
_GROUP_SIZES = np.array([0.55, 0.2, 0.15, 0.1])  # share of products that come in 1, 2, 3, 4 colours
N_COMPLEMENTS = 2


@dataclass(frozen=True, slots=True)
class Catalogue:
    """L leaves and N items; arrays of leaves are (L,), of items (N,)."""

    leaf_department: Rows
    leaf_weight: Doubles  # sums to 1
    leaf_days_again: Floats  # days until it is bought again; 0 = not a consumable
    leaf_peak_day: Floats
    leaf_swing: Floats
    leaf_complements: Rows  # (L, N_COMPLEMENTS)
    leaf_start: Rows  # (L + 1,): items of leaf l are rows leaf_start[l] .. leaf_start[l + 1]
    leaf: Rows
    brand: Rows
    colour: Rows
    group: Rows
    price_minor: Rows
    price_z: Floats  # log price against the leaf's, in standard deviations of an item
    quality: Floats  # planted appeal to all shoppers
    attention: Doubles  # how likely an item is shown to a shopper of its leaf; sums to 1 over a leaf
    attention_end: Doubles  # cumulative: leaf l covers (l, l + 1]
    launched_day: Floats  # days after opening; negative = launched before
    withdrawn_day: Floats  # inf = never withdrawn
    promotable: Bools
    partner: Rows  # its complement: the item bought with it
    number: Rows  # number in the item's id; independent of leaf and launch

    @property
    def n_items(self) -> int:
        """N."""
        return len(self.leaf)

    @property
    def n_leaves(self) -> int:
        """L."""
        return len(self.leaf_weight)


def n_leaves_of(n_items: int) -> int:
    """Number of leaves of a shop: 1,000 for 100 K items (RetailRocket: 1,180), 95 for 2 K."""
    return int(min(1_280, round(n_items**0.6)))


def plant_catalogue(profile: SimProfile) -> Catalogue:
    """Draw a catalogue; the same for the same profile."""
    rng = profile.rng(_STREAM)
    names = leaf_names(n_leaves_of(profile.items))
    leaves = _plant_leaves(names, rng)
    leaf = _leaf_of_items(leaves["leaf_weight"], profile.items, rng)
    start = np.searchsorted(leaf, np.arange(len(names) + 1)).astype(np.int32)
    items = _plant_items(leaf, leaves["leaf_department"], profile, rng)
    items |= _launches(start, profile, rng)
    items["partner"] = _partners(leaf, start, leaves["leaf_complements"], items["attention"], rng)
    return Catalogue(leaf_start=start, leaf=leaf, **leaves, **items)


def _plant_leaves(names: list[tuple[int, str, str, str]], rng: np.random.Generator) -> Columns:
    department = np.array([name[0] for name in names], np.int32)
    demand = np.array([each.demand for each in DEPARTMENTS])[department]
    # Evenly spread quantiles: in a small shop with few leaves, no leaf may happen to be half of it.
    quantiles = (rng.permutation(len(names)) + 0.5) / len(names)
    weight = demand * np.exp(_LEAF_SIGMA * np.array([_NORMAL.inv_cdf(each) for each in quantiles]))
    days_again = np.array([each.days_again for each in DEPARTMENTS])[department] * rng.uniform(0.7, 1.5, len(names))
    peak = np.array([each.peak_day for each in DEPARTMENTS])[department] + rng.normal(0, 12, len(names))
    swing = np.array([each.swing for each in DEPARTMENTS])[department] * rng.uniform(0.6, 1.4, len(names))
    return {
        "leaf_department": department,
        "leaf_weight": weight / weight.sum(),
        "leaf_days_again": days_again.astype(np.float32),
        "leaf_peak_day": peak.astype(np.float32),
        "leaf_swing": swing.astype(np.float32),
        "leaf_complements": _complements(department, rng),
    }


def _complements(department: Rows, rng: np.random.Generator) -> Rows:
    """For each leaf its complementary leaves, most of them in its own department."""
    n = len(department)
    chosen = rng.integers(0, n, (n, N_COMPLEMENTS))
    for number in range(len(DEPARTMENTS)):
        rows = np.flatnonzero(department == number)
        if len(rows) > N_COMPLEMENTS:
            own = rows[(np.arange(len(rows))[:, None] + rng.integers(1, len(rows), (len(rows), N_COMPLEMENTS))) % len(rows)]
            chosen[rows] = np.where(rng.random(own.shape) < 0.8, own, chosen[rows])
    others: Rows = np.where(chosen == np.arange(n)[:, None], (chosen + 1) % n, chosen).astype(np.int32)
    return others


def _leaf_of_items(weight: Doubles, n_items: int, rng: np.random.Generator) -> Rows:
    """Leaves with more demand have more items (less than in proportion), at least three each while there are enough."""
    share = weight**0.6 / (weight**0.6).sum()
    sure = np.repeat(np.arange(len(weight)), min(3, n_items // len(weight)))
    rest = rng.choice(len(weight), n_items - len(sure), p=share)
    leaf: Rows = np.sort(np.concatenate((sure, rest))).astype(np.int32)
    return leaf


def _plant_items(leaf: Rows, leaf_department: Rows, profile: SimProfile, rng: np.random.Generator) -> Columns:
    n = len(leaf)
    things, group = _things(leaf, rng)
    thing_leaf = leaf[things]
    rank = np.minimum(rng.geometric(0.18, len(things)) - 1, _BRANDS_PER_DEPARTMENT - 1)
    # Neighbouring departments share half of their brands.
    brand = leaf_department[thing_leaf] * (_BRANDS_PER_DEPARTMENT // 2) + rank
    tier = rng.normal(0, 1, n_brands())
    spread = rng.normal(0, _PRICE_SIGMA_ITEM, len(things)) + _PRICE_SIGMA_BRAND * tier[brand]
    base = np.log([each.price for each in DEPARTMENTS])[leaf_department]
    leaf_log_price = base + rng.normal(0, _PRICE_SIGMA_LEAF, len(leaf_department))
    z = spread / np.hypot(_PRICE_SIGMA_ITEM, _PRICE_SIGMA_BRAND)
    # Colours of one product share brand, price and most of the quality.
    quality = rng.normal(0, 0.8, len(things))[group] + rng.normal(0, 0.3, n)
    colour = (rng.integers(0, len(COLOURS), len(things))[group] + np.arange(n) - things[group]) % len(COLOURS)
    attention, attention_end = _attention(leaf, len(leaf_department), rng)
    return {
        "brand": brand[group].astype(np.int32),
        "colour": colour.astype(np.int32),
        "group": group.astype(np.int32),
        "price_minor": _shelf_price(np.exp(leaf_log_price[thing_leaf] + spread))[group],
        "price_z": z[group].astype(np.float32),
        "quality": quality.astype(np.float32),
        "attention": attention,
        "attention_end": attention_end,
        "promotable": rng.random(n) < _SHARE_PROMOTABLE,
        "number": rng.permutation(n).astype(np.int32),
    }


def _things(leaf: Rows, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Colours of one product are neighbouring rows: the row of each product's first colour, and the product of each item."""
    lengths = rng.choice(len(_GROUP_SIZES), len(leaf), p=_GROUP_SIZES) + 1
    drawn = np.repeat(np.arange(len(leaf)), lengths)[: len(leaf)]
    first = np.ones(len(leaf), bool)
    first[1:] = (drawn[1:] != drawn[:-1]) | (leaf[1:] != leaf[:-1])
    return np.flatnonzero(first), np.cumsum(first) - 1


def _attention(leaf: Rows, n_leaves: int, rng: np.random.Generator) -> tuple[Doubles, Doubles]:
    weight = np.exp(rng.normal(0, _ATTENTION_SIGMA, len(leaf)))
    attention = weight / np.bincount(leaf, weight, n_leaves)[leaf]
    total = np.concatenate(([0.0], np.cumsum(attention)))
    before = total[np.searchsorted(leaf, np.arange(n_leaves))]
    return attention, np.minimum(total[1:] - before[leaf], 1.0) + leaf


def n_brands() -> int:
    """How many brands there are."""
    return (len(DEPARTMENTS) - 1) * (_BRANDS_PER_DEPARTMENT // 2) + _BRANDS_PER_DEPARTMENT


def brand_name(brand: int) -> str:
    """Name of a brand.

    >>> brand_name(0), brand_name(26)
    ('Alderhaven', 'Birkstone')
    """
    turn = brand // len(BRAND_STARTS)
    return BRAND_STARTS[brand % len(BRAND_STARTS)] + BRAND_ENDS[(brand + turn) % len(BRAND_ENDS)]


def _shelf_price(price: Doubles) -> Rows:
    """Prices rounded as on price labels, in minor units: 3.49, 12.95, 139.00."""
    steps = np.select(
        [price < 10, price < 60], [np.round(price * 2) * 50 - 1, np.round(price) * 100 - 5], np.round(price) * 100
    )
    prices: Rows = np.maximum(steps, 49).astype(np.int32)
    return prices


def _launches(start: Rows, profile: SimProfile, rng: np.random.Generator) -> Columns:
    n = int(start[-1])
    launched = np.where(rng.random(n) < _SHARE_AT_OPENING, -rng.uniform(1, 720, n), rng.uniform(0, profile.days, n))
    leaves_at = np.maximum(launched, 0) + rng.uniform(7, profile.days, n)
    withdrawn = np.where((rng.random(n) < _SHARE_WITHDRAWN) & (leaves_at < profile.days), leaves_at, np.inf)
    first = start[:-1][np.diff(start) > 0]  # leaves are never empty
    launched[first], withdrawn[first] = -700.0, np.inf
    return {"launched_day": launched.astype(np.float32), "withdrawn_day": withdrawn.astype(np.float32)}


def _partners(leaf: Rows, start: Rows, complements: Rows, attention: Doubles, rng: np.random.Generator) -> Rows:
    """For each item one item of a complementary leaf; items with much attention get complements with much attention."""
    wanted = complements[leaf, rng.integers(0, N_COMPLEMENTS, len(leaf))]
    order = np.lexsort((-attention, leaf))
    rank = np.empty(len(leaf), np.int64)
    rank[order] = np.arange(len(leaf)) - start[leaf[order]]
    size = np.diff(start)
    place = np.minimum(rank * size[wanted] // size[leaf], size[wanted] - 1)
    partners: Rows = order[start[wanted] + place].astype(np.int32)
    return partners
