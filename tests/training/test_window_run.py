"""A window is trained in a folder of its own: a repository in small, with the moved cut and another seed."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
import typer
import yaml
from typer.testing import CliRunner

from recommndr_training import params, stage_files
from recommndr_training.cli import app
from recommndr_training.judging import evaluate, gate_report, window_run
from recommndr_training.judging.window_run import NotJudged, Window, moved, prepare, windows
from recommndr_training.ranking.ranker_params import RankerParams
from recommndr_training.retrieval import retriever_fits
from recommndr_training.tuning.tune import TuneParams

GATE_CUT = datetime(2026, 3, 1, tzinfo=UTC)
CUTS = {"since": "2026-01-01T00:00:00Z", "until": "2026-03-20T00:00:00Z", "gate_cut": GATE_CUT.isoformat()}
PARAMS: dict[str, Any] = {
    "datasets": {"shop": {"currency": "EUR", **CUTS}},
    "profiles": {"mine": {"tenant": "shop", "als": {}, "tune": {"n_shoppers": 5}, "ranker": {}}},
}
ITEMS = [f"i{number}" for number in range(20)]
LAKE = "var/${item}/lake"
JUDGE = "python -m recommndr_training.made_evaluate"
CUT = "python -m recommndr_training.made_split"
TRAIN = "var/${item}/split/train.parquet"
STAGES = {
    "import": {"cmd": "recommndr import", "outs": [LAKE]},
    "split": {"cmd": CUT, "deps": [LAKE], "outs": [TRAIN]},
    "evaluate": {"cmd": JUDGE, "deps": [TRAIN], "outs": ["var/${item}/evaluate"]},
}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(PARAMS))
    (tmp_path / "tenants.yaml").write_text("tenants: {shop: {label_horizon_days: 10}}")
    stages = {name: {"foreach": ["mine"], "do": do} for name, do in STAGES.items()}
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    (tmp_path / "var/mine/lake").mkdir(parents=True)
    (tmp_path / "var/mine/lake/events").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[datetime, int]]:
    """Two stages; the second tells the cut and the seed that it finds. The ranker's figure is higher by .01 a seed."""
    seen = []

    def main(profile: str) -> None:
        seed = params.section(profile, "ranker")["seed"]
        seen.append((params.data(profile).gate_cut, seed))
        assert (params.profile_dir(profile) / "lake/events").exists()
        shoppers = pd.DataFrame({"requests": "all", "user_id": ["u1", "u2"], "ranker": 0.5 + seed / 100, "als": 0.2})
        stage_files.save_json(
            params.profile_dir(profile) / evaluate.GATE_REPORT, gate_report.GateReport("ranker", ()).to_json()
        )
        shoppers.to_parquet(params.profile_dir(profile) / evaluate.BY_SHOPPER)
        taken = set(pd.read_parquet(params.profile_dir(profile) / stage_files.TRAIN_LINES)["item_id"])
        untouched = {"untouched": {"shoppers": len(ITEMS) - len(taken), "ndcg@10": {"content": 0.1, "als": 0.0}}}
        segments = untouched if len(taken) < len(ITEMS) else {}
        stage_files.save_json(params.profile_dir(profile) / evaluate.METRICS, {"new": {"segments": segments}})
        print("judged")

    def split(profile: str) -> None:
        path = params.profile_dir(profile) / stage_files.TRAIN_LINES
        path.parent.mkdir()
        pd.DataFrame({"item_id": ITEMS, "user_id": "u1"}).to_parquet(path)

    for name, stage in (("made_split", split), ("made_evaluate", main)):
        module = ModuleType(f"recommndr_training.{name}")
        module.main = stage  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return seen


def test_windows_go_back_by_whole_horizons() -> None:
    assert windows(params.data("mine"), 3) == [Window(n + 1, GATE_CUT - timedelta(days=10 * n)) for n in range(3)]


def test_more_windows_than_the_data_have_room_for_are_refused() -> None:
    with pytest.raises(NotJudged, match="6 windows of 10 days: shop's data before its gate cut have room for 5"):
        windows(params.data("mine"), 6)


def test_only_cut_and_seed_are_others() -> None:
    cut = GATE_CUT - timedelta(days=10)
    found = moved(PARAMS, "mine", cut, seed=7)
    assert found["datasets"]["shop"] == {**PARAMS["datasets"]["shop"], "gate_cut": cut.isoformat()}
    assert found["profiles"]["mine"] == {
        "tenant": "shop",
        "als": {"seed": 7},
        "tune": {"n_shoppers": 5, "seed": 7},
        "ranker": {"seed": 7},
    }


def test_every_stage_that_draws_random_numbers_gets_the_seed() -> None:
    sections = {"ranker": RankerParams(), "tune": TuneParams()}
    profile = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text())["profiles"]["tiny"]
    Path("params.yaml").write_text(yaml.safe_dump({**PARAMS, "profiles": {"mine": {**profile, "tenant": "shop"}}}))
    (Path("var/mine/prepared")).mkdir()
    Path("var/mine/prepared/items.parquet").touch()
    sections |= retriever_fits.options_of("mine")
    assert {name for name, options in sections.items() if hasattr(options, "seed")} == set(window_run.SEEDED)


