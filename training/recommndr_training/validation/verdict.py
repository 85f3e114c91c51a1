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
    """All failures, warnings too."""
    return [failure for outcome in outcomes for failure in outcome.failures]


def conclude(outcomes: Sequence[Checked], n_rows: Mapping[str, int], directory: Path, run_at: datetime) -> None:
    """Write data docs and report into `directory` and print what fails; raises `Refused` unless only warnings fail."""
    site = docs.write(outcomes, directory / DATA_DOCS, run_at)
    failures = failures_of(outcomes)
    stopping = [failure for failure in failures if failure.stops]
    write_report(directory / REPORT, outcomes, n_rows)
    for failure in failures:
        if not failure.stops:
            typer.echo(str(failure), err=True)
    if stopping:
        told = "\n".join(str(failure) for failure in stopping)
        raise Refused(f"{told}\n{len(stopping)} expectations failed and nothing is trained on these data; all of it: {site}")


def write_report(path: Path, outcomes: Sequence[Checked], n_rows: Mapping[str, int]) -> None:
    """Write how many rows were checked by how many expectations, and what failed."""
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
