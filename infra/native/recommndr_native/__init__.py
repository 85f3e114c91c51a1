"""Runs the whole installation without containers: packages, processes, demo."""
