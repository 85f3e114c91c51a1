"""A panel's specification, and its JSON for Grafana."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grafana_foundation_sdk.builders import common, heatmap, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATASOURCE = model.DataSourceRef(type_val="prometheus", uid="prometheus")

View = Literal["figure", "curves", "shares", "table", "heatmap", "states"]

_HEIGHTS = {"figure": 5, "states": 9}
_HEIGHT = 8


@dataclass(frozen=True, slots=True)
class Query:
    """One query and the name of its series."""

    expr: str
    legend: str = "__auto"


@dataclass(frozen=True, slots=True)
class Limits:
    """Values from which a panel turns orange (`warn`) and red (`high`); where low values are bad, `high` is below `warn`."""

    warn: float
    high: float


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """A panel: its title is a question; its description says how to read the answer and names the runbook."""

    title: str
    description: str
    queries: Sequence[Query]
    unit: str = "short"
    view: View = "curves"
    width: int = 8
    limits: Limits | None = None
    runbook: str | None = None

    def panel(self) -> Builder[model.Panel]:
        """The panel for a dashboard."""
        panel = _VIEWS[self.view](self)
        panel.title(self.title).description(self._described()).datasource(DATASOURCE)
        panel.span(self.width).height(_HEIGHTS.get(self.view, _HEIGHT)).unit(self.unit)
        panel.no_value("no data")
        for number, query in enumerate(self.queries):
            panel.with_target(self._target(query).ref_id(chr(ord("A") + number)))
        if self.limits is not None:
            panel.thresholds(_thresholds(self.limits))
        return panel

    def _described(self) -> str:
        return self.description + (f" Runbook: monitoring/runbooks/{self.runbook}.md" if self.runbook else "")

    def _target(self, query: Query) -> Dataquery:
        target = Dataquery().expr(query.expr).legend_format(query.legend).datasource(DATASOURCE)
        match self.view:
            case "table":
                return target.instant().format(PromQueryFormat.TABLE)
            case "figure":
                return target.instant()
            case "heatmap":
                return target.range().format(PromQueryFormat.HEATMAP)
        return target.range()


Panel = timeseries.Panel | stat.Panel | table.Panel | heatmap.Panel | statetimeline.Panel


def _thresholds(limits: Limits) -> build.ThresholdsConfig:
    falling = limits.high < limits.warn
    colours = [("red", None), ("orange", limits.high), ("green", limits.warn)] if falling else [
        ("green", None), ("orange", limits.warn), ("red", limits.high),
    ]  # fmt: skip
    steps = [model.Threshold(color=colour, value=value) for colour, value in colours]
    return build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def _curves(spec: PanelSpec) -> timeseries.Panel:
    panel = timeseries.Panel().fill_opacity(8).show_points(common_model.VisibilityMode.NEVER).min(0)
    panel.legend(common.VizLegendOptions().display_mode(common_model.LegendDisplayMode.LIST).show_legend(True))
    panel.tooltip(common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.MULTI))
    if spec.limits is not None:
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(common_model.GraphThresholdsStyleMode.DASHED))
    return panel


def _shares(spec: PanelSpec) -> Panel:
    panel = _curves(spec)
    stacked = common.StackingConfig().mode(common_model.StackingMode.NORMAL).group("A")
    return panel.stacking(stacked).fill_opacity(60)


def _figure(spec: PanelSpec) -> Panel:
    del spec
    return (
        stat.Panel()
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .graph_mode(common_model.BigValueGraphMode.NONE)
    )


def _table(spec: PanelSpec) -> Panel:
    del spec
    hidden = {name: True for name in ("Time", "__name__", "instance", "job", "service")}
    return table.Panel().with_transformation(model.DataTransformerConfig("organize", options={"excludeByName": hidden}))


def _heatmap(spec: PanelSpec) -> Panel:
    del spec
    return heatmap.Panel().calculate(False)


def _states(spec: PanelSpec) -> Panel:
    del spec
    shown = {"0": model.ValueMappingResult(text="away", color="red"), "1": model.ValueMappingResult(text="up", color="green")}
    return statetimeline.Panel().mappings([model.ValueMap(options=shown)]).show_value(common_model.VisibilityMode.NEVER)


_VIEWS = {
    "figure": _figure,
    "curves": _curves,
    "shares": _shares,
    "table": _table,
    "heatmap": _heatmap,
    "states": _states,
}
