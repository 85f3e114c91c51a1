"""`POST /tokens`: a shop's server exchanges its key for one shopper's short-lived token, which a browser may hold."""

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from recommndr_collector.gate import GateDependency
from recommndr_collector.openapi import TOKENS_ANSWER, TOKENS_BODY
from recommndr_collector.request import TokensCaller
from recommndr_collector.token_request import MAX_BYTES, shopper
from recommndr_http.body import read_body
from recommndr_http.problem import Problem

router = APIRouter(tags=["tokens"])


@router.post(
    "/tokens",
    summary="A token for one shopper's browser, 15 minutes",
    response_class=Response,
    responses=TOKENS_ANSWER,
    openapi_extra=TOKENS_BODY,
)
async def post_tokens(request: Request, caller: TokensCaller, gate: GateDependency) -> Response:
    """For the shop's own server, whose key needs the scopes read and events. The shop decides who its shopper is."""
    user_id = shopper(await read_body(request, MAX_BYTES))
    signer = gate.token_signer()
    if signer is None:
        raise Problem(404, "this installation issues no tokens; set RECOMMNDR_TOKEN_KEY")
    token, said = signer.issue(caller.tenant, user_id, gate.now())
    answer = {
        "token": token,
        "expires_at": said.expires_at.isoformat(),
        "expires_in_s": int((said.expires_at - said.issued_at).total_seconds()),
    }
    return Response(orjson.dumps(answer), headers={"Cache-Control": "no-store"}, media_type="application/json")
