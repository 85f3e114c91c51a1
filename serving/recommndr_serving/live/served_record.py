"""One answer as `recommndr.served.v1` holds it."""

from typing import Any

from recommndr_serving.http.answers import Issue
from recommndr_serving.recommend import Outcome

SCHEMA_VERSION = 1
# Of every hundred answers one carries the ranker inputs of its places, for drift and consistency reports.
_INPUTS_ONE_IN = 100


def served_record(issue: Issue, outcome: Outcome) -> dict[str, Any]:
    """One answer as `served.v1` holds it; one in `_INPUTS_ONE_IN` carries the ranker inputs of its places."""
    ranked = outcome.ranked
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "request_id": issue.request_id,
        "list": issue.list_name,
        "at_s": issue.at_s,
        "ladder": outcome.step,
        "method": outcome.method,
        "model_version": None if outcome.serving is None else outcome.serving.placement.version,
        "release": None if outcome.release is None else outcome.release.release_id,
        "arm": outcome.arm,
        "items": [{"item_id": each.item_id, "score": each.score, "sources": each.sources} for each in outcome.recommendations],
    }
    if ranked is not None and ranked.inputs is not None and int(issue.request_id[:8], 16) % _INPUTS_ONE_IN == 0:
        record["ranker_inputs"] = ranked.inputs
    return record
