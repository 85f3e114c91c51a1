"""Which bundle a slot serves for whom: follows the release records, fetches and loads bundles."""
