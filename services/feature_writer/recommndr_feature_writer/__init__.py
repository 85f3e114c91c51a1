"""User features from Kafka through Feast into Redis."""
