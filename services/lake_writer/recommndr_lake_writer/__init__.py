"""The lake writer: copies events from Kafka into the Delta lake."""
