from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.storefront.shop_server import Server, open_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with open_server(tmp_path) as server:
        yield server
