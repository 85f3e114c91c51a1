"""The lake writer: copies events and answers from Kafka into the Delta lake."""
