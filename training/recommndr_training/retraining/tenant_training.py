"""Trains one tenant on its lake: read, join, stages, gate, register, release. What is live stays unless all of it passes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from recommndr.release_files import ReleaseFiles
from recommndr_training import one_process, params, stage_files
from recommndr_training.data import prepared
from recommndr_training.judging.gate_report import NOT_JUDGED, REPORT_FILE, GateReport
from recommndr_training.live.taken_history import TakenHistory
from recommndr_training.live.time_shift import weeks_to_now
from recommndr_training.retraining import catalogue_part, history_part, joined, lake_part, live_profile
from recommndr_training.retraining.history_part import HistoryPart
from recommndr_training.retraining.installation import Installation
from recommndr_training.retraining.lake_part import LakePart
from recommndr_training.retraining.release_step import ReleaseStep
from recommndr_training.shipping import champion_recipe, register, shipped, source, stage_times, trained_stages
from recommndr_training.shipping.register import RegisteredVersion
from recommndr_training.validation.refusal import Refused

TARGET = "bundle"
_IMPORT = "read_lake"  # its place is taken by `prepare`


class Kept(RuntimeError):
    """The last good version stays; the message says why. A repeat on the same data would end the same."""


class StageFailed(RuntimeError):
    """A stage could not do its work; the message is the stage's."""


@dataclass(frozen=True, slots=True)
class TenantTraining:
    """One tenant of one installation; runs in the root of the checkout, with the installation's variables."""

    installation: Installation
    tenant: str
    tell: Callable[[str], None]
    now: Callable[[], datetime]

    @property
    def profile(self) -> str:
        """The profile that it writes."""
        return live_profile.profile_of(self.tenant)

    @property
    def folder(self) -> Path:
        """The profile's folder."""
        return params.profile_dir(self.profile)

    def prepare(self, version: int | None = None) -> LakePart:
        """Write the prepared tables as of a version of the lake, by default the newest; raises `Kept`."""
        lake_dir = self.installation.settings.lake_dir
        if version is None:  # the catalogue first: it then belongs to the version that is the newest behind it
            catalogue_part.keep(lake_dir, self.tenant, catalogue_part.newest(self.installation, self.tenant))
            version = lake_part.newest_version(lake_dir)
        if version is None:
            raise Kept(f"{lake_dir}: there is no lake yet: nothing has happened since the shop's history")
        gone = lake_part.erased(lake_dir, self.tenant)
        live = lake_part.read(lake_dir, self.tenant, version, gone)
        if not live.n_live:
            raise Kept(f"{lake_dir}: version {live.version} has no live events of {self.tenant}: nothing to learn that is new")
        taken = self._taken(live)
        history = history_part.none() if taken is None else HistoryPart.read(taken).until(live.live_since_s, gone)
        self._write(history, joined.once(history, live), taken)
        return live

    def _taken(self, live: LakePart) -> TakenHistory | None:
        """The history that the shop began with; of an earlier release's installation it is worked out as it was then."""
        noted = TakenHistory.read(self.installation.settings.state_dir, self.tenant)
        if noted is not None:
            return noted
        trained = [one for one in params.profiles() if params.data(one).tenant == self.tenant and _until(one).exists()]
        if not trained:
            return None
        newest = max(trained, key=lambda one: _until(one).stat().st_mtime)
        began = datetime.fromtimestamp(live.live_since_s, UTC)
        return TakenHistory(newest, weeks_to_now(shipped.until(newest), began).total_seconds())

    def _write(self, history: HistoryPart, live: LakePart, taken: TakenHistory | None) -> None:
        settings = self.installation.settings
        lines = joined.looked_at(history, live)
        entry = live_profile.entry_of(settings.tenants_file, self.tenant)
        found = live_profile.found_in(lines, entry)
        self.tell(found.told())
        if found.gate_cut <= found.since:
            raise Kept(f"the log spans less than the label horizon of {found.horizon_days:g} days: wait for more events")
        known = catalogue_part.as_of(settings.lake_dir, self.tenant, live.version)
        if not known.num_rows:  # none was kept then
            known = catalogue_part.table_of(self.tenant, catalogue_part.newest(self.installation, self.tenant))
        items = joined.catalogue(history, live, known)
        before = live_profile.before(taken.profile if taken else None, self.tenant)
        dataset = live_profile.dataset(self.tenant, found, lines, items, before.dataset)
        live_profile.write(self.tenant, live_profile.with_horizon(entry, found), dataset, before.sections)
        prepared.write(joined.join(history, live, items, params.data(self.profile)), self.folder / "prepared")
        rows = {source.VERSION: live.version, "lake.live_rows": live.n_live, "lake.history_rows": history.lines.num_rows}
        named = {} if taken is None else {source.HISTORY: taken.profile, "lake.history_shift_days": taken.shift_s / 86_400.0}
        stage_files.save_parameters(self.folder / source.FILE, rows | named)

    def run_stages(self) -> None:
        """Run all stages behind the prepared tables; raises `Kept` where one refuses the data, else `StageFailed`."""
        n_stages = len(one_process.names(self.profile, TARGET))
        try:
            for done, (stage, seconds) in enumerate(one_process.run(self.profile, TARGET, without=(_IMPORT,)), 2):
                self.tell(f"  {done} of {n_stages} stages: {stage} {seconds:.1f} s")
                stage_times.note(self.folder, stage, self.now(), seconds)
        except typer.Exit as ended:
            if isinstance(ended.__cause__, Refused):
                raise Kept(f"the data were refused: {ended.__cause__}") from ended
            raise StageFailed(f"a stage ended: {ended.__cause__}") from ended

    def check_gate(self) -> GateReport:
        """The gate's decision; raises `Kept` if it refused, or could not judge a version that would replace another."""
        report = GateReport.from_json(stage_files.load_json(self.folder / "bundle" / REPORT_FILE))
        self.tell(report.summary())
        if not report.passed:
            raise Kept(f"the gate refused it: {'; '.join(report.refusals)}")
        unjudged = next((check.finding for check in report.checks if check.name == NOT_JUDGED), None)
        if unjudged is not None and ReleaseFiles(self.installation.settings.releases_dir).load(self.tenant) is not None:
            raise Kept(f"a version that nobody could judge does not replace one that serves: {unjudged}")
        return report

    def register(self) -> RegisteredVersion:
        """Register the version; raises what `register.register` raises."""
        registry = champion_recipe.registry_of(self.installation.settings)
        stages = trained_stages.stages(self.profile)
        return register.register(register.bundle_dir(self.profile), registry, self.profile, self.now(), stages)

    def release(self, version: RegisteredVersion, live: LakePart, by: str) -> str:
        """Release it; returns what was done and raises `NotReleased`."""
        reason = f"trained on {live.n_live:,} live rows, version {live.version} of the lake"
        done = ReleaseStep(self.installation, by)(self.tenant, version, register.bundle_dir(self.profile), reason)
        return f"{done}: {reason}"


def _until(profile: str) -> Path:
    return params.profile_dir(profile) / shipped.UNTIL
