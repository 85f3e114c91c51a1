"""What ships has learnt everything up to now, by the recipe that the gate judged; what is replayed live it has not learnt."""

import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from recommndr.bundle import BundleRefused
from recommndr.features import shopper
from recommndr.input_reference import REFERENCE_FILE, InputReference
from recommndr.list_scope import SCOPES
from recommndr_engine import bundle_files, columns
from recommndr_engine.list_request import ListRequest
from recommndr_engine.ranker import RANKER_FILE, OnnxRanker
from recommndr_training import stage_files
from recommndr_training.judging.gate_report import GateReport
from recommndr_training.params import BadParams
from recommndr_training.shipping import bundle, register, score_range, seed, shipped
from recommndr_training.shipping.held_out import baskets
from tests.training.test_odd_shops import CUT, DAY_S, ENOUGH, STAGES, TENANT, Deed, load, trained_copy, write

SINCE_CUT: list[Deed] = [("newcomer", "novelty", "view", 3.0 + n / 10) for n in range(5)]
SHOP = replace(ENOUGH, deeds=[*ENOUGH.deeds, *SINCE_CUT])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's folder after all stages."""
    return trained_copy(SHOP, tmp_path_factory) / "var" / TENANT


def n_trees(path: Path) -> int:
    (forest,) = (node for node in onnx.load(path).graph.node if node.op_type.startswith("TreeEnsemble"))
    ids = next(list(attribute.ints) for attribute in forest.attribute if attribute.name == "nodes_treeids")
    return len(set(ids))


def test_the_bundle_has_learnt_what_happened_since_the_gate_cut(trained: Path) -> None:
    manifest, pipeline = load(trained / "bundle", SHOP)
    last_s = max(days for _, _, _, days in SHOP.deeds) * DAY_S + CUT.timestamp()
    assert last_s < manifest.training_data.until.timestamp() <= last_s + 1.0
    assert manifest.training_data.n_lines == len(SHOP.deeds)
    assert "novelty" in pipeline.items.ids
    assert "novelty" not in np.load(trained / "popularity" / "item_ids.npy").astype(str)
    assert "newcomer" in {row.entity for row in seed.read(trained / "seed" / "seeds.parquet").rows}


def test_the_bundle_says_how_its_rankers_inputs_were_distributed_where_its_data_end(trained: Path) -> None:
    manifest, pipeline = load(trained / "bundle", SHOP)
    assert pipeline.ranker is not None
    assert REFERENCE_FILE in manifest.files
    reference = InputReference(np.load(trained / "bundle" / REFERENCE_FILE))
    assert len(reference.table) == len(manifest.ranker_columns)
    counted = [column.name.startswith("item_targets_") and "trend" not in column.name for column in manifest.ranker_columns]
    assert any(counted)
    assert 0.0 < reference.table[counted, 1:].max() <= len(SHOP.deeds)


def test_the_ranker_that_ships_reads_only_columns_that_its_trees_split_on(trained: Path) -> None:
    manifest, pipeline = load(trained / "bundle", SHOP)
    assert pipeline.ranker is not None
    refitted = OnnxRanker.read(trained / shipped.DIRECTORY)
    names = [column.name for column in manifest.ranker_columns]
    assert len(names) < refitted.n_inputs == len(columns.NAMES)
    inputs = np.random.default_rng(0).normal(0.0, 3.0, (500, refitted.n_inputs)).astype(np.float32)
    read = inputs[:, [columns.place(name) for name in names]]
    assert pipeline.ranker.score(np.ascontiguousarray(read)).tobytes() == refitted.score(inputs).tobytes()


def test_the_report_in_the_bundle_says_when_the_recipe_was_judged_and_what_was_learnt(trained: Path) -> None:
    report = json.loads((trained / "bundle" / "gate.json").read_text())
    assert report["judged_at"] == CUT.isoformat()
    assert (
        datetime.fromisoformat(report["learnt_until"]).timestamp()
        == json.loads((trained / shipped.UNTIL).read_text())["until_s"]
    )
    assert {check["name"] for check in report["checks"]} >= {"refit.places"}
    assert report["passed"]


def test_the_figures_say_what_ships_for_each_set_of_requests(trained: Path) -> None:
    methods = GateReport.from_json(stage_files.load_json(trained / "evaluate" / "gate.json")).methods
    found = {name: each["ships"] for name, each in stage_files.load_json(trained / "evaluate" / "metrics.json").items()}
    assert {"all", "new", "repeat", "cold"} <= set(found)
    assert found == dict.fromkeys(found, methods["all"]) | {"new": methods["new"], "cold": "popularity"}
    assert f"; ships {methods['new']}" in (trained / "evaluate" / "table.md").read_text()


def test_the_refitted_ranker_has_as_many_trees_as_the_judged_one(trained: Path) -> None:
    judged, shipped_one = trained / RANKER_FILE, trained / "refit" / RANKER_FILE
    assert n_trees(judged) == n_trees(shipped_one)
    assert judged.read_bytes() != shipped_one.read_bytes()


