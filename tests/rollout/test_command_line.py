"""`recommndr-rollout` as a person or a pipeline uses it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from recommndr.settings import Settings
from recommndr_native.ports import free_port
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.main import app
from recommndr_rollout.slots import HttpSlots
from tests.patience import PATIENCE_S
from tests.rollout.upstreams import upstream


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RECOMMNDR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("RECOMMNDR_AUDIT_FILE", str(tmp_path / "audit.jsonl"))
    return Settings(state_dir=tmp_path)


def promoted(model_version: int, *more: str) -> tuple[int, str]:
    words = ["promote", "grocer", "--model-version", str(model_version), "--bundle-version", f"b{model_version}", *more]
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.output


def test_versions_are_promoted_from_slot_to_slot_and_status_shows_them(state: Settings) -> None:
    assert promoted(1) == (0, "grocer: version 1 (b1) stable in blue, record 1\n")
    assert promoted(2) == (0, "grocer: version 2 (b2) stable in green, record 2\n")
    told = CliRunner().invoke(app, ["status"]).output
    assert told == "grocer: PROMOTED, version 2 (b2) in green; blue 0 %, green 100 %; record 2\n"
    saved = FileReleaseStore(state.releases_dir).load("grocer")
    assert saved is not None
    assert saved.previous is not None
    assert saved.previous.version == "b1"


def test_who_promotes_what_is_in_the_audit_log(state: Settings) -> None:
    promoted(1)
    promoted(2, "--by", "anna")
    promoted(2)  # refused: it is live already
    lines = [json.loads(line) for line in (state.state_dir / "audit.jsonl").read_text().splitlines()]
    assert [(line["act"], line["tenant"], line["model_version"], line["slot"]) for line in lines] == [
        ("release.promote", "grocer", 1, "blue"),
        ("release.promote", "grocer", 2, "green"),
    ]
    assert lines[0]["by"].startswith("cli:")
    assert lines[1]["by"] == "anna"


def test_a_promotion_that_makes_no_sense_is_refused_in_words(state: Settings) -> None:
    promoted(1)
    code, told = promoted(1)
    assert code == 1
    assert "refused: tenant 'grocer': version 1 is already live in blue" in told
    assert promoted(2, "--slot", "blue")[0] == 1
    assert FileReleaseStore(state.releases_dir).load("grocer").record_version == 1  # type: ignore[union-attr]


def test_a_name_that_is_no_tenant_is_refused(state: Settings) -> None:
    result = CliRunner().invoke(app, ["promote", "Not A Tenant", "--model-version", "1", "--bundle-version", "b"])
    assert result.exit_code == 1
    assert "expected 1-32 characters" in result.output


def test_what_slots_hold_is_asked_of_them_and_a_silent_slot_holds_nothing() -> None:
    held = {"slot": "blue", "tenants": {"grocer": {"version": "b1"}, "toys": {"version": None}}}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.port == 1:
            return httpx.Response(200, json=held)
        raise httpx.ConnectError("refused")

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        slots = HttpSlots(client, {"blue": "http://slot:1", "green": "http://slot:2"})
        assert slots.loaded() == {"blue": {"grocer": "b1"}, "green": {}}


@pytest.mark.integration
def test_the_service_keeps_the_routes_reports_its_health_and_ends_when_asked(state: Settings, tmp_path: Path) -> None:
    port, blue = free_port(), free_port()
    promoted(1)
    environment = os.environ | {
        "RECOMMNDR_STATE_DIR": str(tmp_path),
        "RECOMMNDR_ROLLOUT_PORT": str(port),
        "RECOMMNDR_BLUE_PORT": str(blue),
        "RECOMMNDR_GREEN_PORT": str(free_port()),
        "RECOMMNDR_PROMETHEUS_URL": f"http://127.0.0.1:{free_port()}",
        "RECOMMNDR_RELEASE_POLL_S": "0.1",
    }
    command = [str(Path(sys.executable).parent / "recommndr-rollout"), "run"]
    with (
        upstream("no JSON", blue),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE_S) as client,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as service,
    ):
        assert service.stdout is not None
        assert service.stdout.readline() == f"ready: rollout {state.routes_file}\n"
        assert client.get("/health/ready").status_code == 200
        assert client.get("/health/live").status_code == 200
        assert client.get("/else").status_code == 404
        assert "recommndr_rollout_tenants 1.0" in client.get("/metrics").text
        told = client.get("/ops/figures").json()
        assert [tenant["tenant"] for tenant in told["tenants"]] == ["grocer"]
        assert not told["prometheus_reached"]
        assert "grocer" in json.dumps(json.loads(state.routes_file.read_text()))
        service.send_signal(signal.SIGTERM)
        assert service.wait(PATIENCE_S) == 0
