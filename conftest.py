"""Fixtures for every test: the real servers of `tests/servers.py`, a written bundle of `tests/engine/bundles.py`."""

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

pytest_plugins = ["tests.servers", "tests.engine.bundles"]

# How long an example takes is the machine's load, not the law's truth.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


class Scheduling(LoadFileScheduling):
    """A worker of `make test` runs whole files, and one runs all files that need the whole installation, which starts once."""

    def _split_scope(self, nodeid: str) -> str:
        folder = "tests/e2e/"
        return folder if nodeid.startswith(folder) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """How tests are shared out among workers; called only with `--numprocesses`."""
    return Scheduling(config, log)
