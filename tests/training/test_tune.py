"""What a shop's own tuning cut chooses, and that it chooses from nothing later."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from recommndr_training import stage_settings
from recommndr_training.data import logins
from recommndr_training.relative_gain import relative_gain
from recommndr_training.retrieval import popularity, retriever_fits
from recommndr_training.retrieval.retriever_fit import Axis
from recommndr_training.stage_files import TRAIN_LOGINS
from recommndr_training.tuning import tune
from recommndr_training.tuning.coordinate_search import Judge, search
from tests.training import prepared_tables

TENANT = "kiosk"
GATE = datetime(2026, 3, 1, tzinfo=UTC)
DAY_S = 86_400.0
FIGURES = st.lists(st.just(0.0) | st.floats(0.01, 1.0), min_size=3, max_size=30).map(np.array)


@dataclass(frozen=True)
class Knob:
    value: float = 1.0
    other: float = 1.0


def judge(quality: Callable[[Knob], float], n: int = 50) -> Judge[Knob]:
    """Shoppers of different luck who all see the same quality."""
    luck = np.linspace(0.5, 1.5, n)
    return lambda knob, _: {"all": quality(knob) * luck}


@given(FIGURES, FIGURES)
def test_a_gain_is_the_others_loss(ours: np.ndarray, base: np.ndarray) -> None:
    n = min(len(ours), len(base))
    there, back = (relative_gain({"all": a[:n]}, {"all": b[:n]}) for a, b in ((ours, base), (base, ours)))
    assert there.mean == pytest.approx(-back.mean)
    assert -1.0 - 1e-9 <= there.mean <= 1.0 + 1e-9


@given(FIGURES, st.floats(0.01, 100.0))
def test_a_gain_does_not_depend_on_the_size_of_the_figures(base: np.ndarray, size: float) -> None:
    ours = base[::-1] * 1.1
    assert relative_gain({"a": ours * size}, {"a": base * size}).mean == pytest.approx(
        relative_gain({"a": ours}, {"a": base}).mean
    )


def test_shoppers_who_were_not_asked_say_nothing() -> None:
    base = {"all": np.array([0.2, 0.2, 0.2]), "new": np.array([np.nan, 0.1, np.nan])}
    ours = {"all": np.array([0.2, 0.2, 0.2]), "new": np.array([np.nan, 0.2, np.nan])}
    assert relative_gain(ours, base).mean == pytest.approx((0.0 + 0.5) / 2)


def test_the_search_goes_up_one_axis_after_the_other() -> None:
    grid = (Axis("value", (0.5, 2.0, 4.0)), Axis("other", (3.0,)))
    found = search(Knob(), grid, judge(lambda knob: 0.1 * min(knob.value, 2.0) * knob.other))
    assert found.options == Knob(2.0, 3.0)
    assert found.changed == {"value": 2.0, "other": 3.0}
    assert [(trial.name, trial.value, trial.kept) for trial in found.trials] == [
        ("value", 0.5, False), ("value", 2.0, True), ("value", 4.0, False), ("other", 3.0, True),
    ]  # fmt: skip


def test_a_direction_that_gets_worse_is_left() -> None:
    tried: list[float] = []

    def quality(knob: Knob) -> float:
        tried.append(knob.value)
        return 0.1 * knob.value if knob.value <= 4.0 else 0.1

    search(Knob(), (Axis("value", (0.25, 0.5, 2.0, 4.0, 8.0, 16.0)),), judge(quality))
    assert tried == [1.0, 0.5, 2.0, 4.0, 8.0]


def test_of_two_gains_the_surer_one_is_taken() -> None:
    luck = np.random.default_rng(1).normal(0.0, 0.3, 40)
    figures = {1.0: np.full(40, 0.3), 2.0: np.full(40, 0.40), 3.0: 0.45 + luck - luck.mean()}
    found = search(Knob(), (Axis("value", (2.0, 3.0)),), lambda knob, _: {"all": figures[knob.value]})
    assert all(trial.gain.is_outside_noise for trial in found.trials)
    assert found.options.value == 2.0


def test_the_default_stays_where_a_value_is_better_by_chance_only() -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.2, 40)
    better_on_average = 0.3 + noise - noise.mean() + 0.01
    found = search(
        Knob(), (Axis("value", (2.0,)),), lambda knob, _: {"all": better_on_average if knob.value == 2.0 else np.full(40, 0.3)}
    )
    assert found.trials[0].gain.mean > 0.0
    assert found.options == Knob() and found.changed == {}


def test_what_a_setting_does_not_change_keeps_its_figures_and_is_not_judged_again() -> None:
    luck = np.linspace(0.5, 1.5, 50)
    alone = Axis("value", (2.0, 4.0), changed=lambda *_: [])

    def judge_some(knob: Knob, axis: Axis | None) -> dict[str, np.ndarray]:
        of_value = {"by_value.all": 0.1 * min(knob.value, 2.0) * luck}
        return of_value if axis is alone else of_value | {"by_other.all": 0.2 * knob.other * luck}

    grid = (alone, Axis("other", (2.0,)))
    found = search(Knob(), grid, judge_some)
    assert found == search(Knob(), grid, lambda knob, _: judge_some(knob, None))
    assert found.options == Knob(2.0, 2.0)
    assert found.trials[0].means == pytest.approx({"by_value.all": 0.2, "by_other.all": 0.2})


Deed = tuple[str, str, str, float]  # shopper, item, kind, days after the gate cut


def fast_shop() -> list[Deed]:
    """Forty shoppers read what is new today; each day has three items of its own, and yesterday's are read no more."""
    random = np.random.default_rng(3)
    return [
        (f"u{user:02d}", f"day{day + 30:02d}-{random.integers(3)}", "view", day + 0.02 * user + float(part) / 2)
        for day in range(-30, 0)
        for part in range(2)
        for user in range(40)
    ]


