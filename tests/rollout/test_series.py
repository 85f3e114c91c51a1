"""Sparklines read recorded series of one tenant over a bounded window, and cannot ask for anything else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from recommndr.release import Release, Step
from recommndr_http import refusals
from recommndr_rollout import series_api
from recommndr_rollout.prometheus import Prometheus
from recommndr_rollout.seen import CLICKS, LADDER, P95
from recommndr_rollout.series import MAX_MINUTES, Grid
from tests.rollout.records import record

NOW = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)
GRID = Grid.until(NOW, 60)


def api(prometheus: Any, release: Release | None = None) -> httpx.AsyncClient:
    client = httpx.Client(transport=httpx.MockTransport(prometheus))
    app = FastAPI()
    lines = Prometheus(client, "http://prometheus", ("monitoring", "x")).lines
    app.include_router(series_api.router(lines, lambda _tenant: release, lambda: NOW))
    refusals.install(app)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rollout")


def never(_: httpx.Request) -> httpx.Response:
    raise AssertionError("Prometheus must not be asked")


async def test_a_tenants_slots_have_a_value_or_a_gap_at_each_instant() -> None:
    asked: list[httpx.Request] = []

    def prometheus(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        last, before = GRID.instants()[-1], GRID.instants()[-2]
        p95 = {"metric": {"__name__": P95, "slot": "blue", "tenant": "grocer"}, "values": [[before, "0.02"], [last, "NaN"]]}
        full = {"metric": {"__name__": LADDER, "slot": "green", "tenant": "grocer"}, "values": [[last, "1"]]}
        return httpx.Response(200, json={"data": {"result": [p95, full]}})

    told = (await api(prometheus).get("/ops/series", params={"tenant": "grocer"})).json()
    assert (told["prometheus_reached"], told["step_s"], told["start_s"]) == (True, 30, GRID.start_s)
    by_name = {(line["name"], line["slot"]): line["points"] for line in told["lines"]}
    assert sorted(by_name) == [("full_ratio", "green"), ("p95_s", "blue")]
    assert by_name["p95_s", "blue"][-3:] == [None, 0.02, None]
    assert len(by_name["p95_s", "blue"]) == len(GRID.instants())
    (request,) = asked
    assert request.url.path == "/api/v1/query_range"
    assert 'tenant="grocer"' in request.url.params["query"]


async def test_clicks_of_the_arms_of_the_release_under_way_are_those_of_their_slots() -> None:
    released, last = record(challenger_weight=1_000), GRID.instants()[-1]

    def prometheus(_: httpx.Request) -> httpx.Response:
        arms = [("stable", released.release_id, "0.1"), ("challenger", released.release_id, "0.2"), ("stable", "older", "0.3")]
        metrics = [({"__name__": CLICKS, "arm": arm, "release": release}, value) for arm, release, value in arms]
        result = [{"metric": metric, "values": [[last, value]]} for metric, value in metrics]
        return httpx.Response(200, json={"data": {"result": result}})

    lines = (await api(prometheus, released).get("/ops/series?tenant=grocer")).json()["lines"]
    assert {(line["name"], line["slot"]): line["points"][-1] for line in lines} == {
        ("click_ratio", "blue"): 0.1,
        ("click_ratio", "green"): 0.2,
    }
    assert (await api(prometheus).get("/ops/series?tenant=grocer")).json()["lines"] == []
    for age_s, last_shown in ((1_800, None), (3_700, 0.1)):  # the window of an hour has clicks of the version before
        step = Step(at=NOW - timedelta(seconds=age_s), phase="PROMOTED", reason="", by="ana")
        promoted = released.model_copy(update={"steps": (step,)})
        lines = (await api(prometheus, promoted).get("/ops/series?tenant=grocer")).json()["lines"]
        assert lines[0]["points"][-1] == last_shown


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "tenant"),
        ({"tenant": 'x"} or up{a="'}, "tenant"),
        ({"tenant": "grocer", "minutes": MAX_MINUTES + 1}, "minutes"),
        ({"tenant": "grocer", "minutes": 0}, "minutes"),
    ],
)
async def test_other_questions_are_refused_in_words(query: dict[str, Any], field: str) -> None:
    answer = await api(never).get("/ops/series", params=query)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_without_prometheus_there_are_no_lines_and_the_answer_says_so() -> None:
    answer = await api(lambda _: httpx.Response(503)).get("/ops/series?tenant=grocer")
    assert (answer.status_code, answer.json()["prometheus_reached"], answer.json()["lines"]) == (200, False, [])


@given(st.integers(5, MAX_MINUTES), st.integers(0, 4_000_000_000))
def test_a_window_is_bounded_and_looks_at_the_same_instants_until_the_next_one_comes(minutes: int, at_s: int) -> None:
    now = datetime.fromtimestamp(at_s, UTC)
    grid = Grid.until(now, minutes)
    assert len(grid.instants()) <= 122
    assert grid.end_s <= at_s < grid.end_s + grid.step_s
    assert grid.end_s - grid.start_s >= 60 * minutes - grid.step_s
    following = Grid.until(now + timedelta(seconds=1), minutes)
    assert following == grid or following.start_s == grid.start_s + grid.step_s
