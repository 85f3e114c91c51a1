"""What is popular now in a segment is read from the live counters: exactly, and not before they say enough."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommndr.events import KIND_CODE
from recommndr.features import item, segment
from recommndr.features.action import Action
from recommndr.tenancy import TenantPolicy
from recommndr_engine.bundle_items import BundleItems
from recommndr_engine.list_request import ListRequest
from recommndr_engine.live_items import LiveItems
from recommndr_engine.live_segments import LiveSegments
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.retrievers.popular_now import PopularNow
from recommndr_engine.retrievers.popularity import Popularity
from recommndr_engine.segments_now import PRIOR, SEGMENTS_NOW
from tests.engine.bundles import NOW, catalog_item, item_id

NOW_S, DAY_S = NOW.timestamp(), 86_400.0
N = 12
WEIGHTS = np.maximum(TenantPolicy().relative_weights(), 0.0)


def shop() -> Pipeline:
    """A pipeline over the items `i00` to `i11`, of which the first is not for sale."""
    live = LiveItems(1)
    live.apply_catalog({item_id(number): catalog_item(number) for number in reversed(range(1, N))})
    retrievers = [PopularNow(7 * DAY_S), Popularity(np.linspace(1.0, 0.5, N, dtype=np.float32))]
    return Pipeline(BundleItems([item_id(number) for number in range(N)]), retrievers, None, live)


def happened(pipeline: Pipeline, actions: Sequence[Action]) -> None:
    """The states after these events, as the topics bring them."""
    items: dict[str, item.ItemState] = {}
    places: dict[str, segment.SegmentState] = {}
    for action in actions:
        for name, state in item.lift(action).items():
            items[name] = item.merge(items.get(name, item.EMPTY), state)
        for entity, of_segment in segment.lift(action).items():
            places[entity] = segment.merge(places.get(entity, segment.EMPTY), of_segment)
    pipeline.live.apply_features(list(items), [item.to_bytes(state) for state in items.values()])
    if places:
        names, ids = zip(*map(segment.split_entity, places), strict=True)
        pipeline.live.apply_segments(names, ids, [segment.to_bytes(state) for state in places.values()])


def action(kind: str, number: int, days_ago: float, n: int, country: str | None, device: str | None) -> Action:
    return Action(KIND_CODE[kind], NOW_S - days_ago * DAY_S, "e", "u", (item_id(number),) * n, country=country, device=device)


actions = st.builds(
    action,
    st.sampled_from(("view", "purchase", "dislike", "impression")),
    st.integers(0, N + 1),  # the last are in no bundle
    st.floats(0.0, 40.0),
    st.integers(1, 60),
    st.sampled_from((None, "DE", "PT")),
    st.sampled_from((None, "phone", "desktop")),
)


def weight(action: Action) -> float:
    return WEIGHTS[action.kind] * len(action.item_ids) * 2.0 ** -((NOW_S - action.at_s) / segment.HALF_LIFE_S)


def counted(history: Sequence[Action], **where: str) -> tuple[np.ndarray, float]:
    """By the plain sum over the events: each bundle item's, and that of all items."""
    there = [one for one in history if all(getattr(one, part) == value for part, value in where.items())]
    sums = [sum(weight(one) for one in there if one.item_ids[0] == item_id(number)) for number in range(N)]
    return np.array(sums), sum(map(weight, there))


@given(st.lists(actions, max_size=25))
def test_the_list_is_that_of_the_plain_sums_over_the_events(history: list[Action]) -> None:
    pipeline = shop()
    happened(pipeline, history)
    everybody, _ = counted(history)
    share = everybody / max(everybody.sum(), 1e-300)
    segments = [counted(history, country="DE"), counted(history, device="phone")]
    expected = [(own + PRIOR * share) / (total + PRIOR) for own, total in segments if total >= PRIOR]
    made = pipeline.popular_among({"country": "DE", "device": "phone"}, ListRequest(k=5), NOW_S)
    if not expected:
        assert made is None  # this bundle has nothing of segments either
        return
    assert made is not None
    scores = np.mean(expected, axis=0)
    best = sorted((number for number in range(1, N) if scores[number] > 1e-30), key=lambda number: -scores[number])[:5]
    assert made.method == SEGMENTS_NOW
    n_now = sum(sources == (SEGMENTS_NOW,) for sources in made.sources)
    assert n_now == len(best)  # best-sellers follow
    np.testing.assert_allclose(made.scores[:n_now], scores[best], rtol=1e-5)
    np.testing.assert_allclose(scores[made.rows[:n_now]], scores[best], rtol=1e-5)


def test_a_segment_that_says_little_yet_does_not_stand_for_the_bundles() -> None:
    pipeline = shop()
    happened(pipeline, [action("purchase", 3, 0.0, int(PRIOR) - 1, "DE", None)])
    assert pipeline.popular_among({"country": "DE"}, ListRequest(k=3), NOW_S) is None
    happened(pipeline, [action("purchase", 3, 0.0, int(PRIOR), "DE", None)])
    made = pipeline.popular_among({"country": "DE"}, ListRequest(k=3), NOW_S)
    assert made is not None and made.rows[0] == 3
    assert pipeline.popular_among({"country": "PT"}, ListRequest(k=3), NOW_S) is None


def test_what_is_erased_counts_no_more_and_an_empty_segment_takes_no_memory() -> None:
    segments, state = LiveSegments(), segment.to_bytes(segment.fold(segment.EMPTY, 3, NOW_S, 40.0))
    rows = np.arange(40, dtype=np.int32)
    segments.put(["country=DE"] * 40, rows, [state] * 40)
    segments.put(["country=PT", "country=PT"], rows[:2], [state, None])
    segments.put(["country=DE"] * 39, rows[1:], [None] * 39)
    (left,) = segments.find(["country=DE"])
    assert left.weighted(np.ones(16), NOW_S)[0].tolist() == [0]
    segments.put(["country=DE", "country=DE"], rows[:2], [None, None])
    segments.put(["country=XX"], rows[:1], [None])
    assert len(segments) == 1
