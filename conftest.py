"""Fixtures for every test: the real servers of `tests/servers.py`, a written bundle of `tests/engine/bundles.py`."""

from hypothesis import settings

pytest_plugins = ["tests.servers", "tests.engine.bundles"]

# How long an example takes is the machine's load, not the law's truth.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
