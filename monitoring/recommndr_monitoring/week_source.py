"""Drift of the last hour from the same hours of earlier weeks, as samples of the exporter: each look is a short process."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from recommndr_monitoring.source import Sample, SourceUnavailable

LOOK_EVERY_S = 300.0  # an hour beside four others changes little in less
FORGET_AFTER_S = 3 * LOOK_EVERY_S
_TIMEOUT_S = 120.0
_MODULE = "recommndr_monitoring.week_look"
Look = Callable[[], str]  # raises `SourceUnavailable`


class WeekSource:
    """A source of all shops with answers in the lake."""

    name = "weeks"

    def __init__(self, look: Look) -> None:
        self._look = look

    def samples(self) -> list[Sample]:
        """See `Source.samples`."""
        found = [json.loads(line) for line in self._look().splitlines()]
        return [Sample(family, value, tuple(labels)) for family, value, labels in found]


def in_process(lake_dir: Path, bundles: Path) -> Look:
    """Looks by a process that ends afterwards."""

    def look() -> str:
        command = [sys.executable, "-m", _MODULE, "--lake", str(lake_dir), "--bundles", str(bundles)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise SourceUnavailable(f"lake {lake_dir}: not read within {_TIMEOUT_S:.0f} s") from None
        if done.returncode != 0:
            last_line = (done.stderr.strip().splitlines() or ["no word"])[-1]
            raise SourceUnavailable(f"lake {lake_dir}: {last_line}")
        return done.stdout

    return look
