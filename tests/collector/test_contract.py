"""The collector answers what its OpenAPI document says, whatever it is sent."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import orjson
import pytest
import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection, unsupported_method

from tests.collector.shop import bearer, open_collector
from tests.collector.test_openapi import document
from tests.http.contract import Caller, few

schema = schemathesis.openapi.from_dict(orjson.loads(document()))


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        collector = runner.run(stack.enter_async_context(open_collector()))
        # An id may contain a slash, so `DELETE /items/0/availability` deletes an item of that name. Of a list, each event is
        # refused in a 207. An attribution that is none is dropped, and the event is taken.
        yield Caller(runner, collector.client, bearer(), excluded=[unsupported_method, negative_data_rejection])
        runner.run(stack.aclose())


@schema.parametrize()
@few
def test_every_answer_is_one_of_the_document(caller: Caller, case: schemathesis.Case) -> None:
    caller.check(case)
