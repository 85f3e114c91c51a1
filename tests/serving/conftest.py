from collections.abc import AsyncIterator

import pytest

from tests.engine.bundles import WrittenBundle
from tests.serving.shops import Shop, open_shop


@pytest.fixture
async def shop(bundle: WrittenBundle) -> AsyncIterator[Shop]:
    async with open_shop(bundle) as shop:
        yield shop
