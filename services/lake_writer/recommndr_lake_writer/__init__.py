"""Events from Kafka into the Delta lake."""
