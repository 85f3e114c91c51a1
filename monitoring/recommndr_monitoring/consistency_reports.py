"""The newest consistency report of each tenant, which `recommndr consistency` writes to a file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recommndr_monitoring.source import Sample, SourceUnavailable

_N_COLUMNS = 10  # the report has the worst first


class ConsistencyReports:
    """The folder of the reports; none before the first one."""

    name = "consistency"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def samples(self) -> list[Sample]:
        """See `Source.samples`."""
        return [sample for path in sorted(self._folder.glob("*.json")) for sample in _read(path)]


def _read(path: Path) -> list[Sample]:
    try:
        return list(_of_report(path.stem, json.loads(path.read_text())))
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise SourceUnavailable(f"{path}: no consistency report: {cause!r}; make it again, or delete it") from cause


def _of_report(tenant: str, report: dict[str, Any]) -> Iterator[Sample]:
    yield Sample("recommndr_consistency_answers", float(report["n_answers"]), (tenant,))
    yield Sample("recommndr_consistency_left_out", float(report["n_left_out"]), (tenant,))
    yield Sample("recommndr_consistency_differing_ratio", float(report["differing"]), (tenant,))
    yield Sample("recommndr_consistency_made_seconds", float(report["at_s"]), (tenant,))
    for column in report["columns"][:_N_COLUMNS]:
        if column["differing"]:
            yield Sample("recommndr_consistency_column_differing_ratio", float(column["differing"]), (tenant, column["name"]))
