"""Operators sign in at a provider that we did not write: oidc-provider, certified by the OpenID Foundation.

`test_sign_in.py` has what a provider may do wrong; here is whether we understand one that does it right.
"""

import os
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from recommndr_http.operators import basic_login
from recommndr_native.child import Child
from recommndr_native.installed import Tools, program
from recommndr_native.ports import free_port
from recommndr_storefront.identity_provider import Client, IdentityProvider
from recommndr_storefront.operator_sessions import SESSION_COOKIE, OperatorSessions
from recommndr_storefront.sign_in import Membership, SignIn
from tests.patience import PATIENCE_S
from tests.servers import answering
from tests.storefront.provider import CLIENT_ID, REDIRECT_URL, SECRET
from tests.storefront.shop_server import PASSWORD, Server, open_server

pytestmark = pytest.mark.integration
SCRIPT = Tools.of_checkout().checkout / "frontend" / "flows" / "identityProvider.mjs"
PAGE = {"accept": "text/html"}
FORM = re.compile(r'action="([^"]*)"')
PROMPT = re.compile(r'name="prompt" value="(\w+)"')


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider, in a process of its own."""
    port = free_port()
    command = [program("node", "nodejs"), str(SCRIPT), str(port), CLIENT_ID, SECRET, REDIRECT_URL]
    child = Child("identity provider", command, tmp_path_factory.mktemp("provider") / "log", os.environ)
    url = f"http://127.0.0.1:{port}"
    with answering(child, f"{url}/.well-known/openid-configuration"):
        yield url


@dataclass
class Browser:
    """A browser before the storefront and the provider."""

    server: Server
    at_provider: httpx.AsyncClient

    async def sign_in(self, login: str, path: str = "/ops") -> httpx.Response:
        """Open a page, log in and consent at the provider, and come back."""
        answer = await self.server.client.get(path, headers=PAGE)
        page = await self.at_provider.get(answer.headers["location"], follow_redirects=False)
        while not page.headers.get("location", "").startswith(REDIRECT_URL):
            if page.is_redirect:
                page = await self.at_provider.get(httpx.URL(page.url).join(page.headers["location"]), follow_redirects=False)
            else:
                page = await self._submit(page, login)
        return await self.server.client.get(page.headers["location"], headers=PAGE)

    async def _submit(self, page: httpx.Response, login: str) -> httpx.Response:
        (address,), (prompt,) = set(FORM.findall(page.text)), PROMPT.findall(page.text)
        typed = {"prompt": prompt} | ({"login": login, "password": "any"} if prompt == "login" else {})
        return await self.at_provider.post(httpx.URL(page.url).join(address), data=typed, follow_redirects=False)

    @property
    def is_in(self) -> bool:
        return SESSION_COOKIE in self.server.client.cookies


@pytest.fixture
async def browser(tmp_path: Path, issuer: str) -> AsyncIterator[Browser]:
    def now() -> datetime:
        return datetime.now(UTC)

    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
        told = IdentityProvider(issuer, Client(CLIENT_ID, SECRET, REDIRECT_URL), http, now, "openid email groups")
        sessions = OperatorSessions(SECRET, now, secure=True)
        sign_in = SignIn(told, Membership("shop-operators"), sessions, basic_login(PASSWORD))
        async with open_server(tmp_path, sign_in=sign_in) as server, httpx.AsyncClient(trust_env=False) as at_provider:
            yield Browser(server, at_provider)


async def test_an_operator_signs_in_there_and_comes_back_to_the_page_it_asked_for(browser: Browser) -> None:
    answer = await browser.sign_in("anna", "/ops/runbooks/SlotDown")
    assert (answer.status_code, answer.headers["location"]) == (303, "/ops/runbooks/SlotDown")
    assert browser.is_in
    assert (await browser.server.client.get("/ops/figures")).status_code == 200


async def test_who_is_not_in_the_operators_group_does_not_get_in(browser: Browser) -> None:
    answer = await browser.sign_in("ben")
    assert answer.status_code == 403
    assert "ben@example.com is not in the group" in answer.text
    assert not browser.is_in


async def test_who_comes_back_is_signed_in_again_without_a_new_login(browser: Browser) -> None:
    await browser.sign_in("anna")
    browser.server.client.cookies.delete(SESSION_COOKIE)
    assert (await browser.sign_in("nobody")).status_code == 303  # the provider knows its session and asks for no login
    assert browser.is_in
