"""The storefront's server: it serves the exported pages and requests tokens for shoppers."""
