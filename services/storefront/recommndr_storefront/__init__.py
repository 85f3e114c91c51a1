"""The shop's own server in miniature: it serves the exported pages and gets its shoppers their tokens."""
