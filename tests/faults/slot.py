"""A serving slot that has the fault it is told to have: `python -m tests.faults.slot --slot blue|green`.

Without an order it is the product's slot with one more, innermost middleware.
"""

import argparse
import asyncio
import os
import random
from typing import get_args

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recommndr.release import Slot as SlotName
from recommndr.settings import load
from recommndr.watched_file import WatchedFile
from recommndr_engine.arrays import ScoreArray
from recommndr_engine.ranker import Matrix, OnnxRanker
from recommndr_serving import main as serving
from recommndr_serving.http.api import OpenSlot, create_app
from tests.faults.order import Order, order_file

_NOT_BROKEN = ("/health", "/metrics", "/slot")
_SHARE_OF_ERRORS = 0.08
_SLOWER_S = 0.4
_LEAKED_BYTES = 1_000_000


class Orders:
    """The slot's order, as its file says now."""

    def __init__(self, file: WatchedFile[Order]) -> None:
        self._file = file

    def __call__(self) -> Order:
        """The order."""
        self._file.refresh()
        return self._file()


class Broken:
    """Requests for lists and items go wrong as the order says."""

    def __init__(self, app: ASGIApp, orders: Orders) -> None:
        self._app = app
        self._orders = orders
        self._random = random.Random(0)
        self._kept: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["path"].startswith(_NOT_BROKEN):
            await self._app(scope, receive, send)
            return
        fault = self._orders().fault
        if fault == "slow":
            await asyncio.sleep(_SLOWER_S)
        elif fault == "leak":
            self._kept.append(b"x" * _LEAKED_BYTES)
        elif fault == "errors" and self._random.random() < _SHARE_OF_ERRORS:
            await self._app(scope, receive, _unsent)  # the request is known by its tenant before it fails
            raise RuntimeError("a planted fault")
        await self._app(scope, receive, send)


async def _unsent(_: Message) -> None:
    pass


def _swapping(orders: Orders) -> None:
    """Exchange two columns of every matrix that the ranker scores, while the order says so."""
    score = OnnxRanker.score

    def swapped(ranker: OnnxRanker, matrix: Matrix) -> ScoreArray:
        order = orders()
        if order.fault == "swapped":
            first, second = order.columns
            matrix[:, [first, second]] = matrix[:, [second, first]]
        return score(ranker, matrix)

    OnnxRanker.score = swapped  # type: ignore[method-assign]


def main() -> None:
    """Serve until SIGTERM, or end at once if that is the fault."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("--slot", required=True, choices=get_args(SlotName))
    slot = parser.parse_known_args()[0].slot
    orders = Orders(WatchedFile(order_file(load(os.environ), slot), Order.model_validate_json, missing=Order()))
    if orders().fault == "crash":
        raise SystemExit("a planted fault: the process ends when it starts")
    _swapping(orders)

    def create(open_slot: OpenSlot) -> FastAPI:
        app = create_app(open_slot)
        app.user_middleware.append(Middleware(Broken, orders))
        return app

    serving.main(create)


if __name__ == "__main__":
    main()
