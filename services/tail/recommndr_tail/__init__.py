"""Code that all services that follow a topic share: a follower, dead letters, probes, start and stop."""
