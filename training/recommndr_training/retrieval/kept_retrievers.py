"""The retrievers that a version ships: those whose files are there, without those that did not pay on the tuning cut."""

from pathlib import Path

from recommndr_engine import retrievers
from recommndr_training import stage_files

LEFT_OUT = "ranker/left_out_retrievers.json"  # names, written by stage ranker


def names(directory: Path) -> tuple[str, ...]:
    """Names of a profile's retrievers, in the order of their places."""
    path = directory / LEFT_OUT
    left_out = stage_files.load_json(path)["names"] if path.exists() else []
    return tuple(name for name in retrievers.found(directory) if name not in left_out)
