"""No request fails while weights change and slots restart; `python -m tests.faults.churn` is the long form."""

import pytest

from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation
from tests.e2e.test_releases import shoppers
from tests.faults.churn import churn

pytestmark = pytest.mark.e2e


def test_no_request_fails_while_weights_change_and_slots_restart(live: GoLive, installation: Installation) -> None:
    with shoppers(live) as traffic:
        came = churn(live, installation, traffic, n_weights=8, n_restarts=2)
    assert (came.weights, came.restarts, came.refused, came.first_refused) == (8, 2, 0, "")
    assert came.requests > 0
