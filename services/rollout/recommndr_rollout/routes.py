"""Envoy's routes from the tenants' weights: values in, one xDS response out; pure.

Each tenant has routes with weighted clusters. The hash of tenant and user selects the slot, so a shopper stays in a slot; the
clusters keep their order, so nobody moves back while a weight rises. Requests without a shopper go to a random slot by weight.
For browsers, Envoy has set both headers from the token. A preflight has no token: it is answered for the origins of all
tenants, and the request itself only for its own tenant's.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from recommndr.edge import MAX_EVENT_BYTES, MAX_ITEM_BYTES, READ_TIMEOUT_S, TENANT_HEADER, USER_HEADER
from recommndr.identity import TenantId
from recommndr.release import SLOTS, Slot
from recommndr.tenancy import TenantPolicy
from recommndr_rollout.edge_policies import (
    NO_POLICIES,
    Policies,
    body_limit,
    cors,
    server_keys,
    tenants_addresses,
    tenants_limits,
)
from recommndr_rollout.weights import Weights

CONFIG_NAME = "recommndr"

_TYPE = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
_COLLECTOR_WRITES = "PUT|PATCH|DELETE"
# A write waits at most 5 s for Kafka.
_WRITE_TIMEOUT = "15s"
_READ_TIMEOUT = f"{READ_TIMEOUT_S:g}s"
# Only if nothing was sent yet, so that a retry cannot repeat a write.
_WRITE_RETRY = {"retry_on": "connect-failure,refused-stream", "num_retries": 2}
# Services only accept inner host names, so the edge replaces the client's.
_INNER_NAME = {"auto_host_rewrite": True}
_TO_COLLECTOR = _INNER_NAME | {"cluster": "collector", "timeout": _WRITE_TIMEOUT, "retry_policy": _WRITE_RETRY}
# A list may be requested twice. A cluster's second priority is the other slot, so the retry goes there. A slot that has just
# started answers 503 until it knows the shop. A request that waited too long gets a 503 too, but no retry: its time is over.
_READ_RETRY = {
    "retry_on": "connect-failure,refused-stream,reset,retriable-status-codes",
    "retriable_status_codes": [503],
    "num_retries": 2,
    "retry_priority": {
        "name": "envoy.retry_priorities.previous_priorities",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
            "update_frequency": 1,
        },
    },
}


def route_configuration(weights: Mapping[str, Weights], policies: Policies = NO_POLICIES) -> dict[str, Any]:
    """The discovery response for Envoy: writes to the collector, tenants by weight, everything else to blue.

    A request without a tenant header gets no tenant's route: blue answers it with its 400.
    """
    tenants = [
        route
        for tenant in sorted({*weights, *policies})
        for route in _tenant_routes(tenant, weights.get(tenant), policies.get(TenantId(tenant), TenantPolicy()))
    ]
    anybodys = {"match": {"prefix": "/"}, "route": _to_slot(SLOTS[0])}
    resource = {
        "@type": _TYPE,
        "name": CONFIG_NAME,
        "virtual_hosts": [
            {
                "name": "all",
                "domains": ["*"],
                "typed_per_filter_config": server_keys(policies) | tenants_limits(policies) | tenants_addresses(policies),
                "routes": [_preflight(policies), *_server_routes(), *tenants, _events_route(), anybodys],
            }
        ],
    }
    return {"version_info": _digest(resource), "resources": [resource]}


def applied_weights(configuration: Mapping[str, Any]) -> dict[str, dict[Slot, int]]:
    """Inverse of `route_configuration`: the weights per tenant in a configuration."""
    routes = configuration["resources"][0]["virtual_hosts"][0]["routes"]
    return {
        route["match"]["headers"][0]["string_match"]["exact"]: {
            cluster["name"]: cluster["weight"] for cluster in route["route"]["weighted_clusters"]["clusters"]
        }
        for route in routes
        if "weighted_clusters" in route["route"]
    }


def _preflight(policies: Policies) -> dict[str, Any]:
    asks = [
        {"name": ":method", "string_match": {"exact": "OPTIONS"}},
        {"name": "access-control-request-method", "present_match": True},
    ]
    origins = sorted({origin for policy in policies.values() for origin in policy.origins})
    # Envoy answers it itself; the filter only needs a route with a destination.
    return {
        "match": {"prefix": "/", "headers": asks},
        "route": _to_slot(SLOTS[0]),
        "typed_per_filter_config": cors(origins),
    }


def _server_routes() -> list[dict[str, Any]]:
    method = {"name": ":method", "string_match": {"safe_regex": {"regex": _COLLECTOR_WRITES}}}
    return [
        {"match": {"path": "/tokens"}, "route": _TO_COLLECTOR},
        {
            "match": {"path_separated_prefix": "/users", "headers": [{"name": ":method", "string_match": {"exact": "DELETE"}}]},
            "route": _TO_COLLECTOR,
        },
        {
            "match": {"path_separated_prefix": "/items", "headers": [method]},
            "route": _TO_COLLECTOR,
            "typed_per_filter_config": body_limit(MAX_ITEM_BYTES),
        },
    ]


def _events_route(*headers: dict[str, Any]) -> dict[str, Any]:
    return {
        "match": {"path": "/events", "headers": list(headers)},
        "route": _TO_COLLECTOR,
        "typed_per_filter_config": body_limit(MAX_EVENT_BYTES),
    }


def _to_slot(slot: Slot) -> dict[str, Any]:
    return _INNER_NAME | {"cluster": slot, "timeout": _READ_TIMEOUT, "retry_policy": _READ_RETRY}


def _tenant_routes(tenant: str, weights: Weights | None, policy: TenantPolicy) -> list[dict[str, Any]]:
    header = {"name": TENANT_HEADER, "string_match": {"exact": tenant}}
    events, allowed = _events_route(header), {"typed_per_filter_config": cors(policy.origins)}
    return [
        events | {"typed_per_filter_config": events["typed_per_filter_config"] | cors(policy.origins)},
        *(route | allowed for route in _list_routes(header, weights)),
    ]


def _list_routes(tenant: dict[str, Any], weights: Weights | None) -> list[dict[str, Any]]:
    if not weights:
        return [{"match": {"prefix": "/", "headers": [tenant]}, "route": _to_slot(SLOTS[0])}]
    shopper = {"name": USER_HEADER, "string_match": {"safe_regex": {"regex": ".+"}}}
    by_shopper = {"hash_policy": [{"header": {"header_name": name}} for name in (TENANT_HEADER, USER_HEADER)]}
    return [
        {
            "match": {"prefix": "/", "headers": [tenant, shopper]},
            "route": _by_weight(weights, use_hash_policy=True) | by_shopper,
        },
        # Requests without a shopper need no sticky slot; hashing the tenant alone would send all of them to one slot.
        {"match": {"prefix": "/", "headers": [tenant]}, "route": _by_weight(weights, use_hash_policy=False)},
    ]


def _by_weight(weights: Weights, use_hash_policy: bool) -> dict[str, Any]:
    return _INNER_NAME | {
        "timeout": _READ_TIMEOUT,
        "retry_policy": _READ_RETRY,
        "weighted_clusters": {
            "clusters": [{"name": slot, "weight": weights[slot]} for slot in SLOTS],
            "use_hash_policy": use_hash_policy,
        },
    }


def _digest(resource: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()[:16]
