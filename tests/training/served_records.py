"""Records of `served.v1` as a consumer gives them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from recommndr.served_answer import ServedAnswer
from tests.recommndr.served_answers import AN_ANSWER, floats


@dataclass(frozen=True)
class Record:
    key: bytes
    value: bytes


def answer(request_id: str, at_s: float, columns: Sequence[str] = (), **changes: Any) -> ServedAnswer:
    """A list of i1 and i2, for which i9 was drawn."""
    usual = {
        "item_ids": ("i1", "i2"),
        "scores": floats([0.9, 0.8]),
        "sources": (("als",), ("als", "buy_again")),
        "drawn_item_id": "i9",
        "drawn_inputs": floats([0.1, float("nan")]),
        "n_candidates": 40,
    }
    return replace(AN_ANSWER, request_id=request_id, at_s=at_s, columns=tuple(columns), **(usual | changes))


def record(one: ServedAnswer, user_id: str = "u1", tenant: str = "grocer") -> Record:
    return Record(f"{tenant}|{user_id}".encode(), one.to_bytes())
