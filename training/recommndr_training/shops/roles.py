"""Which column of a sample has which meaning: by its name and by what its values look like. Pure.

The result does not depend on the order of the columns, except in a file without a header: there names say nothing.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommndr_training.shops.column_look import ColumnLook
from recommndr_training.shops.column_names import score
from recommndr_training.shops.kind_words import kind_of

_LEAST = 0.35
_SURE = 0.75
_WITHOUT_NAME = 0.5  # what the look of values alone is worth
_MAX_KINDS = 100
_LONG_TEXT = r".*\S \S+ \S.*"
_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"


@dataclass(frozen=True, slots=True)
class Role:
    """A column with a meaning."""

    meaning: str
    look: ColumnLook
    score: float
    why: str

    @property
    def name(self) -> str:
        """The column's name."""
        return self.look.name

    @property
    def confidence(self) -> str:
        """How sure the meaning is, in words."""
        return "sure" if self.score >= _SURE else "likely" if self.score >= _WITHOUT_NAME else "unsure"


def known_kinds(look: ColumnLook) -> float:
    """Share of a column's values that are words for kinds of events."""
    return look.share_of(np.array([kind_of(word) is not None for word in look.words], np.bool_))


def _id(look: ColumnLook) -> float:
    is_other = look.is_list or look.filled == 0 or (look.time is not None and look.time.format != "epoch_s")
    if is_other:
        return 0.0
    is_odd = look.share(_LONG_TEXT) > 0.5 or (look.numeric > 0.9 and look.whole < 0.9)  # browsers' ids may look like 12.34
    return math.sqrt(look.filled) * (0.6 if is_odd else 1.0)


def _sparse_id(look: ColumnLook) -> float:
    """An order's or a session's: most rows of a log may have none."""
    return float(_id(look) > 0)


def _user(look: ColumnLook) -> float:
    guests = look.share("0|-1")
    return _id(look) * math.sqrt(look.filled) * (1.0 - guests if len(look.words) > 1 else 1.0)


def _item(look: ColumnLook) -> float:
    return _id(look) * look.filled * (0.2 if look.share(_EMAIL) > 0.5 else 1.0)


def _time(look: ColumnLook) -> float:
    if look.time is None:
        return 0.0
    return look.time.share * math.sqrt(look.filled)


def _kind(look: ColumnLook) -> float:
    if look.is_list or not 0 < len(look.words) <= _MAX_KINDS:
        return 0.0
    known = known_kinds(look)
    return 0.0 if known == 0 else (0.5 + 0.5 * known) * math.sqrt(look.filled)


def _rating(look: ColumnLook) -> float:
    return float(look.numeric > 0.95 and 1 < len(look.words) <= 101 and look.highest <= 100 and look.filled > 0.5)


def _amount(look: ColumnLook) -> float:
    return float(look.numeric > 0.95 and look.time is None and look.filled > 0)


def _text(look: ColumnLook) -> float:
    return 0.0 if look.filled == 0 or look.is_list or look.time is not None else 1.0


def _title(look: ColumnLook) -> float:
    return _text(look) * (0.1 if look.numeric > 0.5 else 1.0)


def _words(look: ColumnLook) -> float:
    return 1.0 if look.filled > 0 and (look.is_list or look.time is None) else 0.0


def _code(pattern: str) -> Callable[[ColumnLook], float]:
    return lambda look: float(look.filled > 0 and look.share(pattern) > 0.9)


def _few(most: int) -> Callable[[ColumnLook], float]:
    return lambda look: float(0 < len(look.words) <= most and _text(look) > 0)


_FITS: Mapping[str, Callable[[ColumnLook], float]] = {
    "user_id": _user,
    "item_id": _item,
    "time": _time,
    "kind": _kind,
    "rating": _rating,
    "currency": _code("[A-Za-z]{3}"),
    "country": _code("[A-Z]{2}"),
    "device": _few(20),
    "os": _few(50),
    "region": _few(500),
    "status": _few(50),
    "hidden": _few(3),
    "published": _few(3),
    "image_url": _text,
    **dict.fromkeys(("order_id", "session_id", "group_id"), _sparse_id),
    **dict.fromkeys(("quantity", "price", "total"), _amount),
    **dict.fromkeys(("title", "brand"), _title),
    **dict.fromkeys(("category_path", "tags"), _words),
}


def roles(found: Sequence[ColumnLook], meanings: Iterable[str]) -> dict[str, Role]:
    """The best column of each meaning that has one; each column has one meaning, the one that fits best."""
    every = [
        Role(meaning, look, fit * named, f"the name {look.name!r}")
        for meaning in meanings
        for look in found
        if (named := score(look.name, meaning)) and (fit := _FITS[meaning](look)) * named >= _LEAST
    ]
    chosen: dict[str, Role] = {}
    taken: set[str] = set()
    for role in sorted(every, key=lambda one: (-round(one.score, 6), one.meaning, one.name)):
        if role.meaning not in chosen and role.name not in taken:
            chosen[role.meaning] = role
            taken.add(role.name)
    return chosen


def by_values(found: Sequence[ColumnLook], chosen: Mapping[str, Role], has_header: bool) -> dict[str, Role]:
    """Meanings of columns whose names say nothing: a column of times, one of words for kinds, and the ids that are left."""
    more = dict(chosen)

    def left() -> list[ColumnLook]:
        taken = {role.name for role in more.values()}
        return [look for look in found if look.name not in taken]

    if "time" not in more and (times := [look for look in left() if _time(look) > 0.9]):
        best = max(times, key=lambda look: (len(look.words), look.name))
        more["time"] = Role("time", best, 0.7, "its values are times")
    if "kind" not in more and (kinds := [look for look in left() if known_kinds(look) > 0.9]):
        more["kind"] = Role("kind", min(kinds, key=lambda look: look.name), 0.7, "its values are words for kinds of events")
    ids = [look for look in left() if _is_id(look)]
    if not has_header:
        return _by_place(found, ids, more)
    lacking = [meaning for meaning in ("user_id", "item_id") if meaning not in more]
    if len(lacking) == 1 and len(ids) == 1:
        more[lacking[0]] = Role(lacking[0], ids[0], 0.4, "no other column is left that has ids")
    return more


def _by_place(found: Sequence[ColumnLook], ids: list[ColumnLook], chosen: dict[str, Role]) -> dict[str, Role]:
    """Without a header: published logs name the shopper first, then the item."""
    places = {look.name: place for place, look in enumerate(found)}
    in_order = sorted(ids, key=lambda look: places[look.name])
    why = "there is no header; logs name the shopper first, then the item"
    lacking = [meaning for meaning in ("user_id", "item_id") if meaning not in chosen]
    more = chosen | {meaning: Role(meaning, look, 0.4, why) for meaning, look in zip(lacking, in_order, strict=False)}
    few = [look for look in in_order[len(lacking) :] if _rating(look) and len(look.words) <= 20]
    if len(few) == 1:
        more["rating"] = Role("rating", few[0], 0.5, f"its values are {len(few[0].words)} different numbers")
    return more


def _is_id(look: ColumnLook) -> bool:
    return _id(look) > 0.7 and _time(look) < 0.9
