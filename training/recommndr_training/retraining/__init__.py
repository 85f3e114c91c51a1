"""Training on what an installation's lake has: history and live events joined, one shop or all, by hand or by itself."""
