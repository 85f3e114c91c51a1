"""What operators see of a live installation: every target up, every rule evaluated, data in every panel, a dead slot told."""

import itertools
import math
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from recommndr.events import Line
from recommndr.settings import Settings
from recommndr_http.operators import OPERATOR
from recommndr_monitoring.grafana.__main__ import BOARDS
from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation
from recommndr_native.ports import is_listening
from recommndr_native.shop import Shop, purchase
from recommndr_training.shipping.held_out import baskets
from tests.e2e.observed import kept_away
from tests.monitoring.receiver import Receiver
from tests.monitoring.rules import rules
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.e2e

QUERIES = [
    (board.name, question.title, query.expr)
    for board in BOARDS
    if board.name != "drift"  # it has data when fifty shoppers were there within an hour, most of it during a release only
    for question in board.questions
    for query in question.queries
    if not re.search(
        "recommndr_rollout_verdict|to_stable", query.expr
    )  # rules judge releases under way: the tests of releases look there
]
_CHOSEN = {"$tenant": ".*", "$slot": ".*", "$__rate_interval": "5m"}


class Prometheus:
    """The installation's own."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, path: str, **parameters: str) -> Any:
        answer = self._client.get(f"/api/v1/{path}", params=parameters).raise_for_status().json()
        return answer["data"]

    def values(self, query: str) -> list[float]:
        """The finite values of an instant query: a quantile of nothing is NaN, and no data."""
        plain = re.sub(r"\$\w+", lambda found: _CHOSEN[found[0]], query)
        found = [float(one["value"][1]) for one in self.ask("query", query=plain)["result"]]
        return [value for value in found if math.isfinite(value)]


@pytest.fixture
def prometheus(installation: Installation) -> Iterator[Prometheus]:
    settings = installation.settings
    url, login = settings.prometheus_url, settings.monitoring_login
    with httpx.Client(base_url=url, auth=login, trust_env=False, timeout=PATIENCE_S) as client:
        yield Prometheus(client)


def test_every_target_is_up(prometheus: Prometheus) -> None:
    def down() -> list[str]:
        targets = prometheus.ask("targets")["activeTargets"]
        assert targets
        return [f"{one['labels']['service']}: {one['lastError']}" for one in targets if one["health"] != "up"]

    eventually(lambda: not down(), "every target is up")
    eventually(lambda: set(prometheus.values("recommndr_monitoring_source_up")) == {1.0}, "every source is up")


def test_every_rule_is_evaluated_without_error(prometheus: Prometheus) -> None:
    def evaluated() -> dict[str, str]:
        found = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
        return {rule["name"]: rule["health"] for rule in found}

    expected = {rule.get("record") or rule["alert"]: "ok" for rule in rules()}
    eventually(lambda: evaluated() == expected, "every rule is evaluated")


def test_from_a_fresh_start_until_it_is_live_no_alert_fires_but_the_watchdog(
    prometheus: Prometheus, live: GoLive, went_live_at_s: list[float]
) -> None:
    def fired(about: str) -> set[str]:
        query = f'count_over_time(ALERTS{{alertstate="firing", alertname{about}"Watchdog"}}[2h])'
        series = prometheus.ask("query", query=query, time=str(went_live_at_s[0]))["result"]
        return {" ".join(f"{name}={value}" for name, value in sorted(one["metric"].items())) for one in series}

    assert len(fired("=")) == 1
    assert fired("!=") == set()


def visit(shop: Shop, n: int) -> None:
    """Shoppers see lists, click, like and buy."""
    for basket in itertools.islice(baskets("tiny"), n):
        answer = shop.recommend(basket.user_id)
        first = Line(item_id=answer.item_ids[0], price_minor=250, currency="EUR")
        for kind in ("impression", "click", "add_to_cart", "like"):
            done = purchase(basket.user_id, [first])
            shop.send(done.model_copy(update={"kind": kind, "attribution": answer.attribution}))
        shop.send(purchase(basket.user_id, [first]))


def test_every_panel_of_every_dashboard_has_data(prometheus: Prometheus, shop: Shop) -> None:
    shop.set_available(shop.recommend("900").item_ids[0], True)
    empty = QUERIES

    def all_answered() -> bool:
        nonlocal empty
        visit(shop, 5)  # again and again, because shares of an hour need something to happen between two scrapes
        empty = [query for query in empty if not prometheus.values(query[2])]
        return not empty

    try:
        eventually(all_answered, "every panel has data")
    except AssertionError:
        pytest.fail(f"no data in {empty}")


def test_the_exporter_is_light(prometheus: Prometheus) -> None:
    # The quickest scrape: what makes one slower than that is the machine.
    assert max(prometheus.values('min_over_time(scrape_duration_seconds{service="monitoring"}[15m])')) < 1.0
    assert max(prometheus.values('process_resident_memory_bytes{service="monitoring"}')) < 150e6


def opened(url: str, settings: Settings) -> str:
    """The page behind a link, as an operator's browser shows it."""
    login = (OPERATOR, settings.operations_password.get_secret_value())
    return httpx.get(url, auth=login, follow_redirects=True, trust_env=False, timeout=PATIENCE_S).raise_for_status().text


def test_a_slot_that_does_not_come_back_is_told_with_its_runbook_and_so_is_its_return(
    installation: Installation, alert_receiver: Receiver
) -> None:
    began_s = time.monotonic()

    def is_told() -> bool:
        return bool(alert_receiver.of("SlotDown", since_s=began_s, slot="green"))

    # A slot answers Prometheus from its first seconds on, long before it is ready, and the alert waits for 10 s.
    kept_away(installation, "green", is_told, lambda: is_listening(installation.settings.slot_port("green")))
    alert = alert_receiver.of("SlotDown", since_s=began_s, slot="green")[0]
    print(f"told {alert.at_s - began_s:.1f} s after the slot was killed")
    assert alert.annotations["summary"] == "Slot green does not answer"
    assert "<h1" in opened(alert.annotations["runbook_url"], installation.settings)
    installation.wait_ready(["green"])
    eventually(lambda: alert_receiver.of("SlotDown", "resolved", began_s, slot="green"), "its return is told")
