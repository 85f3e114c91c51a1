"""Compares a shop's figures with those of three real shops, and measures how far a simulated shop is outside their range.

A = RetailRocket (138 days of one shop; most visitors view one item), from the full file's published counts and aggregates.
B = Taobao (nine days of 815 users of a marketplace), C = Online Retail (a year of a wholesaler's orders), both measured.
The three shops contradict each other, so not all their figures can hold at once. The simulated shop has ten events per shopper,
A has two (nearly everybody comes once) and B a hundred: figures of activity are aimed *between* A and B, prices and repeats at
C, hours and weekdays at A. "calibrated": constants of the simulation were chosen for it; "free check": nothing was.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

CALIBRATED, FREE = "calibrated", "free check"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: its meaning, the values of A, B and C (None = unknown), and whether the simulation is calibrated to it."""

    name: str
    what: str
    real: tuple[float | None, float | None, float | None]
    how: str
    why: str = ""

    def off(self, simulated: float) -> float:
        """How far outside the range of the real values, relative to the nearest; 0 inside; NaN if unknown."""
        known = [value for value in self.real if value is not None]
        if not known or math.isnan(simulated):
            return math.nan
        nearest = min(max(simulated, min(known)), max(known))
        return (simulated - nearest) / nearest if nearest else simulated


_HERE = "B: counted here, on users_slice"
_SAMPLE_A = "A: counted here, on the sample of 5,000 visitors"
_RETURNS = "of A's visitors few return at all; ours may buy on any later visit"
_SAMPLED = "A: filtered sessions (COTREC); B's users are a sample, so its items look rare"
_SEASON = "ours grows and ends with Christmas; C's November has 2.3 times the lines of a usual month"

