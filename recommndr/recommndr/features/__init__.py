"""Feature groups: a monoid each, defined once.

Every group's file has a frozen **state**, `lift(deed) -> state`, `merge(state, state) -> state` (associative, commutative),
`to_bytes`/`from_bytes` (versioned), and the **schema** Feast registers. Fold = merge after lift; `fold` does it for a
pack of deeds at once, to the last bit. Flink folds the live stream, training replays history, both with the code here; serving
and training read states through the same arrays.
"""
