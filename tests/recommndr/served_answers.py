"""Answers as `served.v1` holds them, one and any."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from recommndr.served_answer import Floats, ServedAnswer

numbers = st.floats(width=32)  # NaN and infinities too
words = st.text(max_size=8)


def floats(values: Any) -> Floats:
    return np.array(values, np.float32)


@st.composite
def answers(draw: st.DrawFn) -> ServedAnswer:
    n_places, n_columns = draw(st.integers(0, 4)), draw(st.integers(1, 5))
    vector = st.lists(numbers, min_size=n_columns, max_size=n_columns).map(floats)
    shown = st.lists(vector, min_size=n_places, max_size=n_places).map(lambda rows: np.reshape(rows, (n_places, n_columns)))
    has_ranker = draw(st.booleans())
    inputs: dict[str, Any] = {
        "drawn_item_id": draw(words),
        "drawn_score": draw(numbers),
        "drawn_inputs": draw(vector),
        "shown_inputs": draw(st.none() | shown),
        "retrievers": draw(st.lists(words, max_size=3).map(tuple)),
        "columns": draw(st.just(()) | st.just(tuple(f"c{n}" for n in range(n_columns)))),
    }
    return ServedAnswer(
        request_id=draw(words),
        list_name=draw(words),
        at_s=draw(st.floats(allow_nan=False)),
        ladder="full",
        method=draw(words),
        model_version=draw(st.none() | words),
        release=draw(st.none() | words),
        arm="stable",
        item_ids=tuple(draw(st.lists(words, min_size=n_places, max_size=n_places))),
        scores=floats(draw(st.lists(numbers, min_size=n_places, max_size=n_places))),
        sources=tuple(draw(st.lists(st.lists(words, max_size=2).map(tuple), min_size=n_places, max_size=n_places))),
        asked=draw(st.just({}) | st.just({"scope": "discover", "filters": {"category": ["a", "b"]}})),
        n_candidates=draw(st.integers(0, 500)),
        **(inputs if has_ranker else {}),
    )


AN_ANSWER = ServedAnswer(
    *("r1", "recommend", 1.0, "full", "ranker", "v1", "release", "stable"),
    *(("i1",), floats([0.5]), (("als",),), {}),
    drawn_item_id="i2",
    drawn_score=0.25,
    drawn_inputs=floats([1, 2]),
)
