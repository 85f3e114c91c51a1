"""Follows what slots serve, and compares it with what bundles have learnt."""
