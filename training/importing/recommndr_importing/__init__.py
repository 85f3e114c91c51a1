"""Any shop's event log and item table -> the lake, by way of a small mapping file."""
