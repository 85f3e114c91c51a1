"""Operators sign in at an OpenID Connect provider: what proves who they are, and everything that does not."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import jwt
import pytest
from pydantic import SecretStr, ValidationError

from recommndr.settings import Settings
from recommndr_http.operators import basic_login
from recommndr_storefront.identity_provider import Client, IdentityProvider
from recommndr_storefront.operator_sessions import ATTEMPT_COOKIE, SESSION_COOKIE, OperatorSessions
from recommndr_storefront.sign_in import Membership, SignIn
from tests.storefront.provider import CLIENT_ID, REDIRECT_URL, SECRET, Claims, Provider, providing
from tests.storefront.shop_server import PASSWORD, Server, open_server

PAGE = {"accept": "text/html"}
OURS = {"x-recommndr-console": "1", "sec-fetch-site": "same-origin", "origin": "https://shop.test"}
LOGIN = basic_login(PASSWORD)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@dataclass
class Ops:
    """The storefront whose operators sign in at the provider, seen from one browser."""

    server: Server
    provider: Provider
    clock: list[datetime]

    async def begin(self, path: str = "/ops") -> str:
        """Open a page without a session: the provider's address that it leads to."""
        answer = await self.server.client.get(path, headers=PAGE)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def consent(self, url: str) -> str:
        """The user consents there: the address at which the browser comes back."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(url)
        assert answer.status_code == 303
        return answer.headers["location"]

    async def come_back(self, url: str) -> httpx.Response:
        return await self.server.client.get(url, headers=PAGE)

    async def sign_in(self, path: str = "/ops") -> httpx.Response:
        return await self.come_back(await self.consent(await self.begin(path)))

    def leave(self) -> None:
        """The browser forgets its session."""
        self.server.client.cookies.delete(SESSION_COOKIE)

    @property
    def is_in(self) -> bool:
        return SESSION_COOKIE in self.server.client.cookies


@pytest.fixture
async def ops(tmp_path: Path, provider: Provider) -> AsyncIterator[Ops]:
    clock = [datetime.now(UTC)]
    async with httpx.AsyncClient(trust_env=False) as http:

        def now() -> datetime:
            return clock[0]

        client = Client(CLIENT_ID, SECRET, REDIRECT_URL)
        told = IdentityProvider(provider.issuer, client, http, now, "openid email", lambda: now().timestamp())
        sign_in = SignIn(told, Membership("shop-operators"), OperatorSessions(SECRET, now, secure=True), LOGIN)
        async with open_server(tmp_path, sign_in=sign_in) as server:
            yield Ops(server, provider, clock)


async def test_an_operator_signs_in_and_comes_back_to_the_page_it_asked_for(ops: Ops) -> None:
    answer = await ops.sign_in("/ops/runbooks/SlotDown")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ops/runbooks/SlotDown")
    assert (await ops.server.client.get("/ops", headers=PAGE)).status_code == 200
    assert (await ops.server.client.get("/ops/figures")).status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "Secure" in cookie and "SameSite=lax" in cookie and "Path=/ops" in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_what_an_operator_moves_is_moved_in_the_name_of_who_signed_in(ops: Ops) -> None:
    await ops.sign_in()
    ops.server.answer = lambda _: httpx.Response(200, json={})
    asked = {"reason": "clicks fall", "by": "somebody else"}
    for path, reached in (("rollout/grocer/pause", "/rollout/grocer/pause"), ("code/pause", "/code/pause")):
        assert (await ops.server.client.post(f"/ops/{path}", json=asked, headers=OURS)).status_code == 200
        passed_on = ops.server.asked[-1]
        assert (passed_on.url.path, passed_on.headers["authorization"]) == (reached, LOGIN)
        assert json.loads(passed_on.content) == {"reason": "clicks fall", "by": "anna@example.com"}
    for body in (b"", b"[]", b"{"):
        headers = OURS | {"content-type": "application/json"}
        assert (await ops.server.client.post("/ops/rollout/grocer/pause", content=body, headers=headers)).status_code == 400


async def test_a_page_of_another_site_moves_nothing_with_an_operators_session(ops: Ops) -> None:
    await ops.sign_in()
    answer = await ops.server.client.post("/ops/rollout/grocer/pause", json={}, headers=OURS | {"origin": "https://evil.test"})
    assert (answer.status_code, ops.server.asked) == (403, [])


async def test_without_a_session_pages_lead_to_the_provider_and_everything_else_is_refused(ops: Ops) -> None:
    asked = parse_qs(urlsplit(await ops.begin()).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 32 and len(asked["nonce"][0]) >= 32 and asked["scope"] == ["openid email"]
    for path in ("/ops/figures", "/ops.txt", "/ops/code"):
        answer = await ops.server.client.get(path)
        assert (answer.status_code, "www-authenticate" in answer.headers) == (401, False)
    assert (await ops.server.client.post("/ops/rollout/grocer/pause", headers=OURS | PAGE)).status_code == 401
    # The local password is no way in beside the provider.
    assert (await ops.server.client.get("/ops/figures", headers={"authorization": LOGIN})).status_code == 401
    assert ops.server.asked == []


async def test_an_answer_to_a_sign_in_that_this_browser_did_not_begin_is_refused(ops: Ops) -> None:
    url = await ops.consent(await ops.begin())
    forged = urlsplit(url)._replace(query=urlencode(dict(parse_qsl(urlsplit(url).query)) | {"state": "another"})).geturl()
    for tried in (forged, url.replace("state=", "estate=")):
        answer = await ops.come_back(tried)
        assert (answer.status_code, ops.is_in) == (400, False)
        assert "not begun in this browser" in answer.json()["detail"]
    ops.server.client.cookies.delete(ATTEMPT_COOKIE)
    assert (await ops.come_back(url)).status_code == 400  # another browser
    assert "token" not in ops.provider.asked


async def test_a_sign_in_that_takes_too_long_must_begin_again(ops: Ops) -> None:
    url = await ops.consent(await ops.begin())
    ops.clock[0] += timedelta(minutes=11)
    assert (await ops.come_back(url)).status_code == 400


async def test_a_code_counts_once_and_only_with_this_browsers_verifier(ops: Ops) -> None:
    first = await ops.consent(await ops.begin())
    stolen = dict(parse_qsl(urlsplit(first).query))["code"]
    second = await ops.consent(await ops.begin())  # another attempt, so another verifier
    mixed = dict(parse_qsl(urlsplit(second).query)) | {"code": stolen}
    answer = await ops.come_back(f"{REDIRECT_URL}?{urlencode(mixed)}")
    assert (answer.status_code, ops.is_in) == (403, False)
    assert "invalid_grant" in answer.json()["detail"]


async def test_an_answer_of_another_issuer_is_refused(ops: Ops) -> None:
    url = await ops.consent(await ops.begin())
    told = dict(parse_qsl(urlsplit(url).query)) | {"iss": "https://another.example"}
    assert (await ops.come_back(f"{REDIRECT_URL}?{urlencode(told)}")).status_code == 400


async def test_a_provider_that_refuses_is_named(ops: Ops) -> None:
    state = parse_qs(urlsplit(await ops.begin()).query)["state"][0]
    answer = await ops.come_back(f"{REDIRECT_URL}?{urlencode({'state': state, 'error': 'access_denied'})}")
    assert (answer.status_code, "access_denied" in answer.json()["detail"]) == (403, True)


def unsigned(_: Provider, claims: Claims) -> str:
    return jwt.encode(claims, None, "none")


def signed_with_the_secret(_: Provider, claims: Claims) -> str:
    return jwt.encode(claims, SECRET.ljust(32, "-"), "HS256", headers={"kid": "first"})


def signed_by_somebody(_: Provider, claims: Claims) -> str:
    with providing() as another:
        return another.sign(another, claims)


@pytest.mark.parametrize(
    ("spoiled", "why"),
    [
        ({"nonce": "another"}, "another sign-in (nonce)"),
        ({"nonce": None}, "another sign-in (nonce)"),
        ({"exp": 1}, "has expired"),
        ({"aud": "another"}, "Audience"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "another client (azp)"),
        ({"iss": "https://another.example"}, "issuer"),
        ({"sub": None}, "sub"),
    ],
)
async def test_a_token_that_proves_nothing_is_refused(ops: Ops, spoiled: Claims, why: str) -> None:
    def spoil(claims: Claims) -> Claims:
        return {name: value for name, value in (claims | spoiled).items() if value is not None}

    ops.provider.spoil = spoil
    answer = await ops.sign_in()
    assert (answer.status_code, ops.is_in) == (403, False)
    assert why.lower() in answer.json()["detail"].lower()


@pytest.mark.parametrize("sign", [unsigned, signed_with_the_secret, signed_by_somebody])
async def test_a_token_that_the_provider_did_not_sign_is_refused(ops: Ops, sign: Any) -> None:
    ops.provider.sign = sign
    answer = await ops.sign_in()
    assert (answer.status_code, ops.is_in) == (403, False)
    assert "ID token is not valid" in answer.json()["detail"]


@pytest.mark.parametrize("groups", [None, [], ["staff"], "staff", {"shop-operators": True}])
async def test_who_is_not_in_the_operators_group_does_not_get_in(ops: Ops, groups: Any) -> None:
    ops.provider.user = {"sub": "u-2", "email": "bob@example.com"} | ({} if groups is None else {"groups": groups})
    answer = await ops.sign_in()
    assert (answer.status_code, ops.is_in) == (403, False)
    assert answer.json()["detail"] == "bob@example.com is not in the group 'shop-operators' of operators"


async def test_a_user_without_the_name_claim_is_named_by_the_subject(ops: Ops) -> None:
    ops.provider.user = {"sub": "u-3", "groups": "shop-operators"}
    await ops.sign_in()
    ops.server.answer = lambda _: httpx.Response(200, json={})
    await ops.server.client.post("/ops/rollout/grocer/pause", json={"reason": "x"}, headers=OURS)
    assert json.loads(ops.server.asked[-1].content)["by"] == "u-3"


async def test_a_session_ends_after_eight_hours_or_when_the_operator_ends_it(ops: Ops) -> None:
    await ops.sign_in()
    ops.clock[0] += timedelta(hours=7, minutes=59)
    assert (await ops.server.client.get("/ops/figures")).status_code == 200
    ops.clock[0] += timedelta(minutes=2)
    assert (await ops.server.client.get("/ops/figures")).status_code == 401
    await ops.sign_in()
    assert (await ops.server.client.post("/ops/sign-out")).status_code == 403  # another site's page cannot
    assert (
        await ops.server.client.post("/ops/sign-out", headers=OURS | {"content-type": "application/json"})
    ).status_code == 204
    assert not ops.is_in


async def test_a_session_of_another_secret_or_purpose_is_none(ops: Ops) -> None:
    await ops.begin()
    begun = ops.server.client.cookies[ATTEMPT_COOKIE]
    another = OperatorSessions("another secret of a client", lambda: ops.clock[0], secure=True)
    forged = jwt.encode({"identity": "eve", "aud": SESSION_COOKIE, "exp": 2**33}, another._key, "HS256")
    for session in (begun, forged, "x", ""):
        ops.server.client.cookies.set(SESSION_COOKIE, session, domain="shop.test", path="/ops")
        assert (await ops.server.client.get("/ops/figures")).status_code == 401


async def test_a_provider_that_changes_its_key_is_asked_for_it(ops: Ops) -> None:
    await ops.sign_in()
    assert ops.provider.asked == ["configuration", "token", "jwks"]
    ops.provider.rotate()
    ops.leave()
    assert (await ops.sign_in()).status_code == 403  # looked up a moment ago: unknown keys must not make us ask all the time
    ops.clock[0] += timedelta(seconds=61)
    assert (await ops.sign_in()).status_code == 303
    assert ops.provider.asked.count("jwks") == 2


async def test_a_provider_that_takes_the_secret_in_the_body_only_gets_it_there(ops: Ops) -> None:
    ops.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await ops.sign_in()).status_code == 303


@pytest.mark.parametrize("told", [{"issuer": "https://another.example"}, {"jwks_uri": "http://127.0.0.1:1/jwks"}])
async def test_a_provider_that_is_away_or_another_is_a_503_that_says_so(ops: Ops, told: Claims) -> None:
    ops.provider.metadata = told
    answer = await ops.server.client.get("/ops", headers=PAGE)
    if answer.status_code == 303:
        answer = await ops.come_back(await ops.consent(answer.headers["location"]))
    assert (answer.status_code, "identity provider does not answer" in answer.json()["detail"]) == (503, True)


def test_settings_of_a_provider_are_whole_or_refused() -> None:
    whole: dict[str, Any] = {
        "oidc_issuer": "https://id.example",
        "oidc_client_id": "x",
        "oidc_redirect_url": REDIRECT_URL,
        "oidc_operator_group": "g",
    }
    assert Settings(**whole, oidc_client_secret=SecretStr(SECRET)).oidc_groups_claim == "groups"
    for missing in ("oidc_client_id", "oidc_redirect_url", "oidc_operator_group"):
        with pytest.raises(ValidationError, match=f"RECOMMNDR_{missing.upper()}"):
            Settings(**{name: value for name, value in whole.items() if name != missing})
    with pytest.raises(ValidationError, match="expected https"):
        Settings(**whole | {"oidc_issuer": "http://id.example"})
