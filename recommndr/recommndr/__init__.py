"""Shared types: events, topics, identity, features, bundle, release. No I/O."""
