"""Which names an inner port answers to."""

import pytest

from recommndr.hosts import inner_hosts, is_known_host, storefront_hosts
from recommndr.settings import Settings

INNER = Settings(host="0.0.0.0", peer_host="{name}", storefront_hosts="shop.example, www.shop.example")


@pytest.mark.parametrize("header", ["lake-writer:18032", "lake-writer", "localhost:18032", "127.0.0.1", "LOCALHOST"])
def test_a_process_answers_to_its_own_name_and_to_loopbacks(header: str) -> None:
    assert is_known_host(header, inner_hosts(INNER, "lake-writer"))


@pytest.mark.parametrize(
    "header", ["evil.example", "collector:18010", "", "evil.example:127.0.0.1", "127.0.0.1.evil.example", "[::1]"]
)
def test_and_to_no_other(header: str) -> None:
    assert not is_known_host(header, inner_hosts(INNER, "lake-writer"))


def test_the_storefront_answers_to_its_public_names_too() -> None:
    hosts = storefront_hosts(INNER)
    assert all(is_known_host(name, hosts) for name in ("shop.example", "www.shop.example:443", "localhost:18002"))
    assert not is_known_host("evil.example", hosts)
