"""A dashboard: rows of panels, with variables for tenants and slots."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import dashboard as model

from recommndr_monitoring.grafana.panel import DATASOURCE, PanelSpec

_TAG = "recommndr"
# Choices of the variables: all tenants, also those without requests.
CHOICES = {"tenant": "label_values(recommndr_serving_items, tenant)", "slot": 'label_values(up{service="serving"}, slot)'}
# Every move of a release is a line in all plots.
_MOVES = (
    build.AnnotationQuery()
    .name("Moves of releases")
    .datasource(DATASOURCE)
    .enable(True)
    .icon_color("purple")
    .expr('recommndr_rollout_phase{tenant=~"$tenant"} unless recommndr_rollout_phase offset 15s')
)


@dataclass(frozen=True, slots=True)
class Row:
    """Panels that belong together."""

    title: str
    questions: Sequence[PanelSpec]


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard; `name` is its file name and its address."""

    name: str
    title: str
    description: str
    rows: Sequence[Row]
    variables: Sequence[str] = ("tenant",)

    @property
    def questions(self) -> list[PanelSpec]:
        """Of all rows."""
        return [question for row in self.rows for question in row.questions]

    def dashboard(self) -> model.Dashboard:
        """The dashboard as Grafana's model."""
        board = build.Dashboard(self.title).uid(f"{_TAG}-{self.name}").description(self.description).tags([_TAG])
        board.refresh("10s").time("now-30m", "now").editable().tooltip(model.DashboardCursorSync.CROSSHAIR)
        others = build.DashboardLink("Recommndr").type(model.DashboardLinkType.DASHBOARDS).tags([_TAG]).keep_time(True)
        board.link(others.include_vars(True))
        for name in self.variables:
            board.with_variable(_variable(name))
        board.annotation(_MOVES)
        for row in self.rows:
            board.with_row(build.Row(row.title))
            for question in row.questions:
                board.with_panel(question.panel())
        built = board.build()
        for number, panel in enumerate(built.panels or (), 1):
            panel.id_val = number
        return built


def _variable(name: str) -> build.QueryVariable:
    every = model.VariableOption(text="All", value="$__all", selected=True)
    variable = build.QueryVariable(name).label(name).query(CHOICES[name]).datasource(DATASOURCE).multi(True)
    return variable.include_all(True).all_value(".*").current(every).refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
