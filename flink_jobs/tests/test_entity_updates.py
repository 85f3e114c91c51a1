"""Messages between lift and fold lose nothing."""

from hypothesis import given
from hypothesis import strategies as st

from recommndr.features.action import Action
from recommndr_flink_jobs.entity_updates import EntityUpdates, EventAt, Message, decode, encode

text = st.none() | st.text(max_size=5)
actions = st.builds(
    Action,
    kind=st.integers(0, 15),
    at_s=st.floats(allow_nan=False),
    event_id=st.text(max_size=5),
    user_id=st.text(max_size=5),
    item_ids=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    device=text,
    os=text,
    country=text,
    region=text,
    sender=st.sampled_from(["server", "browser"]),
)


@given(actions)
def test_an_action_comes_out_as_it_went_in(action: Action) -> None:
    message = Message([EntityUpdates("user", "t|u", [EventAt(3, 7, action)])], [])
    assert decode(encode(message)) == message
