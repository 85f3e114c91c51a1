"""The dashboards match the code, have questions as titles, and read only exported series."""

import json
import re

import pytest
import yaml

from docs.catalogue import ROOT
from recommndr_monitoring.grafana.__main__ import BOARDS, FOLDER, texts
from recommndr_monitoring.grafana.board import CHOICES, Board
from recommndr_monitoring.grafana.panel import PanelSpec
from tests.monitoring.rules import OUTSIDE, RUNBOOKS, documented, metrics_of

QUESTIONS = [(board, question) for board in BOARDS for question in board.questions]
PANELS = pytest.mark.parametrize(
    ("board", "question"), QUESTIONS, ids=lambda value: value.name if isinstance(value, Board) else value.title
)


def test_every_dashboard_is_written_as_the_code_says() -> None:
    written = {path.name: path.read_text() for path in (ROOT / FOLDER).glob("*.json")}
    assert written == texts(), "monitoring/grafana/dashboards is out of step: run `make docs`"


def test_grafana_finds_what_the_dashboards_name() -> None:
    provisioning = ROOT / "monitoring" / "grafana" / "provisioning"
    sources = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    named = {uid for text in texts().values() for uid in re.findall(r'"type": "prometheus",\s*"uid": "(\w+)"', text)}
    assert named == {source["uid"] for source in sources}
    assert {f"recommndr-{board.name}" for board in BOARDS} == {json.loads(text)["uid"] for text in texts().values()}


@PANELS
def test_a_panel_is_a_question_with_an_answer_one_can_read(board: Board, question: PanelSpec) -> None:
    assert question.title.endswith("?"), question.title
    assert question.description.endswith("."), question.title
    assert 0 < question.width <= 24
    assert question.runbook is None or (RUNBOOKS / f"{question.runbook}.md").exists()


@PANELS
def test_a_panel_reads_only_series_that_somebody_exports(board: Board, question: PanelSpec) -> None:
    for query in question.queries:
        unknown = {name for name in metrics_of(query.expr) - documented() if not OUTSIDE.match(name)}
        assert not unknown, f"{board.name}, {question.title}: {unknown} are not in docs/metrics.md"


@PANELS
def test_a_panel_uses_only_the_choices_its_dashboard_offers(board: Board, question: PanelSpec) -> None:
    used = {name for query in question.queries for name in re.findall(r"\$(\w+)", query.expr)} - {"__rate_interval"}
    assert used <= set(board.variables) <= set(CHOICES)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_the_panels_of_a_dashboard_fill_its_grid_without_overlap(board: Board) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(texts()[f"{board.name}.json"])["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_no_dashboard_asks_the_same_twice(board: Board) -> None:
    titles = [question.title for question in board.questions]
    assert len(titles) == len(set(titles))
