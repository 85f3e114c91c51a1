"""Where the training data are from, where that is a version of a lake: parameters of the manifest with the prefix `lake.`."""

from collections.abc import Mapping
from pathlib import Path

from recommndr_training import stage_files
from recommndr_training.stage_files import Parameter

FILE = "prepared/parameters.json"  # below a profile's folder; only training on a lake writes it
VERSION = "lake.version"
HISTORY = "lake.history"


def of(directory: Path) -> dict[str, Parameter]:
    """The parameters of a profile's training data; none where stages have imported them."""
    path = directory / FILE
    return stage_files.load_json(path) if path.exists() else {}


def told(parameters: Mapping[str, Parameter]) -> str | None:
    """A sentence for people; None for imported data.

    >>> told({"lake.version": 7, "lake.live_rows": 1200, "lake.history": "tiny", "lake.history_rows": 50_000})
    'version 7 of the lake: 1,200 rows of live events, behind 50,000 lines of the history of profile tiny'
    """
    if VERSION not in parameters:
        return None
    rows = f"version {parameters[VERSION]} of the lake: {parameters['lake.live_rows']:,} rows of live events"
    if HISTORY not in parameters:
        return rows
    return f"{rows}, behind {parameters['lake.history_rows']:,} lines of the history of profile {parameters[HISTORY]}"
