"""A test waits for a state with the patience all tests share: a number of its own is what a busy machine breaks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
# Patience itself, and measurements that nobody runs by the way.
EXEMPT = {TESTS / "patience.py", TESTS / "test_patience.py", *(TESTS / "load").rglob("*.py")}
WAITS = {"eventually", "wait_until", "wait_ready", "await_answers", "bring_up", "timeout", "wait_for", "communicate"}


# Without a word they wait for five seconds.
ASKS = {"httpx.Client", "httpx.get", "httpx.post", "httpx.request"}


def own_numbers(source: str) -> Iterator[str]:
    """Calls that wait and say in digits how long, or that give up early because nothing is said."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (says_a_number(node) or says_nothing(node)):
            yield f"line {node.lineno}: {ast.unparse(node)}"


def says_a_number(call: ast.Call) -> bool:
    stated = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "every_s")]
    in_digits = any(isinstance(value, ast.Constant) and type(value.value) in {int, float} for value in stated)
    asked = ast.unparse(call.func)
    return in_digits and (asked in ASKS or asked.rpartition(".")[2] in WAITS)


def says_nothing(call: ast.Call) -> bool:
    said = {keyword.arg for keyword in call.keywords}
    return ast.unparse(call.func) in ASKS and not said & {"timeout", "transport"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('eventually(lambda: ready(), "ready", 30)', True),
        ("child.wait_until(ready, timeout_s=30.0)", True),
        ("pytest.mark.timeout(600)", True),
        ("httpx.get(url)", True),
        ("httpx.get(url, timeout=5.0)", True),
        ('eventually(lambda: ready(), "ready", every_s=0.01)', False),
        ("httpx.get(url, timeout=PATIENCE_S)", False),
        ("child.wait_until(ready, PATIENCE_S)", False),
    ],
)
def test_a_number_of_ones_own_is_found(line: str, found: bool) -> None:
    assert bool(list(own_numbers(line))) is found


def test_no_test_has_a_patience_of_its_own() -> None:
    files = sorted(path for path in TESTS.rglob("*.py") if path not in EXEMPT | {Path(__file__)})
    found = {str(path.relative_to(TESTS)): list(own_numbers(path.read_text())) for path in files}
    assert {name: lines for name, lines in found.items() if lines} == {}
