"""A slot answers what its OpenAPI document says, whatever it is asked."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import orjson
import pytest
import schemathesis

from tests.engine.bundles import WrittenBundle
from tests.http.contract import Caller, few
from tests.serving.shops import headers, open_shop
from tests.serving.test_openapi import document

schema = schemathesis.openapi.from_dict(orjson.loads(document()))


@pytest.fixture(scope="module")
def caller(bundle: WrittenBundle) -> Iterator[Caller]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        shop = runner.run(stack.enter_async_context(open_shop(bundle)))
        yield Caller(runner, shop.client, headers())
        runner.run(stack.aclose())


@schema.parametrize()
@few
def test_every_answer_is_one_of_the_document(caller: Caller, case: schemathesis.Case) -> None:
    caller.check(case)
