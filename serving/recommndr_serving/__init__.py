"""A slot: the request path on arrays, the live item table, the API."""
