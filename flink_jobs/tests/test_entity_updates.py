"""What goes between lift and fold loses nothing on the way."""

from hypothesis import given
from hypothesis import strategies as st

from recommndr.features.deed import Deed
from recommndr_flink_jobs.entity_updates import EntityUpdates, EventAt, Message, decode, encode

text = st.none() | st.text(max_size=5)
deeds = st.builds(
    Deed,
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


@given(deeds)
def test_a_deed_comes_out_as_it_went_in(deed: Deed) -> None:
    message = Message([EntityUpdates("user", "t|u", [EventAt(3, 7, deed)])], [])
    assert decode(encode(message)) == message
