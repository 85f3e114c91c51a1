"""Versions: which one answers, its age, and how it compares with the other one."""

from recommndr_monitoring.grafana.board import Board, Row
from recommndr_monitoring.grafana.overview import VERSIONS
from recommndr_monitoring.grafana.panel import Limits, PanelSpec, Query
from recommndr_monitoring.grafana.promql import TENANT, of, rate

_WITHOUT_MODEL = f'{TENANT}, ladder=~"static|contextual_popularity"'
_EDGE = 'envoy_http_conn_manager_prefix="edge"'
_VERSION = " * on (slot, tenant) group_left (version) recommndr_serving_bundle_info"

_LIVE = Row(
    "What is live",
    [
        VERSIONS,
        PanelSpec(
            "How old are the model's training data?",
            "Time since the end of its training data. Historical data, as in the demo, are old from the start.",
            [Query(f"time() - {of('recommndr_serving_bundle_trained_until_seconds', TENANT)}", "{{slot}} {{tenant}}")],
            unit="dtdurations",
            view="figure",
            width=6,
            runbook="BundleTooOld",
        ),
        PanelSpec(
            "Do releases wait?",
            "Number of shops with a release, and of shops whose weights wait until a slot has loaded a version.",
            [Query("recommndr_rollout_tenants", "released"), Query("recommndr_rollout_waiting", "waiting")],
            view="figure",
            width=6,
            runbook="RolloutWaiting",
        ),
        PanelSpec(
            "Are bundles taken?",
            "Bundles that a slot refused or could not fetch, in fifteen minutes. Should be 0.",
            [
                Query(
                    f"sum by (slot, reason) (increase({of('recommndr_serving_bundle_failures_total', TENANT)}[15m]))",
                    "{{slot}} {{reason}}",
                )
            ],
            limits=Limits(1, 3),
            runbook="BundleRefused",
        ),
        PanelSpec(
            "Are routes kept?",
            "Ticks of rollout a second, and how often Envoy took or refused new routes.",
            [
                Query('rate(recommndr_background_steps_total{loop="routes"}[$__rate_interval])', "ticks {{outcome}}"),
                Query(rate("envoy_http_rds_update_success", where=_EDGE), "taken"),
                Query(rate("envoy_http_rds_update_rejected", where=_EDGE), "refused"),
            ],
            unit="cps",
            runbook="RolloutTicksFailing",
        ),
        PanelSpec(
            "How many lists are made without a model?",
            "Share of lists from the steps static and contextual_popularity, by slot and shop.",
            [
                Query(
                    f"sum by (slot, tenant) ({of('recommndr:ladder_ratio:5m', _WITHOUT_MODEL)})",
                    "{{slot}} {{tenant}}",
                )
            ],
            unit="percentunit",
            limits=Limits(0.01, 0.1),
            runbook="StaticListServed",
        ),
    ],
)

_COMPARED = Row(
    "One version beside the other",
    [
        PanelSpec(
            "How much does each version answer?",
            "Lists a second by shop and version: the actual split of a release's traffic.",
            [Query(of("recommndr:lists_per_second:5m", TENANT) + _VERSION, "{{tenant}} {{version}}")],
            unit="reqps",
            view="shares",
        ),
        PanelSpec(
            "How long does each version take?",
            "p95 by shop and version. A difference at the same time is caused by the version.",
            [Query(of("recommndr:request_seconds:p95_5m", TENANT) + _VERSION, "{{tenant}} {{version}}")],
            unit="s",
            limits=Limits(0.1, 0.3),
            runbook="AnswersSlow",
        ),
        PanelSpec(
            "How often does each version fail?",
            "Share of 5xx by shop and version.",
            [Query(of("recommndr:error_ratio:5m", TENANT) + _VERSION, "{{tenant}} {{version}}")],
            unit="percentunit",
            limits=Limits(0.01, 0.05),
            runbook="ErrorsHigh",
        ),
    ],
)

_OUTCOMES = Row(
    "How shoppers use the lists",
    [
        PanelSpec(
            "Which retrievers fill the lists?",
            "Places a second by retriever; an item of several retrievers counts for each. A retriever without any is broken.",
            [Query(rate("recommndr_serving_places_total", by="source", where=TENANT), "{{source}}")],
            unit="cps",
            view="shares",
            width=12,
        ),
        PanelSpec(
            "How do shoppers act on the lists?",
            "Events a second with a valid attribution token, by kind. In the demo there may be none.",
            [Query(rate("recommndr_collector_attributed_events_total", by="kind", where=TENANT), "{{kind}}")],
            unit="cps",
            view="shares",
            width=12,
            runbook="AttributionDropped",
        ),
    ],
)

BOARD = Board(
    "models",
    "Recommndr / Models",
    "Which version answers, how old is it, and how good is it?",
    [_LIVE, _COMPARED, _OUTCOMES],
)
