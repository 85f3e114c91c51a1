"""Tenants' policies as configuration of Envoy's filters: keys, allowed origins, allowed addresses and rate limits; pure.

The keys are the filters' names in `infra/envoy/envoy.yaml`. The tenant of a server's request is that of its verified key, which
the filter `server_key` writes into metadata; a browser's is in the header that the token filter sets.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from recommndr.edge import KEY_HEADER, TENANT_HEADER
from recommndr.identity import TenantId
from recommndr.tenancy import ServerKey, TenantPolicy

SERVER_KEY = "server_key"
CORS = "envoy.filters.http.cors"
ADDRESSES = "envoy.filters.http.rbac"
TENANT_LIMIT = "tenant_limit"
BUFFER = "envoy.filters.http.buffer"

_TYPE = "type.googleapis.com/envoy.extensions.filters.http"
_ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
_MAX_UINT32 = 4_294_967_295
# How long browsers cache the answer to a preflight; Chromium allows no more.
_PREFLIGHT_AGE_S = 7_200

Config = dict[str, Any]
Policies = Mapping[TenantId, TenantPolicy]
NO_POLICIES: Policies = MappingProxyType({})


def cors(origins: Iterable[str]) -> Config:
    """Pages of these origins may call and read the answers; preflights of other origins are answered without permission."""
    policy = {
        "@type": f"{_TYPE}.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin} for origin in origins],
        "allow_methods": "GET, POST",
        "allow_headers": "authorization, content-type",
        "expose_headers": "retry-after, x-recommndr-ladder",
        "max_age": str(_PREFLIGHT_AGE_S),
        "forward_not_matching_preflights": False,
    }
    return {CORS: policy}


def body_limit(max_bytes: int) -> Config:
    """Refuses longer bodies before a service receives them."""
    return {BUFFER: {"@type": f"{_TYPE}.buffer.v3.BufferPerRoute", "buffer": {"max_request_bytes": max_bytes}}}


def server_keys(policies: Policies) -> Config:
    """Every tenant's key hashes, for the filter that verifies keys; keys that are not in here are refused."""
    known = {key.sha256: _holder(tenant, key) for tenant in sorted(policies) for key in policies[tenant].keys}
    return {SERVER_KEY: {"@type": f"{_TYPE}.lua.v3.LuaPerRoute", "filter_context": known}}


def _holder(tenant: TenantId, key: ServerKey) -> Config:
    holder: Config = {"tenant": tenant, "id": key.id}
    return holder if key.expires_at is None else holder | {"expires_at": int(key.expires_at.timestamp())}


def tenants_limits(policies: Policies) -> Config:
    """Two buckets per tenant: one for all its shoppers' browsers, one for its servers, so neither uses up the other's."""
    limit = {
        "@type": f"{_TYPE}.local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": TENANT_LIMIT,
        "filter_enabled": _ALWAYS,
        "filter_enforced": _ALWAYS,
        "always_consume_default_token_bucket": False,
        "token_bucket": _bucket(_MAX_UINT32),  # Envoy requires a default bucket for requests without a descriptor
        "response_headers_to_add": [{"header": {"key": "retry-after", "value": "1"}}],
        "rate_limits": [{"actions": [_browser(), _routed_tenant()]}, {"actions": [_verified_tenant()]}],
        "descriptors": [
            descriptor
            for tenant in sorted(policies)
            for descriptor in (
                {
                    "entries": [{"key": "caller", "value": "browser"}, {"key": "tenant", "value": tenant}],
                    "token_bucket": _bucket(policies[tenant].max_requests_per_s),
                },
                {
                    "entries": [{"key": "server_of", "value": tenant}],
                    "token_bucket": _bucket(policies[tenant].max_server_requests_per_s),
                },
            )
        ],
    }
    return {TENANT_LIMIT: limit}


def tenants_addresses(policies: Policies) -> Config:
    """Refuses a tenant's requests from denied addresses, and from all but the allowed ones if any are named."""
    refused = {tenant: _refused(policy) for tenant, policy in sorted(policies.items())}
    rules = {
        tenant: {"permissions": [_for_tenant(tenant)], "principals": principals}
        for tenant, principals in refused.items()
        if principals
    }
    if not rules:
        return {}
    rbac = {"rules": {"action": "DENY", "policies": rules}}
    return {ADDRESSES: {"@type": f"{_TYPE}.rbac.v3.RBACPerRoute", "rbac": rbac}}


def _refused(policy: TenantPolicy) -> list[Config]:
    principals = [_from(network) for network in policy.denied_addresses]
    if policy.allowed_addresses:
        allowed = [_from(network) for network in policy.allowed_addresses]
        principals.append({"not_id": {"or_ids": {"ids": allowed}}})
    return principals


def _from(network: str) -> Config:
    address, _, n_bits = network.partition("/")
    return {"remote_ip": {"address_prefix": address, "prefix_len": int(n_bits)}}


def _for_tenant(tenant: str) -> Config:
    # A browser's tenant is in the header, set from its token; a server may omit the header, but not its key.
    by_header = {"header": {"name": TENANT_HEADER, "string_match": {"exact": tenant}}}
    by_key = {"sourced_metadata": {"metadata_matcher": _TENANT_OF_KEY | {"value": {"string_match": {"exact": tenant}}}}}
    return {"or_rules": {"rules": [by_header, by_key]}}


# Metadata in which the filter `server_key` writes the tenant of the verified key.
_CALLER = "recommndr.caller"
_TENANT_OF_KEY = {"filter": _CALLER, "path": [{"key": "tenant"}]}


def _browser() -> Config:
    verified = {"name": KEY_HEADER, "present_match": True}
    match = {"descriptor_key": "caller", "descriptor_value": "browser", "expect_match": False, "headers": [verified]}
    return {"header_value_match": match}


def _routed_tenant() -> Config:
    return {"request_headers": {"header_name": TENANT_HEADER, "descriptor_key": "tenant"}}


def _verified_tenant() -> Config:
    key = {"key": _CALLER, "path": [{"key": "tenant"}]}
    return {"metadata": {"descriptor_key": "server_of", "metadata_key": key, "source": "DYNAMIC"}}


def _bucket(n_per_s: int) -> Config:
    return {"max_tokens": n_per_s, "tokens_per_fill": n_per_s, "fill_interval": "1s"}
