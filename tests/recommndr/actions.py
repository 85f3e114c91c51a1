"""Hypothesis strategies for what folds see; small alphabets, so that items and instants collide."""

from typing import get_args

from hypothesis import strategies as st

from recommndr.events import N_KIND_SLOTS, Sender
from recommndr.features.action import Action

NOW_S = 1_760_000_000.0
_SPAN_S = 200 * 86_400

item_ids = st.sampled_from([f"i{n}" for n in range(8)] + ["a|b", "ü"])
instants_s = st.one_of(
    st.integers(0, _SPAN_S).map(lambda back: NOW_S - back),
    st.sampled_from([NOW_S, NOW_S - 3_600, NOW_S - 86_400]),
    st.floats(0, _SPAN_S, allow_nan=False).map(lambda back: NOW_S - back),
)


@st.composite
def actions(draw: st.DrawFn) -> Action:
    return Action(
        kind=draw(st.integers(0, N_KIND_SLOTS - 1)),
        at_s=draw(instants_s),
        event_id=str(draw(st.uuids())),
        user_id="u",
        item_ids=tuple(draw(st.lists(item_ids, max_size=5))),
        device=draw(st.sampled_from([None, "phone", "desktop"])),
        country=draw(st.sampled_from([None, "DE", "PT"])),
        region=draw(st.sampled_from([None, "DE-BY", "north"])),
        sender=draw(st.sampled_from(get_args(Sender))),
    )


histories = st.lists(actions(), max_size=30, unique_by=lambda action: action.event_id)
