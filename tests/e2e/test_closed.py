"""A running installation as the outside may see it: what listens, and where."""

import ipaddress
from collections.abc import Iterator

import psutil
import pytest

from recommndr_native.installation import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def processes(installation: Installation) -> Iterator[tuple[str, psutil.Process]]:
    """Every process of the installation, under its name in the Procfile."""
    for one in installation.processes:
        top = psutil.Process(installation.pid(one.name))
        for process in (top, *top.children(recursive=True)):
            yield one.name, process


def is_loopback(address: str) -> bool:
    """An IPv4 address may be written as IPv6."""
    parsed = ipaddress.ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def test_nothing_listens_beyond_loopback(installation: Installation) -> None:
    installation.wait_ready()
    listening = {
        (name, connection.laddr.ip, connection.laddr.port)
        for name, process in processes(installation)
        for connection in process.net_connections(kind="inet")
        if not connection.raddr
    }
    assert {name for name, _, _ in listening} == {one.name for one in installation.processes}
    # Two of Flink, three of Kafka and Envoy, at least six of Beam: a table that misses them proves nothing.
    assert sum(name == "flink" for name, _, _ in listening) >= 8
    assert [one for one in sorted(listening) if not is_loopback(one[1])] == []
