"""Sizes of the job come from the settings."""

from recommndr.settings import load
from recommndr_flink_jobs.sizes import SIZES, size_of


def test_the_demos_size_is_the_default_and_another_is_chosen_by_name() -> None:
    assert size_of(load({})) == SIZES["small"]
    assert size_of(load({"RECOMMNDR_FLINK_SIZE": "large"})) == SIZES["large"]


def test_a_figure_that_is_given_replaces_one_of_the_size() -> None:
    given = {
        "heap_mb": 1_500, "parallelism": 2, "recent_entities": 7, "cached_states": 8, "pack_ms": 50, "pack_records": 90,
    }  # fmt: skip
    size = size_of(load({f"RECOMMNDR_FLINK_{name.upper()}": str(figure) for name, figure in given.items()}))
    assert {name: getattr(size, name) for name in given} == given
    assert size.jvm_flags == SIZES["small"].jvm_flags
