"""Every rule is valid, every alert is tested where it fires and where it does not, and says what to do."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from recommndr_native.installed import program
from tests.monitoring.rules import OUTSIDE, PROMETHEUS, RUNBOOKS, alerts, documented, metrics_of, rules

TESTS = sorted((PROMETHEUS / "tests").glob("*.test.yml"))
ALERTS = alerts()


def promtool(*words: str | Path) -> None:
    done = subprocess.run([program("promtool", "prometheus"), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_understands_every_rule() -> None:
    promtool("check", "rules", *sorted((PROMETHEUS / "rules").glob("*.yml")))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_rules_say_what_their_tests_expect(path: Path) -> None:
    promtool("test", "rules", path)


def cases() -> dict[str, list[list[dict[str, Any]]]]:
    """By alert what each of its cases expects to fire."""
    found: dict[str, list[list[dict[str, Any]]]] = {name: [] for name in ALERTS}
    for path in TESTS:
        for case in yaml.safe_load(path.read_text())["tests"]:
            for asked in case["promql_expr_test"]:
                about = re.fullmatch(r'ALERTS\{alertname="(\w+)", alertstate="firing"\}', asked["expr"])
                if about:
                    assert case["name"].startswith(f"{about[1]} "), case["name"]
                    found[about[1]].append(asked.get("exp_samples") or [])
    return found


CASES = cases()


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_tried_where_it_fires_and_where_it_does_not(name: str) -> None:
    fires = [bool(expected) for expected in CASES[name]]
    assert True in fires, f"{name}: no case where it fires"
    assert False in fires or name == "Watchdog", f"{name}: no case where it is silent"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_happened_and_where_to_read_on(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"critical", "warning", "none"}
    notes = alert["annotations"]
    assert notes["runbook_url"] == f"{{{{ $externalLabels.runbooks }}}}/{name}"
    fired = next(expected[0]["labels"] for expected in CASES[name] if expected)
    for label in re.findall(r"\$labels\.(\w+)", notes["summary"] + notes["description"]):
        assert f'{label}="' in fired or label == "slot", f"{name} speaks of {label}, which it does not have"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_a_runbook_of_the_same_shape(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text()
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert text.startswith(f"# {name}\n")
    assert parts == ["What it means", "How to look", "Usual causes and cures", "When to call for help"], name


def test_no_runbook_is_left_of_an_alert_that_is_gone() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == {*ALERTS, "README"}


def test_no_two_rules_have_one_name() -> None:
    names = [rule.get("record") or rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("record") or rule["alert"])
def test_a_rule_reads_only_series_that_somebody_exports(rule: dict[str, Any]) -> None:
    unknown = {name for name in metrics_of(rule["expr"]) - documented() if not OUTSIDE.match(name)}
    assert not unknown, f"{unknown}: not in docs/metrics.md"
