"""The operators' page on the running installation shows the installation's real state."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from recommndr_http.operators import OPERATOR
from recommndr_native.go_live import GoLive
from recommndr_native.shop import Shop
from tests.e2e.observed import kept_away
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.e2e
Figures = Callable[[], dict[str, Any]]


@pytest.fixture
def figures(live: GoLive) -> Figures:
    """What a browser at the storefront's server gets."""
    settings = live.installation.settings
    url = f"http://{settings.host}:{settings.storefront_port}/ops/figures"
    login = (OPERATOR, settings.operations_password.get_secret_value())

    def ask() -> dict[str, Any]:
        page: dict[str, Any] = httpx.get(url, auth=login, trust_env=False, timeout=PATIENCE_S).raise_for_status().json()
        return page

    return ask


def test_the_page_tells_of_each_slot_what_it_holds_and_how_it_does(live: GoLive, shop: Shop, figures: Figures) -> None:
    page: dict[str, Any] = {}

    def measured() -> bool:
        nonlocal page
        shop.recommend("an-operators-shopper")
        page = figures()
        serving = next(tenant for tenant in page["tenants"] if tenant["tenant"] == live.tenant)["slots"][0]
        rates = (
            serving["requests_per_s"],
            serving["p95_s"],
            serving["error_ratio"],
            serving["ladder_ratio"].get("full"),
        )
        return None not in rates and [slot["up"] for slot in page["slots"]] == [True, True]

    eventually(measured, "both slots up, rates and quantiles of the one that serves")
    assert page["prometheus_reached"]
    assert all(slot["memory_bytes"] > 1e7 for slot in page["slots"])
    (tenant,) = page["tenants"]
    blue, green = tenant["slots"]
    assert (blue["role"], blue["weight_percent"], blue["loaded_version"]) == ("stable", 100, blue["version"])
    assert (green["role"], green["version"], green["weight_percent"]) == ("idle", blue["version"], 0)
    assert 0 < blue["p50_s"] <= blue["p95_s"] <= blue["p99_s"]
    assert "Watchdog" in {alert["name"] for alert in page["alerts"]}
    assert {"recommndr-feature-writer", "slot-blue"} <= set(page["stream"]["lag_records"])


def test_the_page_has_series_and_moves_are_answered_by_rollout(live: GoLive, shop: Shop) -> None:
    settings = live.installation.settings
    url = f"http://{settings.host}:{settings.storefront_port}/ops"
    login = (OPERATOR, settings.operations_password.get_secret_value())
    with httpx.Client(auth=login, trust_env=False, timeout=PATIENCE_S) as client:

        def measured() -> bool:
            shop.recommend("an-operators-shopper")
            series = client.get(f"{url}/series", params={"tenant": live.tenant}).raise_for_status().json()
            known = {line["name"] for line in series["lines"] if any(point is not None for point in line["points"])}
            return {"requests_per_s", "p95_s", "error_ratio", "full_ratio"} <= known

        eventually(measured, "series of the slot that serves")
        refused = client.post(
            f"{url}/rollout/{live.tenant}/pause", json={"reason": "a test"}, headers={"x-recommndr-console": "1"}
        )
        assert (refused.status_code, refused.json()["title"]) == (409, "The release does not allow this")
        tenant = next(one for one in client.get(f"{url}/figures").json()["tenants"] if one["tenant"] == live.tenant)
        assert refused.json()["detail"] == tenant["refused_moves"]["pause"]
        assert tenant["slots"][0]["quality"] is None or tenant["slots"][0]["quality"]["metric"] == "ndcg@10"


def test_nobody_sees_it_without_the_operators_login(live: GoLive) -> None:
    settings = live.installation.settings
    for path in ("/ops", "/ops/figures"):
        answer = httpx.get(f"http://{settings.host}:{settings.storefront_port}{path}", trust_env=False, timeout=PATIENCE_S)
        assert (answer.status_code, "www-authenticate" in answer.headers) == (401, True)


def test_a_slot_that_dies_is_seen_to_be_down_and_comes_back(live: GoLive, figures: Figures) -> None:
    def up() -> bool:
        return bool(figures()["slots"][1]["up"])

    eventually(up, "green up")
    kept_away(live.installation, "green", lambda: not up())
    eventually(up, "green up again")


def test_without_prometheus_it_is_still_known_what_is_live(live: GoLive, figures: Figures) -> None:
    page: dict[str, Any] = {}

    def noticed() -> bool:
        nonlocal page
        page = figures()
        return not page["prometheus_reached"]

    kept_away(live.installation, "prometheus", noticed)
    assert page["tenants"][0]["slots"][0]["model_version"] is not None
    eventually(lambda: figures()["prometheus_reached"], "Prometheus back")
