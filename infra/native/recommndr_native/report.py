"""Tables that the demo prints: one household, the latencies, the URLs."""

from collections.abc import Mapping

from rich.table import Table

from recommndr.settings import Settings
from recommndr_http.operators import OPERATOR
from recommndr_native.latency import Latency
from recommndr_native.replay_live import Story

_ROWS = 10


def story_table(story: Story, titles: Mapping[str, str]) -> Table:
    """Return what was recommended before, bought, and recommended after, side by side; ● was bought in this basket."""
    bought = [line.item_id for line in story.basket.lines]
    table = Table(
        title=f"household {story.basket.user_id}: after a real basket of {len(bought)} products the answer changed "
        f"{story.seconds:.2f} s after the event was accepted (202)",
    )
    for heading in ("recommended before", "bought", "recommended after"):
        table.add_column(heading)
    was_bought, was_shown = set(bought), set(story.before.item_ids)
    before = [_marked(item, titles, "● " if item in was_bought else "  ") for item in story.before.item_ids]
    after = [_marked(item, titles, "  " if item in was_shown else "→ ") for item in story.after.item_ids]
    basket = [titles.get(item, item) for item in bought[:_ROWS]]
    if len(bought) > _ROWS:
        basket[-1] = f"… and {len(bought) - _ROWS + 1} more"
    for row in range(_ROWS):
        table.add_row(*(column[row] if row < len(column) else "" for column in (before, basket, after)))
    table.caption = "● recommended, then bought   → new in the answer"
    return table


def _marked(item_id: str, titles: Mapping[str, str], mark: str) -> str:
    return mark + titles.get(item_id, item_id)


def latency_table(latency: Latency, n_requests: int) -> Table:
    """Return the percentiles of latency and the shares of the ladder's steps."""
    table = Table("p50", "p95", "p99", "ladder", title=f"{n_requests:,} sequential POST /recommend through Envoy")
    shares = ", ".join(f"{step} {share:.1%}" for step, share in latency.ladder.items())
    table.add_row(f"{latency.p50_ms:.1f} ms", f"{latency.p95_ms:.1f} ms", f"{latency.p99_ms:.1f} ms", shares)
    return table


def urls_table(settings: Settings, key_file: str, password_file: str) -> Table:
    """Return the addresses of all pages and their logins."""
    table = Table("what", "where", title="running; Ctrl-C stops it")
    host = f"http://{settings.host}"
    login = f"(user {OPERATOR}, password in {password_file})"
    for what, where in (
        ("storefront", f"{host}:{settings.storefront_port}"),
        ("operations", f"{host}:{settings.storefront_port}/ops {login}"),
        ("API (Envoy)", f"{settings.envoy_url}/recommend"),
        ("MLflow", settings.mlflow_uri),
        ("Flink's REST interface", f"https://{settings.host}:{settings.flink_rest_port} with {settings.flink_identity_file}"),
        ("Prometheus", f"{host}:{settings.prometheus_port} {login}"),
        # Debian's Alertmanager has no web page; /ops shows its alerts with their runbooks.
        ("Alertmanager's alerts", f"{host}:{settings.alertmanager_port}/api/v2/alerts {login}"),
        ("Envoy's figures", f"{host}:{settings.envoy_admin_port}/stats/prometheus"),
        ("API documents", f"{host}:{settings.blue_port}/openapi.json, {host}:{settings.collector_port}/openapi.json"),
        ("server key", key_file),
        ("logs", "var/logs"),
    ):
        table.add_row(what, where)
    return table
