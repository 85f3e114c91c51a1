"""Which server `recommndr-native` becomes."""

import pytest
import typer
from typer.testing import CliRunner

from recommndr.settings import Settings
from recommndr_native.installed import NotInstalled, Tools
from recommndr_native.main import ServerName, run, server


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("redis", ["redis-server", "--bind", "127.0.0.1", "--port", "18379"]),
        ("kafka", ["kafka.Kafka", "-Xmx256m"]),
        ("mlflow", ["server", "--host", "127.0.0.1", "--port", "18500", "--workers", "1"]),
        ("prometheus", ["--web.listen-address=127.0.0.1:18090"]),
        ("envoy", ["--config-path"]),
    ],
)
def test_a_server_is_run_on_loopback_at_the_port_of_the_settings(name: str, words: list[str]) -> None:
    command = server(ServerName(name), Settings(), Tools.of_checkout()).command()
    assert command[0].startswith("/")
    assert all(any(word in argument for argument in command) for word in words)


def test_mlflow_starts_no_job_runner() -> None:
    environment = server(ServerName.mlflow, Settings(), Tools.of_checkout()).environment()
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_a_url_without_a_port_is_refused() -> None:
    with pytest.raises(typer.BadParameter, match="expected a URL with a port"):
        server(ServerName.redis, Settings(redis_url="redis://somewhere/0"), Tools.of_checkout())


def test_what_is_missing_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> None:
        raise NotInstalled("redis-server: not on PATH; run `make setup`")

    monkeypatch.setattr("recommndr_native.main.server", nothing)
    app = typer.Typer()
    app.command()(run)
    result = CliRunner().invoke(app, ["redis"])
    assert result.exit_code == 1
    assert result.output == "recommndr-native redis: redis-server: not on PATH; run `make setup`\n"
