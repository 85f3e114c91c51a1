"""A whole installation in one process: the same parts behind the same protocols, with SQLite for Kafka, Flink and Redis."""
