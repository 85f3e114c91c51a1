"""How often Python looks for garbage in Flink's worker."""

import gc

# By default after 700 new containers, of which an event makes about a hundred; the states that stay in the worker are then
# looked through again and again, which took a fifth of the time of a fold. Hardly anything here refers to itself, so there is
# next to nothing to find: all else is freed at once.
_NEW_CONTAINERS = 50_000
_YOUNG_PER_MIDDLE, _MIDDLE_PER_OLD = 20, 100


def collect_rarely() -> None:
    """Call it in the worker once its modules are loaded; what is loaded by now is not looked at any more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_CONTAINERS, _YOUNG_PER_MIDDLE, _MIDDLE_PER_OLD)
