"""Texts and lists of words of an item: titles, category paths, tags. Pure."""

from typing import Any

import numpy as np

from recommndr_training.shops.column_look import ColumnLook
from recommndr_training.shops.guess import Guess
from recommndr_training.shops.roles import Role

_SIGNS = {"category_path": (" > ", ">", " / ", "/", "|", ";", ", ", ",", "."), "tags": ("|", ";", ", ", ",")}
_SHARE = 0.1  # of the values that have a sign between words


def words_guess(role: Role) -> Guess:
    """A text or a list of words of an item."""
    value: Any = role.name
    why = role.why
    if role.meaning in ("category_path", "tags") and not role.look.is_list:
        separator = _separator(role.look, role.meaning)
        if separator:
            value, why = {"column": role.name, "separator": separator}, f"{why}; words between {separator!r}"
    return Guess("items", role.meaning, value, why, role.confidence)


def _separator(look: ColumnLook, meaning: str) -> str | None:
    """What stands between words in a good part of the values; JSON lists need none."""
    if look.share(r"\[.*\]") > 0.5:
        return None
    for sign in _SIGNS[meaning]:
        has_sign = np.array([sign in word for word in look.words], np.bool_)
        if look.share_of(has_sign) > _SHARE and not (sign == "." and look.numeric > _SHARE):
            return sign
    return None
