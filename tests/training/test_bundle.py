from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from recommndr.bundle import MANIFEST, N_GOLDEN_REQUESTS, BundleRefused, Manifest, RouterThresholds
from recommndr.events import KIND_CODE
from recommndr.features import shopper
from recommndr.tenancy import TenantPolicy
from recommndr_engine import bundle_files, golden
from recommndr_engine.bundle_items import ITEM_IDS_FILE
from recommndr_engine.columns import COLUMNS
from recommndr_engine.retrievers import BY_NAME, stages_of
from recommndr_engine.retrievers.als import FACTORS_FILE
from recommndr_training.params import DataParams
from recommndr_training.shipping import bundle, seed
from recommndr_training.shipping.bundle import Made, collect, flat, golden_shoppers, seal
from tests.engine.bundles import ITEM_IDS, PARAMETERS, write_bundle
from tests.training.orders import CUT_S, DAY_S, Order, table
from tests.training.replayed import advanced

NAMES = tuple(BY_NAME)
STAGES = (*stages_of(NAMES), "ranker")
DATA = DataParams(
    tenant="grocer",
    policy=TenantPolicy(),
    currency="USD",
    since=datetime(2017, 1, 1, tzinfo=UTC),
    until=datetime(2018, 1, 2, tzinfo=UTC),
    gate_cut=datetime.fromtimestamp(CUT_S, UTC),
)
ORDERS = [
    Order(f"o{n}", f"u{n % 13}", CUT_S - n * DAY_S, (ITEM_IDS[n % 7], ITEM_IDS[(n * 3) % 40], ITEM_IDS[39 - n % 5]))
    for n in range(1, 60)
]


@pytest.fixture
def profile_dir(tmp_path: Path) -> Path:
    """What the stages before have written."""
    written = write_bundle(tmp_path / "var").directory
    (written / ITEM_IDS_FILE).rename(written / "popularity" / ITEM_IDS_FILE)
    for surplus in (MANIFEST, golden.GOLDEN_FILE):
        (written / surplus).unlink()
    (written / "als" / "parameters.json").write_text("{}")
    (written / "split").mkdir()
    table(ORDERS).to_parquet(written / "split" / "train.parquet")
    seed.write(advanced(table(ORDERS), CUT_S), written / "seed" / "seeds.parquet")
    return written


def build(profile_dir: Path, out: Path) -> Manifest:
    collect(profile_dir, out, STAGES)
    made = Made(
        data=DATA,
        training_data=bundle.training_data(profile_dir / "split" / "train.parquet", DATA.gate_cut),
        code_revision="abc",
        parameters=PARAMETERS,
        metrics={"all.ndcg@10": 0.3},
        router=RouterThresholds(),
        retrievers=NAMES,
        method="ranker",
        columns=COLUMNS,
    )
    return seal(out, made, golden_shoppers(profile_dir / "seed" / "seeds.parquet"))


def test_a_sealed_bundle_is_what_serving_accepts(profile_dir: Path) -> None:
    manifest = build(profile_dir, profile_dir / "bundle")
    read = bundle_files.check(profile_dir / "bundle", "grocer", manifest.version)
    assert read.digest() == manifest.version
    golden.check(profile_dir / "bundle", read)


def test_the_manifest_says_which_weights_of_kinds_the_ranker_learnt_with(profile_dir: Path) -> None:
    manifest = build(profile_dir, profile_dir / "bundle")
    assert list(manifest.kind_weights) == DATA.policy.relative_weights().tolist()
    assert manifest.kind_weights[KIND_CODE["purchase"]] == 1.0


def test_the_same_stages_give_the_same_bytes(profile_dir: Path) -> None:
    first, second = (build(profile_dir, profile_dir / name) for name in ("a", "b"))
    assert first.version == second.version
    assert (profile_dir / "a" / MANIFEST).read_bytes() == (profile_dir / "b" / MANIFEST).read_bytes()


def test_a_rebuilt_bundle_keeps_nothing_of_the_one_before(profile_dir: Path) -> None:
    out = profile_dir / "bundle"
    build(profile_dir, out)
    (out / "left_over.npy").write_bytes(b"")
    assert "left_over.npy" not in build(profile_dir, out).files


def test_only_what_serving_reads_goes_in_and_ids_lie_at_the_root(profile_dir: Path) -> None:
    files = build(profile_dir, profile_dir / "bundle").files
    assert ITEM_IDS_FILE in files
    assert f"popularity/{ITEM_IDS_FILE}" not in files
    assert not [path for path in files if path.endswith("parameters.json")]


