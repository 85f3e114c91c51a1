"""Weighted interactions of many tenants in one Spark run; `recommndr_lake_writer.aggregate` does the same in process."""
