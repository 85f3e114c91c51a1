from collections.abc import AsyncIterator

import pytest

from tests.serving.bundles import WrittenBundle, write_bundle
from tests.serving.shops import Shop, open_shop


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> WrittenBundle:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "first")


@pytest.fixture
async def shop(bundle: WrittenBundle) -> AsyncIterator[Shop]:
    async with open_shop(bundle) as shop:
        yield shop
