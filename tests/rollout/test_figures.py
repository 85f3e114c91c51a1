"""What operators see of releases: figures out of the record, the slots and Prometheus."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from recommndr.release import Barred, Release, Step
from recommndr.release_policy import ReleasePolicy
from recommndr_rollout import seen as f
from recommndr_rollout.alertmanager import Alertmanager
from recommndr_rollout.figures import Figures, figures_of
from recommndr_rollout.judge import Judged
from recommndr_rollout.prometheus import Prometheus
from recommndr_rollout.seen import Sample, Seen
from recommndr_rollout.slots import Held, Quality
from recommndr_rollout.tenant_figures import Standing
from recommndr_rollout.verdict import Verdict
from tests.rollout.records import record

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def seen(*samples: tuple[str, Mapping[str, str], float]) -> Seen:
    return Seen([Sample(*sample) for sample in samples])


def figures(release: Release, what: Seen, **standing: Any) -> Figures:
    return figures_of(Standing(NOW, [release], **standing), what)


def test_what_nobody_measured_is_null_and_never_zero() -> None:
    told = figures(record(), Seen())
    blue = told.tenants[0].slots[0]
    assert (blue.requests_per_s, blue.error_ratio, blue.p95_s, blue.since_s, blue.ladder_ratio) == (None, None, None, None, {})
    assert (told.stream.freshness_p95_s, told.slots[0].up, told.slots[0].memory_bytes) == (None, None, None)


def test_each_slot_of_a_tenant_shows_its_role_its_weight_and_its_own_figures() -> None:
    here = {"tenant": "grocer", "slot": "blue"}
    there = {"tenant": "toys", "slot": "blue"}
    what = seen((f.P95, here, 0.012), (f.P95, there, 0.5), (f.ERRORS, here, 0.25), (f.LADDER, here | {"ladder": "full"}, 1.0))
    told = figures(
        record(challenger_weight=1000),
        what,
        held={"blue": {"grocer": Held("bundle-1")}},
        applied={"grocer": {"blue": 9000, "green": 1000}},
    )
    blue, green = told.tenants[0].slots
    assert (blue.role, blue.weight_percent, blue.p95_s, blue.error_ratio) == ("stable", 90.0, 0.012, 0.25)
    assert (blue.version, blue.loaded_version, blue.ladder_ratio) == ("bundle-1", "bundle-1", {"full": 1.0})
    assert (green.role, green.model_version, green.weight_percent, green.p95_s) == ("challenger", 2, 10.0, None)
    assert green.loaded_version is None, "the record wants it there, the slot does not hold it yet"


def test_an_idle_slot_stands_by_with_the_stable_version() -> None:
    green = figures(record(), Seen()).tenants[0].slots[1]
    assert (green.role, green.version, green.weight_percent) == ("idle", record().stable.version, 0.0)


def test_a_slot_that_is_down_has_no_memory_and_is_among_the_services_down() -> None:
    labels = {"service": "serving", "slot": "green"}
    told = figures(record(), seen((f.UP, labels, 0.0), (f.MEMORY, labels, 5e8), (f.UP, {"service": "collector"}, 1.0)))
    assert (told.slots[1].up, told.slots[1].memory_bytes, told.stream.services_down) == (False, None, ["serving"])


def test_lag_is_summed_over_the_topics_of_a_consumer_group() -> None:
    lags = [(f.LAG, {"group": "feature-writer", "topic": topic}, lag) for topic, lag in (("a", 2.0), ("b", 3.0))]
    assert figures(record(), seen(*lags)).stream.lag_records == {"feature-writer": 5.0}


def test_the_newest_move_says_who_and_why() -> None:
    steps = tuple(Step(at=NOW, phase="PROMOTED", reason=reason, by="ana") for reason in ("first", "second"))
    step = figures(record().model_copy(update={"steps": steps}), Seen()).tenants[0].last_step
    assert step is not None
    assert (step.reason, step.by) == ("second", "ana")


def test_an_alert_carries_what_leads_to_its_cure() -> None:
    alert = {
        "labels": {"alertname": "SlotDown", "severity": "page", "slot": "blue"},
        "annotations": {"summary": "slot blue is away", "runbook_url": "runbooks/SlotDown.md"},
        "state": "firing",
        "activeAt": "2026-11-21T11:59:00.123456789Z",
    }
    told = figures(record(), Seen(alerts=[alert])).alerts[0]
    assert (told.name, told.severity, told.labels, told.runbook_url) == (
        "SlotDown",
        "page",
        {"slot": "blue"},
        "runbooks/SlotDown.md",
    )
    assert told.since.replace(microsecond=0) == datetime(2026, 11, 21, 11, 59, tzinfo=UTC)


LOGIN = ("monitoring", "a password")


def answering(vector: list[dict[str, Any]]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != "Basic " + b64encode(":".join(LOGIN).encode()).decode():
            return httpx.Response(401)
        data = {"alerts": []} if request.url.path.endswith("alerts") else {"resultType": "vector", "result": vector}
        return httpx.Response(200, json={"status": "success", "data": data})

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_ratio_over_nothing_is_no_data() -> None:
    vector = [
        {"metric": {"__name__": "a", "slot": "blue"}, "value": [1, "NaN"]},
        {"metric": {"__name__": "b"}, "value": [1, "2"]},
    ]
    with answering(vector) as client:
        assert Prometheus(client, "http://prometheus", LOGIN).seen(["a", "b"]).samples == [Sample("b", {}, 2.0)]


@pytest.mark.parametrize(
    "broken", [httpx.Response(503), httpx.Response(200, text="no JSON"), httpx.Response(200, json={"data": {}})]
)
def test_a_prometheus_that_is_away_has_seen_nothing_and_the_records_still_show(broken: httpx.Response) -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: broken)) as client:
        what = Prometheus(client, "http://prometheus", LOGIN).seen(f.NAMES)
    told = figures(record(), what)
    assert not told.prometheus_reached
    assert told.tenants[0].slots[0].model_version == 1


def test_a_release_under_way_tells_what_it_waits_for_and_what_may_be_done() -> None:
    released = record(challenger_weight=100).model_copy(update={"phase": "STEP_1", "since": NOW - timedelta(seconds=60)})
    judged = Judged(NOW, "grocer-v2", [Verdict("errors", "failing", "9.0% of 500 requests failed", "alert")])
    told = figures(released, Seen(), judged={"grocer": judged}, policies={"grocer": ReleasePolicy(min_step_s=90)}).tenants[0]
    assert (told.next_phase, told.judged_at) == ("STEP_10", NOW)
    assert [wait.until for wait in told.waits if wait.told.startswith("the step")] == [NOW + timedelta(seconds=30)]
    assert "rule errors is healthy: 9.0% of 500 requests failed" in [wait.told for wait in told.waits]
    assert sorted(told.refused_moves) == ["resume", "start"]
    assert told.verdicts[0].description.startswith("share of requests")


def test_a_barred_version_names_the_bundle_that_can_be_started_again() -> None:
    bar = Barred(version="bundle-2", model_version=2, at=NOW, reason="slow")
    (told,) = figures(record().model_copy(update={"barred": (bar,)}), Seen()).tenants[0].barred
    assert (told.version, told.model_version, told.reason) == ("bundle-2", 2, "slow")


def test_only_the_version_that_a_slot_has_loaded_shows_its_quality() -> None:
    held = {"blue": {"grocer": Held("bundle-1", quality=Quality("ndcg@10", 0.3, 0.2, 0.4))}}
    blue, green = figures(record(), Seen(), held=held).tenants[0].slots
    assert blue.quality is not None
    assert (blue.quality.value, blue.quality.high, green.quality) == (0.3, 0.4, None)
    held["blue"]["grocer"] = Held("bundle-0", quality=Quality("ndcg@10", 0.3))
    assert figures(record(), Seen(), held=held).tenants[0].slots[0].quality is None


def test_an_alert_that_alertmanager_keeps_quiet_says_why() -> None:
    def firing(name: str, slot: str) -> dict[str, Any]:
        labels = {"alertname": name, "slot": slot}
        return {"labels": labels, "annotations": {}, "state": "firing", "activeAt": "2026-11-21T11:59:00Z"}

    def suppressed(name: str, silences: list[str]) -> dict[str, Any]:
        status = {"state": "suppressed", "silencedBy": silences, "inhibitedBy": []}
        return {"labels": {"alertname": name, "slot": "blue", "runbooks": "https://x"}, "status": status}

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[suppressed("AnswersSlow", []), suppressed("SlotDown", ["s1"])])

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        muted = Alertmanager(client, "http://alertmanager", LOGIN).muted()
    alerts = [firing("SlotDown", "blue"), firing("SlotDown", "green"), firing("AnswersSlow", "blue")]
    told = figures(record(), Seen(alerts=alerts), muted=muted).alerts
    assert [alert.muted for alert in told] == ["silence", None, "other_alert"]


@pytest.mark.parametrize("broken", [httpx.Response(503), httpx.Response(200, text="no JSON"), httpx.Response(200, json=[{}])])
def test_without_alertmanager_no_alert_counts_as_quiet(broken: httpx.Response) -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: broken)) as client:
        assert Alertmanager(client, "http://alertmanager", LOGIN).muted() == []
