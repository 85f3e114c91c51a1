"""Files that a real Envoy cannot use: it keeps the last good ones, and the alert hears of it."""

import re
from collections.abc import Callable

import httpx
import pytest

from recommndr_rollout.replaced_file import replace
from tests.monitoring.rules import alerts, metrics_of
from tests.patience import PATIENCE_S, eventually
from tests.rollout.edges import NewEnvoy, edge_settings, running_edge

pytestmark = pytest.mark.integration

UNREADABLE: Callable[[str], str] = lambda text: text[:-20]  # noqa: E731
NOT_ACCEPTED = {
    "routes_file": lambda text: re.sub(r'"domains": \[[^]]*\]', '"domains": []', text, count=1),
    "token_filter_file": lambda text: re.sub(r'"inline_string": ".*"', '"inline_string": "no keys"', text, count=1),
}


@pytest.mark.parametrize("name", NOT_ACCEPTED)
def test_a_file_that_the_edge_cannot_use_changes_nothing_and_is_counted_where_the_alert_looks(
    tmp_path_factory: pytest.TempPathFactory, new_envoy: NewEnvoy, name: str
) -> None:
    settings = edge_settings(tmp_path_factory.mktemp("files"))
    about = {"routes_file": "_http_rds_", "token_filter_file": "_shopper_token_"}[name]
    counters = [counter for counter in metrics_of(alerts()["RoutesRejected"]["expr"]) if about in counter]
    with running_edge(settings, new_envoy) as edge:

        def refused() -> float:
            metrics = httpx.get(
                f"http://127.0.0.1:{settings.envoy_admin_port}/stats/prometheus", trust_env=False, timeout=PATIENCE_S
            )
            found = re.findall(rf"^(?:{'|'.join(counters)})\{{.*\}} (\d+)$", metrics.text, re.MULTILINE)
            assert len(found) == len(counters) > 0
            return sum(map(float, found))

        assert refused() == 0
        file = getattr(settings, name)
        good = file.read_text()
        for n_refused, broken in enumerate((UNREADABLE(good), NOT_ACCEPTED[name](good)), 1):
            replace(file, broken)
            eventually(lambda n=n_refused: refused() >= n, "the refusal is counted")  # type: ignore[misc]
            assert edge.browse().status_code == 200
