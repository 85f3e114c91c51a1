"""Ports for servers that start later."""

import socket
from pathlib import Path

import pytest

from recommndr_native import ports
from recommndr_native.ports import free_port


def test_no_outgoing_connection_can_take_a_free_port_before_its_server_does() -> None:
    first_outgoing = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(1_024 <= free_port() < first_outgoing for _ in range(200))


def test_a_port_in_use_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = free_port(), free_port()
    monkeypatch.setattr(ports, "_CHOICE", [taken, free])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", taken))
        assert {free_port() for _ in range(50)} == {free}
