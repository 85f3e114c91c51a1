"""Computes the figures of a shop from its actions: counts, rates, durations, inequality; `fidelity` describes each.

Shares are in percent. NaN = unknown: the log has no such events.
"""

import numpy as np

from recommndr_simulation.actions import CART, FAVOURITE, LOOK, PURCHASE, Actions, first_of
from recommndr_simulation.arrays import Bools, Doubles, Ints, Rows

DAY_S = 86_400.0
Figures = dict[str, float]


def figures(actions: Actions) -> Figures:
    """All figures of a log."""
    session = actions.sessions()
    found: Figures = {"events": float(actions.n_events), "shown_share": 100 * _ratio(actions.n_shown, actions.n_events)}
    for part in (_activity, _mix, _session_shapes, _first_times, _pauses):
        found |= part(actions, session)
    for whole in (_orders, _repeats, _popularity, _newcomers):
        found |= whole(actions)
    return found


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def _quantile(values: Doubles | Ints, share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else np.nan


def _mean(values: Doubles | Ints | Bools) -> float:
    return float(np.mean(values)) if len(values) else np.nan


def _activity(actions: Actions, session: Ints) -> Figures:
    per_user = np.bincount(actions.user)
    per_user = per_user[per_user > 0]
    opens = first_of(session)
    sessions_per_user = np.bincount(actions.user[opens])
    sessions_per_user = sessions_per_user[sessions_per_user > 0]
    return {
        "users": float(len(per_user)),
        "actions_per_user_mean": _mean(per_user),
        "actions_per_user_p50": _quantile(per_user, 0.5),
        "actions_per_user_p75": _quantile(per_user, 0.75),
        "actions_per_user_p99": _quantile(per_user, 0.99),
        "users_gini": gini(per_user),
        "sessions_per_user_mean": _mean(sessions_per_user),
        "users_with_one_session": 100 * _mean(sessions_per_user == 1),
    }


def _mix(actions: Actions, session: Ints) -> Figures:
    looks, carts, bought, liked = (int((actions.what == what).sum()) for what in (LOOK, CART, PURCHASE, FAVOURITE))
    n_users = len(np.unique(actions.user))
    carters = np.unique(actions.user[actions.what == CART])
    buyers = np.unique(actions.user[actions.what == PURCHASE])
    n_sessions = int(session[-1]) + 1
    has_cart, has_purchase = (_flags(session[actions.what == what], n_sessions) for what in (CART, PURCHASE))
    return {
        "cart_per_look": 100 * _ratio(carts, looks),
        "purchase_per_cart": 100 * _ratio(bought, carts),
        "purchase_per_look": 100 * _ratio(bought, looks),
        "favourite_per_look": 100 * _ratio(liked, looks),
        "users_with_cart": 100 * _ratio(len(carters), n_users),
        "users_who_buy": 100 * _ratio(len(buyers), n_users),
        "carters_who_buy": 100 * _ratio(len(np.intersect1d(carters, buyers)), len(carters)),
        "sessions_with_cart_or_purchase": 100 * _mean(has_cart | has_purchase),
        "sessions_with_purchase": 100 * _mean(has_purchase),
    }


def _flags(rows: Ints, n: int) -> Bools:
    flags = np.zeros(n, bool)
    flags[rows] = True
    return flags


def _session_shapes(actions: Actions, session: Ints) -> Figures:
    n_actions = np.bincount(session)
    starts = np.flatnonzero(first_of(session))
    minutes = (actions.at_s[np.append(starts[1:], len(actions)) - 1] - actions.at_s[starts]) / 60
    has_cart, has_purchase = (_flags(session[actions.what == what], len(starts)) for what in (CART, PURCHASE))
    only_looks = ~has_cart & ~has_purchase
    cart_only = has_cart & ~has_purchase
    pairs = np.unique(session * (int(actions.item.max()) + 1) + actions.item)
    return {
        "actions_per_session_mean": _mean(n_actions),
        "actions_per_session_p50": _quantile(n_actions, 0.5),
        "sessions_of_one_action": 100 * _mean(n_actions == 1),
        "look_session_actions": _mean(n_actions[only_looks]),
        "look_session_minutes": _mean(minutes[only_looks]),
        "cart_session_actions": _mean(n_actions[cart_only]),
        "cart_session_minutes": _mean(minutes[cart_only]),
        "purchase_session_actions": _mean(n_actions[has_purchase]),
        "purchase_session_minutes": _mean(minutes[has_purchase]),
        "items_per_session_mean": len(pairs) / len(starts),
    }


def _first_times(actions: Actions, session: Ints) -> Figures:
    """Per shopper: looks before the first cart and before the first purchase, and time until the first purchase."""
    found: Figures = {}
    looked = np.cumsum(actions.what == LOOK)
    for name, what in (("cart", CART), ("purchase", PURCHASE)):
        start, row = _first_rows(actions, what)
        looks = looked[row] - looked[start] + (actions.what[start] == LOOK)
        found |= {f"looks_before_{name}_mean": _mean(looks)}
        found |= {f"looks_before_{name}_p{share}": _quantile(looks, share / 100) for share in (25, 50, 75)}
    start, row = _first_rows(actions, PURCHASE)
    waited_s = actions.at_s[row] - actions.at_s[start]
    return found | {
        "first_purchase_in_first_session": 100 * _mean(session[row] == session[start]),
        "first_purchase_within_30_min": 100 * _mean(waited_s < 1_800),
        "first_purchase_within_1_day": 100 * _mean(waited_s < DAY_S),
        "first_purchase_after_14_days": 100 * _mean(waited_s > 14 * DAY_S),
    }


def _first_rows(actions: Actions, what: int) -> tuple[Ints, Ints]:
    """Of each shopper who ever did `what`: row of the first action of any kind, and of the first of that kind."""
    starts = np.flatnonzero(first_of(actions.user))
    number = np.cumsum(first_of(actions.user)) - 1
    rows = np.flatnonzero(actions.what == what)
    rows = rows[first_of(number[rows])]
    return starts[number[rows]], rows


def _pauses(actions: Actions, session: Ints) -> Figures:
    same_session = ~first_of(session)[1:]
    pauses = np.diff(actions.at_s)
    inside = pauses[same_session]
    starts = np.flatnonzero(first_of(session))
    between = np.diff(actions.at_s[starts])[actions.user[starts][1:] == actions.user[starts][:-1]]
    return {
        "pause_s_p25": _quantile(inside, 0.25),
        "pause_s_p50": _quantile(inside, 0.5),
        "pause_s_p90": _quantile(inside, 0.9),
        "pauses_within_60_s": 100 * _mean(inside < 60),
        "hours_between_sessions_p50": _quantile(between, 0.5) / 3_600,
    }


def _orders(actions: Actions) -> Figures:
    bought = actions.what == PURCHASE
    lines = np.bincount(np.unique(actions.order[bought], return_inverse=True)[1]) if bought.any() else np.array([], np.int64)
    by_user = np.flatnonzero(bought)[_first_lines(actions.order[bought])]
    n_buyers = len(np.unique(actions.user[by_user]))
    gaps = np.diff(actions.at_s[by_user])[actions.user[by_user][1:] == actions.user[by_user][:-1]]
    priced = bought & ~np.isnan(actions.price)
    per_item = np.bincount(actions.item[priced])
    price = np.bincount(actions.item[priced], actions.price[priced])[per_item > 0] / per_item[per_item > 0]
    middle = _quantile(price, 0.5)
    return {
        "orders": float(len(lines)),
        "lines_per_order_mean": _mean(lines),
        "orders_of_several_lines": 100 * _mean(lines > 1),
        "orders_per_buyer": _ratio(len(lines), n_buyers),
        "days_between_orders_p50": _quantile(gaps, 0.5) / DAY_S,
        "price_p10_of_p50": _quantile(price, 0.1) / middle,
        "price_p90_of_p50": _quantile(price, 0.9) / middle,
    }


def _first_lines(order: Ints) -> Bools:
    first = np.zeros(len(order), bool)
    first[np.unique(order, return_index=True)[1]] = True
    return first


def _repeats(actions: Actions) -> Figures:
    """Order lines whose item the shopper had bought in an earlier order; of all lines, and of those after the first order."""
    rows = np.flatnonzero(actions.what == PURCHASE)
    pair = actions.user[rows].astype(np.int64) * (int(actions.item.max()) + 1) + actions.item[rows]
    _, index, which = np.unique(pair, return_index=True, return_inverse=True)
    repeated = actions.order[rows] != actions.order[rows][index][which]
    user = actions.user[rows]
    first_order = np.maximum.accumulate(np.where(first_of(user), np.arange(len(rows)), 0))
    later = actions.order[rows] != actions.order[rows][first_order]
    return {
        "repeated_lines": 100 * _mean(repeated),
        "repeated_lines_after_first_order": 100 * _mean(repeated[later]),
    }


def _popularity(actions: Actions) -> Figures:
    """Popularity by looks if there are any, else by purchases."""
    counted = actions.what == (LOOK if (actions.what == LOOK).any() else PURCHASE)
    per_item = np.bincount(actions.item[counted])
    per_item = np.sort(per_item[per_item > 0])[::-1]
    leaf = actions.leaf_of_item[actions.item[counted]]
    visits = np.unique(actions.user[counted].astype(np.int64) * (int(actions.leaf_of_item.max(initial=0)) + 2) + leaf + 1)
    per_leaf = np.sort(np.bincount(visits % (int(actions.leaf_of_item.max(initial=0)) + 2))[1:])[::-1]
    pairs = np.unique(actions.user[counted].astype(np.int64) * (int(actions.item.max()) + 1) + actions.item[counted])
    return {
        "items": float(len(per_item)),
        "items_gini": gini(per_item),
        "top_1_percent_items": 100 * _top(per_item, 0.01),
        "top_10_percent_items": 100 * _top(per_item, 0.1),
        "items_of_one_event": 100 * _mean(per_item == 1),
        "top_10_percent_categories": 100 * _top(per_leaf[per_leaf > 0], 0.1),
        "looks_per_user_and_item": _ratio(int(counted.sum()), len(pairs)),
    }


def _top(counts: Ints, share: float) -> float:
    return _ratio(counts[: max(1, round(share * len(counts)))].sum(), counts.sum())


def gini(counts: Ints) -> float:
    """Gini coefficient of positive counts: 0 = all equal.

    >>> round(gini(np.array([1, 1, 1, 1])), 3), round(gini(np.array([0, 0, 0, 4])), 3)
    (0.0, 0.75)
    """
    ordered = np.sort(counts)
    n = len(ordered)
    return float(2 * (np.arange(1, n + 1) @ ordered) / (n * ordered.sum()) - (n + 1) / n) if n and ordered.sum() else np.nan


def _newcomers(actions: Actions) -> Figures:
    """Of the last seven days: events on items, and shoppers, first seen in them; and how much days differ."""
    last = actions.at_s >= actions.at_s.max() - 7 * DAY_S
    item_first, user_first = (_first_seen(key, actions.at_s) for key in (actions.item, actions.user))
    new_from = actions.at_s.max() - 7 * DAY_S
    active = np.unique(actions.user[last])
    day = np.floor((actions.at_s - actions.at_s.min()) / DAY_S).astype(np.int64)
    per_day = np.bincount(day)[1:-1]  # the first and the last may be incomplete days
    return {
        "last_week_actions_on_new_items": 100 * _mean(item_first[actions.item[last]] >= new_from),
        "last_week_new_users": 100 * _mean(user_first[active] >= new_from),
        "days_sd_of_mean": 100 * _ratio(float(per_day.std()), float(per_day.mean())) if len(per_day) else np.nan,
    }


def _first_seen(key: Rows, at_s: Doubles) -> Doubles:
    first = np.full(int(key.max()) + 1, np.inf)
    np.minimum.at(first, key, at_s)
    return first


def shape_by_hour(actions: Actions) -> Doubles:
    """(24,) share of looks (of purchases where there are none) by UTC hour, percent."""
    counted = _counted(actions)
    hours = (actions.at_s[counted] // 3_600).astype(np.int64) % 24
    return 100 * np.bincount(hours, minlength=24) / len(hours)


def shape_by_weekday(actions: Actions) -> Doubles:
    """(7,) the same by weekday, Monday first."""
    counted = _counted(actions)
    weekdays = (np.floor(actions.at_s[counted] / DAY_S).astype(np.int64) + 3) % 7
    return 100 * np.bincount(weekdays, minlength=7) / len(weekdays)


def _counted(actions: Actions) -> Bools:
    looks: Bools = actions.what == LOOK
    return looks if looks.any() else actions.what == PURCHASE
