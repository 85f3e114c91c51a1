"""Answers as a table: a row for each place of a list, and one for the drawn candidate where it is in no place.

After the columns of `FACTS` come the ranker inputs, float32 under their own names. They are null in rows that have none: only
the drawn candidate and a sample of whole lists have them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from recommndr.served_answer import Floats, ServedAnswer
from recommndr_training.live.served_topic import Served, ServedAnswers

FACTS = pa.schema(
    [
        ("at", pa.timestamp("us", tz="UTC")),
        ("request_id", pa.string()),
        ("user_id", pa.string()),
        ("list", pa.string()),
        ("release", pa.string()),
        ("arm", pa.string()),
        ("model_version", pa.string()),
        ("ladder", pa.string()),
        ("method", pa.string()),
        ("asked", pa.string()),  # JSON
        ("n_candidates", pa.int32()),
        ("item_id", pa.string()),
        ("rank", pa.int32()),  # 1 is the first place; null: not in the list
        ("score", pa.float32()),
        ("sources", pa.list_(pa.string())),
        ("drawn", pa.bool_()),
        # With which chance a drawn candidate was drawn. Places have none: the best is shown, by no chance.
        ("propensity", pa.float64()),
        ("country", pa.string()),
        ("device", pa.string()),
        ("n_events", pa.int32()),
    ]
)
_ANSWERS_AT_ONCE = 2_000


def schema_of(columns: Mapping[str, tuple[str, ...]]) -> pa.Schema:
    """The columns of a table of answers of bundles with these ranker inputs, by version; they may differ."""
    names = dict.fromkeys(name for names in columns.values() for name in names)
    return pa.schema([*FACTS, *((name, pa.float32()) for name in names)])


def batches(found: ServedAnswers, schema: pa.Schema) -> Iterator[pa.Table]:
    """The table in parts of some thousand answers, oldest first."""
    for start in range(0, len(found.served), _ANSWERS_AT_ONCE):
        yield _part(found.served[start : start + _ANSWERS_AT_ONCE], found, schema)


def _part(served: Sequence[Served], found: ServedAnswers, schema: pa.Schema) -> pa.Table:
    rows: list[dict[str, Any]] = []
    inputs: list[tuple[int, tuple[str, ...], Floats]] = []  # row, names, values
    for one in served:
        first, names = len(rows), found.names(one.answer)
        rows += _rows(one)
        inputs += [(first + place, names, values) for place, values in _inputs(one.answer, len(rows) - first)]
    facts = pa.Table.from_pylist(rows, FACTS)
    place_of = {name: place for place, name in enumerate(schema.names[len(FACTS) :])}
    matrix, known = np.zeros((len(place_of), len(rows)), np.float32), np.zeros((len(place_of), len(rows)), np.bool_)
    for row, names, values in inputs:
        places = [place_of[name] for name in names]
        matrix[places, row], known[places, row] = values[: len(names)], True
    columns = [pa.array(values, pa.float32(), mask=~there) for values, there in zip(matrix, known, strict=True)]
    return pa.Table.from_arrays([*facts.columns, *columns], schema=schema)


def _rows(one: Served) -> Iterator[dict[str, Any]]:
    answer = one.answer
    shared = {
        "at": round(answer.at_s * 1e6),
        "request_id": answer.request_id,
        "user_id": one.user_id,
        "list": answer.list_name,
        "release": answer.release,
        "arm": answer.arm,
        "model_version": answer.model_version,
        "ladder": answer.ladder,
        "method": answer.method,
        "asked": json.dumps(answer.asked) if answer.asked else None,
        "n_candidates": answer.n_candidates,
        "country": answer.country,
        "device": answer.device,
        "n_events": answer.n_events,
    }
    chance = 1.0 / answer.n_candidates if answer.n_candidates else None
    for rank, (item_id, score) in enumerate(zip(answer.item_ids, answer.scores.tolist(), strict=True), 1):
        drawn, sources = item_id == answer.drawn_item_id, list(answer.sources[rank - 1])
        place = {"item_id": item_id, "rank": rank, "score": score, "sources": sources, "drawn": drawn}
        yield shared | place | {"propensity": chance if drawn else None}
    if _is_apart(answer):
        yield shared | {
            "item_id": answer.drawn_item_id, "score": answer.drawn_score, "drawn": True, "propensity": chance,
        }  # fmt: skip


def _is_apart(answer: ServedAnswer) -> bool:
    return answer.drawn_item_id is not None and answer.drawn_item_id not in answer.item_ids


def _inputs(answer: ServedAnswer, n_rows: int) -> Iterator[tuple[int, Floats]]:
    """Which rows of an answer have ranker inputs."""
    if answer.shown_inputs is not None:
        yield from enumerate(answer.shown_inputs)
    if answer.drawn_inputs is not None and answer.drawn_item_id is not None:
        yield (n_rows - 1 if _is_apart(answer) else answer.item_ids.index(answer.drawn_item_id)), answer.drawn_inputs
