"""Concludes a validation stage: writes data docs and a report, and decides whether the run goes on."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import typer

from recommndr_training.validation import docs
from recommndr_training.validation.checking import Checked, Failure
from recommndr_training.validation.refusal import Refused

DATA_DOCS = "data_docs"
REPORT = "report.json"


def failures_of(outcomes: Sequence[Checked]) -> list[Failure]:
    """All failures, warnings included."""
    return [failure for outcome in outcomes for failure in outcome.failures]


def conclude(outcomes: Sequence[Checked], n_rows: Mapping[str, int], directory: Path, run_at: datetime) -> None:
    """Write data docs and a report into `directory` and print failures; raises `Refused` unless there are only warnings."""
    site = docs.write(outcomes, directory / DATA_DOCS, run_at)
    failures = failures_of(outcomes)
    stopping = [failure for failure in failures if failure.stops]
    write_report(directory / REPORT, outcomes, n_rows)
    for failure in failures:
        if not failure.stops:
            typer.echo(str(failure), err=True)
    if stopping:
        failed = "\n".join(str(failure) for failure in stopping)
        raise Refused(
            f"{failed}\n{len(stopping)} expectations failed; these data are not trained on. All results: {site}. "
            "Limits of a dataset: datasets.<name>.validate in params.yaml"
        )


def write_report(path: Path, outcomes: Sequence[Checked], n_rows: Mapping[str, int]) -> None:
    """Write how many rows and expectations were checked, and the failures."""
    failures = failures_of(outcomes)
    report = {
        "rows": dict(n_rows),
        "expectations": sum(len(outcome.result.results) for outcome in outcomes),
        "failed_expectations": sum(failure.stops for failure in failures),
        "warnings": sum(not failure.stops for failure in failures),
        "failures": [str(failure) for failure in failures],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n")
