"""What tenants let the edge do, as configuration of Envoy's filters: whose pages may read, who may call, and how often; pure.

The keys are the filters' names in `infra/envoy/envoy.yaml`.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from recommndr.edge import TENANT_HEADER
from recommndr.identity import TenantId
from recommndr.tenancy import KEY_PREFIX, TenantPolicy

CORS = "envoy.filters.http.cors"
ADDRESSES = "envoy.filters.http.rbac"
TENANT_LIMIT = "tenant_limit"
BUFFER = "envoy.filters.http.buffer"

_TYPE = "type.googleapis.com/envoy.extensions.filters.http"
_ALWAYS = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
_MAX_UINT32 = 4_294_967_295
# Browsers keep the answer to a preflight at most this long: Chromium's own limit.
_PREFLIGHT_AGE_S = 7_200

Config = dict[str, Any]
Policies = Mapping[TenantId, TenantPolicy]
NO_POLICIES: Policies = MappingProxyType({})


def cors(origins: Iterable[str]) -> Config:
    """Pages of these origins may call and read the answers; a preflight of another one is answered without permission."""
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
    """Longer bodies are refused before a service sees any of them."""
    return {BUFFER: {"@type": f"{_TYPE}.buffer.v3.BufferPerRoute", "buffer": {"max_request_bytes": max_bytes}}}


def tenants_limits(policies: Policies) -> Config:
    """One bucket per tenant for all its shoppers' browsers.

    Server keys are limited by address alone: until a service has checked the key, its tenant is only a claim, with which
    anybody could use up another's bucket.
    """
    limit = {
        "@type": f"{_TYPE}.local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": TENANT_LIMIT,
        "filter_enabled": _ALWAYS,
        "filter_enforced": _ALWAYS,
        "always_consume_default_token_bucket": False,
        "token_bucket": _bucket(_MAX_UINT32),  # Envoy wants one for what no descriptor names: server keys
        "response_headers_to_add": [{"header": {"key": "retry-after", "value": "1"}}],
        "rate_limits": [{"actions": [_browser(), {"request_headers": _tenant_entry()}]}],
        "descriptors": [
            {
                "entries": [{"key": "caller", "value": "browser"}, {"key": "tenant", "value": tenant}],
                "token_bucket": _bucket(policies[tenant].max_requests_per_s),
            }
            for tenant in sorted(policies)
        ],
    }
    return {TENANT_LIMIT: limit}


def tenants_addresses(policies: Policies) -> Config:
    """Requests for a tenant are refused from the addresses it denies, and where it names allowed ones from all others."""
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
    # A browser's tenant is in the header, out of its token; a server may leave the header out, but not its key.
    by_header = {"header": {"name": TENANT_HEADER, "string_match": {"exact": tenant}}}
    by_key = {"header": server_key(f"{KEY_PREFIX}{tenant}_")}
    return {"or_rules": {"rules": [by_header, by_key]}}


def server_key(prefix: str = KEY_PREFIX) -> Config:
    """Matches the header of a request that claims a server key beginning with `prefix`."""
    return {"name": "authorization", "string_match": {"prefix": f"Bearer {prefix}", "ignore_case": True}}


def _browser() -> Config:
    match = {"descriptor_key": "caller", "descriptor_value": "browser", "expect_match": False, "headers": [server_key()]}
    return {"header_value_match": match}


def _tenant_entry() -> Config:
    return {"header_name": TENANT_HEADER, "descriptor_key": "tenant"}


def _bucket(n_per_s: int) -> Config:
    return {"max_tokens": n_per_s, "tokens_per_fill": n_per_s, "fill_interval": "1s"}