def test_a_run_leaves_the_profile_alone(root: Path, judged: list[tuple[datetime, int]]) -> None:
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    window_run.run("mine", Window(2, GATE_CUT - timedelta(days=10)), 4, lambda _: None)
    assert judged == [(GATE_CUT - timedelta(days=10), 4)]
    assert Path.cwd() == root
    own = root / "var/mine"
    assert {path for path in own.rglob("*")} == {path for path in before if own in path.parents}
    assert params.data("mine").gate_cut == GATE_CUT


def test_a_run_starts_in_an_empty_folder() -> None:
    left = prepare("mine", Window(1, GATE_CUT), 0) / "var/mine/evaluate/of_yesterday"
    left.parent.mkdir()
    left.touch()
    prepare("mine", Window(1, GATE_CUT), 0)
    assert not left.exists()


def test_the_command_reports_every_window_and_seed(root: Path, judged: list[tuple[datetime, int]]) -> None:
    outcome = CliRunner().invoke(app, ["judge", "--profile", "mine", "--windows", "2", "--seeds", "3"])
    assert outcome.exit_code == 0, outcome.output
    cuts = (GATE_CUT, GATE_CUT - timedelta(days=10))
    assert judged == [(cut, seed) for cut in cuts for seed in range(3)]
    found = stage_files.load_json(root / "var/judge/mine/figures.json")
    assert found["figures"]["pooled"]["all"]["shipped_minus"]["als"]["mean"] == pytest.approx(0.31)
    assert found["seed_noise"]["all"] == pytest.approx(0.01)
    assert set(found["figures"]) == {"pooled", "window 1", "window 2", "seed 0", "seed 1", "seed 2"}
    assert "standard deviation of 0.0100" in (root / "var/judge/mine/table.md").read_text()
    assert (root / "var/judge/mine/window-2-seed-1/stages.log").read_text() == "judged\n"


def judge(*more: str) -> None:
    outcome = CliRunner().invoke(app, ["judge", "--profile", "mine", "--windows", "1", *more])
    assert outcome.exit_code == 0, outcome.output


def test_a_training_that_ended_is_kept_and_one_that_was_interrupted_is_not(
    root: Path, judged: list[tuple[datetime, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = sys.modules["recommndr_training.made_evaluate"]
    real = stage.main

    def killed_at_second(profile: str) -> None:
        real(profile)
        if len(judged) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(stage, "main", killed_at_second)
    CliRunner().invoke(app, ["judge", "--profile", "mine", "--windows", "1", "--seeds", "3"])
    monkeypatch.setattr(stage, "main", real)
    judge("--seeds", "3")
    assert [seed for _, seed in judged] == [0, 1, 1, 2]
    figures = stage_files.load_json(root / "var/judge/mine/figures.json")
    judge("--seeds", "3")
    assert len(judged) == 4
    assert stage_files.load_json(root / "var/judge/mine/figures.json") == figures


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "params.yaml").write_text(
            (root / "params.yaml").read_text().replace("n_shoppers: 5", "n_shoppers: 6")
        ),
        lambda root: (root / "tenants.yaml").write_text("tenants: {shop: {label_horizon_days: 11}}"),
        lambda root: (root / "var/mine/lake/events").write_text("another event"),
    ],
    ids=["a setting", "the tenant", "the data"],
)
def test_a_training_from_something_else_is_not_taken_for_this_one(
    root: Path, judged: list[tuple[datetime, int]], change: Callable[[Path], Any]
) -> None:
    judge("--seeds", "1")
    change(root)
    judge("--seeds", "1")
    assert len(judged) == 2


def test_force_trains_again(judged: list[tuple[datetime, int]]) -> None:
    judge("--seeds", "1")
    judge("--seeds", "1", "--force")
    assert len(judged) == 2


def test_hidden_items_are_hidden_in_a_training_of_their_own(root: Path, judged: list[tuple[datetime, int]]) -> None:
    outcome = CliRunner().invoke(app, ["judge", "--profile", "mine", "--windows", "1", "--seeds", "1", "--hide-items", "0.1"])
    assert outcome.exit_code == 0, outcome.output
    assert judged == [(GATE_CUT, 0), (GATE_CUT, 0)]
    found = stage_files.load_json(root / "var/judge/mine/figures.json")
    assert found["hidden_items"]["untouched"]["new"]["shoppers"] == 2
    assert "| new | 2 | content 0.1000, als 0.0000 |" in (root / "var/judge/mine/table.md").read_text()
    assert found["figures"]["pooled"]["all"]["shipped_minus"]["als"]["n_windows"] == 1  # the other training is not pooled


def test_what_is_hidden_is_every_line_of_a_tenth_of_the_items(tmp_path: Path) -> None:
    lines = tmp_path / stage_files.TRAIN_LINES
    lines.parent.mkdir()
    everything = pd.DataFrame({"item_id": ITEMS * 3, "user_id": "u1"})
    everything.to_parquet(lines)
    assert window_run.hide(tmp_path, 0.1) == 2
    left = pd.read_parquet(lines)["item_id"].value_counts()
    assert (len(left), set(left)) == (18, {3})


def test_a_stage_that_refuses_names_the_window(judged: list[tuple[datetime, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(profile: str) -> None:
        raise typer.Exit(1)

    monkeypatch.setattr(sys.modules["recommndr_training.made_evaluate"], "main", refuse)
    outcome = CliRunner().invoke(app, ["judge", "--profile", "mine", "--windows", "1", "--seeds", "1"])
    assert outcome.exit_code == 1
    assert "window 1 (gate cut 2026-03-01 00:00), seed 0: a stage refused" in outcome.output
