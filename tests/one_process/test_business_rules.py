"""`recommndr rules` on a running process: set, seen in every list, kept over a restart, removed, audited."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from recommndr_training.cli import app
from tests.engine.bundles import WrittenBundle
from tests.one_process.running import TENANT, OneProcess, started
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def running(bundle: WrittenBundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    with started(tmp_path_factory.mktemp("serve"), bundle) as process:
        yield process


def rules(running: OneProcess, *words: str) -> Result:
    key_file = str(running.places.keys / "admin" / TENANT)
    environment = {"RECOMMNDR_ENVOY_URL": running.url, "RECOMMNDR_ENVOY_PORT": str(running.port)}
    return CliRunner().invoke(app, ["rules", *words, "--tenant", TENANT, "--key-file", key_file], env=environment)


def done(running: OneProcess, *words: str) -> Any:
    result = rules(running, *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def popular(running: OneProcess) -> list[str]:
    headers = {"authorization": f"Bearer {running.key()}", "x-recommndr-tenant": TENANT}
    answer = httpx.get(f"{running.url}/popular", params={"k": 5}, headers=headers, timeout=PATIENCE_S)
    return [item["item_id"] for item in answer.json()["items"]]


def audited(running: OneProcess) -> list[tuple[str, str]]:
    lines = (running.places.folder / "audit.jsonl").read_text().splitlines()
    return [(act["act"], act["rule_id"]) for act in map(json.loads, lines) if act["act"].startswith("rule.")]


def test_rules_are_set_hold_over_a_restart_and_are_removed(running: OneProcess, tmp_path: Path) -> None:
    first, second, *_ = popular(running)
    file = tmp_path / "block.json"
    file.write_text(json.dumps({"kind": "block", "reason": "recalled", "target": {"items": [first]}}))
    done(running, "set", "recall", f"@{file}")
    pin = {"kind": "pin", "reason": "Easter", "item_id": "i38", "place": 1}
    assert done(running, "set", "easter", json.dumps(pin))["warnings"] == []
    assert popular(running)[:2] == ["i38", second]
    with closing(running.shop()) as shop:
        assert first not in shop.recommend("rita", k=40).item_ids
    running.child.kill()
    running.start()
    assert popular(running)[:2] == ["i38", second]
    assert [one["rule_id"] for one in done(running, "list", "--json")] == ["easter", "recall"]
    done(running, "remove", "easter")
    done(running, "remove", "recall")
    assert popular(running)[0] == first
    assert audited(running) == [
        ("rule.set", "recall"),
        ("rule.set", "easter"),
        ("rule.remove", "easter"),
        ("rule.remove", "recall"),
    ]


def test_a_refused_rule_is_told_with_field_value_and_expectation(running: OneProcess) -> None:
    refused = rules(running, "set", "r", '{"kind": "pin", "reason": "x", "item_id": "i1", "place": 0}')
    assert refused.exit_code == 1
    assert "place: got 0, expected greater than or equal to 1" in refused.output.replace("\n", "")
    assert "recall" in rules(running, "remove", "recall").output


def test_a_browsers_token_may_not_change_rules(running: OneProcess) -> None:
    headers = {"authorization": f"Bearer {running.key()}"}
    issued = httpx.post(f"{running.url}/tokens", json={"user_id": "rita"}, headers=headers, timeout=PATIENCE_S).json()
    as_browser = {"authorization": f"Bearer {issued['token']}"}
    rule = {"kind": "block", "reason": "x", "target": {"items": ["i1"]}}
    answer = httpx.put(f"{running.url}/rules/r", json=rule, headers=as_browser, timeout=PATIENCE_S)
    assert answer.status_code == 403
