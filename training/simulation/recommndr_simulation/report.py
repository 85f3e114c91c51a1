"""The report of a shop: its figures, compared with real ones on request, as Markdown and plots."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recommndr_lake_writer.items import read_items
from recommndr_lake_writer.lake import iter_events
from recommndr_simulation import fidelity, plots
from recommndr_simulation.actions import Actions, read_actions
from recommndr_simulation.calendar import HOUR_SHARE, WEEKDAY_SHARE
from recommndr_simulation.figures import Figures, figures, shape_by_hour, shape_by_weekday

REPORT, TIMES, TAILS = "report.md", "times.png", "tails.png"


@dataclass(frozen=True, slots=True)
class Report:
    """A shop to report on, and the data to compare it with."""

    tenant: str
    shop: Actions
    against_real: bool
    real: dict[str, Actions]

    def write(self, directory: Path) -> Figures:
        """Write the Markdown and the plots; returns the shop's figures."""
        directory.mkdir(parents=True, exist_ok=True)
        found = all_figures(self.shop)
        (directory / REPORT).write_text(self._text(found))
        plots.plot_times(self.shop, self.tenant, directory / TIMES, self.against_real)
        plots.plot_tails({self.tenant: self.shop} | self.real, directory / TAILS)
        return found

    def _text(self, found: Figures) -> str:
        head = f"# {self.tenant}: {found['events']:,.0f} events, {found['users']:,.0f} shoppers, {found['items']:,.0f} items\n"
        pictures = f"![when the shop is busy]({TIMES})\n![how events are shared]({TAILS})\n"
        parts = [head]
        if self.against_real:
            # A, B and C are explained in the docstring only.
            parts += [str(fidelity.__doc__).strip() + "\n"]
        parts += [fidelity.table(found, self.against_real)]
        if self.real:
            columns = {self.tenant: found} | {name: all_figures(actions) for name, actions in self.real.items()}
            parts += ["## The same figures of real logs\n", fidelity.beside(columns)]
        return "\n".join([*parts, pictures])


def all_figures(actions: Actions) -> Figures:
    """Figures of a log, and the distance of its hours and weekdays from RetailRocket's."""
    hours = np.abs(shape_by_hour(actions) - 100 * HOUR_SHARE / HOUR_SHARE.sum()).max()
    weekdays = np.abs(shape_by_weekday(actions) - WEEKDAY_SHARE).max()
    return figures(actions) | {"hours_off": float(hours), "weekdays_off": float(weekdays)}


def read_shop(lake_dir: Path, tenant: str) -> Actions:
    """A tenant's actions in the lake; raises `ValueError` when there are none."""
    items = read_items(lake_dir, tenant)
    numbers: dict[tuple[str, ...], int] = {}
    paths = (tuple(path) for path in items["category_path"].to_pylist())
    leaves = [numbers.setdefault(path, len(numbers)) if path else -1 for path in paths]
    return read_actions(iter_events(lake_dir, tenant), dict(zip(items["item_id"].to_pylist(), leaves, strict=True)))
