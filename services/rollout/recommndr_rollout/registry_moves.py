"""Brings MLflow in line with a release record: one run for each step, and the aliases of the tenant's model.

    python -m recommndr_rollout.registry_moves --uri URL < record and evidence as JSON

It runs as a process of its own that ends afterwards: importing MLflow takes seconds and 100 MB, which rollout would keep for a
few moves a week. It is level-triggered: a step whose run exists is not written again, and an alias that is right is not set.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from recommndr.release import Release, Step, registered_model
from recommndr_rollout.moved import Moved, step_key

EXPERIMENT = "recommndr-releases"
STEP = "release_step"  # tag: tells the run of a step again
EVIDENCE_FILE = "evidence.json"


def bring_in_line(client: MlflowClient, moved: Moved) -> int:
    """Write the runs that are missing and set the aliases; returns the number of new runs. Raises `MlflowException`."""
    release, experiment_id = moved.release, _experiment(client)
    written = _written(client, experiment_id, release)
    missing = {key: step for step in release.steps if (key := step_key(release, step)) not in written}
    for key, step in missing.items():
        _write(client, experiment_id, release, step, moved.evidence.get(key))
    _set_aliases(client, release)
    return len(missing)


def _written(client: MlflowClient, experiment_id: str, release: Release) -> set[str]:
    """The steps of the tenant that have a run, from the record's oldest step on."""
    if not release.steps:
        return set()
    wanted = f"tags.tenant = '{release.tenant}' AND attributes.start_time >= {_ms(release.steps[0])}"
    page = client.search_runs([experiment_id], wanted)
    runs = list(page)
    while page.token:
        page = client.search_runs([experiment_id], wanted, page_token=page.token)
        runs += page
    return {run.data.tags[STEP] for run in runs if STEP in run.data.tags}


def _set_aliases(client: MlflowClient, release: Release) -> None:
    model = registered_model(release.tenant)
    current = client.get_registered_model(model).aliases
    # A code release tries the champion in other code: no version challenges it.
    challenger = release.challenger if release.code is None else None
    for alias, placed in {"champion": release.stable, "challenger": challenger, "previous": release.previous}.items():
        if placed is None:
            if alias in current:
                client.delete_registered_model_alias(model, alias)
        elif str(current.get(alias)) != str(placed.model_version):
            client.set_registered_model_alias(model, alias, str(placed.model_version))


def _write(client: MlflowClient, experiment_id: str, release: Release, step: Step, evidence: Mapping[str, Any] | None) -> None:
    at_ms = _ms(step)
    run = client.create_run(
        experiment_id, start_time=at_ms, run_name=f"{release.tenant} {step.phase}", tags={"tenant": release.tenant}
    )
    verdicts = (evidence or {}).get("verdicts", [])
    values = {f"{one['rule']}_value": one["value"] for one in verdicts if one["value"] is not None}
    client.log_batch(
        run.info.run_id,
        metrics=[Metric(name, float(value), at_ms, 0) for name, value in values.items()],
        params=[Param(f"{one['rule']}_limit", str(one["limit"])) for one in verdicts],
        tags=[
            RunTag("phase", step.phase),
            RunTag("by", step.by),
            RunTag("mlflow.note.content", step.reason),
            *(RunTag(f"rule.{one['rule']}", one["health"]) for one in verdicts),
        ],
    )
    if evidence is not None:
        client.log_dict(run.info.run_id, dict(evidence), EVIDENCE_FILE)
    client.set_terminated(run.info.run_id, end_time=at_ms)
    client.set_tag(run.info.run_id, STEP, step_key(release, step))  # last: a run that was cut short is written again


def _ms(step: Step) -> int:
    return round(step.at.timestamp() * 1e3)


def _experiment(client: MlflowClient) -> str:
    known = client.get_experiment_by_name(EXPERIMENT)
    if known is not None:
        return str(known.experiment_id)
    try:
        return str(client.create_experiment(EXPERIMENT))
    except MlflowException:  # another process was faster
        known = client.get_experiment_by_name(EXPERIMENT)
        if known is None:
            raise
        return str(known.experiment_id)


def main() -> None:
    """Read what moved from standard input; the last line of stderr has the error."""
    parser = argparse.ArgumentParser(description="Bring MLflow in line with a release record, read from standard input.")
    parser.add_argument("--uri", required=True, help="MLflow tracking and registry")
    uri = parser.parse_args().uri
    moved = Moved.model_validate_json(sys.stdin.read())
    print(json.dumps({"new_runs": bring_in_line(MlflowClient(uri, uri), moved)}))


if __name__ == "__main__":
    main()
