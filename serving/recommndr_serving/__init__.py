"""A serving slot: the request path on arrays, the live item table, the HTTP API."""
