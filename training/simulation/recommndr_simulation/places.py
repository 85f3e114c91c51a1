"""Countries, regions and devices of the simulated shop's shoppers. Data only."""

import numpy as np

# Country, share of shoppers, hours ahead of the home country, and its regions by size.
_COUNTRIES = (
    ("US", 0.80, 0, ("CA", "TX", "FL", "NY", "PA", "IL", "OH", "GA")),
    ("CA", 0.07, 0, ("ON", "QC", "BC", "AB")),
    ("MX", 0.05, 0, ("CMX", "JAL", "NLE", "MEX")),
    ("GB", 0.03, 6, ("ENG", "SCT", "WLS")),
    ("DE", 0.02, 7, ("NW", "BY", "BE", "HE")),
    ("FR", 0.015, 7, ("IDF", "ARA", "OCC")),
    ("BR", 0.015, 3, ("SP", "RJ", "MG")),
)
COUNTRIES = tuple(row[0] for row in _COUNTRIES)
COUNTRY_SHARE = np.array([row[1] for row in _COUNTRIES])
HOURS_AHEAD = np.array([row[2] for row in _COUNTRIES])
REGIONS = tuple(region for row in _COUNTRIES for region in row[3])
N_REGIONS = np.array([len(row[3]) for row in _COUNTRIES])
FIRST_REGION = np.concatenate(([0], np.cumsum(N_REGIONS)[:-1]))

_GEAR = (
    ("mobile", "android", 0.33),
    ("mobile", "ios", 0.29),
    ("desktop", "windows", 0.23),
    ("desktop", "macos", 0.08),
    ("desktop", "linux", 0.01),
    ("tablet", "ios", 0.04),
    ("tablet", "android", 0.02),
)
DEVICES = tuple(row[0] for row in _GEAR)
SYSTEMS = tuple(row[1] for row in _GEAR)
GEAR_SHARE = np.array([row[2] for row in _GEAR])
# Carts are filled less readily on a phone.
GEAR_CART_LOGIT = np.array([{"mobile": -0.12, "desktop": 0.18, "tablet": 0.05}[row[0]] for row in _GEAR], np.float32)
