"""Readable titles for the grocer's products, which have none: the till's short words for type and package, spelt out."""

import re

_SPELT_OUT = {
    "ACCES": "accessories",
    "ASST": "assorted",
    "BRKFST": "breakfast",
    "CHOC": "chocolate",
    "CKE": "cake",
    "DECAF": "decaf",
    "DNR": "dinner",
    "DRNK": "drink",
    "DRNKS": "drinks",
    "FD": "food",
    "FDS": "foods",
    "FLVR": "flavoured",
    "FRSH": "fresh",
    "FRT": "fruit",
    "FRZ": "frozen",
    "FRZN": "frozen",
    "GDS": "goods",
    "HISP": "Hispanic",
    "IQF": "individually frozen",
    "JCE": "juice",
    "MISC": "assorted",
    "PKG": "packaged",
    "PKGD": "packaged",
    "PNT": "peanut",
    "BTR": "butter",
    "PREP": "prepared",
    "PWDR": "powder",
    "REFRGRATD": "refrigerated",
    "RTS": "ready to serve",
    "SEAFD": "seafood",
    "SPRTS": "sports",
    "SW": "sweet",
    "VEG": "vegetable",
    "YOG": "yogurt",
}
_WORD = re.compile(r"[A-Z]+")
_BRACKETED = re.compile(r"\s*\([^)]*\)?")  # codes of the till, often cut off before their closing bracket
_UNITS = re.compile(r"\b(OZ|LB|CT|ML|L|PK|GAL|QT|PT|GM|G|IN|FT|SQ FT|DZ)\b")


def title(department: str, category: str | None, kind: str | None, package_size: str | None) -> str:
    """Product type, or the next wider description there is, and the package size.

    >>> title("GROCERY", "FRZN ICE", "ICE - CRUSHED/CUBED", "22 LB")
    'Ice - crushed / cubed, 22 lb'
    """
    words = next(part for part in (kind, category, department) if isinstance(part, str))
    described = _readable(words)
    if isinstance(package_size, str) and package_size.strip():
        return f"{described}, {_UNITS.sub(lambda unit: unit[0].lower(), package_size.strip())}"
    return described


def _readable(words: str) -> str:
    without_codes = _BRACKETED.sub("", words).strip() or words
    spaced = re.sub(r"\s+", " ", without_codes.replace("/", " / ").replace(":", ": ").replace("&", " & "))
    spelt = _WORD.sub(lambda word: _SPELT_OUT.get(word[0], word[0].lower()), spaced.strip())
    return spelt[:1].upper() + spelt[1:]
