"""Events and catalogue in: validate, stamp, Kafka or dead letter."""
