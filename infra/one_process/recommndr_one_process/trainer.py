"""The trainer beside the process that serves: a child, begun again when it ends, and ended with its parent."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from recommndr_background.loops import Loops
from recommndr_background.work import Work
from recommndr_native.child import Child

_PAUSE_S = 5.0
PORT_ABOVE = 35  # above the API's, as 18035 is above 18000
LOG = "trainer.log"


@contextmanager
def trainer_beside(folder: Path, crontab: str, port: int) -> Iterator[Child]:
    """Let a trainer of the installation in `folder` run while the context lasts; it trains by this schedule, in UTC.

    `port` is that of its metrics and health.
    """
    command = (sys.executable, "-m", "recommndr_training.cli", "trainer", "run")
    words = (*command, "--data", str(folder), "--at", crontab, "--port", str(port))
    child = Child("trainer", words, folder / LOG, os.environ)
    loops = Loops(CollectorRegistry())
    loops.add(Work("trainer", child.keep_running, _PAUSE_S, _PAUSE_S, close=child.stop))
    loops.start()
    try:
        yield child
    finally:
        loops.stop()
