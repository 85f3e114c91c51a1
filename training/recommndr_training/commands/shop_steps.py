"""The steps of `recommndr shop add` behind the mapping: import, settings, training, gate, register, keys."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from recommndr.bundle import BundleRefused
from recommndr.tenancy import TenantPolicy
from recommndr_importing.mapping import Mapping
from recommndr_importing.rejects import next_path
from recommndr_importing.shop_import import Order, run
from recommndr_training import one_process, params, training_inputs
from recommndr_training.console import progress, settings
from recommndr_training.shipping import stage_times
from recommndr_training.shops.imported import Imported
from recommndr_training.shops.shop_files import ShopFiles
from recommndr_training.shops.shop_folder import ADMIN_KEY, KEY, ShopFolder

_MOST_REJECTS = 0.99  # the preview has shown them; a log of page views may be about items in few of its rows
_TARGET = "bundle"
_IMPORTED = "imported.json"


@dataclass(frozen=True, slots=True)
class ShopSteps:
    """One run for one shop."""

    shop: ShopFolder
    files: ShopFiles
    mapping: Mapping
    mapping_path: Path
    out: Console

    def run(self) -> None:
        """Do all steps; raises what they raise."""
        self._say("1 of 5: import")
        self._import()
        self._say("2 of 5: settings")
        self._say(self.shop.settle().told())
        self._say(f"settings: {self.shop.path / params.TENANTS}, {self.shop.path / params.PARAMS}")
        self._say("3 of 5: training")
        self._train()
        self._say("4 of 5: gate")
        self._judge()
        self._say("5 of 5: register")
        self._register()
        self._tell_next()

    def _import(self) -> None:
        """Import the files; after a change of the mapping, instead of what was imported before."""
        mark, given = self.shop.path / _IMPORTED, Imported.of(self.files, self.mapping)
        before = Imported.from_json(mark.read_text()) if mark.exists() else None
        if before is not None and before.covers(given):
            self._say("nothing changed since the last import")
            return
        replaces = before is None or given.replaces(before, self.mapping_path)
        order = Order(
            event_files=self.files.events,
            item_file=self.files.items,
            mapping=self.mapping,
            tenant=self.shop.tenant,
            policy=TenantPolicy(),
            lake_dir=self.shop.lake,
            rejects_path=next_path(self.shop.lake, self.shop.tenant),
            now=datetime.now(UTC),
            max_rejects=_MOST_REJECTS,
            replace=replaces,
        )
        outcome = run(order, progress)
        mark.write_text((given if before is None or replaces else given.beside(before)).to_json())
        self._say(
            f"rows: {outcome.n_rows:,}, no events: {outcome.rejects.n:,}; new lines: {outcome.written.n_lines:,}; "
            f"items: {outcome.n_items or 0:,}"
        )
        for reason, n in sorted(outcome.rejects.counts.items(), key=lambda pair: -pair[1]):
            self._say(f"  {reason}: {n:,}")
        if outcome.rejects.n:
            self._say(f"rejected rows: {outcome.rejects.path}")

    def _train(self) -> None:
        """Run all stages, if anything changed."""
        profile = self.shop.profile
        if training_inputs.unchanged(profile, _TARGET):
            self._say("nothing changed since the last training")
            return
        n_stages = len(one_process.names(profile, _TARGET))
        for done, (stage, seconds) in enumerate(one_process.run(profile, _TARGET), 1):
            self._say(f"  {done} of {n_stages} stages: {stage} {seconds:.1f} s")
            stage_times.note(self.shop.path, stage, datetime.now(UTC), seconds)
        training_inputs.keep(profile, _TARGET)

    def _judge(self) -> None:
        """Show how good each method is for all items; raises `BundleRefused` for a version that may not be served."""
        head, *rows = self.shop.table().splitlines() or [""]
        self._say("\n".join([head, *(row for row in rows if row.startswith(("|---", "| all |")))]))
        report = self.shop.gate()
        if report is not None:
            self._say(report.summary())
            if not report.passed:
                raise BundleRefused("the gate refused this version; it was not registered")

    def _register(self) -> None:
        # Importing MLflow takes two seconds, which a dry run need not wait for.
        from recommndr_training.shipping import champion_recipe, register, trained_stages  # noqa: PLC0415

        registry = champion_recipe.registry_of(settings())
        stages = trained_stages.stages(self.shop.profile)
        version = register.register(
            register.bundle_dir(self.shop.profile), registry, self.shop.profile, datetime.now(UTC), stages
        )
        self.shop.note_registered(asdict(version))
        self._say(json.dumps(asdict(version)))

    def _tell_next(self) -> None:
        profile = self.shop.profile
        self._say(f"keys: {self.shop.path / KEY} (reads, sends events), {self.shop.path / ADMIN_KEY} (also changes items)")
        self._say(
            f"next: `recommndr serve` seeds and releases it, and answers at {settings().envoy_url}; end it first if it runs"
        )
        self._say(f'or with every real component: make demo SHOPS="{profile}"')

    def _say(self, text: str) -> None:
        self.out.print(text, markup=False)
