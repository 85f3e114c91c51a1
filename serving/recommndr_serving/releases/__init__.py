"""Releases: follows the release records, fetches and loads bundles."""
