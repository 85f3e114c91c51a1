"""Code that live commands share: the shop's key, a progress line, and a summary after Ctrl-C."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from recommndr_simulation.storefront import NoAccess
from recommndr_training.console import settings

_REPORT_EVERY_S = 0.5

KeyFile = Annotated[
    Path | None, typer.Option(help="With --live: file with the shop's server key; by default var/keys/<tenant>.")
]


def server_key(tenant: str, key_file: Path | None) -> str:
    """The key with which the shop reads and sends events; raises `NoAccess`."""
    return _key(tenant, key_file or settings().server_keys_dir / tenant)


def admin_key(tenant: str, key_file: Path | None) -> str:
    """The key with which the shop also writes its catalogue; raises `NoAccess`."""
    return _key(tenant, key_file or settings().admin_keys_dir / tenant)


def _key(tenant: str, path: Path) -> str:
    try:
        key = path.read_text().strip()
    except OSError as cause:
        raise NoAccess(
            f"{path}: no server key of {tenant!r} there ({cause.strerror}): `make demo` writes one per tenant of tenants.yaml, "
            f"`recommndr key create --tenant {tenant}` makes one; name its file with --key-file"
        ) from None
    if not key.startswith(f"rk_{tenant}_"):
        raise NoAccess(
            f"{path}: expected a server key of tenant {tenant!r}, rk_{tenant}_<secret>; name its file with --key-file"
        )
    return key


def until_stopped(work: Callable[[asyncio.Event], Awaitable[None]], says: Callable[[], str]) -> None:
    """Run `work` with an event that Ctrl-C (or SIGTERM) sets; meanwhile print what `says` returns to standard error."""
    with _line() as tell:
        asyncio.run(_until_stopped(work, lambda: tell(says())))


async def _until_stopped(work: Callable[[asyncio.Event], Awaitable[None]], tell: Callable[[], None]) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def stopped() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)  # a second Ctrl-C stops at once

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped)

    async def report() -> None:
        while True:
            tell()
            await asyncio.sleep(_REPORT_EVERY_S)

    reporting = asyncio.create_task(report())
    try:
        await work(stop)
    finally:
        reporting.cancel()
        tell()


@contextmanager
def _line() -> Iterator[Callable[[str], None]]:
    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda text: bar.update(task, description=text)
