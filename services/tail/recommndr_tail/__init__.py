"""Code that all services that follow a topic share: dead letters, probes, start and stop."""
