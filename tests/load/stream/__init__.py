"""Load on the whole native stack: `python -m tests.load.stream --help`."""
