"""The laws of the compact set of items, and how often it is wrong."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.features import item_set
from recommndr.features.item_set import EMPTY, MAX_EXACT, add, contains, fingerprints, merge

few = st.lists(st.text(min_size=1, max_size=8), max_size=20)
sizes = st.integers(0, 3 * MAX_EXACT)


def ids(start: int, n: int) -> list[str]:
    return [f"item-{number}" for number in range(start, start + n)]


def some(start: int, n: int) -> bytes:
    return add(EMPTY, ids(start, n))


@given(few, few)
def test_a_small_set_holds_its_items_and_nothing_else(mine: list[str], others: list[str]) -> None:
    items = add(EMPTY, mine)
    assert contains(items, fingerprints(mine)).all()
    assert contains(items, fingerprints(others)).tolist() == [other in mine for other in others]
    assert len(items) == 4 * len(set(mine))


@given(st.integers(0, 900), sizes, st.integers(0, 900), sizes, st.integers(0, 900), sizes)
def test_merging_is_associative_commutative_and_idempotent_at_any_size(a: int, m: int, b: int, n: int, c: int, k: int) -> None:
    x, y, z = some(a, m), some(b, n), some(c, k)
    assert merge(merge(x, y), z) == merge(x, merge(y, z))
    assert merge(x, y) == merge(y, x)
    assert merge(x, x) == x
    assert merge(x, EMPTY) == merge(EMPTY, x) == x


@given(sizes, st.data())
def test_a_set_depends_on_its_items_only_not_on_how_they_came(n: int, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(n)))
    parts = [some(int(part[0]), len(part)) for part in np.array_split(np.arange(n), 7) if len(part)]
    whole = reduce(merge, parts, EMPTY)
    assert add(add(EMPTY, [f"item-{number}" for number in order[: n // 2]]), [f"item-{number}" for number in order]) == whole


@pytest.mark.parametrize(("n", "wrong"), [(100, 1e-4), (MAX_EXACT, 1e-4), (600, 8e-4), (1_344, 0.008), (2_000, 0.025)])
def test_it_forgets_nothing_and_is_wrong_as_rarely_as_it_says(n: int, wrong: float) -> None:
    items, others = some(0, n), fingerprints(ids(1_000_000, 100_000))
    assert contains(items, fingerprints(ids(0, n))).all()
    assert contains(items, others).mean() <= wrong
    assert len(items) <= 2_048


def test_a_robots_set_hides_nothing() -> None:
    items = some(0, 20_000)
    assert not contains(items, fingerprints(ids(0, 100))).any()
    assert merge(items, some(7, 3)) == items


@pytest.mark.parametrize("value", [b"abc", bytes(2_052)])
def test_bytes_that_are_no_set_are_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match=f"item set of {len(value)} bytes"):
        item_set.check(value)
