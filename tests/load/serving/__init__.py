"""Latency and throughput of a slot's answers; `python -m tests.load.serving --help`."""
