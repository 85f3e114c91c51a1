"""Code is released on the running installation: one slot's process is replaced, and no shopper sees more than a list."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from recommndr.release import SLOTS, Release
from recommndr_native.go_live import GoLive
from recommndr_native.installation import Installation
from recommndr_rollout.code.command import code_moves
from recommndr_rollout.code.made_moves import CodeMove
from recommndr_rollout.code.record import Code, CodeRelease
from recommndr_rollout.code.store import CodeStore
from recommndr_rollout.operator_moves import MoveRefused
from recommndr_rollout.slots import HttpSlots, slot_urls
from tests.e2e.test_releases import QUICK, metrics, shoppers
from tests.faults.code import CRASHES, checkout
from tests.faults.order import Order, give
from tests.faults.releases import another_version, move, record
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.e2e
CODE_QUICK: dict[str, Any] = QUICK | {"watch_s": 3}


def code(installation: Installation) -> CodeRelease:
    found = CodeStore(installation.settings.code_release_file).load()
    assert found is not None
    return found


def ask(installation: Installation, what: CodeMove, wanted: Code | None = None) -> CodeRelease:
    with closing(httpx.Client(trust_env=False, timeout=PATIENCE_S)) as client:
        return code_moves(installation.settings, client).make(what, "a test", "a test of code releases", wanted)


def running(installation: Installation) -> dict[str, str]:
    with closing(httpx.Client(trust_env=False, timeout=PATIENCE_S)) as client:
        return dict(HttpSlots(client, slot_urls(installation.settings)).running())


@pytest.fixture
def steady(installation: Installation, live: GoLive) -> Iterator[Release]:
    """Releases of every tenant take seconds; afterwards no code release is under way, and the version is the same."""
    file = installation.settings.tenants_file
    before = file.read_text()
    content = yaml.safe_load(before)
    for tenant in content["tenants"].values():
        tenant["release"] = CODE_QUICK
    file.write_text(yaml.safe_dump(content))
    eventually(lambda: record(live).phase in {"STEADY", "PROMOTED"}, "no model is being released")
    release = record(live)
    try:
        yield release
        eventually(lambda: code(installation).phase == "STEADY" and record(live).code is None, "the code release is over")
        assert record(live).stable.version == release.stable.version
    finally:
        file.write_text(before)


def test_new_code_takes_over_in_both_slots_though_rollout_dies_on_the_way(
    live: GoLive, installation: Installation, steady: Release, tmp_path: Path
) -> None:
    old = {name: installation.pid(name) for name in SLOTS}
    wanted = checkout(tmp_path, "v2")
    with shoppers(live) as traffic:
        ask(installation, "start", wanted)
        eventually(lambda: code(installation).phase == "WARMING", "every shop is in one slot")
        installation.kill("rollout")
        with pytest.raises(MoveRefused, match=r"code-v2-r1 is under way|is being released"):
            move(live, "start", another_version(live, 20.0, tmp_path))
        eventually(lambda: code(installation).weight >= 1_000, "the second step")
        assert 'recommndr_rollout_code_phase{phase="STEP_' in metrics(installation)
        installation.kill("rollout")
        eventually(lambda: code(installation).phase == "PROMOTED", "the new code serves")
        eventually(lambda: code(installation).phase == "STEADY", "the other slot runs it, too")
        eventually(lambda: running(installation) == {"blue": "v2", "green": "v2"}, "both say so")
    assert {name: installation.pid(name) for name in SLOTS}.keys() == old.keys()
    assert all(installation.pid(name) != old[name] for name in SLOTS)
    assert traffic.refused() == []
    assert traffic.versions() == {steady.stable.version}  # no shopper sees another version
    phases = [step.phase for step in record(live).steps if step.reason.startswith("code-v2-")]
    assert phases[-6:] == ["WARMING", "STEP_1", "STEP_10", "STEP_50", "PROMOTED", "STEADY"]


def test_code_that_does_not_start_gets_no_traffic_and_is_barred(
    live: GoLive, installation: Installation, steady: Release, tmp_path: Path
) -> None:
    file = installation.settings.tenants_file
    content = yaml.safe_load(file.read_text())
    for tenant in content["tenants"].values():
        tenant["release"] = CODE_QUICK | {"rules": CODE_QUICK["rules"] | {"load": {"limit": 15}}}
    file.write_text(yaml.safe_dump(content))
    before = running(installation)
    with shoppers(live) as traffic:
        ask(installation, "start", checkout(tmp_path, "broken", CRASHES))
        eventually(lambda: bool(code(installation).barred), "it is barred")
        eventually(lambda: code(installation).phase == "STEADY", "the slot has the old code back")
    assert "load: slot" in code(installation).barred[-1].reason
    assert running(installation) == before
    assert traffic.refused() == []
    assert record(live).barred == steady.barred  # the model is not at fault
    with pytest.raises(MoveRefused, match="code broken is barred"):
        ask(installation, "start", Code(revision="broken"))


def test_code_that_fails_requests_is_taken_back_for_every_shop(
    live: GoLive, installation: Installation, steady: Release, tmp_path: Path
) -> None:
    before = running(installation)
    with shoppers(live) as traffic:
        ask(installation, "start", checkout(tmp_path, "raises"))
        eventually(lambda: code(installation).phase == "STEP_50", "half of the shoppers try it")
        ask(installation, "pause")
        slot = code(installation).other
        give(installation.settings, slot, Order(fault="errors"))
        try:
            eventually(lambda: bool(code(installation).barred) and record(live).challenger is None, "its traffic is back")
        finally:
            give(installation.settings, slot, Order())
        eventually(lambda: code(installation).phase == "STEADY", "the slot has the old code back")
    assert "errors: " in code(installation).barred[-1].reason
    assert running(installation) == before
    assert all(": 500 " in one.refused for one in traffic.refused())


def test_earlier_code_is_released_like_any_other_and_the_installations_own_needs_no_checkout(
    live: GoLive, installation: Installation, steady: Release
) -> None:
    serving = code(installation).serving
    with shoppers(live) as traffic:
        ask(installation, "start", Code(revision="v1"))
        eventually(lambda: code(installation).weight > 0, "shoppers try it")
        ask(installation, "promote")
        eventually(lambda: running(installation) == {"blue": "v1", "green": "v1"}, "both slots run it")
    assert code(installation).serving != serving
    assert traffic.refused() == []
