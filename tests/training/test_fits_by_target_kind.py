"""What stages learn follows the tenant's target kind."""

from dataclasses import replace

import numpy as np

from recommndr.tenancy import TenantPolicy
from recommndr_training.data.interactions import Interactions
from recommndr_training.retrieval import buy_again, popularity
from tests.training.orders import CUT_S, DAY_S, Order, table


def test_fits_follow_the_target_kind() -> None:
    """A shop that lives by views learns from its views what a shop that lives by purchases learns from its purchases."""
    other = {"purchase": "view", "view": "purchase"}
    orders = [
        Order(f"o{n}", f"u{n % 5}", CUT_S - (n % 40) * DAY_S, (f"i{n % 7}",), kind="view" if n % 3 else "purchase")
        for n in range(60)
    ]
    turned = [replace(order, kind=other[order.kind]) for order in orders]
    bought = Interactions.from_lines(table(orders), TenantPolicy(weights={"view": 1.0, "purchase": 5.0}))
    policy = TenantPolicy(target_kind="view", weights={"view": 5.0, "purchase": 1.0})
    viewed = Interactions.from_lines(table(turned), policy)
    for fit, options in ((popularity.fit, popularity.PopularityParams()), (buy_again.fit, buy_again.BuyAgainParams())):
        for mine, theirs in zip(fit(bought, CUT_S, options), fit(viewed, CUT_S, options), strict=True):  # type: ignore[operator]
            np.testing.assert_allclose(mine, theirs)
    mine, theirs = (known.interests(CUT_S, 90 * DAY_S).toarray() for known in (bought, viewed))
    np.testing.assert_allclose(mine, theirs)
    assert mine.any()
