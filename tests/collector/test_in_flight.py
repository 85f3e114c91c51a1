"""What waits for the broker is bounded, and a tenant may hold as much of it as stays free."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from recommndr_collector.in_flight import Bounds, InFlight

BOUNDS = Bounds(n_records=8, n_bytes=1_200)
COMING = st.tuples(st.sampled_from(["books", "grocer", "toys"]), st.sampled_from([1, 200, 300, 601]))


@given(coming=st.lists(COMING, max_size=40), answered=st.lists(st.integers(0, 5), max_size=40))
def test_a_record_is_refused_exactly_when_its_tenant_would_hold_more_than_stays_free(
    coming: list[tuple[str, int]], answered: list[int]
) -> None:
    in_flight, waiting = InFlight(BOUNDS), list[tuple[str, int]]()
    for step, (tenant, n_bytes) in enumerate(coming):
        after = [*waiting, (tenant, n_bytes)]
        records, n_bytes_of = Counter(name for name, _ in after), Counter[str]()
        for name, size in after:
            n_bytes_of[name] += size
        fits = records[tenant] <= 8 - len(after) and n_bytes_of[tenant] <= 1_200 - n_bytes_of.total()
        assert (in_flight.refusal(tenant, n_bytes) is None) is fits
        if fits:
            in_flight.add(tenant, n_bytes)
            waiting = after
        if step < len(answered) and answered[step] < len(waiting):
            in_flight.remove(*waiting.pop(answered[step]))
        assert (in_flight.n_records, in_flight.n_bytes) == (len(waiting), sum(size for _, size in waiting))
        assert in_flight.bytes_of(tenant) == sum(size for name, size in waiting if name == tenant)


@given(turns=st.lists(st.integers(0, 4), max_size=1_000), n_bytes=st.integers(1, 10_000))
def test_five_tenants_that_send_too_much_leave_room_for_one_more(turns: list[int], n_bytes: int) -> None:
    in_flight = InFlight(Bounds(n_records=1_000, n_bytes=1_000_000))
    for noisy in turns:
        if in_flight.refusal(f"noisy-{noisy}", n_bytes) is None:
            in_flight.add(f"noisy-{noisy}", n_bytes)
    assert in_flight.n_bytes <= 1_000_000 * 31 / 32
    assert in_flight.n_records <= 1_000 * 31 / 32
    assert in_flight.refusal("quiet", n_bytes) is None
