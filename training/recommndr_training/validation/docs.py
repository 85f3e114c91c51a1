"""Data docs: the outcome of every suite as a static HTML site that Great Expectations draws."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import great_expectations as gx
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import ExpectationSuiteIdentifier, ValidationResultIdentifier

from recommndr_training.validation.checking import Checked, quiet_context


def write(outcomes: Sequence[Checked], directory: Path, run_at: datetime) -> Path:
    """Replace the site in `directory` with one of these outcomes; returns its first page."""
    if directory.exists():
        shutil.rmtree(directory)  # otherwise pages of an earlier run would stay
    context = quiet_context()
    context.add_data_docs_site(
        "data_docs",
        {
            "class_name": "SiteBuilder",
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(directory.resolve())},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "show_how_to_buttons": False,
        },
    )
    for outcome in outcomes:
        _keep(context, outcome, RunIdentifier(run_name=run_at.strftime("%Y-%m-%d %H:%M:%S"), run_time=run_at))
    context.build_data_docs()
    return directory / "index.html"


def _keep(context: gx.data_context.AbstractDataContext, outcome: Checked, run_id: RunIdentifier) -> None:
    context.suites.add(outcome.suite)
    outcome.result.meta["run_id"] = run_id
    for (
        one
    ) in outcome.result.results:  # pages show row numbers from the full lists only, so the first rows are given as full lists
        one.result["unexpected_index_list"] = one.result.get("partial_unexpected_index_list")
        one.result["unexpected_list"] = one.result.get("partial_unexpected_list")
    suite_id = ExpectationSuiteIdentifier(outcome.suite.name)
    context.validation_results_store.store_validation_results(
        suite_validation_result=outcome.result,
        suite_validation_result_identifier=ValidationResultIdentifier(suite_id, run_id, batch_identifier=outcome.suite.name),
        expectation_suite_identifier=suite_id,
    )
