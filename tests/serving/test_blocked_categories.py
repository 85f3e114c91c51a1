"""What a shop never shows is in no answer, whichever part answers it."""

import pytest

from recommndr.tenancy import TenantPolicy
from tests.engine.bundles import N_ITEMS, WrittenBundle, item_id
from tests.serving.shops import Shop, headers, open_shop

NO_BREAD = TenantPolicy(blocked_categories=(("food", "bread"),))
BREAD = {item_id(n) for n in range(1, N_ITEMS, 2)}
LISTS = {
    "for a shopper": "/recommend?user_id=anna&k=100",
    "for a stranger": "/recommend?user_id=stranger&k=100",
    "alike": f"/similar_items?item_id={item_id(2)}&k=100",
    "popular": "/popular?k=100",
    "the catalogue": "/items?limit=100",
    "a search": "/search?limit=100",
}


async def shown(shop: Shop, path: str) -> set[str]:
    user = path.partition("user_id=")[2].partition("&")[0] or None
    answer = await shop.client.get(path, headers=headers(user))
    assert answer.status_code == 200, answer.text
    return {item["item_id"] for item in answer.json()["items"]}


@pytest.mark.parametrize("path", LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("with_bundle", [True, False])
async def test_a_blocked_category_is_in_no_list(path: str, with_bundle: bool, bundle: WrittenBundle) -> None:
    if path.startswith("/similar_items") and not with_bundle:
        pytest.skip("nothing is known to be alike without a bundle")
    async with open_shop(bundle if with_bundle else None, policy=NO_BREAD) as shop:
        listed = await shown(shop, path)
        assert listed
        assert not listed & BREAD
    async with open_shop(bundle if with_bundle else None) as shop:
        assert await shown(shop, path) & BREAD


async def test_an_item_of_a_blocked_category_has_no_page(bundle: WrittenBundle) -> None:
    async with open_shop(bundle, policy=NO_BREAD) as shop:
        assert (await shop.client.get(f"/items/{item_id(1)}", headers=headers())).status_code == 404
        assert (await shop.client.get(f"/items/{item_id(2)}", headers=headers())).status_code == 200
