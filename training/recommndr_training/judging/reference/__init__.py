"""Simple and published methods that a version must not lose to; for comparison only, nothing of them is served."""
