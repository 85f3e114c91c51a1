"""A simulated shop whose truth is known: it shows that machinery and statistics are right, never that a model is good.

Nothing here knows how the platform recommends: no features, factors, half-lives or fits of ours (`lint-imports` checks it).
"""