def test_a_stage_that_left_nothing_is_named(profile_dir: Path) -> None:
    (profile_dir / FACTORS_FILE).unlink()
    with pytest.raises(FileNotFoundError, match="run the stage als first"):
        collect(profile_dir, profile_dir / "bundle", STAGES)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda out: (out / FACTORS_FILE).write_bytes(b"x"), f"{FACTORS_FILE}: 1 bytes"),
        (lambda out: (out / FACTORS_FILE).unlink(), f"{FACTORS_FILE}: missing"),
        (lambda out: (out / "extra.npy").write_bytes(b""), "extra.npy: not in manifest.json"),
        (
            lambda out: (out / MANIFEST).write_text((out / MANIFEST).read_text().replace('"abc"', '"abd"')),
            "expected its digest",
        ),
        (lambda out: (out / MANIFEST).unlink(), "manifest.json: missing"),
    ],
    ids=["changed file", "missing file", "surplus file", "changed manifest", "no manifest"],
)
def test_a_tampered_bundle_is_refused(profile_dir: Path, tamper: object, said: str) -> None:
    out = profile_dir / "bundle"
    version = build(profile_dir, out).version
    tamper(out)  # type: ignore[operator]
    with pytest.raises(BundleRefused, match=said):
        bundle_files.check(out, "grocer", version)


def test_a_bundle_of_another_tenant_or_version_is_refused(profile_dir: Path) -> None:
    version = build(profile_dir, profile_dir / "bundle").version
    with pytest.raises(BundleRefused, match="expected 'bakery'"):
        bundle_files.check(profile_dir / "bundle", "bakery", version)
    with pytest.raises(BundleRefused, match="as the release record says"):
        bundle_files.check(profile_dir / "bundle", "grocer", "0" * 16)


def test_golden_answers_that_come_out_otherwise_are_refused(profile_dir: Path) -> None:
    out = profile_dir / "bundle"
    manifest = build(profile_dir, out)
    path = out / golden.GOLDEN_FILE
    expected = golden.Golden.model_validate_json(path.read_bytes())
    swapped = [request.model_copy(update={"item_ids": request.item_ids[::-1]}) for request in expected.requests]
    path.write_text(expected.model_copy(update={"requests": tuple(swapped)}).model_dump_json())
    with pytest.raises(BundleRefused, match=r"golden\.json: request 0 gets"):
        golden.check(out, manifest)


def test_golden_shoppers_are_ten_spread_over_all_and_one_is_unknown(profile_dir: Path) -> None:
    chosen = golden_shoppers(profile_dir / "seed" / "seeds.parquet")
    assert len(chosen) == N_GOLDEN_REQUESTS
    assert chosen[-1] == shopper.default_columns()
    assert len({str(columns) for columns in chosen}) == N_GOLDEN_REQUESTS


def test_golden_shoppers_of_a_tenant_with_few(tmp_path: Path) -> None:
    seed.write(advanced(table(ORDERS[:1]), CUT_S), tmp_path / "seeds.parquet")
    assert len(golden_shoppers(tmp_path / "seeds.parquet")) == N_GOLDEN_REQUESTS


def test_training_data_says_what_was_known(profile_dir: Path) -> None:
    known = bundle.training_data(profile_dir / "split" / "train.parquet", DATA.gate_cut)
    assert (known.n_lines, known.n_users, known.until) == (len(table(ORDERS)), 13, DATA.gate_cut)
    assert known.since == datetime.fromtimestamp(min(order.at_s for order in ORDERS), UTC)


def test_nested_metrics_become_names_with_dots() -> None:
    assert flat({"all": {"ndcg@10": 1, "by": {"als": 0.5}}, "note": "x"}) == {"all.ndcg@10": 1.0, "all.by.als": 0.5}


def test_code_revision_changes_with_the_declared_code_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("1")
    (tmp_path / "other.py").write_text("1")
    stages = {"one": {"deps": ["code", "var/x.parquet"]}, "two": {"foreach": ["t"], "do": {"deps": ["code/a.py"]}}}
    dvc_yaml = tmp_path / "dvc.yaml"
    dvc_yaml.write_text(yaml.safe_dump({"stages": stages}))
    before = bundle.code_revision(dvc_yaml)
    (tmp_path / "other.py").write_text("2")
    assert bundle.code_revision(dvc_yaml) == before
    (tmp_path / "code" / "a.py").write_text("2")
    assert bundle.code_revision(dvc_yaml) != before
