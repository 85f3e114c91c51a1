"""Messages between lift and fold lose nothing."""

from hypothesis import given
from hypothesis import strategies as st

from recommndr.features.action import Action
from recommndr.outcomes.act import MEASURES, Act, Label, Shown
from recommndr_flink_jobs.acts import ActAt
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


labels = st.builds(Label, st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
bits = st.integers(0, 2**64 - 1)
acts = st.builds(
    Act,
    measure=st.sampled_from(MEASURES),
    at_s=st.floats(allow_nan=False),
    event=bits,
    items=st.lists(st.integers(0, 2**32 - 1), max_size=3).map(tuple),
    shown=st.none() | st.builds(Shown, labels, bits, st.integers(0, 2**40)),
    paid=st.lists(st.lists(st.tuples(st.text(max_size=3), bits), max_size=2).map(tuple), max_size=2).map(tuple),
)


@given(acts)
def test_an_act_comes_out_as_it_went_in(act: Act) -> None:
    message = Message(acts=[ActAt("t|u", 3, 7, act)])
    assert decode(encode(message)) == message


@given(actions)
def test_an_action_comes_out_as_it_went_in(action: Action) -> None:
    message = Message([EntityUpdates("user", "t|u", [EventAt(3, 7, action, 1.5)])], [])
    assert decode(encode(message)) == message
