"""`/shop.json` and `/session`: the shops, the visitor's id in each, and the visitor's token."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from recommndr.identity import Tenant, TenantId, User
from recommndr_http.body import read_body
from recommndr_http.json_shape import Shape, measure
from recommndr_http.probes import PRIVATE
from recommndr_http.problem import Problem, refused_model
from recommndr_storefront.shops import Shop, read_shops
from recommndr_storefront.tokens import NoToken, Tokens
from recommndr_storefront.visitors import Browser, NoSessionKey, Visitor, Visitors

_MAX_BYTES = 1_024
_SHAPE = Shape(depth=2, n_keys=8, n_commas=8)


class SessionRequest(BaseModel):
    """`POST /session`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tenant: Tenant
    user_id: User


@dataclass(frozen=True, slots=True)
class Sessions:
    """The objects that these routes use."""

    shops_file: Path
    tokens: Tokens
    visitors: Visitors
    edge_url: str  # for browsers
    dev: bool  # visitors may act as any shopper in the shops file

    async def shops(self, request: Request) -> Response:
        """The edge's address, the live shops, and the visitor's id in each."""
        browser = Browser.from_cookies(request.cookies)
        told = [self._told(shop, browser) for shop in read_shops(self.shops_file).shops]
        answer = {"edge_url": self.edge_url, "dev": self.dev, "shops": told}
        return self.visitors.remember(browser, JSONResponse(answer, headers=PRIVATE))

    async def open(self, request: Request) -> Response:
        """A token for the visitor; in development also for the shoppers of the switcher."""
        asked = await _asked(request)
        shop = read_shops(self.shops_file).find(asked.tenant)
        if shop is None:
            raise Problem(403, f"tenant {asked.tenant!r}: expected a shop from /shop.json")
        if not self._may_be(shop, asked.user_id, Browser.from_cookies(request.cookies)):
            raise Problem(403, "user_id: expected the visitor's own id, which /shop.json has for this browser")
        try:
            return JSONResponse(await self.tokens.ask(asked.tenant, asked.user_id), headers=PRIVATE)
        except NoToken as cause:
            raise (
                Problem(502, str(cause)) if cause.refused else Problem(503, str(cause), headers={"retry-after": "1"})
            ) from cause

    async def forget(self, _: Request) -> Response:
        """Make the browser a new guest. A signed-in shopper stays signed in until the shop ends its session."""
        return self.visitors.forget(Response(status_code=204, headers=PRIVATE))

    def _told(self, shop: Shop, browser: Browser) -> dict[str, Any]:
        told = shop.model_dump(mode="json", exclude=None if self.dev else {"shoppers"})
        return {"shoppers": []} | told | {"visitor": asdict(self._visitor(shop.tenant, browser))}

    def _may_be(self, shop: Shop, user_id: str, browser: Browser) -> bool:
        if self.dev and shop.has_shopper(user_id):
            return True
        return user_id == self._visitor(shop.tenant, browser).user_id

    def _visitor(self, tenant: TenantId, browser: Browser) -> Visitor:
        try:
            return self.visitors.visitor(tenant, browser)
        except NoSessionKey as cause:
            raise Problem(502, str(cause)) from cause


async def _asked(request: Request) -> SessionRequest:
    body = await read_body(request, _MAX_BYTES)
    measure(body).check(_SHAPE)
    try:
        return SessionRequest.model_validate_json(body)
    except ValidationError as cause:
        raise refused_model(cause) from None
