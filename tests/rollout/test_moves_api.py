"""Operators move releases over HTTP: with the password, a reason, and a line in the audit log."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from recommndr.audit_log import AuditLog
from recommndr_http import refusals
from recommndr_http.operators import OPERATOR, Operators
from recommndr_rollout import moves_api
from recommndr_rollout.memory_store import MemoryReleaseStore
from recommndr_rollout.moves import MOVES, Moves
from tests.rollout.records import record

PASSWORD = "a long password"
LOGIN = {"authorization": "Basic " + b64encode(f"{OPERATOR}:{PASSWORD}".encode()).decode()}
VERSION_2 = {"model_version": 2, "bundle_version": "bundle-2", "reason": "weekly training"}


@pytest.fixture
def store() -> MemoryReleaseStore:
    store = MemoryReleaseStore()
    store.save(record())
    return store


def client(store: MemoryReleaseStore, audit: Path, password: str = PASSWORD) -> httpx.AsyncClient:
    app = FastAPI()
    moves = Moves(store, AuditLog(audit), lambda: datetime(2026, 3, 1, tzinfo=UTC))
    app.include_router(moves_api.router(moves, Operators(SecretStr(password))))
    refusals.install(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://rollout")


async def test_a_release_is_started_paused_and_rolled_back_and_the_audit_log_says_by_whom(
    store: MemoryReleaseStore, tmp_path: Path
) -> None:
    api = client(store, tmp_path / "audit.jsonl")

    async def ask(move: str, **body: Any) -> dict[str, Any]:
        answer = await api.post(f"/rollout/grocer/{move}", json={"reason": "a test", "by": "anna", **body}, headers=LOGIN)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    assert (await ask("start", **VERSION_2))["phase"] == "WARMING"
    assert (await ask("pause"))["paused"] is True
    assert (await ask("resume"))["paused"] is False
    assert (await ask("rollback"))["phase"] == "ROLLED_BACK"
    assert (await ask("lift", model_version=2))["record_version"] == 6
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(line["act"], line["by"], line["tenant"]) for line in lines] == [
        (f"release.{move}", "anna", "grocer") for move in ("start", "pause", "resume", "rollback", "lift")
    ]
    assert lines[0]["reason"] == "weekly training"


@pytest.mark.parametrize("move", MOVES)
async def test_nothing_moves_without_the_operators_password(store: MemoryReleaseStore, tmp_path: Path, move: str) -> None:
    before = store.load("grocer")
    for password, headers, status in ((PASSWORD, {}, 401), (PASSWORD, {"authorization": "Basic eDp5"}, 401), ("", LOGIN, 403)):
        answer = await client(store, tmp_path / "audit", password).post(
            f"/rollout/grocer/{move}", json=VERSION_2, headers=headers
        )
        assert answer.status_code == status
    assert store.load("grocer") == before
    assert not (tmp_path / "audit").exists()


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("grocer/pause", {"reason": "x"}, 409, "no release is under way"),
        ("grocer/start", {"reason": "x"}, 409, "start needs the model_version and the bundle_version"),
        ("grocer/lift", {"reason": "x", "model_version": 9}, 409, "version 9 is not barred; barred are: none"),
        ("toys/pause", {"reason": "x"}, 409, "tenant 'toys' has no release"),
        ("grocer/start", {}, 400, "reason"),
        ("grocer/start", {"reason": ""}, 400, "reason"),
        ("grocer/fly", {"reason": "x"}, 400, "move"),
        ("Not a tenant/pause", {"reason": "x"}, 400, "tenant"),
    ],
)
async def test_a_move_that_makes_no_sense_is_refused_in_words(
    store: MemoryReleaseStore, tmp_path: Path, path: str, body: dict[str, Any], status: int, told: str
) -> None:
    answer = await client(store, tmp_path / "audit").post(f"/rollout/{path}", json=body, headers=LOGIN)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text


async def test_a_move_that_cannot_be_audited_is_not_made(store: MemoryReleaseStore, tmp_path: Path) -> None:
    before = store.load("grocer")
    (tmp_path / "file").write_text("")
    answer = await client(store, tmp_path / "file" / "audit").post("/rollout/grocer/start", json=VERSION_2, headers=LOGIN)
    assert answer.status_code == 500
    assert store.load("grocer") == before
