"""Makes a tenant's consistency report: reads answers, catalogue, bundles and the lake, and replays."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from recommndr.bundle import BundleRefused
from recommndr.identity import TenantId
from recommndr.settings import Settings
from recommndr.tenancy import TenantPolicy
from recommndr_engine import bundle_files
from recommndr_engine.live_items import LiveItems
from recommndr_engine.pipeline import Pipeline
from recommndr_training import params
from recommndr_training.data import coded_lines, history
from recommndr_training.live import live_catalogue
from recommndr_training.live.consistency import Consistency, report
from recommndr_training.live.replayed_inputs import ReplayedInputs
from recommndr_training.live.served_topic import Served, ServedAnswers
from recommndr_training.live.time_shift import weeks_to_now
from recommndr_training.shipping import shipped
from recommndr_training.stage_files import TRAIN_LINES


class NothingToCompare(RuntimeError):
    """There are no answers with ranker inputs, or the bundle that made them is not there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to compare."""

    tenant: TenantId
    since: datetime
    now: datetime
    n_answers: int
    lag_s: float
    lake: Path
    bundles: Path  # folder of the slots' copies, by version
    settle_s: float = 60.0  # the lake has an event some seconds after the slots
    profile: str | None = None  # whose history was published as seeds; None: the lake has it


def made(installation: Settings, policy: TenantPolicy, asked: Asked, progress: Callable[[int], None]) -> Consistency:
    """The report of an installation's answers."""
    served = chosen(ServedAnswers.read(installation.kafka, asked.tenant, asked.since), asked)
    if not served:
        until = asked.now - timedelta(seconds=asked.settle_s)
        raise NothingToCompare(
            f"no answers of tenant {asked.tenant!r} with ranker inputs from {asked.since.isoformat()} to {until.isoformat()}: "
            "look further back (--last 3d), and see `recommndr served`"
        )
    live = live_catalogue.read(installation.kafka, asked.tenant, policy)
    pipelines = {version: _pipeline(asked.bundles / version, live, policy) for version in {_version(one) for one in served}}
    replayed = ReplayedInputs(pipelines, live, policy.counting, asked.lag_s)
    return compared(replayed, served, _events(asked, policy), asked, progress)


def compared(
    replayed: ReplayedInputs,
    served: Sequence[Served],
    events: Iterable[pa.Table],
    asked: Asked,
    progress: Callable[[int], None] = lambda _: None,
) -> Consistency:
    """The report of these answers over this history."""
    found = list(replayed.compared(served, events, progress))
    at_s, left_out = asked.now.timestamp(), replayed.n_left_out
    return Consistency(asked.tenant, at_s, len(found), left_out, replayed.n_in_flight, report(found))


def chosen(found: ServedAnswers, asked: Asked) -> list[Served]:
    """Answers with ranker inputs that the lake has caught up with, spread evenly, each with the names of its columns."""
    until_s = asked.now.timestamp() - asked.settle_s
    usable = [
        Served(user_id, replace(answer, columns=found.names(answer)))
        for user_id, answer in found.served
        if answer.drawn_inputs is not None and found.names(answer) and answer.at_s <= until_s
    ]
    places = np.unique(np.linspace(0, len(usable) - 1, min(asked.n_answers, len(usable))).astype(int)) if usable else ()
    return [usable[place] for place in places]


def _version(one: Served) -> str:
    return one.answer.model_version or ""


def _pipeline(directory: Path, live: LiveItems, policy: TenantPolicy) -> Pipeline:
    try:
        manifest = bundle_files.read_manifest(directory)
    except BundleRefused as cause:
        raise NothingToCompare(
            f"{directory}: no copy of the bundle that answered; name the folder of a slot's (--bundles DIR): {cause}"
        ) from cause
    return Pipeline.read(directory, manifest, live, policy.relative_weights())


def _events(asked: Asked, policy: TenantPolicy) -> Iterator[pa.Table]:
    if asked.profile is not None:
        shift_s = weeks_to_now(shipped.until(asked.profile), asked.now).total_seconds()
        lines = coded_lines.read(params.profile_dir(asked.profile) / shipped.DIRECTORY / TRAIN_LINES)
        yield history.of_lines(lines, policy.own_kinds, shift_s)
    yield from history.of_lake(asked.lake, asked.tenant, policy.own_kinds)
