"""Host names that a port accepts. A page that points its own name at this machine (DNS rebinding) sends that name as Host."""

from collections.abc import Collection

from recommndr.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost")


def inner_hosts(settings: Settings, process: str) -> list[str]:
    """The names by which the installation's own processes, and people on the same machine, reach a process of the Procfile."""
    return sorted({*LOOPBACK, settings.host, settings.host_of(process)})


def storefront_hosts(settings: Settings) -> list[str]:
    """The storefront also accepts the installation's public names."""
    public = {name.strip() for name in settings.storefront_hosts.split(",") if name.strip()}
    return sorted({*inner_hosts(settings, "storefront"), *public})


def is_known_host(header: str, names: Collection[str]) -> bool:
    """Whether a Host header, with or without a port, is one of the names.

    >>> is_known_host("localhost:18031", ["localhost"]), is_known_host("evil.example", ["localhost"])
    (True, False)
    """
    return header.partition(":")[0].lower() in names
