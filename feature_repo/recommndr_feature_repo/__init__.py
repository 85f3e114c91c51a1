"""Feast entities, views and the feature service, and the store that knows them."""

from recommndr_feature_repo.catalogue import docs_table
from recommndr_feature_repo.definitions import FEATURE_SERVICE, SHOPPER_KEY
from recommndr_feature_repo.store import open_store, shopper_redis_key

__all__ = ["FEATURE_SERVICE", "SHOPPER_KEY", "docs_table", "open_store", "shopper_redis_key"]
