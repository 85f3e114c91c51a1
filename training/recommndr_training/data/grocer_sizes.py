"""Translates package sizes from the grocer's till for shoppers: "6 PK  12 OZ" becomes "6 x 12 oz"."""

import re
from functools import cache

_UNITS = {
    "OZ": "oz", "Z": "oz", "FL OZ": "fl oz", "LB": "lb", "LBS": "lb", "CT": "ct", "DZ": "dozen", "PK": "pack", "P": "pack",
    "ML": "ml", "L": "l", "LTR": "l", "LITER": "l", "GAL": "gal", "GA": "gal", "HALF GAL": "half gal", "QT": "qt", "PT": "pt",
    "GM": "g", "G": "g", "KG": "kg", "IN": "in", "FT": "ft", "SQ FT": "sq ft", "YD": "yd",
    "LOAD": "loads", "LOADS": "loads", "LD": "loads",
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
_PART = re.compile(rf"({_NUMBER})[\s-]*({_UNIT})(?![A-Z])")
# "10/6.75 OZ" means ten of 6.75 ounces, "3/4 OZ" three quarters of an ounce, "30 X60 IN" width and length.
_TIMES = re.compile(rf"^({_NUMBER})\s*([/X-])\s*({_NUMBER})\s*({_UNIT})(?![A-Z])")
_MIXED = re.compile(r"^(\d+) (\d)/([248])(?=\s)")  # "8 1/2 OZ"
_FRACTIONS = {2.0, 3.0, 4.0, 8.0}
_TOTAL_FROM_OZ = 64.0  # "144 OZ/12 PK" is the content of all twelve
# Packs of cans or bottles for which the till gives only the content of the whole pack.
_PACKS_BY_TOTAL = {
    "144 oz": "12 x 12 oz", "288 oz": "24 x 12 oz", "101.4 oz": "6 x 16.9 oz", "202.8 oz": "12 x 16.9 oz",
    "405.6 oz": "24 x 16.9 oz", "2416.9 oz": "24 x 16.9 oz",
}  # fmt: skip
_WORDS = {
    "SMALL": "small",
    "MED": "medium",
    "MEDIUM": "medium",
    "LARGE": "large",
    "LRG": "large",
    "MINI": "mini",
    "KING": "king",
}
_ALONE = {"GAL": "1 gal", "HALF GAL": "half gal", "QT": "1 qt", "PT": "1 pt", "L": "1 l", "LB": "1 lb", "DZ": "1 dozen"}
_STAFF_CODE = re.compile(r"^(?:\d{5,}|[A-Z]{1,2}\s{2,})\s*")
# The till gives the case size of loose goods. Shoppers do not buy cases, so it is not shown.
_LOOSE = {"PRODUCE", "FLORAL", "MEAT", "SEAFOOD", "SALAD BAR"}
_PACKED_BY_THE_PIECE = {"MEAT-PCKGD"}
_CASE_FROM = {"lb": 8.0, "ct": 12.0, "oz": 160.0}


@cache  # most products have one of a few thousand sizes
def package_size(till: str, department: str) -> str | None:
    """Return the content of one package, or None where the till has no size that helps a shopper.

    >>> package_size("6 PK  12 OZ", "GROCERY"), package_size("20 OZ BTL", "GROCERY"), package_size("15 LB", "PRODUCE")
    ('6 x 12 oz', '20 oz', None)
    """
    text = _STAFF_CODE.sub("", till.strip().upper().rstrip("*"))
    if text in _WORDS or text in _ALONE:
        return _WORDS.get(text) or _ALONE[text]
    if department in _LOOSE and re.search(r"\d\s*-\s*\d", text):  # "18-20 CT": pieces per case
        return None
    text = _MIXED.sub(lambda mixed: f"{int(mixed[1]) + int(mixed[2]) / int(mixed[3]):g}", text)
    times = _TIMES.match(text)
    if times:
        return _multiplied(times, department)
    parts = [(float(number), _UNITS[unit]) for number, unit in _PART.findall(text)]
    if not parts or any(value == 0.0 for value, _ in parts) or _is_case(parts, department):
        return None
    said = _said(parts)
    return _PACKS_BY_TOTAL.get(said, said) if said and department == "GROCERY" else said


def _is_case(parts: list[tuple[float, str]], department: str) -> bool:
    value, unit = parts[-1]
    return department in _LOOSE and value >= _CASE_FROM.get(unit, float("inf"))


def _multiplied(times: re.Match[str], department: str) -> str:
    first, sign, second, unit = float(times[1]), times[2], float(times[3]), _UNITS[times[4]]
    if sign == "/" and first < second and second in _FRACTIONS:
        return f"{first / second:g} {unit}"
    # "1-1.2 LB" is a range. "12/12 OZ" of bacon is a case of twelve; a shopper buys one piece.
    is_one = (first == 1.0 and sign == "-") or (department in _PACKED_BY_THE_PIECE and sign == "/")
    return f"{second:g} {unit}" if is_one else f"{first:g} x {second:g} {unit}"


def _said(parts: list[tuple[float, str]]) -> str | None:
    packs = [value for value, unit in parts if unit == "pack"]
    contents = [(value, unit) for value, unit in parts if unit != "pack"]
    if packs and contents:
        value, unit = contents[0]
        each = value / packs[0] if unit == "oz" and value > _TOTAL_FROM_OZ else value
        return f"{packs[0]:g} x {each:g} {unit}"
    if packs:
        return f"pack of {packs[0]:g}" if packs[0] > 1 else None
    # Counts come before measures, in whichever order the till wrote them.
    ordered = sorted(contents[:2], key=lambda part: part[1] not in ("ct", "loads"))
    said = [f"{value:g} {unit}" for value, unit in ordered if (value, unit) != (1.0, "ct")]
    return ", ".join(said) or None