def write(directory: Path, deeds: Sequence[Deed], sections: dict[str, dict[str, object]]) -> None:
    lines = prepared_tables.lines(
        [
            prepared_tables.line(n, GATE.timestamp() + days * DAY_S, user_id=user, item_id=item, kind=kind, n_lines=1)
            | {"known_s": GATE.timestamp() + days * DAY_S}
            for n, (user, item, kind, days) in enumerate(deeds)
        ]
    ).to_pandas()
    items = prepared_tables.items([prepared_tables.item(0, item_id=one, tags=[]) for one in sorted(set(lines["item_id"]))])
    dataset = {
        "currency": "EUR",
        "since": "2026-01-01T00:00:00Z",
        "until": "2026-04-01T00:00:00Z",
        "gate_cut": GATE.isoformat(),
    }
    stages = {stage: {} for stage in (*retriever_fits.FITS, "tune")}
    profiles = {TENANT: {"tenant": TENANT} | stages | sections}
    (directory / "params.yaml").write_text(yaml.safe_dump({"datasets": {TENANT: dataset}, "profiles": profiles}))
    (directory / "tenants.yaml").write_text(
        yaml.safe_dump({"tenants": {TENANT: {"target_kind": "view", "label_horizon_days": 1}}})
    )
    for folder, frame in (("split/train", lines), ("split/items", items.to_pandas().assign(known_s=0.0))):
        path = directory / "var" / TENANT / f"{folder}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(path)
    logins.write(logins.NO_LOGINS, directory / "var" / TENANT / TRAIN_LOGINS)


ONLY_POPULARITY: dict[str, dict[str, object]] = {"tune": {"only": ["popularity.half_life_days"], "n_shoppers": 40}}


def tuned(
    directory: Path, monkeypatch: pytest.MonkeyPatch, deeds: Sequence[Deed], sections: dict[str, dict[str, object]]
) -> dict[str, dict[str, float]]:
    directory.mkdir(exist_ok=True)
    write(directory, deeds, sections)
    monkeypatch.chdir(directory)
    tune.main(TENANT)
    found: dict[str, dict[str, float]] = json.loads((directory / "var" / TENANT / "tune" / "chosen.json").read_text())
    return found


def test_a_shop_of_short_lived_items_gets_a_short_half_life_and_its_stages_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = tuned(tmp_path, monkeypatch, fast_shop(), ONLY_POPULARITY)
    assert chosen["popularity"]["half_life_days"] <= 1.0
    assert popularity.FIT.options(TENANT).half_life_days == chosen["popularity"]["half_life_days"]
    assert (tmp_path / "var" / TENANT / "tune" / "gains.png").exists()
    assert "popularity: half_life_days = " in (tmp_path / "var" / TENANT / "tune" / "table.md").read_text()


def test_a_stage_of_which_nothing_is_tried_is_not_fitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tuned(tmp_path, monkeypatch, fast_shop(), ONLY_POPULARITY)
    table = (tmp_path / "var" / TENANT / "tune" / "table.md").read_text()
    assert [line.partition(":")[0] for line in table.splitlines() if line.startswith("- ")] == ["- popularity"]


def test_what_params_yaml_names_is_not_tuned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sections = ONLY_POPULARITY | {"popularity": {"half_life_days": 30.0}}
    assert tuned(tmp_path, monkeypatch, fast_shop(), sections) == {}
    (tmp_path / "var" / TENANT / stage_settings.CHOSEN).write_text('{"popularity": {"half_life_days": 0.25}}')
    assert popularity.FIT.options(TENANT).half_life_days == 30.0


def test_nothing_of_the_gate_period_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leak = [(f"u{user:02d}", "day00-0", "view", 0.1) for user in range(40)]  # old items are suddenly wanted
    tables = []
    for name, deeds in {"without": fast_shop(), "with": [*fast_shop(), *leak]}.items():
        tuned(tmp_path / name, monkeypatch, deeds, ONLY_POPULARITY)
        tables.append((tmp_path / name / "var" / TENANT / "tune" / "table.md").read_text())
    assert tables[0] == tables[1]


def test_labels_are_of_the_tuning_period(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = [(f"u{user:02d}", "day00-0", "view", -0.5 + 0.001 * user) for user in range(40)]
    tables = []
    for name, deeds in {"without": fast_shop(), "with": [*fast_shop(), *late]}.items():
        tuned(tmp_path / name, monkeypatch, deeds, ONLY_POPULARITY)
        tables.append((tmp_path / name / "var" / TENANT / "tune" / "table.md").read_text())
    assert tables[0] != tables[1]


def test_too_few_shoppers_choose_nothing_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [deed for deed in fast_shop() if deed[0] < "u20"]
    assert tuned(tmp_path, monkeypatch, few, ONLY_POPULARITY) == {}
    table = (tmp_path / "var" / TENANT / "tune" / "table.md").read_text()
    assert table == "the defaults stay: 20 shoppers came back with a view after the tuning cut; choosing needs 30\n"


def test_every_axis_names_a_setting_of_its_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, fast_shop(), {})
    monkeypatch.chdir(tmp_path)
    with_grid = {stage: fit for stage, fit in retriever_fits.FITS.items() if fit.grid}
    for stage, fit in with_grid.items():
        options = fit.options(TENANT)
        for axis in fit.grid:
            assert isinstance(axis.values[0], get_type_hints(type(options))[axis.name]), f"{stage}.{axis.name}"
