"""Exports metrics of Flink, Kafka, Redis and MLflow to Prometheus; holds the dashboards as code."""
