"""Imports any shop's event log and item table into the lake, by a mapping file."""
