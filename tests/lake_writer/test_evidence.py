from hypothesis import given
from hypothesis import strategies as st

from recommndr_lake_writer.evidence import ALS_FLOOR, Evidence, Floor

counts = st.integers(0, 500)


@given(counts, counts, counts, counts)
def test_a_floor_lacks_nothing_exactly_when_both_counts_reach_it(linking: int, shared: int, users: int, items: int) -> None:
    lacking = Floor(users, items).lacks(Evidence(1_000, 1_000, 10_000, linking, shared))
    assert (lacking is None) == (linking >= users and shared >= items)


def test_what_is_missing_is_reported_with_both_numbers() -> None:
    evidence = Evidence(n_users=200, n_items=80, n_pairs=300, n_linking_users=99, n_shared_items=60)
    assert ALS_FLOOR.lacks(evidence) == "99 users with two items or more of 100"


def test_figures_are_shares_and_means_also_of_nothing() -> None:
    evidence = Evidence(n_users=4, n_items=5, n_pairs=10, n_linking_users=3, n_shared_items=2)
    assert (evidence.density, evidence.mean_per_user) == (0.5, 2.5)
    assert (Evidence(0, 0, 0, 0, 0).density, Evidence(0, 0, 0, 0, 0).mean_per_user) == (0.0, 0.0)
    assert "4 users, 5 items, 10 pairs (density 5.00e-01, 2.50 items a user)" in str(evidence)
