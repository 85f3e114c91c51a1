"""The rules as Prometheus reads them, and the names of metrics a query uses."""

import re
from functools import cache
from typing import Any

import yaml

from docs.catalogue import ROOT

PROMETHEUS = ROOT / "monitoring" / "prometheus"
RUNBOOKS = ROOT / "monitoring" / "runbooks"

# Series that others export: process collectors, Envoy, Prometheus, Alertmanager, and the scrape itself.
OUTSIDE = re.compile(r"^(up|scrape_.+|process_.+|envoy_.+|prometheus_.+|alertmanager_.+|ALERTS)$")
_STRINGS = re.compile(r'"[^"]*"')
_SELECTORS = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)")
_WORDS = {"and", "or", "unless", "bool", "offset", "by", "on", "without", "group_left", "group_right", "ignoring", "inf", "Inf"}


def rules() -> list[dict[str, Any]]:
    """Every recording and alerting rule."""
    files = [yaml.safe_load(path.read_text()) for path in sorted((PROMETHEUS / "rules").glob("*.yml"))]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    """Every alert by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


@cache
def documented() -> frozenset[str]:
    """Names of series that docs/metrics.md and the recording rules bring about."""
    names: set[str] = {rule["record"] for rule in rules() if "record" in rule}
    for name, kind in re.findall(r"^\| `(\w+)` \| (\w+) \|", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE):
        plain = name.removesuffix("_total")
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(kind, ("",))
        names |= {plain + suffix for suffix in suffixes}
    return frozenset(names)


def metrics_of(query: str) -> set[str]:
    """Names of the series a PromQL query reads.

    >>> sorted(metrics_of('sum by (slot) (rate(a_total{b="c"}[5m])) / on (slot) group_left () d:e > 0.5 * 1e6'))
    ['a_total', 'd:e']
    """
    bare = _SELECTORS.sub(" ", _STRINGS.sub('""', query))
    found = re.findall(r"(?<![\w.:])([a-zA-Z_:][\w:]*)\b(?!\s*\()", bare)
    return {name for name in found if name not in _WORDS and not re.fullmatch(r"\d.*|e\d+", name)}
