"""The collector: validates events and catalogue entries, stamps them and writes them to Kafka."""
