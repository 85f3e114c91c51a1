"""The feature writer: copies user features from Kafka through Feast into Redis."""
