"""The whole installation for end-to-end tests: profile tiny, every process of the Procfile, free ports, its own folder.

The slots are those of `tests.faults`: the product's, which a test can tell to have a fault.
"""

import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from recommndr_native.go_live import GoLive, fill_catalogue
from recommndr_native.installation import Installation, free_ports
from recommndr_native.installed import Tools
from recommndr_native.secret_files import write_for_owner_only
from recommndr_native.shop import Shop
from recommndr_training.shipping.held_out import Basket, baskets
from tests.faults.order import SLOT_COMMANDS
from tests.monitoring.receiver import Receiver, receiving

PROFILE = "tiny"
TENANT = "grocer"
_BUDGET_S = 900.0  # of each stage, on a machine that other jobs keep busy; training has no limit but its end
# A shopper waits 50 ms for a row. A busy machine may take longer, and these tests ask what is answered, not how fast. It is
# less than Redis takes to start: without Redis there are answers without the shopper's row.
_FEATURE_TIMEOUT_MS = 500.0


@pytest.fixture(scope="session")
def alert_receiver() -> Iterator[Receiver]:
    """Who is told of the installation's alerts."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def went_live_at_s() -> list[float]:
    """When `live` was, epoch; one entry once it is."""
    return []


@pytest.fixture(scope="session")
def live(alert_receiver: Receiver, went_live_at_s: list[float]) -> Iterator[GoLive]:
    """The tenant live: trained, registered, seeded, released, answered in full. Its processes may be killed: they come back."""
    write_for_owner_only()  # as the demo's process does
    # Not pytest's own folder: supervisord's socket needs a short path.
    var = Path(tempfile.mkdtemp(prefix="recommndr-e2e-"))
    installation = Installation.fresh(
        var,
        SLOT_COMMANDS,
        **free_ports(),
        alert_webhook_url=SecretStr(alert_receiver.url),
        feature_timeout_ms=_FEATURE_TIMEOUT_MS,
    )
    going = GoLive(installation, TENANT, PROFILE, Tools.of_checkout().checkout)
    try:
        installation.start()
        going.train()
        installation.bring_up(_BUDGET_S)
        registered = going.register()
        going.release(registered)
        going.seed()
        with closing(going.shop()) as shop:
            fill_catalogue(shop, going.items())
            users = [basket.user_id for basket in itertools.islice(baskets(PROFILE), 50)]
            going.await_answers(shop, registered["bundle_version"], users, _BUDGET_S)
        went_live_at_s.append(time.time())
        yield going
    finally:
        installation.stop()
    shutil.rmtree(var)  # kept where a test failed to start: the logs tell why


@pytest.fixture(scope="session")
def installation(live: GoLive) -> Installation:
    """The running installation: `kill(process)`, `wait_ready`, `settings`, `keys`."""
    return live.installation


@pytest.fixture(scope="session")
def held_out(live: GoLive) -> list[Basket]:
    """Real baskets no version was trained on, oldest first."""
    return list(baskets(live.profile))


@pytest.fixture
def shop(live: GoLive) -> Iterator[Shop]:
    """A client of the tenant at the edge."""
    with closing(live.shop()) as shop:
        yield shop
