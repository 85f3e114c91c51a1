"""The bucket (one of 16) that holds an entity's state; fixed when an installation is created.

A bucket is the Flink key of many entities, so that a whole pack of them is read and written under one key. Flink assigns keys
to `MAX_PARALLELISM` key groups by hash, and key groups to subtasks by range, so 16 arbitrary labels would leave subtasks idle.
These labels are the smallest integers that fall into different sixteenths of the key groups, so that 1, 2, 4, 8 or 16 subtasks
get equal shares (a test recomputes them with Flink's own hash).
"""

from recommndr.seed import share_of

MAX_PARALLELISM = 128
LABELS = (19, 23, 4, 30, 0, 1, 15, 14, 22, 46, 8, 44, 2, 3, 9, 6)  # by share


def bucket_of(kind: str, key: str) -> int:
    """Label of the bucket of an entity, with all its groups; `key` is `tenant|entity`."""
    return LABELS[share_of(kind, key)]


def share_of_bucket(label: int) -> int:
    """The share of the seeds that belongs to a bucket."""
    return LABELS.index(label)
