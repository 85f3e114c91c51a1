"""Makes requests from an OpenAPI document, valid and invalid ones, and compares the answers with it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import CheckFunction
from schemathesis.specs.openapi.checks import ignored_auth, missing_required_header, positive_data_acceptance

# A schema cannot say everything that is checked: bytes of an id, a cursor, which kinds a shop has. Credentials and headers are
# those of the caller here, and have tests of their own.
_EXCLUDED = [positive_data_acceptance, ignored_auth, missing_required_header]

few = settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))


class Caller:
    """Sends cases through a client that lives on its own event loop."""

    def __init__(
        self,
        runner: asyncio.Runner,
        client: httpx.AsyncClient,
        headers: Mapping[str, str],
        excluded: Sequence[CheckFunction] = (),
    ) -> None:
        self._runner, self._client, self._headers, self._excluded = runner, client, headers, excluded

    def check(self, case: schemathesis.Case) -> None:
        """Send the request; raises unless the answer is one that the document describes and no 5xx."""
        case.headers = {**(case.headers or {}), **self._headers}
        asked: dict[str, Any] = dict(case.as_transport_kwargs(base_url=str(self._client.base_url)))
        asked.pop("cookies", None)
        content = asked.pop("data", None)
        sent = {name: str(value).encode("latin-1", "replace") for name, value in asked.pop("headers").items()}
        answer = self._runner.run(self._client.request(**asked, content=content, headers=sent))
        case.validate_response(answer, excluded_checks=[*_EXCLUDED, *self._excluded])
