"""A model card says of a version what its reports say, and what they do not say."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from recommndr.bundle import FileEntry, Manifest, TrainingData
from recommndr_engine.list_metrics import bootstrap_interval
from recommndr_training import floors
from recommndr_training.judging.gate_report import Check, GateReport, unjudged
from recommndr_training.shipping.model_card import Reports, card

N_DRAWS = 100
N_SHOPPERS = 30
RANDOM = np.random.default_rng(0)
ALS, RANKER = RANDOM.random(N_SHOPPERS) * 0.3, RANDOM.random(N_SHOPPERS) * 0.5
JUDGED = GateReport("ranker", (), judged_at="2026-02-01T00:00:00+00:00", learnt_until="2026-02-15T00:00:00+00:00")


def segment(shoppers: int, **more: object) -> dict[str, object]:
    return {"shoppers": shoppers, "ndcg@10": {"ranker": 0.25, "als": 0.125}, **more}


GAIN = {"of": "ranker", "over": "popular_now", "ndcg@10": 0.0625, "low": 0.01, "high": 0.11}
REPORTS = Reports(
    figures={"all": {"segments": {"cold": segment(7, popularity_gain=GAIN), "hot": segment(900)}}},
    by_shopper=pd.concat(
        [
            pd.DataFrame({"requests": "all", "user_id": [f"u{n:02}" for n in range(N_SHOPPERS)], "ranker": RANKER, "als": ALS}),
            pd.DataFrame({"requests": "cold", "user_id": ["n1", "n2"], "popularity": [0.5, 0.0], "popular_now": [1.0, 0.0]}),
        ]
    ),
    by_age="| items | method | age |\n|---|---|---|\n| all | ranker | 3 d |\n",
    learnt={"recipe": {"variant": "binary", "n_trees": [40, 15]}},
    left_out=("content",),
)


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return Manifest(
        tenant="shop",
        code_revision="abc123",
        training_data=TrainingData(
            sha256="f" * 64,
            since=datetime(2025, 1, 1, tzinfo=UTC),
            until=datetime(2026, 2, 15, tzinfo=UTC),
            n_lines=123_456,
            n_users=789,
            n_items=4_321,
        ),
        files={
            "als/item_factors.npy": FileEntry(sha256="0" * 64, n_bytes=1_500),
            "ranker.onnx": FileEntry(sha256="1" * 64, n_bytes=500),
        },
        ranker_columns=(),
        parameters={"als.alpha": 2.0},
        weights={"als": 1.0},
        retrievers=("als", "popularity"),
        metrics={},
    )


def written(manifest: Manifest, judged: GateReport = JUDGED, reports: Reports = REPORTS) -> str:
    return card("mine", manifest, judged, reports, N_DRAWS)


def test_a_card_names_data_settings_and_size(manifest: Manifest) -> None:
    told = written(manifest)
    assert "2025-01-01 00:00 to 2026-02-15 00:00 UTC" in told
    assert "123,456 events, 4,321 items with events, 789 shoppers" in told
    assert "2,000 bytes in 2 files" in told
    assert "variant binary, 55 trees" in told
    assert "| als.alpha | 2.0 |" in told


def test_each_simple_method_stands_with_its_paired_interval(manifest: Manifest) -> None:
    low, high = bootstrap_interval(RANKER - ALS, N_DRAWS)
    told = written(manifest)
    (line,) = (line for line in told.splitlines() if line.startswith("| als | "))
    assert line.endswith(f"| {(RANKER - ALS).mean():+.4f} [{low:+.4f}, {high:+.4f}] |")
    assert f"all items: {RANKER.mean():.4f}" in told


def test_shoppers_without_history_are_judged_by_what_they_get(manifest: Manifest) -> None:
    told = written(manifest)
    assert "## NDCG@10, shoppers without history: 0.2500" in told
    assert "| popular_now | 0.5000" in told


def test_segments_and_ages_are_on_the_card(manifest: Manifest) -> None:
    told = written(manifest)
    assert "| all | cold | 7 | 0.2500 | ranker - popular_now = +0.0625 [+0.0100, +0.1100] |" in told
    assert "| all | ranker | 3 d |" in told


def test_limits_are_named(manifest: Manifest) -> None:
    told = written(manifest)
    assert "fewer than 200 shoppers say little: all cold\n" in told
    assert "added nothing on the tuning cut: content" in told
    few = floors.few_for_gate(300)
    assert f"- {few}" in written(manifest, JUDGED.noted(few))
    why = "no ranker: there are 5 items with events; it needs 20"
    assert f"- {why}" in written(manifest, reports=replace(REPORTS, learnt={"left_out": why}))


def test_a_refused_version_says_so_first(manifest: Manifest) -> None:
    refused = GateReport("ranker", (Check("simple.all.als", False, "all items: als is better"),))
    limits = written(manifest, refused).partition("## Known limits")[2]
    assert limits.strip().startswith("- **refused by the gate**: all items: als is better")


def test_new_items_are_judged_by_the_method_that_orders_their_lists(manifest: Manifest) -> None:
    why = Check("instead.new.ranker", True, "als orders lists of new items instead of ranker, which is refused: it loses")
    of_new = REPORTS.by_shopper[REPORTS.by_shopper["requests"] == "all"].assign(requests="new")
    figures = {question: REPORTS.figures["all"] for question in ("all", "new", "repeat")}
    reports = replace(REPORTS, by_shopper=pd.concat([REPORTS.by_shopper, of_new]), figures=figures)
    told = written(manifest, replace(JUDGED, checks=(why,), new_method="als"), reports)
    assert "- lists are ordered by ranker, those of new items (discover, unseen) by als" in told
    assert f"all items: {RANKER.mean():.4f}" in told
    assert f"items new to the shopper: {ALS.mean():.4f}" in told
    assert [line.split(" | ")[3] for line in told.splitlines() if " | hot | " in line] == ["0.2500", "0.1250", "0.2500"]
    assert f"- {why.finding}" in told


def test_a_shop_that_nobody_could_judge_has_a_card(manifest: Manifest) -> None:
    nothing = replace(REPORTS, figures={}, by_shopper=pd.DataFrame({"requests": [], "user_id": []}, dtype=str))
    assert "- not judged: 3 known shoppers" in written(
        manifest, unjudged("popularity", "not judged: 3 known shoppers"), nothing
    )


def test_the_way_to_make_it_again_names_data_and_code(manifest: Manifest) -> None:
    told = written(manifest)
    assert "recommndr train --profile mine" in told
    assert "abc123" in told and "f" * 64 in told


def test_the_same_reports_give_the_same_card(manifest: Manifest) -> None:
    assert written(manifest) == written(manifest)