def test_a_profile_that_is_replayed_ships_the_judged_models(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(SHOP, tmp_path)
    known = yaml.safe_load((tmp_path / "params.yaml").read_text())
    known["profiles"][TENANT]["refit"] = {"until": "gate_cut"}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(known))
    monkeypatch.chdir(tmp_path)
    for stage in STAGES:
        stage.main(TENANT)
    directory = tmp_path / "var" / TENANT
    manifest = bundle_files.read_manifest(directory / "bundle")
    assert manifest.training_data.until == CUT
    assert "novelty" not in np.load(directory / "bundle" / "item_ids.npy").astype(str)
    factors = "als/item_factors.npy"
    assert (directory / "bundle" / factors).read_bytes() == (trained / factors).read_bytes()
    assert (directory / shipped.DIRECTORY / RANKER_FILE).read_bytes() == (trained / RANKER_FILE).read_bytes()
    baskets(TENANT)  # is not refused


def test_what_was_learnt_is_not_replayed_to_a_running_shop(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained.parents[1])
    with pytest.raises(ValueError, match="has learnt the gate period; to replay it, set refit"):
        baskets(TENANT)


def test_a_gate_that_chose_a_method_for_new_items_ships_it_for_their_scopes(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained.parents[1], tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    directory = tmp_path / "copy" / "var" / TENANT
    report = replace(
        GateReport.from_json(stage_files.load_json(directory / "evaluate" / "gate.json")), method="ranker", new_method="als"
    )
    stage_files.save_json(directory / "evaluate" / "gate.json", report.to_json())
    bundle.main(TENANT)
    manifest, pipeline = load(directory / "bundle", SHOP)
    assert (manifest.method, manifest.scope_methods) == ("ranker", {"discover": "als", "unseen": "als"})
    register.check_gate(directory / "bundle", manifest)
    row, at_s = shopper.read({}), manifest.training_data.until.timestamp()
    used = {scope: pipeline.recommend(row, ListRequest(5, scope), at_s).method for scope in SCOPES}
    assert used == {"mixed": "ranker", "discover": "als", "unseen": "als", "buy_again": "ranker"}
    checked = {check["name"] for check in stage_files.load_json(directory / "bundle" / "gate.json")["checks"]}
    assert checked >= {"refit.places", "refit.discover.places", "refit.unseen.places"}
    assert "lists are ordered by ranker, those of new items" in (directory / "bundle" / "model_card.md").read_text()


def test_an_end_that_is_not_known_is_refused() -> None:
    with pytest.raises(BadParams, match=r"refit\.until 'tomorrow': expected gate_cut or end"):
        shipped.RefitParams(until="tomorrow")  # type: ignore[arg-type]


def test_a_version_whose_refit_scores_otherwise_is_not_registered(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trained.parents[1])
    report = GateReport.from_json(stage_files.load_json(trained / "bundle" / "gate.json"))
    manifest = bundle_files.read_manifest(trained / "bundle")
    lists = [np.linspace(-1.0, -4.0, 10, dtype=np.float32) for _ in range(10)]
    broken = report.with_checks(score_range.checks(lists, [one + 9.0 for one in lists]))
    stage_files.save_json(tmp_path / "gate.json", broken.to_json())
    with pytest.raises(BundleRefused, match="0% of the refitted models' scores of the lists are within the range"):
        register.check_gate(tmp_path, manifest)


scores = st.lists(
    st.lists(st.floats(-6.0, 0.0, width=32), min_size=10, max_size=10).map(lambda one: np.array(one, np.float32)),
    min_size=2,
    max_size=5,
)


@given(scores)
def test_the_same_scores_pass(lists: list[np.ndarray]) -> None:
    assert all(check.passed for check in score_range.checks(lists, lists))


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        (lambda one: one + 5.0, {"refit.range"}),
        (lambda one: one - 5.0, {"refit.range"}),
        (lambda one: one[:5], {"refit.places"}),
        (lambda one: one * 0.0 - 2.0, {"refit.order"}),
        (lambda one: one * np.nan, {"refit.range", "refit.order"}),
        (lambda one: (one + 2.0) * 8.0 - 2.0, {"refit.range"}),
        (lambda one: one + 0.3, set()),
        (lambda one: one / 10.0 - 2.0, set()),
    ],
    ids=["higher", "lower", "fewer", "all alike", "no number", "further apart", "a little higher", "closer"],
)
def test_scores_that_leave_the_judged_range_are_found(changed: object, failed: set[str]) -> None:
    lists = [np.linspace(-1.0, -4.0, 10, dtype=np.float32) - user / 10 for user in range(10)]
    found = score_range.checks(lists, [changed(one) for one in lists])  # type: ignore[operator]
    assert {check.name for check in found if not check.passed} == failed


def test_counts_are_not_compared_but_the_number_of_places_is() -> None:
    lists = [np.linspace(90.0, 10.0, 10, dtype=np.float32)]
    assert [check.name for check in score_range.checks(lists, [lists[0] * 50], comparable=False)] == ["refit.places"]
