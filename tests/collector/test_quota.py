"""A tenant's bucket: ten seconds' worth at once, the rate in the long run, and the collector's answer when it is empty."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr_collector.event_log import InMemoryEventLog
from recommndr_collector.quota import BURST_S, Quota
from tests.collector.shop import FOREIGN_KEY, TENANTS, bearer, click, open_collector

steps = st.lists(st.tuples(st.floats(0, 5, allow_nan=False), st.integers(1, 500)), min_size=1, max_size=200)


@given(steps=steps, per_s=st.integers(1, 100))
def test_in_the_long_run_no_more_than_the_rate(steps: list[tuple[float, int]], per_s: int) -> None:
    quota, now_s, taken = Quota(), 0.0, 0
    for gap_s, amount in steps:
        now_s += gap_s
        if quota.take("t", amount, per_s, now_s) == 0.0:
            taken += amount
    assert taken <= (now_s + BURST_S) * per_s + 500 + 1e-6 * taken  # the last one may leave a debt


@given(amount=st.integers(1, 500), per_s=st.integers(1, 100))
def test_who_waits_as_long_as_asked_gets_in(amount: int, per_s: int) -> None:
    quota = Quota()
    while (wait_s := quota.take("t", amount, per_s, 0.0)) == 0.0:
        pass
    assert quota.take("t", amount, per_s, wait_s + 1e-6) == 0.0


def test_tenants_are_apart() -> None:
    quota = Quota()
    assert quota.take("a", 100, 1, 0.0) == 0.0
    assert quota.take("a", 1, 1, 0.0) > 0
    assert quota.take("b", 1, 1, 0.0) == 0.0


def purchase(n: int, n_lines: int) -> dict[str, Any]:
    return click(n, kind="purchase", lines=[{"item_id": f"i{place}"} for place in range(n_lines)])


@pytest.mark.parametrize(
    ("limits", "events", "n_taken"),
    [
        ({"max_events_per_s": 1}, [click(n) for n in range(1, 13)], 10),
        ({"max_lines_per_s": 2}, [purchase(n, 5) for n in range(1, 7)], 4),
        ({"max_lines_per_s": 1}, [purchase(1, 50), purchase(2, 1)], 1),
    ],
)
async def test_over_the_tenants_quota_an_event_is_a_429_that_says_when_to_come_back(
    limits: dict[str, int], events: list[dict[str, Any]], n_taken: int
) -> None:
    log = InMemoryEventLog()
    grocer = TENANTS.tenants["grocer"].model_copy(update=limits)  # type: ignore[index]
    tenants = TENANTS.model_copy(update={"tenants": dict(TENANTS.tenants) | {"grocer": grocer}})
    async with open_collector(log, tenants=tenants) as collector:
        answer = await collector.client.post("/events", json=events)
        statuses = [result["status"] for result in answer.json()["results"]]
        assert statuses == [202] * n_taken + [429] * (len(events) - n_taken)
        assert int(answer.headers["retry-after"]) >= 1
        single = await collector.client.post("/events", json=click(99))
        assert single.status_code == 429
        assert single.headers["content-type"] == "application/problem+json"
        assert int(single.headers["retry-after"]) >= 1
        assert next(iter(limits)) in single.json()["detail"]
        others = click(100) | {"event_id": str(UUID(int=100))}
        theirs = await collector.client.post("/events", content=json.dumps(others), headers=bearer(FOREIGN_KEY))
        assert theirs.status_code == 202
    assert len(log.records) == n_taken + 1
