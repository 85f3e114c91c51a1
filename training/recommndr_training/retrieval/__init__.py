"""Fits of the retrievers: each a stage that turns interactions before a cut into arrays of a bundle."""
