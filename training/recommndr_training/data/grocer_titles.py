"""Makes readable titles for the grocer's products from the till's abbreviations of type and package; the data have no titles.

The till cuts every product type at 30 characters, often inside a word, and writes notes for the staff into brackets.
"""

import re
from functools import cache

from recommndr_training.data.grocer_sizes import package_size

_TILL_WIDTH = 30
_IN_OTHER_WORDS = {
    "FLUID MILK WHITE ONLY": "WHITE MILK",
    "BEERALEMALT": "BEER, ALE, MALT",
    "SAUCESSALSAPICANTEE": "SAUCES, SALSA, PICANTE",
    "SOFT DRINKS 12/18&15PK CAN CAR": "SOFT DRINK CANS, MULTI-PACK",
    "SOFT DRINKS 20PK&24PK CAN CARB": "SOFT DRINK CANS, MULTI-PACK",
    "SOFT DRINKS 6PK/4PK CAN CARB": "SOFT DRINK CANS, MULTI-PACK",
    "DRNKING/MNERAL WATE": "WATER",
    "DRNKNG/MNRL WAT": "WATER",
    "UNSWEETENED WAT": "UNSWEETENED WATER",
    "FLVR - DRNK/MNR": "FLVR",
    "NON-CARB": "NON-CARBONATED",
    " NOT MULTI-PACKS": "",
    "W/WHOLE": "WHITE WHOLE",
    "COMPACTOR BA": "COMPACTOR BAGS",
    "SALT POPCORN SALTICE C": "SALT, POPCORN SALT",
    "FS/WHL/CUT": "WHL/CUT",
    "FRZ-IQF": "IQF",
    "OTYHER": "OTHER",
    "W/FLOUR": "WITH FLOUR",
    "MLT-PK": "MULTI-PACK",
}
# Whole words that end a title exactly at the till's width.
_WHOLE = {
    "BASE", "BEVERAGES", "BUTTER", "CANDLES", "CHUNKS", "COBBLERS", "COOKIES", "CREAMS", "DETERGENT", "DRINKS", "FOODS",
    "INSTRUMENTS", "JUICE", "MAGAZINE", "OTHER", "PLAIN", "PRODUCTS", "REGULAR", "SEASONINGS", "SHIRTS", "SHRIMP", "SLICES",
    "SPECIALTY", "SPRAYS", "STICKS", "SUPPLEMENTS", "SWEETS", "TABLETS", "TOAST", "VEGETABLES", "VINE",
}  # fmt: skip
# Types that need their category to be understood.
_SAYS_LITTLE = {
    "ADULT PREMIUM", "ANGUS", "BETTER FOR YOU", "BLENDS", "BUTTS", "CARDS EVERYDAY", "COCKTAILS", "COOKED", "CUPS",
    "CUPS/PUSH UPS/OTHER", "DIET", "DRY", "ECONOMY", "ECONOMY - BEEF", "ECONOMY - MEAT", "ENHANCED", "EXTERNAL",
    "FLAVORED/OTHER", "FRESH", "GARDEN PLUS", "GENERAL USE/MISC", "INTERNAL", "KITS", "KOSHER/SPECIALTY", "LEAN",
    "LINKS - COOKED", "LINKS - RAW", "LOAVE", "MAINSTREAM", "MICROWAVABLE CUPS", "MICROWAVE", "MISC", "MISCELLANEOUS", "OTHER",
    "OVEN", "PAILS", "PATTIES", "PATTIES - COOKED", "PATTIES - RAW", "POULTRY", "PRE-COOKED", "PREMIUM", "PREMIUM - BEEF",
    "PREMIUM - MEAT", "PREMIUM PINTS", "PRIMAL", "QUARTS", "RED", "REGULAR", "REGULAR GARDEN", "ROLLS - PORK", "SEASONAL",
    "SEASONAL MISCELLANEOUS", "SELECT", "SMOKED/COOKED", "SOUP/STEW", "SPECIAL EVERYDAY", "SPECIALTY", "STICKS/ENROBED",
    "THIN MEATS", "TRADITIONAL", "VALUE", "VARIETY PACK",
}  # fmt: skip
_SPELT_OUT = {
    "ACCES": "accessories", "ACCESS": "accessories", "ANGUS": "Angus", "APPL": "apple", "ASST": "assorted", "AUTO": "automatic",
    "BEV": "beverage", "BR": "bread", "BRD": "breaded", "BRKFST": "breakfast", "BTL": "bottle", "BTLS": "bottles",
    "BTR": "butter", "CATFD": "cat food", "CHICK": "chicken", "CHIX": "chicken", "CHOC": "chocolate", "CHOCOCLATE": "chocolate",
    "CHP": "chopped", "CHS": "cheese", "CIG": "cigar", "CKE": "cake", "CKTLS": "cocktails", "CKYS": "cookies", "CND": "canned",
    "CNDY": "candy", "CNTRL": "control", "COFF": "coffee", "CONC": "concentrate", "CONTAINR": "containers", "CRAN": "cranberry",
    "CRBNTD": "carbonated", "CRKR": "crackers", "CRMD": "creamed", "DAN": "Danish", "DEOD": "deodorant",
    "DIPILATORIES": "depilatories", "DNR": "dinner", "DNRS": "dinners", "DOGFD": "dog food", "DPS": "dips", "DRNK": "drink",
    "DRNKING": "drinking", "DRNKNG": "drinking", "DRNKS": "drinks", "DRP": "drops", "EXCP": "except", "FD": "food",
    "FDS": "foods", "FEM": "feminine", "FLAV": "flavoured", "FLU": "flu", "FLVR": "flavoured", "FLVRD": "flavoured",
    "FRD": "fried", "FRE": "fresh", "FRENCH": "French", "FRSH": "fresh", "FRT": "fruit", "FRY": "fryer", "FRZ": "frozen",
    "FRZN": "frozen", "GDS": "goods", "GNGR": "ginger", "GRND": "ground", "HISP": "Hispanic", "HYGN": "hygiene",
    "INGRED": "ingredients", "IQF": "individually frozen", "ITALIAN": "Italian", "JCE": "juice", "JUI": "juice",
    "LIQ": "liquid", "LIQS": "liquids", "LOAVE": "loaf", "LOREAL": "L'Oréal", "LOZNG": "lozenge", "LRG": "large", "LT": "light",
    "MACH": "machine", "MEXICAN": "Mexican", "MINWTR": "mineral water", "MISC": "assorted", "MLK": "milk", "MLT": "malt",
    "MNERAL": "mineral", "MNRL": "mineral", "MTL": "metal", "MXS": "mixes", "NTRTNL": "nutritional", "OJ": "orange juice",
    "OTHE": "other", "OTHR": "other", "PKG": "packaged", "PKGD": "packaged", "PLSTC": "plastic", "PNCH": "punch",
    "PNT": "peanut", "PORTON": "portion", "PREM": "premium", "PREP": "prepared", "PROD": "products", "PRPCK": "prepacked",
    "PRSLC": "presliced", "PWDR": "powder", "PWDRS": "powders", "REFRGRATD": "refrigerated", "REFRIG": "refrigerated",
    "RETL": "retail", "RTD": "ready to drink", "RTS": "ready to serve", "SAL": "salad", "SAUS": "sausage", "SCE": "sauce",
    "SEAFD": "seafood", "SECT": "sections", "SFT": "soft", "SGL": "single", "SHERBTS": "sherbets", "SHLDR": "shoulder",
    "SHLFSH": "shellfish", "SLC": "sliced", "SLD": "salad", "SNGL": "single", "SNKS": "snacks", "SPEC": "specialty",
    "SPLY": "supplies", "SPRTS": "sports", "SRV": "serve", "SS": "single serve", "STK": "stick", "STRP": "strip",
    "SUBS": "substitutes", "SUP": "super", "SUPP": "supplements", "SV": "serve", "SW": "sweet", "SWT": "sweet", "SYRP": "syrup",
    "TISS": "tissue", "TORT": "tortilla", "VEG": "vegetable", "VEND": "vending", "WHL": "whole", "WHLSM": "wholesome",
    "WORCHESTER": "Worcestershire", "WT": "weight", "WTR": "water", "XMAS": "Christmas", "XPCTRNT": "expectorant",
    "YNG": "young", "YOG": "yogurt",
}  # fmt: skip
_KEPT_SHORT = {"BBQ", "CD", "DVD", "DVDS", "SPF", "TV", "NFL", "MLB", "UHT", "DXM"}
_LEFT_OUT = {"CARB", "INCL", "N", "EX", "EXC", "EXCP", "RW", "IWS", "ET"}  # abbreviations that mean nothing to shoppers
# A title that the till cut off must not end in one of these.
_DANGLING = {
    "a", "all", "and", "for", "in", "less", "no", "not", "of", "or", "other", "over", "plus", "than", "the", "under", "w",
    "with", "without",
}  # fmt: skip
_WORD = re.compile(r"[A-Z]+")
_BRACKETED = re.compile(r"\s*\([^)]*\)?")
_WITH = re.compile(r"\bW/O\s+|\bW/\s*")
_PER_CENT = re.compile(r"\b\d+(-\d+)?%(\s+JUIC\w*)?")
_COUNTED = re.compile(r"(\d)\s*(PK|CT)\b")


