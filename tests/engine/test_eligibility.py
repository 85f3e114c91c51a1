"""What may be in a list: an item of a group of colours and sizes that may not be there keeps all of its group out."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, reduce
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.events import KIND_CODE
from recommndr.features import purchased_items, shopper
from recommndr.features.action import Action
from recommndr.features.shopper import ShopperRow
from recommndr.list_scope import Scope
from recommndr_engine.list_request import ListRequest, SimilarBy
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_engine.static_list import static_list
from tests.engine.bundles import ITEM_IDS, N_ITEMS, NOW, WrittenBundle, catalog_item, item_id, row_of

NOW_S = NOW.timestamp()
# The bundle knows the first `N_ITEMS`; the catalogue is newer.
NUMBERS = range(N_ITEMS + 8)
STEPS = ("full", "no_ranker", "no_user_features", "contextual_popularity", "static")

grouped = cache(lambda n, group: catalog_item(n, group_id=group))  # built once, not for every example
numbers = st.sets(st.sampled_from(NUMBERS), max_size=6)


@dataclass(frozen=True)
class Case:
    """A catalogue with groups, and what a shopper did and asks."""

    groups: dict[int, str | None]
    scope: Scope
    excluded: frozenset[int]
    # Different items, or the newest of two actions would be the one that counts.
    bought: frozenset[int]
    in_cart: frozenset[int]
    disliked: frozenset[int]

    @property
    def live(self) -> LiveItems:
        live = LiveItems()
        live.apply_catalog({item_id(n): grouped(n, self.groups[n]) for n in NUMBERS})
        return live

    @property
    def row(self) -> ShopperRow:
        actions = (
            Action(KIND_CODE[kind], NOW_S - 60.0, kind, "u", tuple(item_id(n) for n in sorted(some)))
            for kind, some in (("purchase", self.bought), ("add_to_cart", self.in_cart), ("dislike", self.disliked))
            if some
        )
        return shopper.read(row_of(reduce(shopper.merge, map(shopper.lift, actions), shopper.EMPTY)))

    @property
    def request(self) -> ListRequest:
        return ListRequest(len(NUMBERS), self.scope, tuple(item_id(n) for n in self.excluded))

    def siblings(self, some: frozenset[int]) -> set[int]:
        """`some` and all of their groups."""
        groups = {self.groups[n] for n in some} - {None}
        return {n for n in NUMBERS if n in some or self.groups[n] in groups}

    def refused(self, knows_shopper: bool) -> set[int]:
        """What may not be in the list."""
        if not knows_shopper:
            return self.siblings(self.excluded)
        if self.scope == "unseen":
            return self.siblings(self.excluded | self.disliked | self.bought | self.in_cart)
        bought = self.bought if self.scope == "discover" else frozenset()
        return self.siblings(self.excluded | self.disliked | bought) | (self.siblings(self.in_cart) - self.in_cart)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    groups = draw(st.fixed_dictionaries({n: st.sampled_from([None, "shirt", "shoe", "hat", "sock"]) for n in NUMBERS}))
    bought, in_cart, disliked = draw(numbers), draw(numbers), draw(numbers)
    return Case(
        groups,
        draw(st.sampled_from(get_args(Scope))),
        frozenset(draw(numbers)),
        frozenset(bought),
        frozenset(in_cart - bought),
        frozenset(disliked - bought - in_cart),
    )


@pytest.fixture(scope="module")
def parts(bundle: WrittenBundle) -> Iterator[Pipeline]:
    """A pipeline whose items, retrievers and ranker every example takes: reading them again would take its time."""
    yield Pipeline.read(bundle.directory, bundle.manifest, LiveItems())


def listed(case: Case, parts: Pipeline, step: str) -> list[int]:
    live, request, row = case.live, case.request, case.row
    if step == "static":
        return [int(name[1:]) for name, *_ in static_list(live, request, NOW_S, row)]
    pipeline = Pipeline(parts.items, parts.retrievers, parts.ranker, live)
    found = {
        "full": lambda: pipeline.recommend(row, request, NOW_S),
        "no_ranker": lambda: pipeline.recommend(row, request, NOW_S, "weighted"),
        "no_user_features": lambda: pipeline.recommend(None, request, NOW_S),
        "contextual_popularity": lambda: pipeline.popular(request, NOW_S, row),
    }[step]()
    rows: list[int] = found.rows.tolist()
    return rows


@pytest.mark.parametrize("step", STEPS)
@given(case=cases())
def test_no_listed_item_shares_a_group_with_one_that_may_not_be_listed(parts: Pipeline, step: str, case: Case) -> None:
    found = listed(case, parts, step)
    assert case.refused(knows_shopper=step != "no_user_features").isdisjoint(found)
    groups = [case.groups[n] for n in found if case.groups[n] is not None]
    assert len(groups) == len(set(groups))


@pytest.mark.parametrize("step", ["contextual_popularity", "static"])
@given(case=cases())
def test_everything_else_that_sells_is_listed(parts: Pipeline, step: str, case: Case) -> None:
    known = NUMBERS if step == "static" else range(N_ITEMS)
    allowed = set(known) - case.refused(knows_shopper=True)
    if case.scope == "buy_again":
        allowed &= case.bought
    found = set(listed(case, parts, step))
    assert found <= allowed
    assert case.siblings(frozenset(found)) >= allowed  # all of them, or one for their group


@pytest.mark.parametrize("by", get_args(SimilarBy))
@given(case=cases(), seed=st.sampled_from(range(N_ITEMS)))
def test_no_similar_item_is_of_the_group_of_the_item_or_of_what_is_excluded(
    parts: Pipeline, by: SimilarBy, case: Case, seed: int
) -> None:
    pipeline = Pipeline(parts.items, parts.retrievers, parts.ranker, case.live)
    found = pipeline.similar_items(seed, case.request, NOW_S, by).rows.tolist()
    assert case.siblings(case.excluded | {seed}).isdisjoint(found)


def test_what_is_in_the_cart_stands_for_its_group(bundle: WrittenBundle) -> None:
    groups: dict[int, str | None] = dict.fromkeys(NUMBERS) | dict.fromkeys((4, 5, 6), "shirt")
    nothing: frozenset[int] = frozenset()
    case = Case(groups, "mixed", nothing, nothing, frozenset({5}), nothing)
    found = listed(case, Pipeline.read(bundle.directory, bundle.manifest, case.live), "full")
    assert {4, 5, 6} & set(found) == {5}


def test_an_item_taken_out_of_the_catalogue_still_keeps_its_group_out() -> None:
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n, group_id="shirt" if n < 3 else None) for n in range(5)})
    live.apply_catalog({item_id(0): None})
    assert [name for name, *_ in static_list(live, ListRequest(exclude=(item_id(0),)), NOW_S)] == ITEM_IDS[3:5]


def test_new_is_new_beyond_what_the_state_lists(parts: Pipeline) -> None:
    """First 0 was bought and 1 was viewed, then more was bought and viewed than the lists hold."""
    at_s = NOW_S - 86_400.0
    actions = [
        Action(KIND_CODE["purchase"], at_s, "a", "u", (item_id(0),)),
        Action(KIND_CODE["view"], at_s, "b", "u", (item_id(1),)),
    ]
    actions += [
        Action(KIND_CODE[kind], at_s + n, f"{kind}-{n}", "u", (f"old-{kind}-{n}",))
        for kind, many in (("purchase", purchased_items.CAPACITY), ("view", 60))
        for n in range(many)
    ]
    row = shopper.read(row_of(shopper.fold(shopper.EMPTY, actions)))
    assert item_id(0) not in row.purchased_item_ids
    assert item_id(1) not in row.recent_item_ids
    live = LiveItems()
    live.apply_catalog({item_id(n): catalog_item(n) for n in range(N_ITEMS)})
    pipeline = Pipeline(parts.items, parts.retrievers, parts.ranker, live)
    everything = set(range(N_ITEMS))
    for scope, missing in (("mixed", set()), ("discover", {0}), ("unseen", {0, 1})):
        listed = pipeline.recommend(row, ListRequest(N_ITEMS, scope), NOW_S)
        assert set(listed.rows.tolist()) == everything - missing, scope
        static = static_list(live, ListRequest(N_ITEMS, scope), NOW_S, row)
        assert {int(one.item_id[1:]) for one in static} == everything - missing, scope
