from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommndr.tenancy import TenantPolicy
from recommndr_lake_writer import aggregate as module
from recommndr_lake_writer.aggregate import SCHEMA, Aggregate, UnknownKinds, Weighing, aggregate
from recommndr_lake_writer.interest import Interest
from tests.lake_writer.lines import NOON, WEIGHTS, Said, lines, said_lines

half_lives = st.sampled_from([None, 0.5, 30.0])
Sums = dict[tuple[str, str], tuple[float, float, int]]


def weighing_of(half_life_days: float | None = None) -> Weighing:
    return Weighing(Interest.of_policy(TenantPolicy(), half_life_days), WEIGHTS, half_life_days)


def sums_of(found: Aggregate) -> Sums:
    return {
        (row["user_id"], row["item_id"]): (row["positive"], row["negative"], row["n_lines"]) for row in found.pairs.to_pylist()
    }


def by_hand(said: list[Said], half_life_days: float | None) -> Sums:
    counted = [one for one in said if one.item and one.kind in WEIGHTS]
    newest = max((one.at for one in counted), default=NOON)
    found: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0, 0])
    for one in counted:
        weight = WEIGHTS[one.kind]
        if half_life_days is not None:
            weight *= 0.5 ** ((newest - one.at) / timedelta(days=half_life_days))
        found[one.user, one.item or ""][weight < 0] += abs(weight)
        found[one.user, one.item or ""][2] += 1
    return {pair: (positive, negative, int(n)) for pair, (positive, negative, n) in found.items()}


def same(left: Sums, right: Sums) -> None:
    assert left.keys() == right.keys()
    for pair, (positive, negative, n) in left.items():
        assert (positive, negative) == pytest.approx(right[pair][:2], rel=1e-9)
        assert n == right[pair][2]


@settings(deadline=None)  # the first example waits for imports
@given(said_lines, half_lives)
def test_sums_are_those_of_adding_up_by_hand_and_never_netted(said: list[Said], half_life_days: float | None) -> None:
    same(sums_of(aggregate([lines(said)], weighing_of(half_life_days))), by_hand(said, half_life_days))


@settings(deadline=None)
@given(said_lines, half_lives, st.data())
def test_it_does_not_matter_how_lines_are_cut_into_tables(
    said: list[Said], half_life_days: float | None, data: st.DataObject
) -> None:
    weighing = weighing_of(half_life_days)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=4)))
    table = lines(said)
    parts = [table.slice(begin, end - begin) for begin, end in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_MAX_PARTIAL_ROWS", data.draw(st.integers(0, 10)))
        in_parts = aggregate(parts, weighing)
    whole = aggregate([table], weighing)
    same(sums_of(in_parts), sums_of(whole))
    added = ["positive", "negative", "interest"]
    assert in_parts.pairs.drop(added).equals(whole.pairs.drop(added))
    assert in_parts.pairs["interest"].to_pylist() == pytest.approx(whole.pairs["interest"].to_pylist(), rel=1e-9)
    assert (in_parts.n_lines_by_kind, in_parts.first_at, in_parts.as_of) == (whole.n_lines_by_kind, whole.first_at, whole.as_of)


@settings(deadline=None)
@given(said_lines)
def test_pairs_are_in_order_of_user_and_item_and_the_same_lines_give_the_same_bits(said: list[Said]) -> None:
    first, second = (aggregate([lines(said)], weighing_of(3.0)).pairs for _ in range(2))
    pairs = list(zip(first["user_id"].to_pylist(), first["item_id"].to_pylist(), strict=True))
    assert pairs == sorted(set(pairs), key=lambda pair: (pair[0].encode(), pair[1].encode()))
    assert first.schema == SCHEMA
    assert first.equals(second)


def test_a_line_counts_half_after_a_half_life_as_of_the_instant_asked_for() -> None:
    bought = lines([Said("u", "i", "purchase", 0.0)])
    found = aggregate([bought], weighing_of(1.0), NOON + timedelta(days=2))
    assert found.pairs["positive"].to_pylist() == [1.25]
    assert found.pairs["last_at"].to_pylist() == [NOON]


def test_what_was_counted_is_reported_by_kind_and_period() -> None:
    said = [Said("u", "i", "view", 1), Said("u", "j", "view", 3), Said("u", "i", "dislike", 2), Said("u", "i", "impression", 9)]
    found = aggregate([lines(said)], weighing_of())
    assert found.n_lines_by_kind == {"dislike": 1, "view": 2}
    assert (found.first_at, found.as_of) == (NOON + timedelta(hours=1), NOON + timedelta(hours=3))


def test_nothing_counted_is_an_empty_table() -> None:
    found = aggregate([lines([Said("u", None, "search")]), lines([])], weighing_of())
    assert found == Aggregate(SCHEMA.empty_table(), {}, None, None)


def test_kinds_weigh_as_the_tenant_says_and_those_of_no_weight_do_not_count() -> None:
    weighing = Weighing.from_policy(TenantPolicy(weights={"purchase": 7.0, "view": 0.0}))
    assert weighing.weights["purchase"] == 7.0
    assert weighing.weights["dislike"] == -1.0
    assert {"view", "impression", "search"}.isdisjoint(weighing.weights)
    assert Weighing.from_policy(TenantPolicy(), ["purchase", "dislike"]).weights == {"purchase": 5.0, "dislike": -1.0}


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (["sniff"], r"unknown kinds \['sniff'\].*'purchase'"),
        (["impression", "view"], r"\['impression'\] weigh 0.*tenants file"),
    ],
)
def test_kinds_that_cannot_count_are_refused_with_the_remedy(kinds: list[str], message: str) -> None:
    with pytest.raises(UnknownKinds, match=message):
        Weighing.from_policy(TenantPolicy(), kinds)


@pytest.mark.parametrize("days", [0.0, -1.0, float("nan")])
def test_a_half_life_is_a_positive_number_of_days(days: float) -> None:
    with pytest.raises(ValueError, match="expected more than 0"):
        weighing_of(days)
