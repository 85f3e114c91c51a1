"""The records that are costly to change: seeds, bundle manifests, the release record, settings."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from recommndr import settings
from recommndr.bundle import FIRST_RETRIEVERS, BundleRefused, FileEntry, Manifest, RankerColumn, TrainingData
from recommndr.counting import Counting
from recommndr.dead_letter import MAX_VALUE_BYTES, DeadLetter
from recommndr.generation import Generation, Step, tenant_of
from recommndr.release import WEIGHT_TOTAL, Placement, Release
from recommndr.seed import N_SHARES, Seed
from recommndr.topics import PARTITIONS

offsets = st.lists(st.integers(0, 2**62), min_size=PARTITIONS, max_size=PARTITIONS).map(tuple)
counts = st.lists(st.integers(0, 2**62), min_size=N_SHARES, max_size=N_SHARES).map(tuple)


@given(st.integers(0, 2**62), st.binary(max_size=100))
def test_a_seed_survives_its_bytes(generation: int, state: bytes) -> None:
    seed = Seed(generation, state)
    assert Seed.from_bytes(seed.to_bytes()) == seed


@given(st.integers(1, 2**62), offsets, counts, st.sampled_from(["begun", "cut", "complete"]))
def test_a_generation_survives_its_bytes(number: int, cut: tuple[int, ...], n_seeds: tuple[int, ...], step: Step) -> None:
    generation = Generation(
        number=number,
        step=step,
        side=1,
        counting=Counting(10.0, 4),
        own_kinds=("a",),
        topic_id="t",
        offsets=cut,
        n_seeds=n_seeds,
    )
    assert Generation.from_bytes(generation.to_bytes()) == generation
    assert tenant_of(generation.key("grocer")) == "grocer"
    assert (generation.key("grocer") == b"grocer|complete") is (step == "complete")


@pytest.mark.parametrize("changed", [{"step": "cut"}, {"step": "complete", "offsets": (0,) * PARTITIONS}, {"number": 0}])
def test_a_generation_that_does_not_say_what_its_step_needs_is_refused(changed: dict[str, object]) -> None:
    told = {"number": 1, "step": "begun", "side": 0, "counting": [1.0, 3]}
    Generation.model_validate(told)
    with pytest.raises(ValueError, match=r"expected|greater than 0"):
        Generation.model_validate(told | changed)


@pytest.mark.parametrize("value", [b"", b"\x01\x00" + b"\0" * 100])
def test_a_seed_of_another_format_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        Seed.from_bytes(value)


FILES = {"als_item_factors.npy": FileEntry(sha256="a" * 64, n_bytes=10)}
MANIFEST = Manifest(
    tenant="grocer",  # type: ignore[arg-type]
    code_revision="abc",
    training_data=TrainingData(
        sha256="d" * 64,
        since=datetime(2017, 1, 1, tzinfo=UTC),
        until=datetime(2017, 12, 18, tzinfo=UTC),
        n_lines=3,
        n_users=2,
        n_items=1,
    ),
    files=FILES,
    ranker_columns=(RankerColumn(name="age_days"),),
    parameters={"als.n_factors": 64},
    weights={"purchase": 5.0},
    metrics={"ndcg_at_10_all": 0.3},
).sealed()


# As release 3ade51b wrote it, with the digest that it computed.
MANIFEST_WITHOUT_RETRIEVERS = """
{"format_version":1,"tenant":"grocer","version":"3081cebb246186d8","code_revision":"1234","training_data":
{"sha256":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","since":"2025-01-01T00:00:00Z",
"until":"2026-01-01T00:00:00Z","n_lines":100,"n_users":10,"n_items":5},"files":{"item_ids.npy":{"sha256":
"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","n_bytes":9}},"ranker_columns":[{"name":"own_gap",
"dtype":"float32","default":"NaN"}],"parameters":{"als.alpha":2.0},"weights":{"als":1.0},"method":"ranker","kind_weights":
[0.2,0.2,0.6,1.0,0.5,0.4,0.4,-0.2,-0.2,0.0,0.0,0.0,0.0,0.0,0.0,0.0],"router":{"warm_events":5},"metrics":{}}
"""


def test_a_manifest_from_before_it_named_its_retrievers_passes_its_check_and_has_the_first_ones() -> None:
    read = Manifest.model_validate_json(MANIFEST_WITHOUT_RETRIEVERS)
    read.check({"item_ids.npy": FileEntry(sha256="e" * 64, n_bytes=9)})
    assert read.retrievers == FIRST_RETRIEVERS


def test_which_retrievers_a_bundle_has_is_part_of_its_version() -> None:
    fewer = MANIFEST.model_copy(update={"retrievers": ("popularity",)})
    assert fewer.sealed().version != MANIFEST.version
    with pytest.raises(BundleRefused, match="expected its digest"):
        fewer.check(FILES)


def test_a_sealed_manifest_survives_json_and_passes_its_check() -> None:
    read = Manifest.model_validate_json(MANIFEST.model_dump_json())
    read.check(FILES)
    assert read == MANIFEST


@pytest.mark.parametrize(
    ("manifest", "actual", "named"),
    [
        (MANIFEST, {}, "als_item_factors.npy: missing"),
        (MANIFEST, {"als_item_factors.npy": FileEntry(sha256="b" * 64, n_bytes=10)}, "expected 10 bytes with aaaa"),
        (MANIFEST, FILES | {"extra.bin": FILES["als_item_factors.npy"]}, "extra.bin: not in"),
        (MANIFEST.model_copy(update={"weights": {"purchase": 6.0}}), FILES, "expected its digest"),
    ],
)
def test_a_bundle_that_was_touched_is_refused(manifest: Manifest, actual: dict[str, FileEntry], named: str) -> None:
    with pytest.raises(BundleRefused, match=named):
        manifest.check(actual)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "manifest.json", "a/../../b"])
def test_a_bundle_file_outside_the_bundle_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="inside the bundle"):
        Manifest.model_validate(MANIFEST.model_dump() | {"files": {path: FILES["als_item_factors.npy"]}})


BLUE = Placement(version="v1", model_version=1, slot="blue")
GREEN = Placement(version="v2", model_version=2, slot="green")


@given(st.integers(0, WEIGHT_TOTAL))
def test_the_weights_of_the_slots_always_sum_to_everything(weight: int) -> None:
    release = Release(tenant="grocer", release_id="r", stable=BLUE, challenger=GREEN, challenger_weight=weight)  # type: ignore[arg-type]
    assert release.weights() == {"blue": WEIGHT_TOTAL - weight, "green": weight}


def test_the_idle_slot_holds_the_challenger_or_else_the_previous_version_or_stands_by_with_the_stable_one() -> None:
    alone = Release(tenant="grocer", release_id="r", stable=BLUE)  # type: ignore[arg-type]
    assert (alone.placement("blue"), alone.placement("green")) == (BLUE, BLUE.model_copy(update={"slot": "green"}))
    after = alone.model_copy(update={"stable": GREEN, "previous": BLUE})
    assert (after.placement("blue"), after.placement("green")) == (BLUE, GREEN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"challenger_weight": 100},
        {"challenger": BLUE.model_dump() | {"version": "v2"}},
        {"challenger": GREEN.model_dump(), "challenger_weight": WEIGHT_TOTAL + 1},
    ],
)
def test_a_release_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Release.model_validate({"tenant": "grocer", "release_id": "r", "stable": BLUE.model_dump()} | wrong)


def test_a_slot_reads_a_record_that_a_later_release_wrote() -> None:
    written = Release(tenant="grocer", release_id="r", stable=BLUE).model_dump(mode="json")  # type: ignore[arg-type]
    later = written | {"a_later_field": 1, "stable": written["stable"] | {"another": 2}}
    assert Release.model_validate(later).stable == BLUE


def test_settings_come_from_the_environment() -> None:
    loaded = settings.load({"RECOMMNDR_ENVOY_PORT": "1234", "PATH": "/bin"}, host="127.0.0.2")
    assert (loaded.envoy_port, loaded.host) == (1234, "127.0.0.2")


def test_a_setting_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(settings.UnknownSetting, match="RECOMMNDR_ENVOY_PROT"):
        settings.load({"RECOMMNDR_ENVOY_PROT": "1234"})


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{'s' * 32}\n")
    loaded = settings.load({"RECOMMNDR_ATTRIBUTION_KEY_FILE": str(tmp_path / "key")})
    assert loaded.attribution_key.get_secret_value() == "s" * 32


def test_only_a_secret_may_lie_in_a_file() -> None:
    with pytest.raises(settings.UnknownSetting, match="RECOMMNDR_REDIS_URL_FILE"):
        settings.load({"RECOMMNDR_REDIS_URL_FILE": "/dev/null"})


def test_processes_find_one_another_on_loopback_or_by_their_names() -> None:
    assert settings.load({}).host_of("feature-writer") == "127.0.0.1"
    assert settings.load({"RECOMMNDR_PEER_HOST": "{name}"}).host_of("feature-writer") == "feature-writer"


def test_a_dead_letter_of_long_bytes_fits_into_a_record() -> None:
    letter = DeadLetter("why", "t", 0, 1, b"k" * 100_000, b"v" * 900_000, datetime(2026, 1, 1, tzinfo=UTC))
    stored = letter.to_bytes()
    assert len(stored) < 1024 * 1024
    read = DeadLetter.from_bytes(stored)
    assert read.value == b"v" * MAX_VALUE_BYTES
    assert read.reason.startswith("(the first 524288 of 900000 bytes) why")


def test_a_key_that_is_too_short_to_sign_with_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 32 characters"):
        settings.load({"RECOMMNDR_ATTRIBUTION_KEY": "short"})
