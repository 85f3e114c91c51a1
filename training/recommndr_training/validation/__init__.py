"""Checks of data before training: one file per suite of Great Expectations."""
