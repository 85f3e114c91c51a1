"""Makes the record of one answer for `recommndr.served.v1`."""

from typing import Any

import numpy as np

from recommndr.served_answer import ServedAnswer
from recommndr_engine.arrays import NO_ROW
from recommndr_serving.http.answers import Issue
from recommndr_serving.http.requests import RecommendRequest
from recommndr_serving.recommend import Asked, Outcome

# Of every hundred answers one carries the ranker inputs of its places.
_SHOWN_ONE_IN = 100
_ASKED = {"scope", "exclude", "filters", "context", "cart", "viewed"}


def served_record(issue: Issue, asked: Asked, outcome: Outcome) -> ServedAnswer:
    """The record. The random digits of the request's id decide what is drawn, so the same answer has the same record."""
    ranked, serving = outcome.ranked, outcome.serving
    listed, shopper = outcome.recommendations, outcome.profile.used
    return ServedAnswer(
        request_id=issue.request_id,
        list_name=issue.list_name,
        at_s=issue.at_s,
        ladder=outcome.step,
        method=outcome.method,
        model_version=None if serving is None else serving.placement.version,
        release=None if outcome.release is None else outcome.release.release_id,
        arm=outcome.arm,
        item_ids=tuple(each.item_id for each in listed),
        scores=np.array([each.score for each in listed], np.float32),
        sources=tuple(each.sources for each in listed),
        asked=_asked(asked, outcome) if isinstance(asked, RecommendRequest) else {},
        n_candidates=0 if ranked is None else ranked.n_candidates if ranked.ranked is None else len(ranked.ranked.rows),
        country=None if shopper is None else shopper.country or None,
        device=None if shopper is None else shopper.device or None,
        n_events=None if shopper is None else shopper.n_events,
        **_inputs(issue.request_id, outcome),
    )


def _asked(asked: RecommendRequest, outcome: Outcome) -> dict[str, Any]:
    """What was not the usual; a list of a page excludes the items of the lists before it."""
    found = asked.model_dump(exclude_defaults=True, include=_ASKED)
    if outcome.before:
        found["exclude"] = (*asked.exclude, *outcome.before)
    if outcome.rules.keeps_out:
        found["rules"] = True  # there were other candidates than a replay finds
    return found


def _inputs(request_id: str, outcome: Outcome) -> dict[str, Any]:
    """What the ranker saw of a candidate drawn with equal chances, and in a sample of the answers of the whole list."""
    found, serving = outcome.ranked, outcome.serving
    if found is None or found.ranked is None or serving is None or not len(found.ranked.rows):
        return {}
    # A UUID's last 12 digits are random; its first 8 are, too, so that the sample says nothing about what is drawn.
    drawn = int(request_id[-12:], 16) % len(found.ranked.rows)
    is_sampled = int(request_id[:8], 16) % _SHOWN_ONE_IN == 0
    return {
        "drawn_item_id": serving.pipeline.items.ids[found.ranked.rows[drawn]],
        "drawn_score": float(found.ranked.scores[drawn]),
        "drawn_inputs": found.ranked.inputs[drawn].copy(),  # a view would keep the inputs of all candidates
        # A pinned item that was no candidate has no inputs.
        "shown_inputs": found.inputs if is_sampled and (found.rows != NO_ROW).all() else None,
        "columns": found.columns,
        "retrievers": serving.manifest.retrievers,
    }
