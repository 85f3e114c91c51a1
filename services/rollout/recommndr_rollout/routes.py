"""Envoy's routes out of the tenants' weights: values in, one xDS response out; pure.

One route per tenant with weighted clusters; which slot a request takes is the hash of tenant and user, so a shopper stays,
and since the clusters keep their order nobody moves back while a weight rises.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from recommndr.release import SLOTS, Slot
from recommndr_rollout.weights import Weights

CONFIG_NAME = "recommndr"
TENANT_HEADER = "x-recommndr-tenant"
USER_HEADER = "x-recommndr-user"

_TYPE = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
_COLLECTOR_WRITES = "PUT|PATCH|DELETE"
# A write waits for the broker at most 5 s; an answer that takes longer than 2 s helps no page.
_WRITE_TIMEOUT = "15s"
_READ_TIMEOUT = "2s"
# Nothing was sent yet, so a second try cannot do anything twice.
_WRITE_RETRY = {"retry_on": "connect-failure,refused-stream", "num_retries": 2}
# A list may be made twice. A cluster's second priority is the other slot: a retry goes there.
_READ_RETRY = {
    "retry_on": "connect-failure,refused-stream,reset",
    "num_retries": 2,
    "retry_priority": {
        "name": "envoy.retry_priorities.previous_priorities",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
            "update_frequency": 1,
        },
    },
}


def route_configuration(weights: Mapping[str, Weights]) -> dict[str, Any]:
    """The discovery response for Envoy: writes to the collector, tenants by weight, everything else to blue.

    A request without a tenant header gets no tenant's route: blue answers it with its 400.
    """
    tenants = [_tenant_route(tenant, weights[tenant]) for tenant in sorted(weights)]
    routes = [*_collector_routes(), *tenants, {"match": {"prefix": "/"}, "route": _to_slot(SLOTS[0])}]
    resource = {
        "@type": _TYPE,
        "name": CONFIG_NAME,
        "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}],
    }
    return {"version_info": _digest(resource), "resources": [resource]}


def applied_weights(configuration: Mapping[str, Any]) -> dict[str, dict[Slot, int]]:
    """Inverse of `route_configuration`: the weights per tenant that a configuration holds."""
    routes = configuration["resources"][0]["virtual_hosts"][0]["routes"]
    return {
        route["match"]["headers"][0]["string_match"]["exact"]: {
            cluster["name"]: cluster["weight"] for cluster in route["route"]["weighted_clusters"]["clusters"]
        }
        for route in routes
        if "weighted_clusters" in route["route"]
    }


def _collector_routes() -> list[dict[str, Any]]:
    method = {"name": ":method", "string_match": {"safe_regex": {"regex": _COLLECTOR_WRITES}}}
    to_collector = {"cluster": "collector", "timeout": _WRITE_TIMEOUT, "retry_policy": _WRITE_RETRY}
    return [
        {"match": {"path": "/events"}, "route": to_collector},
        {"match": {"path": "/tokens"}, "route": to_collector},
        {"match": {"path_separated_prefix": "/items", "headers": [method]}, "route": to_collector},
    ]


def _to_slot(slot: Slot) -> dict[str, Any]:
    return {"cluster": slot, "timeout": _READ_TIMEOUT, "retry_policy": _READ_RETRY}


def _tenant_route(tenant: str, weights: Weights) -> dict[str, Any]:
    return {
        "match": {"prefix": "/", "headers": [{"name": TENANT_HEADER, "string_match": {"exact": tenant}}]},
        "route": {
            "timeout": _READ_TIMEOUT,
            "retry_policy": _READ_RETRY,
            "hash_policy": [{"header": {"header_name": TENANT_HEADER}}, {"header": {"header_name": USER_HEADER}}],
            "weighted_clusters": {
                "clusters": [{"name": slot, "weight": weights[slot]} for slot in SLOTS],
                "use_hash_policy": True,
            },
        },
    }


def _digest(resource: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(resource, sort_keys=True).encode()).hexdigest()[:16]