ROWS = (
    Row("actions_per_user_mean", "actions (looks, carts, favourites, lines) per shopper", (1.96, 103.6, None), CALIBRATED),
    Row("actions_per_user_p50", "- median", (1, 78, None), FREE),
    Row("actions_per_user_p75", "- 75th percentile", (2, 137, None), FREE),
    Row("users_gini", "Gini of shoppers' activity", (0.397, 0.443, 0.632), FREE, _SAMPLE_A),
    Row("sessions_per_user_mean", "sessions per shopper", (1.25, 17.3, None), CALIBRATED),
    Row("users_with_one_session", "shoppers with one session, %", (87.0, 0.0, None), FREE),
    Row("actions_per_session_mean", "actions per session", (1.56, 5.99, None), CALIBRATED),
    Row("actions_per_session_p50", "- median", (1, 3, None), FREE, _SAMPLE_A),
    Row("sessions_of_one_action", "sessions of one action, %", (77.6, 31.0, None), FREE, _SAMPLE_A),
    Row("items_per_session_mean", "distinct items per session", (1.29, 5.26, None), FREE, _SAMPLE_A),
    Row("look_session_actions", "actions of sessions without a cart", (1.44, 4.3, None), FREE, _HERE),
    Row("look_session_minutes", "- minutes", (1.39, 7.77, None), FREE, _HERE),
    Row("cart_session_actions", "actions of sessions with a cart only", (4.68, 11.0, None), FREE, _HERE),
    Row("cart_session_minutes", "- minutes", (9.05, 21.1, None), FREE, _HERE),
    Row("purchase_session_actions", "actions of sessions with a purchase", (9.32, 9.61, None), FREE, _HERE),
    Row("purchase_session_minutes", "- minutes", (28.8, 22.6, None), FREE, _HERE),
    Row("cart_per_look", "carts per 100 looks", (2.60, 5.93, None), CALIBRATED),
    Row("purchase_per_cart", "order lines per 100 carts", (32.4, 38.9, None), CALIBRATED),
    Row("purchase_per_look", "order lines per 100 looks", (0.84, 2.31, None), CALIBRATED),
    Row("favourite_per_look", "favourites per 100 looks", (0.0, 3.11, None), FREE, "A has no such events"),
    Row("users_with_cart", "shoppers with a cart, %", (2.68, 73.7, None), FREE),
    Row("users_who_buy", "shoppers who buy, %", (0.83, 68.6, None), FREE),
    Row("carters_who_buy", "of shoppers with a cart buy, %", (28.0, 72.9, None), FREE, _HERE),
    Row("sessions_with_cart_or_purchase", "sessions with cart or purchase, %", (2.63, 19.3, None), FREE, "B: cart"),
    Row("sessions_with_purchase", "sessions with a purchase, %", (0.81, 9.5, None), FREE),
    Row("looks_before_cart_mean", "looks before the first cart", (3.72, 18.7, None), FREE, _HERE),
    Row("looks_before_cart_p25", "- 25th percentile", (1, 3, None), CALIBRATED, _HERE),
    Row("looks_before_cart_p50", "- median", (1, 11, None), CALIBRATED, _HERE),
    Row("looks_before_cart_p75", "- 75th percentile", (3, 25, None), FREE, _HERE),
    Row("looks_before_purchase_mean", "looks before the first purchase", (6.78, 34.3, None), FREE, _HERE),
    Row("looks_before_purchase_p50", "- median", (3, 19, None), FREE, _HERE),
    Row("first_purchase_in_first_session", "first purchase in the first session, %", (64.2, 13.1, None), CALIBRATED, _HERE),
    Row("first_purchase_within_30_min", "- within half an hour, %", (56.3, 11.2, None), FREE, _HERE),
    Row("first_purchase_within_1_day", "- within a day, %", (80.6, 30.4, None), FREE, _HERE),
    Row("first_purchase_after_14_days", "- after 14 days, %", (7.1, None, None), FREE, _RETURNS),
    Row("pause_s_p25", "seconds between actions of a session, 25th percentile", (25, 21, None), FREE, _SAMPLE_A),
    Row("pause_s_p50", "- median", (136, 54, None), CALIBRATED),
    Row("pause_s_p90", "- 90th percentile", (494, 337, None), FREE, _SAMPLE_A),
    Row("pauses_within_60_s", "- within a minute, %", (34, 53, None), FREE, "B from its quantiles"),
    Row("hours_between_sessions_p50", "hours between sessions of a shopper, median", (42.4, 6.0, None), FREE, _SAMPLE_A),
    Row("lines_per_order_mean", "lines per order", (1.27, None, 21.0), CALIBRATED),
    Row("orders_of_several_lines", "orders of several lines, %", (15.3, None, 92.9), CALIBRATED, "C: counted here"),
    Row("orders_per_buyer", "orders per buyer", (1.51, 3.13, 4.25), FREE),
    Row("days_between_orders_p50", "days between orders of a buyer, median", (None, None, 22.2), FREE),
    Row("price_p10_of_p50", "price of bought items, 10th percentile / median", (None, None, 0.215), CALIBRATED),
    Row("price_p90_of_p50", "- 90th percentile / median", (None, None, 3.85), CALIBRATED),
    Row("repeated_lines", "order lines of items bought before, %", (None, 4.5, 31.1), CALIBRATED),
    Row("repeated_lines_after_first_order", "- of lines after the first order, %", (None, 6.57, 42.0), CALIBRATED),
    Row("items_gini", "Gini of items' popularity", (0.526, 0.289, 0.638), FREE, _SAMPLED),
    Row("top_1_percent_items", "events on the top 1 % of items, %", (11.5, 7.0, 9.8), CALIBRATED, _SAMPLED),
    Row("top_10_percent_items", "events on the top 10 % of items, %", (None, 30.0, 45.5), FREE),
    Row("top_10_percent_categories", "visitors of the top 10 % of leaf categories, %", (49.5, None, None), CALIBRATED),
    Row("looks_per_user_and_item", "looks per shopper and item", (1.24, 1.267, None), FREE, _SAMPLE_A),
    Row("days_sd_of_mean", "standard deviation of days / mean, %", (19.2, None, None), FREE, _SEASON),
    Row("last_week_new_users", "of the last week's shoppers new, %", (88.9, 12.0, 6.9), FREE, _SAMPLE_A),
    Row("hours_off", "share of an hour of the day, largest difference from A, points", (0.0, None, None), CALIBRATED),
    Row("weekdays_off", "share of a weekday, largest difference from A, points", (0.0, None, None), CALIBRATED),
)  # fmt: skip


def table(found: Mapping[str, float], against_real: bool) -> str:
    """Markdown: every figure with the real ones, whether it is calibrated, and how far it is outside their range."""
    if not against_real:
        lines = ["| figure | value |", "| --- | --- |"]
        named = {row.name: row.what for row in ROWS}
        return "\n".join([*lines, *(f"| {named.get(name, name)} | {_text(value)} |" for name, value in found.items())]) + "\n"
    lines = ["| figure | simulated | A | B | C | how | outside by | why |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in ROWS:
        value = found.get(row.name, math.nan)
        real = " | ".join(_text(each) for each in row.real)
        lines.append(f"| {row.what} | {_text(value)} | {real} | {row.how} | {_distance(row, value)} | {row.why} |")
    return "\n".join(lines) + "\n"


def _distance(row: Row, value: float) -> str:
    if row.real[0] == 0.0 and row.how == CALIBRATED:
        return f"{value:.2f} points"
    off = row.off(value)
    return "?" if math.isnan(off) else "inside" if off == 0 else f"{100 * off:+.0f} %"


def _text(value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def beside(columns: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown: the figures of several logs, one column each."""
    lines = ["| figure | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for row in ROWS:
        values = [_text(found.get(row.name, math.nan)) for found in columns.values()]
        if any(values):
            lines.append(f"| {row.what} | " + " | ".join(values) + " |")
    return "\n".join(lines) + "\n"
