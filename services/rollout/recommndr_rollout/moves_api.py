"""`POST /rollout/{tenant}/{move}`: moves of a release, for operators with the password."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from recommndr.identity import Tenant
from recommndr.release import StaleRecord
from recommndr_http.operators import Operators
from recommndr_http.problem import Problem
from recommndr_rollout.candidate import Candidate
from recommndr_rollout.moves import Move, Moves
from recommndr_rollout.operator_moves import MoveRefused


class MoveAsked(BaseModel):
    """Who asks for a move, and why; `start` and `lift` need a version."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    reason: str = Field(min_length=1, max_length=500)
    by: str = Field(default="operator", min_length=1, max_length=100, description="name for the audit log")
    model_version: int | None = Field(default=None, ge=1, description="version of the tenant's registered model")
    bundle_version: str = Field(default="", max_length=64, description="content version of its bundle")


class MoveMade(BaseModel):
    """The record after the move."""

    model_config = ConfigDict(frozen=True)
    tenant: str
    release_id: str
    phase: str
    record_version: int
    challenger_weight: int = Field(description="basis points of traffic")
    paused: bool


def router(moves: Moves, operators: Operators) -> APIRouter:
    """The route; a call may block on the disk, so it runs on a thread."""
    routes = APIRouter(tags=["releases"])

    @routes.post("/rollout/{tenant}/{move}", summary="Start, pause, resume, promote, roll back a release, or lift a bar")
    def make(tenant: Annotated[Tenant, Path()], move: Move, asked: MoveAsked, request: Request) -> MoveMade:
        operators.admit(request.headers.get("authorization", ""), "rollout")
        candidate = None if asked.model_version is None else Candidate(asked.bundle_version, asked.model_version)
        try:
            saved = moves.make(tenant, move, asked.by, asked.reason, candidate)
        except (MoveRefused, StaleRecord) as cause:
            raise Problem(409, str(cause), title="The release does not allow this") from cause
        return MoveMade.model_validate(saved, from_attributes=True)

    return routes
