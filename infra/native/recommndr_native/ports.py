"""TCP ports on loopback: finds a free one, the process that uses one, and whether it accepts connections."""

import random
import socket

import psutil

# Below the kernel's ports for outgoing connections (from 32,768): such a connection could take a free port before the server
# that it is meant for has started.
_CHOICE = range(10_000, 32_768)


def free_port() -> int:
    """A port that is free at the moment."""
    while True:
        port = random.choice(_CHOICE)  # noqa: S311 - no secret
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def is_listening(port: int, timeout_s: float = 0.2) -> bool:
    """Whether a connection to the port is accepted."""
    with socket.socket() as client:
        client.settimeout(timeout_s)
        return client.connect_ex(("127.0.0.1", port)) == 0


def owner(port: int) -> str | None:
    """The process that listens on the port, as `pid 123 (redis-server …)`; None if there is none.

    Another user's process may be hidden from us: then an unknown process is reported.
    """
    for connection in psutil.net_connections(kind="tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            return _described(connection.pid)
    return None


def _described(pid: int | None) -> str:
    if pid is None:
        return "a process of another user"
    try:
        command = " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        return f"pid {pid}"
    return f"pid {pid} ({command[:120]})"
