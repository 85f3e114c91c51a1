"""A release judges itself on the running installation: it goes on while it is well, and back when its slot fails."""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from recommndr.events import ClientInteraction, Line
from recommndr.identity import UserId
from recommndr.release import SLOTS, Release
from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation
from recommndr_native.shop import Shop
from recommndr_rollout.candidate import Candidate
from tests.e2e.observed import kept_away
from tests.faults.order import Order, give
from tests.faults.releases import another_version, move, policy, record
from tests.faults.watcher import Watcher, watching
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.e2e
N_SHOPPERS = 60
ASKS_PER_S = 30.0
# Steps of seconds, and samples that a few shoppers give within them; limits of time that a busy machine does not reach.
QUICK: dict[str, Any] = {
    "min_step_s": 3, "patience_s": 4, "watch_s": 600, "return_s": 1, "settle_s": 2,
    "rules": {
        "errors": {"min_samples": 1}, "latency": {"min_samples": 1, "limit": 60}, "ladder": {"consequence": "observe"},
        "memory": {"consequence": "observe"}, "processor": {"consequence": "observe"},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def quick(live: GoLive) -> Iterator[None]:
    """The tenant's releases take seconds."""
    with policy(live.installation.settings, live.tenant, QUICK):
        yield


@contextmanager
def shoppers(live: GoLive) -> Iterator[Watcher]:
    """Shoppers who ask again and again."""
    with watching(live.shop, [f"visitor-of-a-release-{number}" for number in range(N_SHOPPERS)], ASKS_PER_S) as watcher:
        yield watcher


def phases(live: GoLive, n_before: int) -> list[str]:
    return [step.phase for step in record(live).steps[n_before:]]


def audited(live: GoLive) -> list[dict[str, Any]]:
    return [json.loads(line) for line in live.installation.settings.audit_file.read_text().splitlines()]


def metrics(installation: Installation) -> str:
    """What rollout tells monitoring."""
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        return client.get(f"http://127.0.0.1:{installation.settings.rollout_port}/metrics").raise_for_status().text


@pytest.fixture
def as_before(live: GoLive, quick: None) -> Iterator[Release]:
    """The record before the test; whatever the test released, the same version serves from the same slot afterwards."""
    before = record(live)
    yield before
    after = record(live)
    if after.challenger is not None or after.stable != before.stable:
        move(live, "rollback")
    eventually(lambda: record(live).phase == "STEADY", "the release is over")
    assert record(live).stable == before.stable


def test_a_good_version_takes_over_step_by_step_though_rollout_dies_on_the_way(
    live: GoLive, installation: Installation, as_before: Release, tmp_path: Path
) -> None:
    n_before, old = len(as_before.steps), as_before.stable
    candidate = another_version(live, 1.0, tmp_path)
    with shoppers(live) as traffic:
        move(live, "start", candidate)
        eventually(lambda: record(live).challenger_weight >= 100, "the first step")
        installation.kill("rollout")
        eventually(lambda: record(live).challenger_weight >= 1_000, "the second step")
        installation.kill("rollout")
        eventually(lambda: record(live).phase == "PROMOTED", "the new version is stable")
        eventually(lambda: set(traffic.newest().values()) == {candidate.version}, "every shopper is served by it")
    assert phases(live, n_before) == ["WARMING", "STEP_1", "STEP_10", "STEP_50", "PROMOTED"]
    assert record(live).stable.model_version == candidate.model_version
    assert traffic.refused() == []
    assert traffic.moved_twice() == []
    assert traffic.versions() == {old.version, candidate.version}
    acts = [(line["act"], line.get("phase")) for line in audited(live)]
    assert acts[-4:] == [("release.advance", phase) for phase in ("STEP_1", "STEP_10", "STEP_50", "PROMOTED")]


def test_a_version_that_its_slot_refuses_never_gets_traffic_and_is_barred(live: GoLive, as_before: Release) -> None:
    with shoppers(live) as traffic:
        move(live, "start", Candidate("not-what-was-registered", as_before.stable.model_version))
        eventually(lambda: record(live).phase in {"ROLLED_BACK", "STEADY"}, "the release is over")
    barred = record(live).barred[-1]
    assert "refuses the version" in barred.reason
    assert traffic.refused() == []
    assert traffic.versions() == {as_before.stable.version}


def test_a_challenger_that_dies_again_and_again_loses_its_traffic_and_no_request_fails(
    live: GoLive, installation: Installation, as_before: Release, tmp_path: Path
) -> None:
    candidate = another_version(live, 2.0, tmp_path)
    with shoppers(live) as traffic:
        move(live, "start", candidate)
        eventually(lambda: record(live).phase == "STEP_50", "half of the shoppers are served by the challenger")
        move(live, "pause")
        slot = next(one for one in ("blue", "green") if one != as_before.stable.slot)
        kept_away(installation, slot, lambda: record(live).challenger is None)
        eventually(lambda: set(traffic.newest().values()) == {as_before.stable.version}, "all shoppers are back")
    assert record(live).challenger_weight == 0
    assert f"slot: slot {slot}" in record(live).barred[-1].reason
    assert traffic.refused() == []


def test_a_challenger_that_fails_requests_is_back_at_once(
    live: GoLive, installation: Installation, as_before: Release, tmp_path: Path
) -> None:
    candidate = another_version(live, 3.0, tmp_path)
    slot = next(one for one in SLOTS if one != as_before.stable.slot)
    with shoppers(live) as traffic:
        move(live, "start", candidate)
        eventually(lambda: record(live).phase == "STEP_50", "half of the shoppers are served by the challenger")
        move(live, "pause")
        assert 'recommndr_rollout_verdict{consequence="act",rule="slot",tenant="grocer"} 1.0' in metrics(installation)
        give(installation.settings, slot, Order(fault="errors"))
        try:
            eventually(lambda: record(live).challenger is None, "its traffic is back")
        finally:
            give(installation.settings, slot, Order())
        eventually(lambda: set(traffic.newest().values()) == {as_before.stable.version}, "all shoppers are back")
    assert "errors: " in record(live).barred[-1].reason
    assert record(live).steps[-1].phase in {"ROLLED_BACK", "STEADY"}  # not by halves
    assert traffic.refused()
    assert all(": 500 " in one.refused for one in traffic.refused())


def test_a_version_whose_lists_are_clicked_less_goes_back(live: GoLive, as_before: Release, tmp_path: Path) -> None:
    candidate = another_version(live, 4.0, tmp_path)
    clicks = {as_before.stable.version: 4, candidate.version: 1}  # of ten items shown
    judged_by_clicks = {**QUICK, "rules": {**QUICK["rules"], "ctr": {"min_samples": 20}, "engagement": {"min_samples": 20}}}
    visitors = itertools.count()
    with policy(live.installation.settings, live.tenant, judged_by_clicks), closing(live.shop()) as shop:
        move(live, "start", candidate)
        eventually(lambda: record(live).phase == "STEP_50", "half of the shoppers are served by the challenger")
        move(live, "pause")

        def is_back() -> bool:
            look(shop, f"looks-and-clicks-{next(visitors)}", clicks)
            return record(live).challenger is None

        eventually(is_back, "its traffic is back", every_s=0.0)
    reason = record(live).barred[-1].reason
    assert "ctr: " in reason or "engagement: " in reason


def look(shop: Shop, user_id: str, clicks: Mapping[str, int]) -> None:
    """See a list, and click as many of its items as the version that made it deserves."""
    answer = shop.recommend(user_id)
    lines = [Line(item_id=item_id, position=place) for place, item_id in enumerate(answer.item_ids)]
    clicked = [lines[place : place + 1] for place in range(clicks.get(answer.model_version or "", 0))]
    for kind, of in [("impression", lines), *(("click", one) for one in clicked)]:
        shop.send(
            ClientInteraction(
                kind=kind,
                event_id=uuid4(),
                user_id=UserId(user_id),
                occurred_at=datetime.now(UTC),
                attribution=answer.attribution,
                lines=tuple(of),
            )
        )
