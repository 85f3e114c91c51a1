"""Business: what the lists of each release, arm and list bring, and how good each version was offline."""

from recommndr_monitoring.grafana.board import Board, Row
from recommndr_monitoring.grafana.panel import Limits, PanelSpec, Query
from recommndr_monitoring.grafana.promql import TENANT, of

_ARM = "{{tenant}} {{release}} {{arm}} {{list}}"
_VERSION = " * on (slot, tenant) group_left (version) recommndr_serving_bundle_info"


def _counted(outcome: str) -> str:
    return of("recommndr_outcomes", f'{TENANT}, outcome="{outcome}"')


def _per_impression(outcome: str) -> str:
    return f"sum without (outcome) ({_counted(outcome)}) / sum without (outcome) ({_counted('impressions')})"


_NOW = Row(
    "The last hour",
    [
        PanelSpec(
            "How often are shown items clicked?",
            "Clicks per impression. Compare the arms of one list at the same time. Without an hour of lists there are no data.",
            [Query(of("recommndr:click_ratio:1h", TENANT), _ARM)],
            unit="percentunit",
            runbook="AttributionDropped",
        ),
        PanelSpec(
            "How often are shown items put into the cart?",
            "Carts per impression, from the list or after a click on it.",
            [Query(of("recommndr:cart_ratio:1h", TENANT), _ARM)],
            unit="percentunit",
        ),
        PanelSpec(
            "How often are shown items bought?",
            "Purchases per impression: items ordered within the shop's window after a click or a cart.",
            [Query(of("recommndr:conversion_ratio:1h", TENANT), _ARM)],
            unit="percentunit",
        ),
        PanelSpec(
            "What do these purchases bring?",
            "Minor units of each currency in the last hour. An item that was clicked in two lists counts for both.",
            [Query(of("recommndr:outcomes_revenue_minor:increase_1h", TENANT), f"{_ARM} {{{{currency}}}}")],
            width=12,
        ),
        PanelSpec(
            "What do shoppers like and dislike?",
            "Likes and dislikes of listed items in the last hour.",
            [Query(of("recommndr:outcomes:increase_1h", f'{TENANT}, outcome=~"likes|dislikes"'), _ARM + " {{outcome}}")],
            width=12,
        ),
    ],
)

_RELEASE = Row(
    "Since each release began",
    [
        PanelSpec(
            "Which release, arm and list is clicked most?",
            "Clicks per impression since the release began.",
            [Query(_per_impression("clicks"), _ARM)],
            unit="percentunit",
            view="table",
            width=12,
        ),
        PanelSpec(
            "Which is bought from most?",
            "Purchases per impression since the release began.",
            [Query(_per_impression("purchases"), _ARM)],
            unit="percentunit",
            view="table",
            width=12,
        ),
        PanelSpec(
            "What does each bring per thousand impressions?",
            "Revenue of listed items in minor units of each currency, per thousand impressions since the release began.",
            [
                Query(
                    f"1000 * {of('recommndr_outcomes_revenue_minor', TENANT)} / ignoring (currency, outcome) group_left () "
                    f"{_counted('impressions')}",
                    f"{_ARM} {{{{currency}}}}",
                )
            ],
            view="table",
            width=24,
        ),
        PanelSpec(
            "How many shoppers has each seen?",
            "Shoppers with any outcome: a comparison of arms needs enough of them in both.",
            [Query(of("recommndr_outcomes_shoppers", TENANT), _ARM)],
            width=12,
        ),
        PanelSpec(
            "How many impressions are there?",
            "Items of lists that shoppers really saw.",
            [Query(_counted("impressions"), _ARM)],
            width=12,
        ),
    ],
)

_COMPARED = Row(
    "One version beside the other",
    [
        PanelSpec(
            "How often is the challenger clicked beside the stable arm?",
            "Clicks per impression of the challenger by those of the stable arm in the same list and hour; 1 is alike. Only "
            "while a release is under way. The rule ctr judges it with the shopper as unit.",
            [Query(of("recommndr:click_ratio:to_stable_1h", TENANT), "{{tenant}} {{release}} {{list}}")],
            limits=Limits(0.98, 0.95),
            width=12,
        ),
        PanelSpec(
            "How good was each version offline?",
            "NDCG at 10 of the version's lists on shoppers that training held out. A version that was better offline and is "
            "clicked less is a fault of serving.",
            [Query(of("recommndr_serving_bundle_quality_ratio", TENANT) + _VERSION, "{{tenant}} {{version}} {{slot}}")],
            width=12,
        ),
    ],
)

BOARD = Board(
    "business",
    "Recommndr / Business",
    "What do the lists of each release, arm and list bring?",
    [_NOW, _COMPARED, _RELEASE],
)
