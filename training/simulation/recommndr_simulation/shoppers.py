"""Planted shoppers: preferences, spending and visit rates.

Preferences are for leaf categories, brands, a price level and a colour. There are no latent vectors, so no model has the form
of the truth.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from recommndr_simulation.arrays import Codes, Doubles, Floats, Ints, Rows
from recommndr_simulation.catalogue import Catalogue
from recommndr_simulation.places import COUNTRIES, COUNTRY_SHARE, FIRST_REGION, GEAR_SHARE, N_REGIONS
from recommndr_simulation.profile import SimProfile
from recommndr_simulation.vocabulary import COLOURS, DEPARTMENTS

_STREAM = 3
N_FAVOURITE_LEAVES = 5
# How a shopper's own missions are divided among the favourites.
FAVOURITE_SHARE = np.array([0.40, 0.24, 0.16, 0.12, 0.08])
N_FAVOURITE_BRANDS = 3
_SHARE_SAME_DEPARTMENT = 0.5
_COUNTRY_SIGMA = 0.5  # how much demand for a department differs between countries
# A visitor of RetailRocket comes 1.25 times (87 % once), one of Taobao 17 times in nine days. Ten events per shopper need a
# mix: this share comes once, the others at a log-normal rate.
_SHARE_ONCE = 0.36
_RATE_SIGMA = 1.15
_SHARE_KNOWN_AT_OPENING = 0.6  # the others come during the year
_URGE_SIGMA = 1.6  # few shoppers buy often: RetailRocket's buyers order 1.5 times each, Online Retail's 4.2 times
_MAX_RATE = 40.0  # times the mean


@dataclass(frozen=True, slots=True)
class Shoppers:
    """U shoppers; arrays are (U,) unless said."""

    country: Codes
    region: Codes
    gear: Codes  # the usual device and operating system
    favourite_leaves: Rows  # (U, N_FAVOURITE_LEAVES)
    faithful: Floats  # share of missions to favourites
    favourite_brands: Rows  # (U, N_FAVOURITE_BRANDS)
    disliked_brand: Rows
    colour: Codes
    price_level: Floats  # in standard deviations of an item's log price inside its leaf
    price_strictness: Floats
    bargains: Floats  # weight of a price reduction
    rate: Floats  # visits relative to the mean; 0 = comes once
    urge: Floats  # how often a visit intends to buy, relative to the mean
    arrives: Floats  # share of the opening days before the first visit; 0 = known at opening

    @property
    def n_shoppers(self) -> int:
        """U."""
        return len(self.country)

    def take(self, rows: npt.NDArray[np.integer] | slice) -> "Shoppers":
        """The shoppers of `rows`, in that order."""
        return Shoppers(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def plant_shoppers(profile: SimProfile, catalogue: Catalogue) -> Shoppers:
    """Draw all shoppers of a profile; the same for the same profile."""
    rng = profile.rng(_STREAM)
    return draw_shoppers(profile.users, catalogue, country_demand(profile, catalogue), rng)


def country_demand(profile: SimProfile, catalogue: Catalogue) -> Doubles:
    """(countries, leaves) demand of each country, rows sum to 1."""
    effect = profile.rng(_STREAM, 1).normal(0, _COUNTRY_SIGMA, (len(COUNTRIES), len(DEPARTMENTS)))
    demand = catalogue.leaf_weight * np.exp(effect[:, catalogue.leaf_department])
    shares: Doubles = demand / demand.sum(axis=1, keepdims=True)
    return shares


def draw_shoppers(n: int, catalogue: Catalogue, demand: Doubles, rng: np.random.Generator) -> Shoppers:
    """`n` new shoppers; live traffic also draws its newcomers here."""
    country = rng.choice(len(COUNTRIES), n, p=COUNTRY_SHARE)
    leaves = _favourite_leaves(country, catalogue, demand, rng)
    rate = np.minimum(np.exp(rng.normal(0, _RATE_SIGMA, n) - _RATE_SIGMA**2 / 2), _MAX_RATE)
    once = rng.random(n) < _SHARE_ONCE
    arrives = np.where(rng.random(n) < _SHARE_KNOWN_AT_OPENING, 0.0, rng.random(n))
    brand_of = catalogue.brand
    brands = [_a_brand_of(leaves[:, turn % 2], catalogue, brand_of, rng) for turn in range(N_FAVOURITE_BRANDS + 1)]
    return Shoppers(
        country=country.astype(np.int8),
        region=(FIRST_REGION[country] + (rng.random(n) ** 1.5 * N_REGIONS[country])).astype(np.int8),
        gear=rng.choice(len(GEAR_SHARE), n, p=GEAR_SHARE).astype(np.int8),
        favourite_leaves=leaves.astype(np.int32),
        faithful=rng.beta(7, 3, n).astype(np.float32),
        favourite_brands=np.stack(brands[:-1], axis=1).astype(np.int32),
        disliked_brand=np.where((brands[-1][:, None] == np.stack(brands[:-1], axis=1)).any(axis=1), -1, brands[-1]).astype(
            np.int32
        ),
        colour=rng.integers(0, len(COLOURS), n).astype(np.int8),
        price_level=rng.normal(-0.1, 0.9, n).astype(np.float32),
        price_strictness=rng.gamma(3, 0.25, n).astype(np.float32),
        bargains=rng.gamma(2, 1.5, n).astype(np.float32),
        rate=np.where(once, 0.0, rate).astype(np.float32),
        urge=np.exp(rng.normal(0, _URGE_SIGMA, n) - _URGE_SIGMA**2 / 2).astype(np.float32),
        arrives=arrives.astype(np.float32),
    )


def _favourite_leaves(country: Ints, catalogue: Catalogue, demand: Doubles, rng: np.random.Generator) -> Ints:
    """The first by demand in the country; half of the time the others are in the first one's department."""
    n, n_leaves = len(country), catalogue.n_leaves
    by_department = np.argsort(catalogue.leaf_department, kind="stable")
    first_of = np.searchsorted(catalogue.leaf_department[by_department], np.arange(len(DEPARTMENTS) + 1))
    ends = np.concatenate(([0.0], np.cumsum(demand[:, by_department].ravel())))  # country c covers (c, c + 1]
    chosen = np.empty((n, N_FAVOURITE_LEAVES), np.int64)
    low, high = country.astype(np.float64), country + 1.0
    for turn in range(N_FAVOURITE_LEAVES):
        if turn:
            department = catalogue.leaf_department[chosen[:, 0]]
            same = rng.random(n) < _SHARE_SAME_DEPARTMENT
            low = np.where(same, ends[country * n_leaves + first_of[department]], country)
            high = np.where(same, ends[country * n_leaves + first_of[department + 1]], country + 1.0)
        place = np.searchsorted(ends, low + rng.random(n) * (high - low), side="right") - 1
        chosen[:, turn] = by_department[np.clip(place - country * n_leaves, 0, n_leaves - 1)]
    return chosen


def _a_brand_of(leaf: Ints, catalogue: Catalogue, brand_of: Rows, rng: np.random.Generator) -> Rows:
    """A brand, drawn in proportion to its items in the leaf."""
    start, size = catalogue.leaf_start[leaf], np.diff(catalogue.leaf_start)[leaf]
    brands: Rows = brand_of[start + (rng.random(len(leaf)) * size).astype(np.int64)]
    return brands
