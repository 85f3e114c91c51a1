"""Releases: where each stands, what the rules say, and the two slots side by side."""

from recommndr_monitoring.grafana.board import Board, Row
from recommndr_monitoring.grafana.panel import Limits, PanelSpec, Query
from recommndr_monitoring.grafana.promql import TENANT, of

_SLOT = "{{tenant}} {{slot}}"

_STANDING = Row(
    "Where each release stands",
    [
        PanelSpec(
            "Which slot serves how many shoppers?",
            "Shares of shoppers by the release record. A trial goes 1, 10, 50, 100 %; a return goes by halves or at once.",
            [Query(of("recommndr_rollout_weight_ratio", TENANT), _SLOT)],
            unit="percentunit",
            width=12,
        ),
        PanelSpec(
            "Which phase is each release in?",
            "STEADY: nothing is under way. ROLLED_BACK lasts until the stable version is healthy for a while.",
            [Query(of("recommndr_rollout_phase", TENANT), "{{tenant}} {{phase}}")],
            view="states",
            width=12,
        ),
    ],
)

_JUDGED = Row(
    "What the rules say",
    [
        PanelSpec(
            "What does each rule say?",
            "Of releases under way: 1 healthy, 0 unknown (too few samples, or monitoring is away), -1 failing. The console at "
            "/ops shows the figures behind them.",
            [Query(of("recommndr_rollout_verdict", TENANT), "{{tenant}} {{rule}} ({{consequence}})")],
            view="states",
            width=24,
        ),
    ],
)

_COMPARED = Row(
    "The slots side by side",
    [
        PanelSpec(
            "How often are shown items clicked?",
            "Clicks per impression in the last hour, by arm and list. A fall of one arm alone is the version's.",
            [Query(of("recommndr:click_ratio:1h", TENANT), "{{tenant}} {{arm}} {{list}}")],
            unit="percentunit",
            width=12,
        ),
        PanelSpec(
            "How long do answers take?",
            "p95 by slot. A difference at the same time is the version's; both slow is the machine or a store.",
            [Query(of("recommndr:request_seconds:p95_5m", TENANT), _SLOT)],
            unit="s",
            limits=Limits(0.1, 0.3),
            width=12,
            runbook="AnswersSlow",
        ),
        PanelSpec(
            "How many requests fail?",
            "Share of 5xx by slot.",
            [Query(of("recommndr:error_ratio:5m", TENANT), _SLOT)],
            unit="percentunit",
            limits=Limits(0.01, 0.05),
            width=12,
            runbook="ErrorsHigh",
        ),
        PanelSpec(
            "How many lists are made in full?",
            "Share of the ladder's top step by slot.",
            [Query(of("recommndr:ladder_ratio:5m", f'{TENANT}, ladder="full"'), _SLOT)],
            unit="percentunit",
            width=12,
            runbook="LadderNotFull",
        ),
        PanelSpec(
            "How much memory does each slot take?",
            "A challenger that leaks grows beyond the other slot.",
            [Query('process_resident_memory_bytes{service="serving"}', "{{slot}}")],
            unit="bytes",
            width=12,
            runbook="MemoryGrowing",
        ),
        PanelSpec(
            "How much processor time do the slots take?",
            "Cores. Compare it with the shares of shoppers.",
            [Query('rate(process_cpu_seconds_total{service="serving"}[$__rate_interval])', "{{slot}}")],
            width=12,
        ),
    ],
)

BOARD = Board(
    "releases",
    "Recommndr / Releases",
    "Where does each release stand, what do the rules say, and how do the slots differ?",
    [_STANDING, _JUDGED, _COMPARED],
)
