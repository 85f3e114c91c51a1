"""Feature groups, each defined once as a monoid.

Every group's file has a frozen **state**, `lift(action) -> state`, `merge(state, state) -> state` (associative, commutative),
`to_bytes`/`from_bytes` (versioned), and the **schema** Feast registers. Fold = merge after lift; `fold` does both for a
pack of actions at once, with identical bits. Flink folds the live stream and training replays history with this code; serving
and training read states through the same arrays.
"""
