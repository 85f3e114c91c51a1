"""What every service that follows a topic has: dead letters, probes, a start and an end."""
