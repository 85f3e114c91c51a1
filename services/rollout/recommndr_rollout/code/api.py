"""`/code`: the code release, and moves of it for operators."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from recommndr.release import StaleRecord
from recommndr_http.operators import Operators
from recommndr_http.problem import Problem
from recommndr_rollout.code.made_moves import CodeMove, CodeMoves
from recommndr_rollout.code.record import REVISION, Code, CodeRelease
from recommndr_rollout.operator_moves import MoveRefused


class CodeMoveAsked(BaseModel):
    """Who asks for a move, and why; `start` and `lift` need a revision."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    reason: str = Field(min_length=1, max_length=500)
    by: str = Field(default="operator", min_length=1, max_length=100, description="name for the audit log")
    revision: str = Field(default="", pattern=REVISION, description="a commit, or the tag of an image")
    checkout: str = Field(default="", max_length=1_000, description="natively the folder of the checkout to run")


class CodeStatus(BaseModel):
    """The record and what it waits for; no record before the first code release."""

    model_config = ConfigDict(frozen=True)
    code: CodeRelease | None
    waits: list[str]


def router(moves: CodeMoves, operators: Operators, waits: Callable[[], list[str]]) -> APIRouter:
    """The routes; calls may block on the disk, so they run on a thread."""
    routes = APIRouter(tags=["code releases"])

    @routes.get("/code", summary="The code release under way, or the last one")
    def status(response: Response) -> CodeStatus:
        response.headers["cache-control"] = "no-store"
        return CodeStatus(code=moves.store.load(), waits=waits())

    @routes.post("/code/{move}", summary="Start, pause, resume, promote, roll back a code release, or lift a bar")
    def make(move: CodeMove, asked: Annotated[CodeMoveAsked, Body()], request: Request) -> CodeRelease:
        operators.admit(request.headers.get("authorization", ""), "rollout")
        code = Code(revision=asked.revision, checkout=asked.checkout) if asked.revision else None
        try:
            return moves.make(move, asked.by, asked.reason, code)
        except (MoveRefused, StaleRecord) as cause:
            raise Problem(409, str(cause), title="The code release does not allow this") from cause

    return routes
