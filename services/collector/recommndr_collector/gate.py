"""What every route shares: the log, the clock, the keys and the instruments of one collector."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from recommndr.shopper_token import NO_KEYS, TokenKeys, TokenSigner
from recommndr_collector.event_log import EventLog, NotAcknowledged, Record, RecordTooLarge
from recommndr_collector.metrics import Metrics
from recommndr_collector.problems import Problem, unknown_outcome


@dataclass(frozen=True)
class Gate:
    """A collector's outside things, passed in."""

    log: EventLog
    now: Callable[[], datetime]
    attribution_keys: Mapping[str, bytes]
    metrics: Metrics
    token_keys: TokenKeys = NO_KEYS
    token_signer: TokenSigner | None = None  # None: no tokens are issued

    async def write(self, records: list[Record]) -> list[Problem | None]:
        """Append all in order, wait for all acknowledgements: per record None or what went wrong."""
        started_s = time.perf_counter()
        outcomes = await asyncio.gather(*(self.log.append(record) for record in records), return_exceptions=True)
        self.metrics.acknowledged_s.observe(time.perf_counter() - started_s)
        return [_problem(outcome) for outcome in outcomes]


def _problem(outcome: BaseException | None) -> Problem | None:
    match outcome:
        case None:
            return None
        case NotAcknowledged():
            return unknown_outcome(f"{outcome.reason}: {outcome}")
        case RecordTooLarge():
            return Problem(413, str(outcome))
    raise outcome


async def _gate(request: Request) -> Gate:
    gate: Gate = request.app.state.gate
    return gate


GateDependency = Annotated[Gate, Depends(_gate)]