def title(department: str, category: str | None, kind: str | None, size: str | None) -> str:
    """Return the product type, or else the next wider description, and the package size.

    >>> title("GROCERY", "FRZN ICE", "ICE - CRUSHED/CUBED", "22 LB")
    'Ice, crushed/cubed, 22 lb'
    >>> title("GROCERY", "SOFT DRINKS", "SFT DRNK 2 LITER BTL CARB INCL", "2 L*")
    'Soft drink 2 liter bottle, 2 l'
    """
    words = next(part for part in (kind, category, department) if isinstance(part, str))
    described = _readable(words, department)
    if words in _SAYS_LITTLE and isinstance(category, str):
        described = f"{_readable(category, department)}, {described[:1].lower()}{described[1:]}"
    stated = package_size(size, department) if isinstance(size, str) else None
    return f"{described}, {stated}" if stated else described


@cache  # a department has a few thousand descriptions for ninety thousand products
def _readable(words: str, department: str) -> str:
    whole = _BRACKETED.sub("", words).strip() or words
    for theirs, ours in _IN_OTHER_WORDS.items():
        whole = whole.replace(theirs, ours)
    if len(words) >= _TILL_WIDTH - 1 and whole.endswith(words[-3:]) and re.split(r"[\s/&-]", whole)[-1] not in _WHOLE:
        whole = _without_torn_word(whole)
    for name in sorted({department, department.split("-", maxsplit=1)[0]}):  # do not repeat the department
        whole = re.sub(rf"^{re.escape(name)}\s*-\s*(?=.)", "", whole)
    whole = _PER_CENT.sub("", _WITH.sub(lambda with_: "without " if "O" in with_[0] else "with ", whole))
    whole = _COUNTED.sub(lambda counted: f"{counted[1]}-{'pack' if counted[2] == 'PK' else 'count'}", whole)
    whole = re.sub(r"\s*-\s+|\s+-\s*|(?<=[A-Z])-(?=(RAW|OTHER|SAUCES|BREADERS|MAGAZINE)\b)", ", ", whole)
    whole = re.sub(r"\s*&\s*", " & ", re.sub(r":\s*", ": ", re.sub(r"\s*/\s*", "/", whole.replace(".", " "))))
    spelt = _WORD.sub(lambda word: _spelt_out(word[0]), re.sub(r"\b([A-Z]+) S\b", r"\1'S", whole))
    tidy = re.sub(r"\s+([,:])", r"\1", re.sub(r"\s+", " ", spelt)).strip(" ,:/&-")
    return tidy[:1].upper() + tidy[1:]


def _spelt_out(word: str) -> str:
    if word in _LEFT_OUT:
        return ""
    return word if word in _KEPT_SHORT else _SPELT_OUT.get(word, word.lower())


def _without_torn_word(words: str) -> str:
    """Remove the last word, which the till cut off, and dangling words before it. A single word stays."""
    kept = re.split(r"([\s/&]+)", words)[:-2]
    while kept and (not kept[-1].strip(" /&-") or kept[-1].lower().strip("-") in _DANGLING):
        kept.pop()
    return "".join(kept) or words
