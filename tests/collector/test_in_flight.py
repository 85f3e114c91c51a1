"""What waits for the broker is bounded: records and bytes, of all tenants and of each."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from recommndr_collector.in_flight import Bounds, InFlight

BOUNDS = Bounds(n_records=6, n_bytes=1_000, n_records_of_tenant=4, n_bytes_of_tenant=600)
COMING = st.tuples(st.sampled_from(["books", "grocer", "toys"]), st.sampled_from([1, 200, 300, 601]))


@given(coming=st.lists(COMING, max_size=40), answered=st.lists(st.integers(0, 5), max_size=40))
def test_a_record_is_refused_exactly_when_it_would_exceed_a_bound(coming: list[tuple[str, int]], answered: list[int]) -> None:
    in_flight, waiting = InFlight(BOUNDS), list[tuple[str, int]]()
    for step, (tenant, n_bytes) in enumerate(coming):
        after = [*waiting, (tenant, n_bytes)]
        records, n_bytes_of = Counter(name for name, _ in after), Counter[str]()
        for name, size in after:
            n_bytes_of[name] += size
        fits = len(after) <= 6 and n_bytes_of.total() <= 1_000 and records[tenant] <= 4 and n_bytes_of[tenant] <= 600
        assert (in_flight.refusal(tenant, n_bytes) is None) is fits
        if fits:
            in_flight.add(tenant, n_bytes)
            waiting = after
        if step < len(answered) and answered[step] < len(waiting):
            in_flight.remove(*waiting.pop(answered[step]))
        assert (in_flight.n_records, in_flight.n_bytes) == (len(waiting), sum(size for _, size in waiting))
