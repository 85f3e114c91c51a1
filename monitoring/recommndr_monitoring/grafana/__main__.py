"""Writes every dashboard as JSON into the given folder, by default `monitoring/grafana/dashboards` of the checkout."""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from recommndr_monitoring.grafana import business, drift, models, overview, releases, serving, stream

BOARDS = (overview.BOARD, serving.BOARD, stream.BOARD, models.BOARD, releases.BOARD, business.BOARD, drift.BOARD)
FOLDER = Path("monitoring/grafana/dashboards")


def texts() -> dict[str, str]:
    """File name to JSON text of each dashboard."""
    encoded = {f"{board.name}.json": json.dumps(board.dashboard(), cls=JSONEncoder, indent=2) for board in BOARDS}
    return {name: f"{text}\n" for name, text in encoded.items()}


def main() -> None:
    """Write all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts().items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
