"""From the edge to the list: duration, stages, unavailable parts."""

from recommndr_monitoring.grafana.board import Board, Row
from recommndr_monitoring.grafana.overview import LADDER
from recommndr_monitoring.grafana.panel import Limits, PanelSpec, Query
from recommndr_monitoring.grafana.promql import SLOT, TENANT_AND_SLOT, of, quantile, rate

LISTS = f'{TENANT_AND_SLOT}, endpoint=~"/recommend|/similar_items|/frequently_bought_together|/popular|/trending"'
ASKED = f'{TENANT_AND_SLOT}, endpoint!~"/health/.*|/metrics|/slot"'
OF_SERVING = f'service="serving", {SLOT}'

_ANSWERS = Row(
    "Answers",
    [
        PanelSpec(
            "How long does an answer take?",
            "Over five minutes, by slot: within the slot, from the request's headers to the last byte of the answer.",
            [
                Query(f"max by (slot) ({of('recommndr:request_seconds:p50_5m', TENANT_AND_SLOT)})", "{{slot}} p50"),
                Query(f"max by (slot) ({of('recommndr:request_seconds:p95_5m', TENANT_AND_SLOT)})", "{{slot}} p95"),
                Query(f"max by (slot) ({of('recommndr:request_seconds:p99_5m', TENANT_AND_SLOT)})", "{{slot}} p99"),
            ],
            unit="s",
            limits=Limits(0.1, 0.3),
            runbook="AnswersSlow",
        ),
        PanelSpec(
            "How are the times of lists spread?",
            "Two bands are two kinds of list. A band that moves up shows a part that became slow.",
            [
                Query(
                    rate("recommndr_serving_request_seconds_bucket", by="le", where=LISTS),
                    "{{le}}",
                )
            ],
            unit="s",
            view="heatmap",
        ),
        PanelSpec(
            "Which part of a list takes the time?",
            "p95 of reading the shopper's row and of making the list.",
            [
                Query(
                    quantile(0.95, "recommndr_serving_stage_seconds", by="stage", where=SLOT),
                    "{{stage}}",
                )
            ],
            unit="s",
            runbook="AnswersSlow",
        ),
        PanelSpec(
            "What is asked?",
            "Requests a second by endpoint, scrapes and probes excluded.",
            [
                Query(
                    rate("recommndr_serving_requests_total", by="endpoint", where=ASKED),
                    "{{endpoint}}",
                )
            ],
            unit="reqps",
            view="shares",
        ),
        PanelSpec(
            "What status do answers have?",
            "Unavailable parts never cause a 5xx for a list: a 5xx here is a bug.",
            [Query(rate("recommndr_serving_requests_total", by="status", where=TENANT_AND_SLOT), "{{status}}")],
            unit="reqps",
            view="shares",
            runbook="ErrorsHigh",
        ),
        PanelSpec(
            "How many requests fail, by slot and shop?",
            "Share of 5xx over five minutes.",
            [Query(of("recommndr:error_ratio:5m", TENANT_AND_SLOT), "{{slot}} {{tenant}}")],
            unit="percentunit",
            limits=Limits(0.01, 0.05),
            runbook="ErrorsHigh",
        ),
    ],
)

_DEGRADED = Row(
    "Unavailable parts",
    [
        LADDER,
        PanelSpec(
            "Which part was unavailable?",
            "One count per answer and part. user_row_breaker_open: the store is down and is tried only once a second.",
            [Query(rate("recommndr_serving_degraded_total", by="reason", where=TENANT_AND_SLOT), "{{reason}}")],
            unit="reqps",
            view="shares",
            runbook="LadderNotFull",
        ),
        PanelSpec(
            "Are answers recorded?",
            "Records for served.v1: dropped when too many wait, lost when Kafka did not accept them.",
            [Query(rate("recommndr_serving_served_total", by="outcome", where=SLOT), "{{outcome}}")],
            unit="reqps",
            view="shares",
            runbook="ServedLogLosing",
        ),
    ],
)

_EDGE = Row(
    "The edge (Envoy)",
    [
        PanelSpec(
            "What does the edge answer?",
            "By the service behind it and class of status.",
            [
                Query(
                    rate("envoy_cluster_upstream_rq_xx", by="envoy_cluster_name, envoy_response_code_class"),
                    "{{envoy_cluster_name}} {{envoy_response_code_class}}xx",
                )
            ],
            unit="reqps",
            view="shares",
            runbook="EdgeErrorsHigh",
        ),
        PanelSpec(
            "Does the edge retry, queue or refuse requests?",
            "Retries go to the other slot. Overflow: more requests wait than a process can answer.",
            [
                Query(rate("envoy_cluster_upstream_rq_retry"), "tried again"),
                Query(rate("envoy_cluster_upstream_rq_timeout"), "too slow"),
                Query(rate("envoy_cluster_upstream_rq_pending_overflow"), "queue full"),
            ],
            unit="reqps",
            runbook="EdgeErrorsHigh",
        ),
        PanelSpec(
            "Which requests are refused?",
            "Invalid tokens, and shops or addresses over their limit.",
            [
                Query(rate("envoy_http_jwt_authn_denied", where='envoy_http_conn_manager_prefix="edge"'), "token refused"),
                Query(
                    rate("envoy_http_local_rate_limit_rate_limited", by="envoy_local_http_ratelimit_prefix"),
                    "{{envoy_local_http_ratelimit_prefix}}",
                ),
            ],
            unit="reqps",
            runbook="TokensRefused",
        ),
        PanelSpec(
            "Who is connected?",
            "Connections from shops and browsers.",
            [Query('envoy_http_downstream_cx_active{envoy_http_conn_manager_prefix="edge"}', "connections")],
        ),
    ],
)

_ITEMS = Row(
    "Items and machines",
    [
        PanelSpec(
            "How many items are in stock?",
            "Items of each shop's catalogue that are available now. The slots should agree.",
            [Query(of("recommndr_serving_items", TENANT_AND_SLOT), "{{slot}} {{tenant}}")],
            runbook="CatalogueEmpty",
        ),
        PanelSpec(
            "Are the slots up to date with items?",
            "Records of catalogue, availability and item features not applied yet.",
            [Query(of("recommndr_serving_tail_lag_records", SLOT), "{{slot}} {{topic}}")],
            limits=Limits(100, 1_000),
            runbook="TailsLagging",
        ),
        PanelSpec(
            "How fast do the slots read?",
            "Records a second; unreadable ones are skipped and counted.",
            [
                Query(rate("recommndr_serving_tail_records_total", by="slot", where=SLOT), "{{slot}} read"),
                Query(rate("recommndr_serving_tail_poison_total", by="slot", where=SLOT), "{{slot}} unreadable"),
            ],
            unit="cps",
            runbook="TailPoison",
        ),
        PanelSpec(
            "How much memory do the slots use?",
            "While a version is swapped in, two bundles are in memory for a moment.",
            [Query(of("process_resident_memory_bytes", OF_SERVING), "{{slot}}")],
            unit="bytes",
            runbook="MemoryGrowing",
        ),
        PanelSpec(
            "How busy are the slots?",
            "Share of one core; from 0.9 on requests wait.",
            [Query(rate("process_cpu_seconds_total", by="slot", where=OF_SERVING), "{{slot}}")],
            unit="percentunit",
            limits=Limits(0.7, 0.9),
            runbook="ProcessSaturated",
        ),
    ],
)

BOARD = Board(
    "serving",
    "Recommndr / Serving",
    "How long do answers take, and which parts are unavailable?",
    [_ANSWERS, _DEGRADED, _EDGE, _ITEMS],
    variables=("tenant", "slot"),
)
