"""An answer as a row of the lake's table of answers, and back."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from recommndr.served_answer import Floats, ServedAnswer

Row = dict[str, Any]
# Fields that are stored under their own names as they are.
_PLAIN = (
    *("request_id", "list_name", "ladder", "method", "model_version", "release", "arm", "country", "device", "n_events"),
    *("n_candidates", "drawn_item_id", "drawn_score", "drawn_inputs"),
)


def row_of(tenant: str, user_id: str, answer: ServedAnswer) -> Row:
    """The row; its place in the topic is for the caller to add. Raises `ValueError` for an instant that no calendar has."""
    try:
        at = datetime.fromtimestamp(answer.at_s, UTC)
    except (OverflowError, OSError) as cause:
        raise ValueError(f"at_s {answer.at_s!r}: expected epoch seconds") from cause
    shown = answer.shown_inputs
    return {name: getattr(answer, name) for name in _PLAIN} | {
        "tenant": tenant,
        "user_id": user_id,
        "served_on": at.date(),
        "at": at,
        "asked": json.dumps(answer.asked) if answer.asked else None,
        "item_ids": list(answer.item_ids),
        "scores": answer.scores,
        "sources": [list(of_place) for of_place in answer.sources],
        "shown_inputs": None if shown is None else shown.reshape(-1),
    }


def answer_of(row: Mapping[str, Any], columns: tuple[str, ...] = (), retrievers: tuple[str, ...] = ()) -> ServedAnswer:
    """The answer of a stored row, with the names of its inputs; instants are rounded to microseconds."""
    shown, drawn = row["shown_inputs"], row["drawn_inputs"]
    changed: Row = {
        "at_s": row["at"].timestamp(),
        "item_ids": tuple(row["item_ids"]),
        "scores": _floats(row["scores"]),
        "sources": tuple(map(tuple, row["sources"])),
        "asked": json.loads(row["asked"]) if row["asked"] else {},
        "drawn_inputs": None if drawn is None else _floats(drawn),
        "shown_inputs": None if shown is None else _floats(shown).reshape(len(row["item_ids"]), len(drawn or ())),
    }
    named = {} if drawn is None else {"columns": columns, "retrievers": retrievers}
    return ServedAnswer(**{name: row[name] for name in _PLAIN} | changed | named)


def _floats(values: Any) -> Floats:
    return np.asarray(values, np.float32)
