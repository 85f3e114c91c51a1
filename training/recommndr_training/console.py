"""Code that all commands share: known errors as one line, and a progress bar for long work."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from recommndr import settings as settings_module
from recommndr.settings import Settings, UnknownSetting
from recommndr_training.params import BadParams

_ERRORS = Console(stderr=True)
_KNOWN_ERRORS: tuple[type[Exception], ...] = (BadParams, FileNotFoundError, UnknownSetting, ValidationError)

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}

Profile = Annotated[str, typer.Option(help="Profile of params.yaml: tiny, small (both grocer), boutique (simulated), …")]
Advance = Callable[[int], None]


@contextmanager
def explained(*more: type[Exception]) -> Iterator[None]:
    """Known errors, and those of `more`, as one message and exit status 1; anything else is a bug and keeps its traceback."""
    try:
        yield
    except (*_KNOWN_ERRORS, *more) as cause:
        _ERRORS.print(f"[red]error:[/] {escape(str(cause))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from cause


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Advance]:
    """A progress bar on standard error; `total` None = not known. Yields what moves it on by n."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_ERRORS) as bar:
        task = bar.add_task(what, total=total)
        yield lambda n: bar.advance(task, n)


def instant(option: str, text: str | None) -> datetime | None:
    """An option's instant, UTC if it names no zone; None where it was not given. Raises `ValueError`."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{option} {text!r}: expected an instant as 2026-03-01 or 2026-03-01T12:00:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def duration_s(option: str, text: str) -> float:
    """An option's duration such as 90, 90s, 5m, 1h or 2d, in seconds; raises `ValueError`.

    >>> duration_s("--last", "1.5m")
    90.0
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if found is None or float(found[1]) == 0:
        raise ValueError(f"{option} {text!r}: expected seconds, or a number with s, m, h or d behind it, such as 90s or 5m")
    return float(found[1]) * _SECONDS[found[2]]


def settings() -> Settings:
    """The settings of this process; raises `UnknownSetting`."""
    return settings_module.load(os.environ)
