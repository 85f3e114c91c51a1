"""Drift: how far what is served has moved, between the slots and from what bundles have learnt; and consistency."""

from recommndr_monitoring.grafana.board import Board, Row
from recommndr_monitoring.grafana.panel import Limits, PanelSpec, Query
from recommndr_monitoring.grafana.promql import TENANT, of

_COLUMN, _RELEASE = "{{tenant}} {{column}}", "{{tenant}} {{release}}"


def _furthest(metric: str) -> str:
    return f"topk by (tenant) (10, {of(metric, TENANT)})"


_SLOTS = Row(
    "Between the slots of a release",
    [
        PanelSpec(
            "Which ranker columns differ most between the slots?",
            "Population stability index of the ten furthest columns in the last hour; a release goes back above 0.5.",
            [Query(_furthest("recommndr_drift_psi"), _COLUMN)],
            limits=Limits(0.35, 0.5),
            runbook="SlotsDrift",
            width=12,
        ),
        PanelSpec(
            "And by their distribution functions?",
            "KS distance of the ten furthest columns: the largest difference of the two distribution functions.",
            [Query(_furthest("recommndr_drift_ks"), _COLUMN)],
            limits=Limits(0.25, 0.5),
            width=12,
        ),
        PanelSpec(
            "Do the scores differ?",
            "Distances of scores between the slots. Another model has other scores, so they are only shown.",
            [
                Query(of("recommndr_drift_scores_psi", TENANT), f"{_RELEASE} PSI"),
                Query(of("recommndr_drift_scores_ks", TENANT), f"{_RELEASE} KS"),
            ],
        ),
        PanelSpec(
            "How sure is each ranker?",
            "Mean difference of a list's first and last score, in standard deviations of all candidates' scores.",
            [Query(of("recommndr_drift_score_gap", TENANT), f"{_RELEASE} {{{{arm}}}}")],
        ),
        PanelSpec(
            "Of how many shoppers?",
            "Shoppers of each slot that are compared; the rules ask for 500.",
            [Query(of("recommndr_drift_shoppers", TENANT), _RELEASE)],
        ),
        PanelSpec(
            "Do the slots meet the same mix of shoppers?",
            "Population stability index by country, device, list asked for and unknown shoppers. The edge divides them by a "
            "hash of their ids, so a mix that differs is a fault; a release is held above 0.25.",
            [Query(of("recommndr_drift_slots_mix_psi", TENANT), f"{_RELEASE} {{{{mix}}}}")],
            limits=Limits(0.15, 0.25),
            runbook="SlotsMixDrift",
        ),
    ],
)

_LEARNT = Row(
    "From what was learnt",
    [
        PanelSpec(
            "Which columns of the stable slot have moved since its data end?",
            "Population stability index of the ten furthest columns from the bundle's reference. Older bundles have none.",
            [Query(_furthest("recommndr_drift_reference_psi"), _COLUMN)],
            width=12,
        ),
        PanelSpec(
            "Is the ranker served what it would learn from?",
            "Share of logged inputs that differ from a replay of the lake, of each column where any do; recommndr consistency.",
            [
                Query(of("recommndr_consistency_differing_ratio", TENANT), "{{tenant}} worst column"),
                Query(of("recommndr_consistency_column_differing_ratio", TENANT), _COLUMN),
            ],
            unit="percentunit",
            limits=Limits(0.005, 0.01),
            runbook="ConsistencyLost",
            width=12,
        ),
    ],
)

_MIX = "{{tenant}} {{mix}}"
_WEEKS = Row(
    "From the same hours of earlier weeks",
    [
        PanelSpec(
            "Which columns of the stable slot have moved from earlier weeks?",
            "Population stability index of the ten furthest columns from the same hours of up to four weeks; an alert above "
            "0.5. Both slots move alike, so nothing goes back by it.",
            [Query(_furthest("recommndr_drift_week_psi"), _COLUMN)],
            limits=Limits(0.35, 0.5),
            runbook="WeeksDrift",
        ),
        PanelSpec(
            "And from earlier weeks by their distribution functions?",
            "KS distance of the ten furthest columns.",
            [Query(_furthest("recommndr_drift_week_ks"), _COLUMN)],
            limits=Limits(0.25, 0.5),
            runbook="WeeksDrift",
        ),
        PanelSpec(
            "Of how many shoppers and weeks?",
            "Shoppers of the last hour and weeks that they are compared with: at least 500, and two.",
            [
                Query(of("recommndr_drift_week_shoppers", TENANT), "{{tenant}} shoppers"),
                Query(of("recommndr_drift_week_weeks", TENANT), "{{tenant}} weeks"),
            ],
        ),
        PanelSpec(
            "Are the shoppers others than in earlier weeks?",
            "Population stability index of the mix by country, device, kind of event, and of who and what is not known.",
            [Query(of("recommndr_drift_mix_psi", TENANT), _MIX)],
            limits=Limits(0.1, 0.25),
            runbook="MixDrift",
            width=12,
        ),
        PanelSpec(
            "How many shoppers and items are unknown?",
            "Share of shoppers without an event before, and of those who did something with an item that the bundle lacks.",
            [Query(of("recommndr_drift_unknown_ratio", TENANT), f"{_MIX} {{{{when}}}}")],
            unit="percentunit",
            runbook="MixDrift",
            width=12,
        ),
    ],
)

BOARD = Board("drift", "Recommndr / Drift", "How far has what is served moved?", [_SLOTS, _WEEKS, _LEARNT])
