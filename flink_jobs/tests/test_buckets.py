from collections import Counter

from recommndr.seed import N_SHARES
from recommndr_flink_jobs.buckets import LABELS, bucket_of


def test_an_entity_never_changes_its_bucket() -> None:
    assert [bucket_of("user", "grocer|1"), bucket_of("item", "grocer|1"), bucket_of("user", "grocer|ü")] == [6, 0, 4]


def test_entities_spread_over_all_buckets() -> None:
    counts = Counter(bucket_of("item", f"grocer|{number}") for number in range(16_000))
    assert len(set(LABELS)) == N_SHARES == len(counts)
    assert min(counts.values()) > 800
