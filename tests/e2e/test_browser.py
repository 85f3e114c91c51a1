"""A shopper's browser at the real edge: a token from the shop's server, then its own lists and events only."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from recommndr_native.installation import Installation
from tests.patience import PATIENCE_S, eventually

pytestmark = pytest.mark.e2e
TENANT, SHOPPER = "grocer", "browsing-anna"


@pytest.fixture
def origin(installation: Installation) -> str:
    """Of the storefront's pages."""
    return f"http://127.0.0.1:{installation.settings.storefront_port}"


@pytest.fixture
def browser(installation: Installation, origin: str) -> Iterator[httpx.Client]:
    """A page's requests with the token that its shop's server requested; waits until killed processes are back."""
    installation.wait_ready()
    with httpx.Client(
        base_url=installation.settings.envoy_url, headers={"origin": origin}, trust_env=False, timeout=PATIENCE_S
    ) as client:
        key = {"authorization": f"Bearer {installation.keys.server_keys[TENANT]}"}
        answer = client.post("/tokens", json={"user_id": SHOPPER}, headers=key).raise_for_status().json()
        client.headers["authorization"] = f"Bearer {answer['token']}"
        yield client


def event(user_id: str, item_id: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    lines = [{"item_id": item_id}]
    return {"event_id": str(uuid4()), "kind": "add_to_cart", "user_id": user_id, "occurred_at": now, "lines": lines}


def test_a_page_asks_for_lists_and_what_its_shopper_does_changes_the_next_one(browser: httpx.Client, origin: str) -> None:
    preflight = browser.options("/recommend", headers={"access-control-request-method": "POST"})
    assert preflight.headers["access-control-allow-origin"] == origin

    def known() -> int:
        answer = browser.post("/recommend", json={"user_id": SHOPPER}).raise_for_status()
        assert answer.headers["access-control-allow-origin"] == origin
        stored = answer.json()["user_profile"]["stored"]  # none also while the store is just back from a test that killed it
        return int(stored["n_events"]) if stored else 0

    before = known()
    item_id = browser.get("/popular", params={"k": 1}).raise_for_status().json()["items"][0]["item_id"]
    accepted = browser.post("/events", json=event(SHOPPER, item_id))
    assert (accepted.status_code, accepted.headers["access-control-allow-origin"]) == (202, origin)
    eventually(lambda: known() == before + 1, "the event is in the shopper's row", every_s=0.05)


def test_another_shopper_and_the_catalogue_are_out_of_its_reach(browser: httpx.Client) -> None:
    theirs = browser.post("/recommend", json={"user_id": "berta"}, headers={"x-recommndr-user": "berta"})
    assert (theirs.status_code, theirs.json()["field"]) == (403, "user_id")
    assert browser.get("/recommend", params={"user_id": "berta"}).status_code == 403
    assert browser.post("/events", json=event("berta", "i1")).status_code == 403
    assert browser.put("/items", json=[]).status_code == 403
    assert browser.get("/models").status_code == 403
    for hidden in ("/metrics", "/slot"):
        assert browser.get(hidden).status_code == 404


def test_without_a_token_the_edge_answers_by_itself(browser: httpx.Client) -> None:
    del browser.headers["authorization"]
    answer = browser.post("/recommend", json={"user_id": SHOPPER})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["access-control-allow-origin"] == "*"
