"""Weighted interactions of many tenants in one run of Spark: what `recommndr_lake_writer.aggregate` does in process."""
