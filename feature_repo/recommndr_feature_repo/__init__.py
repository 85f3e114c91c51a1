"""Feast entities, views and the feature service, and the store that holds them.

Importing `feast` sets PROMETHEUS_MULTIPROC_DIR. A prometheus_client imported after that, here or in a child process, keeps
every instrument in files shared by all registries. So this package imports prometheus_client first and removes the variables
again. Nobody else imports `feast`, and so `FeatureStore` is exported here.
"""

import os

import prometheus_client.values  # noqa: F401  # isort: split

_set_by_others = set(os.environ)

from feast import FeatureStore  # noqa: E402

from recommndr_feature_repo.catalogue import docs_table  # noqa: E402
from recommndr_feature_repo.definitions import FEATURE_SERVICE, SHOPPER_KEY  # noqa: E402
from recommndr_feature_repo.store import open_store, shopper_redis_key  # noqa: E402
from recommndr_feature_repo.stored_row import hash_fields, stored_row  # noqa: E402

for _name in {"PROMETHEUS_MULTIPROC_DIR", "PROMETHEUS_MULTIPROCESS_DIR"} - _set_by_others:
    os.environ.pop(_name, None)

__all__ = [
    "FEATURE_SERVICE",
    "SHOPPER_KEY",
    "FeatureStore",
    "docs_table",
    "hash_fields",
    "open_store",
    "shopper_redis_key",
    "stored_row",
]
