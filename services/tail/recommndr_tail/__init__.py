"""Code shared by all services that follow a topic: a follower, dead letters, probes, start and stop."""
