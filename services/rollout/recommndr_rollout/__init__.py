"""Rollout: stores release records and derives Envoy's routes from them."""
