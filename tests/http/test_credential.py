"""A bearer credential by any spelling of the scheme, and a tenant header that has to agree."""

from datetime import UTC, datetime

import pytest
from starlette.datastructures import Headers

from recommndr.shopper_token import NO_KEYS
from recommndr.tenancy import ServerKey, TenantPolicy, Tenants, hash_key, new_server_key
from recommndr_http.credential import Credentials
from recommndr_http.problem import Problem

KEY = new_server_key("grocer")
TENANTS = Tenants(tenants={"grocer": TenantPolicy(keys=(ServerKey(sha256=hash_key(KEY), scopes=("read",)),))})
CREDENTIALS = Credentials(lambda: TENANTS, lambda: NO_KEYS, lambda: datetime(2026, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_schemes_name_has_no_case(scheme: str) -> None:
    assert CREDENTIALS.caller(Headers({"authorization": f"{scheme} {KEY}"}), "read").tenant == "grocer"


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic abc", pytest.param(KEY, id="no scheme")])
def test_no_credential_is_a_401_that_says_how_one_looks(value: str) -> None:
    with pytest.raises(Problem) as raised:
        CREDENTIALS.caller(Headers({"authorization": value}), "read")
    assert raised.value.status == 401
    assert "www-authenticate" in raised.value.headers


def test_a_scope_that_the_key_lacks_is_a_403_and_another_tenants_header_a_400() -> None:
    for headers, scope, status in (({}, "events", 403), ({"x-recommndr-tenant": "books"}, "read", 400)):
        with pytest.raises(Problem) as raised:
            CREDENTIALS.caller(Headers({"authorization": f"Bearer {KEY}", **headers}), scope)  # type: ignore[arg-type]
        assert raised.value.status == status
