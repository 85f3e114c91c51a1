"""The overview dashboard."""

from recommndr_monitoring.grafana.board import Board, Row
from recommndr_monitoring.grafana.panel import Limits, PanelSpec, Query
from recommndr_monitoring.grafana.promql import TENANT, of, rate

TENANT_IN_FULL = f'{TENANT}, ladder="full"'

VERSIONS = PanelSpec(
    "Which version answers, since when?",
    "What each slot has loaded of each shop, and how long it has served it. Weights are in the release record.",
    [
        Query(
            f"(time() - {of('recommndr_serving_bundle_since_seconds', TENANT)})"
            " * on (slot, tenant) group_left (version, model_version) recommndr_serving_bundle_info"
        )
    ],
    unit="dtdurations",
    view="table",
    width=12,
    runbook="StaticListServed",
)

LADDER = PanelSpec(
    "Which step of the ladder answers?",
    "full: all parts worked. Any other step: a part was unavailable, and the list is less personal.",
    [Query(rate("recommndr_serving_answers_total", by="ladder", where=TENANT), "{{ladder}}")],
    unit="reqps",
    view="shares",
    runbook="LadderNotFull",
)

FIGURES = Row(
    "The figures to look at first",
    [
        PanelSpec(
            "How many lists are requested?",
            "Lists a second, over five minutes.",
            [Query(f"sum ({of('recommndr:lists_per_second:5m', TENANT)})")],
            unit="reqps",
            view="figure",
            width=4,
        ),
        PanelSpec(
            "How many requests fail at the edge?",
            "Share of 5xx among all requests of shops and browsers, over five minutes.",
            [Query("recommndr:edge_error_ratio:5m")],
            unit="percentunit",
            view="figure",
            width=4,
            limits=Limits(0.01, 0.05),
            runbook="EdgeErrorsHigh",
        ),
        PanelSpec(
            "How slow are the slowest answers?",
            "p95 of the slowest slot and shop, over five minutes.",
            [Query(f"max ({of('recommndr:request_seconds:p95_5m', TENANT)})")],
            unit="s",
            view="figure",
            width=4,
            limits=Limits(0.1, 0.3),
            runbook="AnswersSlow",
        ),
        PanelSpec(
            "How many lists are made in full?",
            "Share of lists with shopper's row, retrievers and ranker, over five minutes.",
            [
                Query(
                    f"sum (rate({of('recommndr_serving_answers_total', TENANT_IN_FULL)}[5m]))"
                    f" / sum (rate({of('recommndr_serving_answers_total', TENANT)}[5m]))"
                )
            ],
            unit="percentunit",
            view="figure",
            width=4,
            limits=Limits(0.99, 0.9),
            runbook="LadderNotFull",
        ),
        PanelSpec(
            "How long until an event counts?",
            "p95 from a shopper's event to the row that the next answer reads, over five minutes.",
            [Query("recommndr:freshness_seconds:p95_5m")],
            unit="s",
            view="figure",
            width=4,
            limits=Limits(1.0, 5.0),
            runbook="FreshnessSlow",
        ),
        PanelSpec(
            "How far behind is the slowest reader?",
            "Unread records of the reader that is furthest behind.",
            [Query("max (recommndr:consumer_lag_records)")],
            view="figure",
            width=4,
            limits=Limits(1_000, 10_000),
            runbook="ConsumerLagGrowing",
        ),
    ],
)

BOARD = Board(
    "overview",
    "Recommndr / Overview",
    "Does everything work, and which version answers?",
    [
        FIGURES,
        Row(
            "Current state",
            [
                VERSIONS,
                PanelSpec(
                    "Which alerts fire?",
                    "Watchdog always fires, to show that alerts work. Each alert's runbook is in monitoring/runbooks.",
                    [Query('ALERTS{alertstate="firing"}')],
                    view="table",
                    width=12,
                    runbook="README",
                ),
                PanelSpec(
                    "Is every part up?",
                    "Our services by their metrics page, other servers by their answers to the exporter.",
                    [
                        Query("up", "{{service}} {{slot}}"),
                        Query("recommndr_monitoring_source_up", "{{source}}"),
                    ],
                    view="states",
                    width=24,
                    runbook="ServiceDown",
                ),
                PanelSpec(
                    "Do background loops work?",
                    "Failed steps a second by loop; each is tried again. A loop that hangs fires BackgroundLoopStalled.",
                    [
                        Query(
                            rate("recommndr_background_steps_total", by="service, slot, loop", where='outcome="failed"'),
                            "{{service}} {{slot}} {{loop}}",
                        )
                    ],
                    unit="cps",
                    width=24,
                    runbook="BackgroundLoopFailing",
                ),
            ],
        ),
        Row(
            "Over time",
            [
                PanelSpec(
                    "How many requests does each slot get?",
                    "Requests a second by slot and shop; a release moves them from one slot to the other.",
                    [Query(of("recommndr:requests_per_second:5m", TENANT), "{{slot}} {{tenant}}")],
                    unit="reqps",
                ),
                PanelSpec(
                    "How long does an answer take?",
                    "p95 by slot and shop, within the slot: the time in the edge comes on top.",
                    [Query(of("recommndr:request_seconds:p95_5m", TENANT), "{{slot}} {{tenant}}")],
                    unit="s",
                    limits=Limits(0.1, 0.3),
                    runbook="AnswersSlow",
                ),
                LADDER,
                PanelSpec(
                    "How fresh are features?",
                    "From a shopper's event to the row that the next answer reads.",
                    [
                        Query("recommndr:freshness_seconds:p50_5m", "p50"),
                        Query("recommndr:freshness_seconds:p95_5m", "p95"),
                    ],
                    unit="s",
                    limits=Limits(1.0, 5.0),
                    runbook="FreshnessSlow",
                ),
                PanelSpec(
                    "How much memory does each service use?",
                    "A step at a release is the new bundle; steady growth is a leak.",
                    [Query("process_resident_memory_bytes", "{{service}} {{slot}}")],
                    unit="bytes",
                    runbook="MemoryGrowing",
                ),
                PanelSpec(
                    "How busy is each service?",
                    "Share of one core. A Python process can use only one.",
                    [Query("rate(process_cpu_seconds_total[$__rate_interval])", "{{service}} {{slot}}")],
                    unit="percentunit",
                    limits=Limits(0.7, 0.9),
                    runbook="ProcessSaturated",
                ),
            ],
        ),
    ],
)
