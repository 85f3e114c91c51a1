"""States of many entities as arrays, and the fold of each feature group on them: what replays a history.

Each file is the array form of a group beside this folder. It gives the same states to the last bit, which a law checks, so a
feature still has one definition: its group. Live events are folded one by one there, in a tenth of the time arrays would need.
"""
