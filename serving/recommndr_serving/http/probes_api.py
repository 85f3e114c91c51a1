"""Health, metrics, and the versions of this slot."""

from typing import Any

from fastapi import APIRouter, Request, Response

from recommndr_http import probes
from recommndr_serving.bundle_quality import quality
from recommndr_serving.http.answers import respond
from recommndr_serving.http.auth import tenant_of_server
from recommndr_serving.http.openapi import MODELS_ANSWER, SERVER_ONLY
from recommndr_serving.slot import Slot
from recommndr_serving.tenant_slot import TenantSlot, arm_of

router = APIRouter(tags=["operation"])


@router.get("/health/live", response_class=Response)
async def live(request: Request) -> Response:
    """200 while no background loop hangs; a 503 names the loops that hang."""
    slot: Slot = request.app.state.slot
    return probes.live(slot.stalled())


@router.get("/health/ready", response_class=Response)
async def ready(request: Request) -> Response:
    """200 after the tails were read to their ends and every release record was tried; a 503 names what is missing."""
    slot: Slot = request.app.state.slot
    return probes.ready(slot.awaited())


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    """For Prometheus; not through the edge."""
    probes.refuse_edge(request.headers, request.url.path)
    slot: Slot = request.app.state.slot
    for tenant in slot.tenants.values():
        slot.metrics.items.labels(tenant.tenant).set(tenant.n_shown(slot.now().timestamp()))
    return probes.metrics(slot.metrics.registry)


@router.get("/slot", response_class=Response, openapi_extra={"security": []})
async def assignments(request: Request) -> Response:
    """The code that this slot runs and the versions that it serves per tenant, for rollout; not through the edge."""
    probes.refuse_edge(request.headers, request.url.path)
    slot: Slot = request.app.state.slot
    tenants = {t.tenant: _held(t) | {"refused": t.refused, "quality": _quality(t)} for t in slot.tenants.values()}
    return respond({"slot": slot.name, "code": slot.code, "tenants": tenants})


@router.get("/models", response_class=Response, responses=MODELS_ANSWER, openapi_extra=SERVER_ONLY)
async def get_models(request: Request) -> Response:
    """The version that serves the caller's tenant in this slot: since when, release weights, metrics of the bundle."""
    slot: Slot = request.app.state.slot
    tenant = tenant_of_server(request)
    return respond({"slot": slot.name, "tenant": tenant.tenant, **_held(tenant), **_release(tenant), **_trained(tenant)})


def _held(tenant: TenantSlot) -> dict[str, Any]:
    serving = tenant.serving
    if serving is None:
        return {"version": None, "model_version": None, "since": None, "arm": "none"}
    placement = serving.placement
    return {
        "version": placement.version,
        "model_version": placement.model_version,
        "since": serving.since.isoformat(),
        "arm": arm_of(serving, tenant.release),
    }


def _quality(tenant: TenantSlot) -> dict[str, Any] | None:
    measured = None if tenant.serving is None else quality(tenant.serving.manifest)
    return None if measured is None else measured._asdict()


def _release(tenant: TenantSlot) -> dict[str, Any]:
    release = tenant.release
    if release is None:
        return {"release": None}
    return {"release": {"id": release.release_id, "phase": release.phase, "weights": release.weights()}}


def _trained(tenant: TenantSlot) -> dict[str, Any]:
    if tenant.serving is None:
        return {"trained": None, "metrics": {}}
    manifest = tenant.serving.manifest
    data = manifest.training_data
    trained = {
        "since": data.since.isoformat(),
        "until": data.until.isoformat(),
        "n_lines": data.n_lines,
        "n_items": data.n_items,
    }
    return {"trained": trained, "metrics": manifest.metrics}
