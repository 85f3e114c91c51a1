"""What every HTTP service shares: problems, credentials, bodies within bounds, probes, who may reach what."""
