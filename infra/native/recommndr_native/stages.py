"""The demo's stages: timed, printed as they run, with a summary at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Done:
    """A finished stage."""

    name: str
    seconds: float
    failure: str | None = None


class Stages:
    """Runs stages one after the other; a failure ends the run and stays in the summary."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.done: list[Done] = []
        self._began = time.monotonic()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block; an exception is recorded and raised again."""
        began = time.monotonic()
        self.console.print(f"[bold cyan]▶ {name}[/]")
        try:
            yield
        except BaseException as cause:
            self._end(Done(name, time.monotonic() - began, str(cause) or type(cause).__name__))
            raise
        self._end(Done(name, time.monotonic() - began))

    def tell(self, line: str) -> None:
        """Print one line of progress unchanged."""
        self.console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)

    @property
    def failed(self) -> bool:
        """Whether any stage failed."""
        return any(done.failure is not None for done in self.done)

    def summary(self) -> Table:
        """All stages with their times."""
        table = Table("stage", "seconds", "result", title=f"demo: {time.monotonic() - self._began:.0f} s")
        for done in self.done:
            table.add_row(done.name, f"{done.seconds:.1f}", "ok" if done.failure is None else f"[red]{escape(done.failure)}[/]")
        return table

    def _end(self, done: Done) -> None:
        self.done.append(done)
        mark = "[green]✓[/]" if done.failure is None else "[red]✗[/]"
        self.console.print(f"{mark} {done.name} [dim]{done.seconds:.1f} s[/]")
