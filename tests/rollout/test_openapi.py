"""`docs/openapi-rollout.json` is the document that rollout serves. `python -m tests.rollout.test_openapi` writes it."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from recommndr.audit_log import AuditLog
from recommndr_http.operators import Operators
from recommndr_rollout import moves_api, series_api
from recommndr_rollout.api import create_app
from recommndr_rollout.code import api as code_api
from recommndr_rollout.code.made_moves import CodeMoves
from recommndr_rollout.code.store import CodeStore
from recommndr_rollout.figures import Figures
from recommndr_rollout.memory_store import MemoryReleaseStore
from recommndr_rollout.moves import Moves

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi-rollout.json"


def document() -> bytes:
    def never_asked() -> Figures:
        raise NotImplementedError

    moves = Moves(MemoryReleaseStore(), AuditLog(Path()), lambda: datetime.now(UTC))
    code_moves = CodeMoves(CodeStore(Path()), moves.store, moves.audit, moves.now, dict)
    routers = (
        moves_api.router(moves, Operators(SecretStr(""))),
        code_api.router(code_moves, Operators(SecretStr("")), list),
        series_api.router(lambda _selector, _grid: [], MemoryReleaseStore().load, lambda: datetime.now(UTC)),
    )
    app = create_app(never_asked, routers, CollectorRegistry(), lambda: True)
    return orjson.dumps(app.openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def test_the_document_beside_the_docs_is_the_interfaces_own() -> None:
    assert DOCUMENT.read_bytes() == document(), "run `make docs`"


if __name__ == "__main__":
    DOCUMENT.write_bytes(document())
